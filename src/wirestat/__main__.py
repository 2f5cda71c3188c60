"""``python -m wirestat``."""

import sys

# "python -m" puts the working directory first: a folder of captures may hold a click.py. Python itself may already
# have imported from there; "python -P -m wirestat", and the program wirestat, never look there.
if not sys.flags.safe_path:
    del sys.path[0]

from wirestat.commands import run  # imported only after the working directory is removed

if __name__ == "__main__":
    run()
