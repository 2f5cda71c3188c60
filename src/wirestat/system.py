"""Questions to the operating system that more than one place asks, on whichever system that is."""

import os
import sys


def is_root() -> bool:
    """Tell whether this process may do everything; Windows has no such user, and its rights are not looked at."""
    return sys.platform != "win32" and os.geteuid() == 0
