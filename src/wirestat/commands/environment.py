"""The variables that root keeps: the environment steers which files libraries read, and some run what they read."""

from collections.abc import MutableMapping

from wirestat.system import PLACES

_KEPT = frozenset(
    {
        "COLORTERM",
        "COLUMNS",
        # Variables of a shell that asks for completions: the words, and which of them.
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
    """Keep what says how a text looks and who is behind sudo; programs are looked for in fixed places.

    Without ``HOME`` and the like, libraries take root's own home from the system's list of users.
    """
    for name in list(environment):
        if name not in _KEPT and not name.startswith(_LOCALE):
            del environment[name]
    environment["PATH"] = ":".join(PLACES)
