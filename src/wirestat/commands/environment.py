"""The environment variables that root keeps: others choose files for libraries to read, and some libraries execute
them."""

from collections.abc import MutableMapping

from wirestat.system import PLACES

_KEPT = frozenset(
    {
        "COLORTERM",
        "COLUMNS",
        # Variables of shell completion: the words, and the index of the current one.
        "COMP_CWORD",
        "COMP_WORDS",
        "FORCE_COLOR",
        "LANG",
        "LANGUAGE",
        "LINES",
        "NO_COLOR",
        "SUDO_GID",
        "SUDO_UID",
        "SUDO_USER",
        "TERM",
        "TZ",
        "WIRESTAT_TSHARK",
        "_WIRESTAT_COMPLETE",
    }
)
_LOCALE = "LC_"


def forget_what_steers_libraries(environment: MutableMapping[str, str]) -> None:
    """Keep the variables for text output and for the user behind sudo; programs are searched in fixed places.

    Without ``HOME`` and the like, libraries take root's own home from the system's list of users.
    """
    for name in list(environment):
        if name not in _KEPT and not name.startswith(_LOCALE):
            del environment[name]
    environment["PATH"] = ":".join(PLACES)
