"""Starts asking this host's kernel, the second witness of a live capture, while the privileges are there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wirestat.capture import privileges
from wirestat.capture.sandbox import capabilities, seccomp
from wirestat.diagnosis import testified  # noqa: F401  # its rules need the kernel: none can be loaded later
from wirestat.host import namespaces
from wirestat.host.netlink import SocketList
from wirestat.host.poll import Poll
from wirestat.host.processes import Processes
from wirestat.host.witness import Witness

if TYPE_CHECKING:
    from wirestat.commands.live_options import LiveRequest
    from wirestat.commands.voice import Voice


def start(request: LiveRequest, voice: Voice) -> Witness | None:
    """Start asking the kernel; ``None``, with a warning, if it does not answer.

    Raises:
        PermissionDenied: a network namespace may not be entered.
        UsageError: there is no such namespace.
    """
    places = [namespaces.path(name) for name in request.netns]

    def make() -> Poll:
        lists = [SocketList(), *(namespaces.inside(place, SocketList) for place in places)]
        return Poll(lists, Processes())

    try:
        witness = Witness(make, _restrict if request.sandbox else lambda: None)
    except OSError as error:
        voice.warning(f"the kernel does not list its sockets: {(error.strerror or str(error)).lower()}")
        return None
    return witness


def tell_what_stays_hidden(voice: Voice) -> None:
    """Say that the kernel does not tell everything, if it does not."""
    if os.geteuid() != 0:
        voice.note("without root the programs of other users' sockets stay hidden")


def _restrict() -> None:
    """Restrict the process that asks to what it needs: as nobody, to read other processes' descriptors.

    Landlock is not used: it would forbid reading processes outside its domain.
    """
    if os.geteuid() == 0:
        nobody = privileges.nobody()
        capabilities.become(nobody.uid, nobody.gid, capabilities.READ_PROCESSES)
    else:
        capabilities.forbid_new_ones(keep=True)
    seccomp.filter_calls()
