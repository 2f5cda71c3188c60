"""Queries to the operating system, portable, with several callers."""

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
"""The folders where systems keep programs; only root can write there."""


def is_root() -> bool:
    """Tell whether this process is root; always false on Windows, whose rights are not examined."""
    return sys.platform != "win32" and os.geteuid() == 0
