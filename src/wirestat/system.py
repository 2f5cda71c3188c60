"""Questions to the operating system that more than one place asks, on whichever system that is."""

import os
import sys

PLACES = (
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
    "/opt/homebrew/bin",
    "/opt/local/bin",
    "/run/current-system/sw/bin",
    "/Applications/Wireshark.app/Contents/MacOS",
)
"""Where the systems that wirestat runs on keep programs; only root can put one there."""


def is_root() -> bool:
    """Tell whether this process may do everything; Windows has no such user, and its rights are not looked at."""
    return sys.platform != "win32" and os.geteuid() == 0
