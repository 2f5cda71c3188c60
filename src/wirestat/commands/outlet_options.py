"""The options for metrics and alerts of a live capture."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import click

from wirestat.errors import UsageError
from wirestat.model import Severity
from wirestat.timers import SECOND, duration

if TYPE_CHECKING:
    from wirestat.commands.live_options import LiveRequest
    from wirestat.commands.outlet_process import OutletPlan

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--metrics", metavar="[ADDR]:PORT",
        help="Serve metrics at this address, as OpenMetrics; the default address is loopback.",
    ),
    click.option("--metrics-file", metavar="FILE", help="Write metrics to this file, for node_exporter."),
    click.option(
        "--metrics-sockets", type=click.IntRange(min=0, max=1000), default=0, metavar="N",
        help="Also give the states of the N busiest listening sockets, with addresses as labels.",
    ),
    click.option(
        "--on-finding", metavar="COMMAND",
        help="Run this command for a finding, with JSON on standard input; not through a shell.",
    ),
    click.option("--webhook", metavar="URL", help="Post findings to this URL, as JSON."),
    click.option(
        "--alert-every", default="60s", show_default=True, metavar="TIME",
        help="Minimum interval between alerts of the same finding; suppressed ones are counted.",
    ),
    click.option(
        "--alert-on", type=click.Choice([severity.value for severity in Severity]),
        default=Severity.WARNING.value, show_default=True,
        help="Alert only on findings at least this severe.",
    ),
)  # fmt: skip


def outlet_options(command: Command) -> Command:
    """Add ``--metrics``, ``--on-finding`` and the related options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def plan_of(request: LiveRequest) -> OutletPlan | None:
    """Return the requested outlets; ``None`` for none.

    Raises:
        UsageError: an option is invalid.
    """
    outlets = (request.metrics, request.metrics_file, request.on_finding, request.webhook)
    if all(outlet is None for outlet in outlets):
        if request.metrics_sockets:
            raise UsageError("--metrics-sockets needs --metrics or --metrics-file")
        return None
    from wirestat.commands.outlet import checked_file, read_listen
    from wirestat.commands.outlet_process import OutletPlan

    if request.webhook is not None and (
        urlsplit(request.webhook).scheme not in ("http", "https") or not urlsplit(request.webhook).hostname
    ):
        raise UsageError(
            f"--webhook {request.webhook!r} is not an http or https URL", hint="https://host/path"
        )
    return OutletPlan(
        listen=read_listen(request.metrics) if request.metrics is not None else None,
        file=checked_file(request.metrics_file) if request.metrics_file is not None else None,
        sockets=request.metrics_sockets,
        command=_words(request.on_finding) if request.on_finding is not None else (),
        webhook=request.webhook,
        alert_every=duration(request.alert_every) / SECOND,
        threshold=Severity(request.alert_on),
    )


def _words(command: str) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(command))
    except ValueError as error:
        raise UsageError(f"--on-finding {command!r}: {str(error).lower()}") from None
    if not words:
        raise UsageError("--on-finding names no command")
    if shutil.which(words[0]) is None:
        raise UsageError(f"--on-finding: there is no executable command {words[0]!r}")
    return words
