"""Privileges: those that capturing needs, and giving them up before the first packet is read."""

import os
import sys

import msgspec

from wirestat.errors import PermissionDenied, UsageError
from wirestat.system import is_root


class User(msgspec.Struct, frozen=True):
    """The user to become."""

    name: str
    uid: int
    gid: int
    home: str = "/"


def target(wanted: str | None, environment: dict[str, str]) -> User | None:
    """Choose the user that root becomes: the named one, the one behind sudo, else nobody. ``None`` if not root.

    Raises:
        UsageError: there is no such user.
    """
    if not is_root():
        if wanted is not None:
            raise UsageError("-Z changes the user, which only root can")
        return None
    if wanted is not None:
        return _user(wanted)
    return behind_sudo(environment) or nobody()


def behind_sudo(environment: dict[str, str]) -> User | None:
    """Return the user who called ``sudo``; ``None`` if that was root, or without sudo."""
    number = environment.get("SUDO_UID", "")
    return _user(number) if number.strip("0") else None


def nobody() -> User:
    """Return the user nobody."""
    try:
        return _user("nobody")
    except UsageError:
        return User("nobody", 65534, 65534)


def drop(user: User) -> None:
    """Become another user, permanently.

    Raises:
        PermissionDenied: the system refused, or would allow going back.
    """
    try:
        os.initgroups(user.name, user.gid)
        os.setresgid(user.gid, user.gid, user.gid)
        os.setresuid(user.uid, user.uid, user.uid)
    except OSError as error:
        raise PermissionDenied(f"becoming user {user.name} ({(error.strerror or '').lower()})") from None
    if user.uid == 0:
        return
    try:
        os.setuid(0)
    except PermissionError:
        return
    raise PermissionDenied(f"giving up the rights of root for good as user {user.name}")


def denied(what: str) -> PermissionDenied:
    """Make the error for a refused capture, with the exact command that would be allowed.

    It never suggests capabilities for the interpreter: every script on the machine would get them.
    """
    import shlex
    import shutil
    from pathlib import Path

    # No links are resolved: the name is shown as it was called.
    called = Path(shutil.which(sys.argv[0]) or sys.argv[0]).absolute()
    program = [str(called)]
    if called.name == "__main__.py":
        program = [sys.executable, "-P", "-m", "wirestat"]  # -P: root finds no modules in this folder
    command = shlex.join(["sudo", *program, *sys.argv[1:]])
    return PermissionDenied(f"capturing on {what}", hint=f"it takes root or CAP_NET_RAW: {command}")


def _user(name: str) -> User:
    try:
        import pwd  # which not every system has

        entry = pwd.getpwuid(int(name)) if name.isascii() and name.isdecimal() else pwd.getpwnam(name)
    except (KeyError, ValueError, OverflowError):
        raise UsageError(f"no such user: {name}") from None
    return User(entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir)
