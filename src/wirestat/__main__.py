"""``python -m wirestat``."""

import sys

# "python -m" puts the working directory first: a folder of captures may hold a click.py. What Python itself has
# imported from there by now is out of reach; "python -P -m wirestat", and the program wirestat, never look there.
if not sys.flags.safe_path:
    del sys.path[0]

from wirestat.commands import run  # only once the working directory has no say

if __name__ == "__main__":
    run()
