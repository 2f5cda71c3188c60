"""The process that answers scrapes, writes the metrics file, and runs or posts alerts."""

from __future__ import annotations

import encodings.idna  # noqa: F401  # for names of hosts: nothing can be loaded once rights are given up
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from wirestat.capture import privileges
from wirestat.model import Severity
from wirestat.replacing import replacing

if TYPE_CHECKING:
    from wirestat.capture.privileges import User

_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
_PATIENCE = 10.0
"""Timeout of a command, a server or a client, in seconds."""
_WAITING = 100
"""Maximum number of queued alerts."""
_MOST = 8 << 20
"""Maximum bytes of a message."""


class OutletPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The requested outlets."""

    listen: tuple[str, int] | None = None
    """The address and port that serve metrics."""
    file: str | None = None
    """The metrics file."""
    sockets: int = 0
    """The number of listening sockets with their own metrics."""
    command: tuple[str, ...] = ()
    """The command to run for an alert, which is its standard input; never through a shell."""
    webhook: str | None = None
    """The URL to which alerts are posted."""
    alert_every: float = 60.0
    """Minimum seconds between two alerts of one finding."""
    threshold: Severity = Severity.WARNING
    """The lowest severity that causes alerts."""

    @property
    def alerts(self) -> bool:
        """Whether there are alerts."""
        return bool(self.command or self.webhook)


class _State:
    """The state that threads share."""

    def __init__(self, plan: OutletPlan) -> None:
        self.plan = plan
        self.metrics = b"# EOF\n"
        self.alerts: queue.Queue[bytes | None] = queue.Queue(_WAITING)


def run(
    plan: OutletPlan, inbox: socket.socket, listener: socket.socket | None, user: User | None
) -> NoReturn:
    """Serve the outlets, as ``user`` if given, until the pipe is closed; never return."""
    code = 1
    try:
        if user is not None:
            privileges.drop(user)
        _detach({inbox.fileno(), *([listener.fileno()] if listener else [])})
        _serve(_State(plan), inbox, listener)
        code = 0
    finally:
        os._exit(code)


def _detach(kept: set[int]) -> None:
    """Ignore the terminal's signals, and close the capture's descriptors, packet sockets among them."""
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    low = 3
    for descriptor in sorted(kept):
        os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, os.sysconf("SC_OPEN_MAX"))


def _serve(state: _State, inbox: socket.socket, listener: socket.socket | None) -> None:
    alerting = threading.Thread(target=_alert, args=(state,), daemon=True)
    alerting.start()
    if listener is not None:
        server = _server(state, listener)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    while message := inbox.recv(_MOST):
        if message[:1] == b"M":
            state.metrics = message[1:]
        elif message[:1] == b"P" and state.plan.file:
            _write(state.plan.file, message[1:])
        else:
            try:
                state.alerts.put_nowait(message[1:])
            except queue.Full:
                _say("the alert queue is full: one is dropped")
    state.alerts.put(None)
    alerting.join()


def _server(state: _State, listener: socket.socket) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        """Answers a scrape."""

        timeout = _PATIENCE

        def do_GET(self) -> None:
            """Send the metrics."""
            is_known = self.path.partition("?")[0] in ("/", "/metrics")
            body = state.metrics if is_known else b"only /metrics exists\n"
            self.send_response(200 if is_known else 404)
            self.send_header("Content-Type", _TYPE if is_known else "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(listener.getsockname()[:2], Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.daemon_threads = True
    return server


def _write(path: str, text: bytes) -> None:
    """Replace the metrics file atomically."""
    try:
        with replacing(Path(path)) as part:
            part.write_bytes(text)
            part.chmod(0o644)
    except OSError as error:
        _say(f"{path}: {(error.strerror or str(error)).lower()}")


def _alert(state: _State) -> None:
    while (alert := state.alerts.get()) is not None:
        if state.plan.command:
            _run(state.plan.command, alert)
        if state.plan.webhook:
            _post(state.plan.webhook, alert)


def _run(command: tuple[str, ...], alert: bytes) -> None:
    try:
        done = subprocess.run(
            command, input=alert, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=_PATIENCE
        )
    except subprocess.TimeoutExpired:
        _say(f"{command[0]}: stopped, as it took more than {_PATIENCE:g} s")
    except OSError as error:
        _say(f"{command[0]}: {(error.strerror or str(error)).lower()}")
    else:
        if done.returncode:
            words = done.stderr.decode(errors="replace").strip().splitlines()
            _say(f"{command[0]} ended with {done.returncode}" + (f": {words[-1]}" if words else ""))


def _post(url: str, alert: bytes) -> None:
    request = urllib.request.Request(url, alert, {"Content-Type": "application/json"}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
            answer.read(1)
    except (OSError, ValueError) as error:
        _say(f"{url}: {getattr(error, 'reason', None) or error}")


def _say(text: str) -> None:
    sys.stderr.write(f"warning: {text}\n")
    sys.stderr.flush()
