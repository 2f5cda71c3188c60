"""Privileges that ``wirestat live`` gives up once capturing is set up: first root, then all other access."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from wirestat.capture import privileges
from wirestat.capture.programs import is_roots_alone
from wirestat.capture.recording import STDOUT
from wirestat.capture.sandbox import Openings, capabilities, shut
from wirestat.errors import PermissionDenied
from wirestat.system import is_root

if TYPE_CHECKING:
    from wirestat.capture.privileges import User
    from wirestat.capture.recording import Recording
    from wirestat.commands.live_options import LiveRequest
    from wirestat.commands.voice import Voice


class Rights:
    """The user who runs us, the user to become, and the access that remains."""

    def __init__(self, request: LiveRequest, environment: dict[str, str], voice: Voice) -> None:
        """Choose the user to become.

        Raises:
            UsageError: there is no such user, or only root may become another.
        """
        self._voice = voice
        self._sandboxed = request.sandbox
        self.user: User | None = privileges.target(request.user, environment)
        self.least = self.user
        """The user for programs that see no packets; ``None`` if that is the current user."""
        self._is_root = is_root()
        self._is_named = request.user is not None
        self._is_default = self._is_root and not self._is_named and not privileges.behind_sudo(environment)
        self._has_given_up = False
        self._folder = _folder_of(request.file)
        if self._is_root and self._folder is not None and not self._is_named:
            self.user = None
            voice.note(
                "reading as root, as only root may be able to open the next files; -Z USER gives that up"
            )

    def may_write_as_root(self, recording: Recording) -> bool:
        """Tell whether root creates the file of ``-w``: a single file, in a folder of root's, with no user named.

        If others may write in the folder, they could make it a link to any file of the system.
        """
        is_alone = (
            not recording.rotates and recording.path != STDOUT and is_roots_alone(str(recording.folder))
        )
        return self._is_default and is_alone

    @property
    def hint(self) -> str | None:
        """Advice where a file may not be written, if the rights for that are given up."""
        if not self._has_given_up:
            return None
        return (
            "files are written after the rights of root are given up; -Z names who may write there, or root"
        )

    def give_up_root(self) -> None:
        """Become the user.

        Raises:
            PermissionDenied: the user was named, or is behind sudo, and the system refused.
        """
        if self.user is None:
            return
        if self.user.uid != 0:
            capabilities.empty_bounding_set()
        try:
            privileges.drop(self.user)
        except PermissionDenied as error:
            if not self._is_default:
                raise
            self._voice.warning(f"going on as root: {error}")
            return
        self._has_given_up = self._is_root and self.user.uid != 0
        if self._is_default:
            self._voice.note(f"root has named no user: going on as {self.user.name}; -Z USER names one")
        self._voice.detail(f"capturing as user {self.user.name}")

    def shut(self, recording: Recording | None, others: Sequence[Path] = ()) -> None:
        """Close the sandbox, except for the folders that are still read and written."""
        if not self._sandboxed:
            self._voice.detail("no sandbox, as asked for")
            return
        time.tzset()  # reads the time zone's file, which is out of reach afterwards
        writable = [recording.folder] if recording is not None and recording.rotates else []
        readable = [self._folder] if self._folder is not None else []
        writable += others
        readable += others
        stays_root = self._is_root and is_root()
        said = shut(Openings(readable, writable), with_capabilities=stays_root)
        self._voice.detail(f"sandbox: {'; '.join(said)}")


def _folder_of(file: str | None) -> Path | None:
    """Return the folder of a file with possible successors, or of a named pipe that opens only with a writer."""
    return Path(file).resolve().parent if file and file != "-" else None
