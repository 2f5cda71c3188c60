"""``python -m wirestat``."""

import sys

from wirestat.commands import main

if __name__ == "__main__":
    sys.exit(main())
