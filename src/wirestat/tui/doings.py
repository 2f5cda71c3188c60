"""Actions of keys: open ladders, explanations and menus, write packets and reports, copy commands."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wirestat.diagnosis.manual import explain
from wirestat.errors import WirestatError
from wirestat.model import Connection, Finding
from wirestat.replacing import PLANTED, is_planted
from wirestat.report import formats, ladder, one
from wirestat.report.layout import View, paragraph
from wirestat.tui import help, packets
from wirestat.tui.pages import Menu, Page, Prompt, Tint
from wirestat.tui.sorts import Sort
from wirestat.tui.tabs import TABS
from wirestat.version import __version__
from wirestat.words import socket, some

if TYPE_CHECKING:
    from wirestat.report.build import Report
    from wirestat.tui.app import Screen
    from wirestat.tui.panes.causes import Cause


class Doings:
    """Acts on a row of the screen."""

    def __init__(self, app: Screen) -> None:
        """Act for a screen."""
        self._app = app

    def sort(self) -> None:
        """Choose an order."""

        def chosen(sort: Sort | None) -> None:
            if sort is not None:
                self._app.ask(sort=sort, backward=False)

        choices = [(sort, sort.value) for sort in Sort]
        self._app.push_screen(Menu("sort by", choices, self._app.asked.sort), chosen)

    def help(self) -> None:
        """List the keys."""
        self._app.push_screen(Page("keys", help.lines))

    def open(self, grid: str, key: Any) -> None:
        """Open a row: the ladder of a connection, the details of a cause, the connections of a socket or a path."""
        if grid == "causes":
            self._cause(self._app.causes.find(key))
        elif self._app.pane == "connections" and isinstance(key, bytes):
            self._app.notify("no packet of it was captured: only the kernel knows it")
        elif self._app.pane == "connections":
            self._ladder(key)
        elif only := TABS[self._app.pane].only:
            self._only(only(key))

    def explain(self, pane: str, key: Any) -> None:
        """Explain the diagnosis of a cause, or those of a connection."""
        ids = [finding.id for finding in self._findings(pane, key)]
        if not ids:
            self._app.notify("no diagnosis under the cursor")
            return
        page = "\n\n".join(explain(id) for id in dict.fromkeys(ids))
        self._app.push_screen(Page(", ".join(dict.fromkeys(ids)), lambda width: _flowing(page, width)))

    def write(self, pane: str, key: Any) -> None:
        """Write packets or a report, whichever is chosen."""
        choices: list[tuple[str, str]] = []
        connection = self._connection(pane, key)
        if connection is not None:
            choices.append(("packets", f"the packets of connection {connection.id}, as pcapng"))
        choices += [
            ("text", "the report, as text"),
            ("markdown", "the report, as a ticket in Markdown"),
            ("json", "the report, as JSON"),
        ]

        def chosen(what: str | None) -> None:
            if what is None:
                return
            suffix = {"text": "txt", "markdown": "md"}.get(what, "json")
            name = (
                f"wirestat-{connection.id}.pcapng"
                if what == "packets" and connection
                else f"wirestat.{suffix}"
            )
            done = partial(self._write, what, connection)
            self._app.push_screen(Prompt("write to", name), done)

        self._app.push_screen(Menu("write", choices), chosen)

    def copy(self, pane: str, key: Any) -> None:
        """Copy a filter or a command, whichever is chosen."""
        choices = [(text, f"{name:<10} {text}") for name, text in self._copies(pane, key)]
        if not choices:
            self._app.notify("nothing to copy here")
            return

        def chosen(text: str | None) -> None:
            if text is not None:
                self._app.copy_to_clipboard(text)
                self._app.notify(f"copied: {text}", markup=False)

        self._app.push_screen(Menu("copy", choices), chosen)

    def rehearse(self) -> None:
        """Load all code that opening and writing will need: later the sandbox may allow no files."""
        from wirestat.capture import filters, native, recording  # noqa: F401  # what packets are written with

        for name in formats.FORMATS:
            formats.load(name)
        explain("D01")
        Page("", help.lines)

    # --- what is under the cursor

    def _connection(self, pane: str, key: Any) -> Connection | None:
        return self._app.desk.connection(key) if pane == "connections" and isinstance(key, int) else None

    def _findings(self, pane: str, key: Any) -> list[Finding]:
        report = self._app.desk.report
        if pane == "causes" and (cause := self._app.causes.find(key)):
            return [cause.finding]
        connection = self._connection(pane, key)
        return list(report.findings_of(connection)) if connection and report else []

    def _only(self, text: str) -> None:
        from wirestat.report.selection import asked

        self._app.pane = "connections"
        self._app.ask(question=asked(text))
        self._app.action_pane("connections")

    def _copies(self, pane: str, key: Any) -> Iterator[tuple[str, str]]:
        """Yield the texts that may be copied, each with a description."""
        names = self._app.feed.title.files
        files = " ".join(map(shlex.quote, names))
        connection = self._connection(pane, key)
        if connection is not None:
            one, other = connection.client, connection.server
            where = (
                f"client.addr=={one.address} && client.port=={one.port} && "
                f"server.addr=={other.address} && server.port=={other.port}"
            )
            yield "filter", where
            yield "tcpdump", packets.plain(connection)
            family = "ipv6" if ":" in one.address else "ip"
            yield (
                "Wireshark",
                f"{family}.addr == {one.address} && {family}.addr == {other.address} && "
                f"tcp.port == {one.port} && tcp.port == {other.port}",
            )
            if files:
                yield "ladder", f"wirestat {files} --connection {connection.id}"
        for finding in self._findings(pane, key):
            if finding.display_filter:
                yield finding.id, finding.display_filter
            yield "explain", f"wirestat explain {finding.id}"
            if files and pane == "causes":
                yield "report", f"wirestat {files} --finding {finding.id}"
        if self._app.asked.question is not None:
            yield "filter", self._app.asked.question.text

    # --- pages

    def _view(self, width: int) -> View:
        return View(
            width=width,
            names=self._app.names,
            paint=Tint(),
            folds=True,
            beside=self._app.desk.beside,
            version=__version__,
        )

    def _cause(self, cause: Cause | None) -> None:
        if cause is None:
            return

        def draw(width: int) -> Iterator[str]:
            report = self._app.desk.report
            if report is not None:
                with self._app.desk.lock:
                    yield from one.render(report, {cause.name: cause.finding}, self._view(width))

        self._app.push_screen(Page(f"{cause.name} {cause.finding.title}", draw, "q closes"))

    def _ladder(self, id: int) -> None:
        report, connection = self._app.desk.report, self._app.desk.connection(id)
        if report is None or connection is None:
            self._app.notify("that connection was let go")
            return
        title = f"#{id} {socket(connection.client.address, connection.client.port)} → " + socket(
            connection.server.address, connection.server.port
        )
        page = Page(title, partial(self._rungs, report, connection))
        self._app.push_screen(page)
        if paths := self._app.feed.paths():
            self._app.run_worker(
                partial(self._trace, page, title, connection, paths), thread=True, exclusive=True
            )

    def _rungs(self, report: Report, connection: Connection, width: int) -> list[str]:
        with self._app.desk.lock:
            return list(ladder.render(report, connection, self._view(width)))

    def _trace(self, page: Page, title: str, connection: Connection, paths: list[str]) -> None:
        """Read the capture again, and add every segment to the ladder."""
        try:
            report, again = packets.traced(paths, connection, self._app.desk.timers)
        except (WirestatError, OSError) as error:  # the ladder without segments stays
            self._app.call_from_thread(
                self._app.notify, f"changes of state alone are shown: {error}", severity="warning"
            )
            return
        draw = partial(_segments, report, again, connection.id, self._view)
        self._app.call_from_thread(page.redraw, title, draw)

    def _write(self, what: str, connection: Connection | None, name: str | None) -> None:
        if name is None:
            return
        target = Path(name).expanduser()
        self._app.run_worker(partial(self._written, what, connection, target), thread=True)

    def _written(self, what: str, connection: Connection | None, target: Path) -> None:
        try:
            if is_planted(target):
                raise WirestatError(PLANTED)
            said = (
                self._write_packets(connection, target)
                if what == "packets"
                else self._write_report(what, target)
            )
        except (WirestatError, OSError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            self._app.call_from_thread(
                self._app.notify, f"{target}: {reason}", severity="error", markup=False
            )
            return
        self._app.call_from_thread(self._app.notify, said, markup=False)

    def _write_packets(self, connection: Connection | None, target: Path) -> str:
        paths = self._app.feed.paths()
        if connection is None or not paths:
            raise WirestatError("no recent packets are kept: --keep 60s keeps them")
        number = packets.write(paths, connection, target, self._app.desk.timers)
        return f"{some(number, 'packet')} written to {target}"

    def _write_report(self, what: str, target: Path) -> str:
        report = self._app.desk.report
        if report is None:
            raise WirestatError("there is no report yet")
        view = View(names=self._app.names, version=__version__)
        with self._app.desk.lock, target.open("wb") as file:
            for chunk in formats.load(what).render(report, view):
                file.write(f"{chunk}\n".encode() if isinstance(chunk, str) else chunk)
        return f"report written to {target}"


def _segments(report: Report, connection: Connection, id: int, view: Any, width: int) -> list[str]:
    lines = ladder.render(report, connection, view(width))
    return [line.replace(f"connection #{connection.id}", f"connection #{id}", 1) for line in lines]


def _flowing(text: str, width: int) -> Iterator[str]:
    r"""Break paragraphs anew, wherever their lines were broken.

    >>> list(_flowing("One\ntwo.\n\nThree", 20))
    ['One two.', '', 'Three']
    """
    for place, part in enumerate(text.strip().split("\n\n")):
        yield from [""] if place else []
        yield from paragraph(part, "", width)


def _wrapped(text: str, width: int) -> Iterator[str]:
    """Break lines that are too long between words, and keep their indents."""
    import textwrap

    for line in text.splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        yield from textwrap.wrap(line, width, subsequent_indent=indent, break_on_hyphens=False) or [""]
