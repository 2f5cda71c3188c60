"""The screen: its layout, and the action of each key."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec.structs import replace
from rich.text import Text
from textual import on
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from wirestat.errors import WirestatError
from wirestat.model import GONE
from wirestat.names import Dialect
from wirestat.pacing import Pacer
from wirestat.tui.ask import Complete, FilterBar
from wirestat.tui.desk import Look, Shown
from wirestat.tui.doings import Doings
from wirestat.tui.grid import Grid
from wirestat.tui.history import Trend
from wirestat.tui.panes.causes import Causes
from wirestat.tui.panes.remarks import Remarks
from wirestat.tui.styles import FAINT, KEY, TITLE
from wirestat.tui.tabs import TABS
from wirestat.tui.tally import Heading, StateCounts
from wirestat.tui.timeline import Timeline
from wirestat.words import day_time, spans_days

if TYPE_CHECKING:
    from wirestat.report.selection import Question
    from wirestat.tui.feeds import Feed

LOOKS = 4
"""Refreshes per second."""
BINS = 120
"""The number of instants of a file behind a sparkline."""
_SHARE = 8
"""Refreshing takes at most one part in this many of the time."""
_KEYS = (
    ("/", "filter", "filter"), ("s", "sort", "sort"), ("⏎", "ladder", "open"), ("e", "explain", "explain"),
    ("p", "pause", "pause"), ("[ ]", "time", "step(-1)"), ("w", "write", "write"), ("y", "copy", "copy"),
    ("c", "closed", "closed"), ("?", "help", "help"), ("q", "quit", "quit"),
)  # fmt: skip
_ROOMY = 70
"""Below this width only the current tab shows its number of rows."""
_NEEDED = ("help", "quit")
"""Keys that are shown at any width: one of them lists all others."""


class Screen(App[None]):
    """The screen of ``wirestat tui`` and of ``wirestat live`` on a terminal."""

    CSS = """
    * { scrollbar-color: ansi_bright_black; scrollbar-background: ansi_default;
        scrollbar-color-hover: ansi_cyan; scrollbar-color-active: ansi_cyan; }
    Screen { background: ansi_default; color: ansi_default; layout: vertical; }
    Static { link-style: none; link-color: ansi_default; link-background: ansi_default;
             link-style-hover: bold; link-color-hover: ansi_default; link-background-hover: ansi_default; }
    #causes { height: auto; max-height: 35%; min-height: 2; }
    #tabs, #keys { height: 1; }
    #gap { height: 1; }
    """
    TITLE = "wirestat"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        ("slash", "filter", "filter"),
        ("s", "sort", "sort"),
        ("S", "turn_round", "turn the order round"),
        ("e", "explain", "explain"),
        ("p", "pause", "pause"),
        ("left_square_bracket", "step(-1)", "back"),
        ("right_square_bracket", "step(1)", "forth"),
        ("left_curly_bracket", "step(-10)", "back"),
        ("right_curly_bracket", "step(10)", "forth"),
        ("n", "now", "now"),
        ("w", "write", "write"),
        ("y", "copy", "copy"),
        ("c", "closed", "closed"),
        ("a", "everything", "everything"),
        ("question_mark,f1", "help", "help"),
        ("1", "causes", "causes"),
        *[(str(number + 2), f"pane('{name}')", name) for number, name in enumerate(TABS)],
        ("q,ctrl+c", "quit", "quit"),
        ("ctrl+z", "suspend_process", "suspend"),
    ]

    def __init__(self, feed: Feed, complete: Complete, names: Dialect = Dialect.LINUX) -> None:
        """Show the data of a feed."""
        super().__init__(ansi_color=True)
        self.feed = feed
        self.desk = feed.desk
        self.names = names
        self.asked = Shown(closed=not feed.title.is_live)
        self.causes = Causes(names, is_live=feed.title.is_live)
        self.pane = "connections"
        self.history = Trend()
        self.doings = Doings(self)
        self._complete = complete
        self.remarks = Remarks(self.desk.beside, names) if self.desk.beside else None
        self._look: Look | None = None
        self._judged: object = None
        self._is_settled = False
        self._pacer = Pacer(0, _SHARE)
        self._next_second = 0.0
        self._bins: list[int] | None = None
        self._tabs_shown = Text()

    def compose(self) -> ComposeResult:
        """Lay out the parts from top to bottom."""
        yield StateCounts(self.names)
        yield Static(id="gap")
        yield Grid(id="causes")
        yield Static(id="tabs")
        yield Grid(id="main")
        yield Timeline()
        yield FilterBar(self._complete)
        yield Static(self._keys(), id="keys")

    def on_mount(self) -> None:
        """Start refreshing."""
        self.theme = "ansi-dark"
        self.query_one("#main", Grid).focus()
        self.feed.start()
        self.set_interval(1 / LOOKS, self.look)
        self.look()

    def action_suspend_process(self) -> None:
        """Restore the terminal, and suspend the whole process group: else the shell would not return from a
        script."""
        driver = self._driver
        if sys.platform != "win32" and driver is not None and driver.can_suspend:
            driver.suspend_application_mode()
            os.killpg(0, signal.SIGSTOP)

    def on_resize(self) -> None:
        """Leave out keys that have no room."""
        self.query_one("#keys", Static).update(self._keys())
        self._tabs_shown = Text()
        self._tabs()
        self.call_after_refresh(self._redraw)

    def _redraw(self) -> None:
        """Lay out and draw everything again: parts that had no room do not redraw themselves."""
        for part in self.query("StateCounts, Grid, Static, Timeline"):
            part.refresh(layout=True)

    def ask_first(self, question: Question) -> None:
        """Begin with a filter."""
        self.asked = replace(self.asked, question=question)

    # --- looking

    def look(self, *, now: bool = False) -> None:
        """Refresh, unless that takes too much time; with ``now`` in any case."""
        started = time.monotonic()
        if not (now or self._pacer.is_due(started)) or not self.query(StateCounts):
            return  # it is too early, or the screen is being taken apart
        report = self.desk.report
        if report is not self._judged and report is not None:
            self._judged = report
            self._is_settled = False
            self.causes.learn(report)
            self.query_one("#causes", Grid).show(self.causes)
        if now or (self.asked.at_ns is None and not self._is_settled):
            self._take_look()
            # A file that was read to its end and diagnosed no longer changes.
            self._is_settled = self.feed.is_done and report is not None and not self.feed.title.is_live
        self._second(started)
        self._show()
        self._pacer.finish(started)

    def _take_look(self) -> None:
        try:
            self._look = self.desk.look(self.asked)
        except WirestatError as error:
            self.asked = replace(self.asked, question=None)
            self.notify(str(error), severity="warning")
            self._look = self.desk.look(self.asked)

    def _second(self, now: float) -> None:
        """Once a second, update the counts for sparklines and the remarks of the source."""
        while self.feed.remarks:
            self.notify(self.feed.remarks.popleft(), severity="warning")
        if self.feed.failure is not None or self.feed.is_over():
            self.exit()
        if self.feed.title.is_live:
            if now >= self._next_second and self._look is not None and self._look.now_ns:
                self._next_second = now + 1
                self.history.add(self._look.now_ns, self.desk.counts(self._look.now_ns))
        elif self.feed.is_done:
            self._fill()

    def _fill(self) -> None:
        """Count at some more instants of a file."""
        report = self.desk.report
        if report is None or not report.start_ns:
            return
        if self._bins is None:
            length = report.end_ns - report.start_ns
            self._bins = [report.start_ns + length * number // (BINS - 1) for number in range(BINS)]
        until = time.monotonic() + 1 / LOOKS / 4
        while self._bins and time.monotonic() < until:
            at_ns = self._bins.pop(0)
            self.history.add(at_ns, self.desk.counts(at_ns))

    # --- showing

    def _show(self) -> None:
        look = self._look
        if look is None:
            return
        self.query_one(StateCounts).show(self._heading(look), look.counts, self.history)
        self.query_one("#main", Grid).show(TABS[self.pane].listing(self, look))
        self._tabs()
        start_ns, end_ns = self.span(look)
        self.query_one(Timeline).show(start_ns, end_ns, look.at_ns, self.history.open(GONE))

    def span(self, look: Look) -> tuple[int, int]:
        """Return the first and the last instant that can be shown."""
        report = self.desk.report
        if self.feed.title.is_live:
            return (self.history.times or [look.now_ns])[0], look.now_ns
        return (report.start_ns, report.end_ns) if report else (look.now_ns, look.now_ns)

    def _heading(self, look: Look) -> Heading:
        live = self.feed.title.is_live and not self.feed.is_done
        mode = self.feed.progress or ("live" if live else "")
        if look.at_ns is not None:
            mode = "paused" if live else "at"
        vitals, figures = self.feed.vitals, f"{look.frames:,} frames"
        if live and vitals.frames:
            lost = "" if vitals.dropped is None else f", {vitals.dropped:,} dropped"
            figures = f"{vitals.frames[-1]:,} frames/s{lost}"
        question = self.asked.question
        return Heading(
            source=self.feed.title.name,
            clock=self._clock(look),
            mode=mode,
            figures=figures,
            filter=f"only {question.text}" if question else "",
            is_frozen=look.at_ns is not None,
        )

    def _clock(self, look: Look) -> str:
        """Write the instant shown, with its date where the time line covers several days."""
        if not look.now_ns:
            return ""
        shown = look.now_ns if look.at_ns is None else look.at_ns
        return day_time(shown, is_dated=spans_days(*self.span(look)))

    def _tabs(self) -> None:
        look, report = self._look, self.desk.report
        line = Text(no_wrap=True, overflow="ellipsis")
        is_narrow = self.size.width < _ROOMY
        for number, (name, tab) in enumerate(TABS.items()):
            chosen = name == self.pane
            total = tab.total(report, look) if chosen or not is_narrow else ""
            text = Text(f" {number + 2} {name} {total}".rstrip() + " ", TITLE if chosen else FAINT)
            text.stylize("reverse" if chosen else "")
            text.apply_meta({"@click": f"app.pane('{name}')"})
            line.append_text(text)
            line.append(" ")
        line.append(f"  {self.asked.sort.value}{', backward' if self.asked.backward else ''}", FAINT)
        if line != self._tabs_shown:
            self._tabs_shown = line
            self.query_one("#tabs", Static).update(line, layout=False)

    def _keys(self) -> Text:
        line = Text(no_wrap=True, overflow="ellipsis")
        room = self.size.width - sum(len(f"{key} {words}  ") for key, words, _ in _KEYS if words in _NEEDED)
        for key, words, action in _KEYS:
            text = Text.assemble((key, KEY), (f" {words}", FAINT))
            text.apply_meta({"@click": f"app.{action}"})
            if words not in _NEEDED:
                room -= text.cell_len + 2
                if room < 0:
                    continue
            line.append_text(text)
            line.append("  ")
        return line

    # --- keys: moving

    def action_pane(self, name: str) -> None:
        """Show another list."""
        self.pane = name
        grid = self.query_one("#main", Grid)
        grid.focus()
        grid.action_jump(0)
        self._show()

    def action_causes(self) -> None:
        """Go to the causes."""
        self.query_one("#causes", Grid).focus()

    def action_next_pane(self, by: int) -> None:
        """Go to the next list, the causes among them."""
        order = ("causes", *TABS)
        is_causes = self.query_one("#causes", Grid).has_focus
        here = 0 if is_causes else order.index(self.pane)
        there = order[(here + by) % len(order)]
        if there == "causes":
            self.action_causes()
        else:
            self.action_pane(there)

    # --- keys: choosing

    def action_filter(self) -> None:
        """Ask for a filter."""
        self.query_one(FilterBar).open(self.asked.question.text if self.asked.question else "")

    @on(FilterBar.Asked)
    def take_filter(self, event: FilterBar.Asked) -> None:
        """Show only the connections that match the filter."""
        self.ask(question=event.question)
        self.leave_filter()

    @on(FilterBar.Left)
    def leave_filter(self) -> None:
        """Close the bar."""
        self.query_one(FilterBar).close()
        self.query_one("#main", Grid).focus()

    def action_sort(self) -> None:
        """Choose an order."""
        self.doings.sort()

    def action_turn_round(self) -> None:
        """Turn the order round."""
        self.ask(backward=not self.asked.backward)

    def action_closed(self) -> None:
        """Toggle whether connections that are over stay visible."""
        self.ask(closed=not self.asked.closed)
        self.notify(
            "connections that are over stay for a minute" if self.asked.closed else "only what is open"
        )

    def action_everything(self) -> None:
        """Toggle the connections that only this host's kernel knows."""
        if self.desk.beside is None:
            self.notify("no kernel is asked: that is of live captures on this host")
            return
        self.ask(everything=not self.asked.everything)
        self.notify(
            "with connections that only the kernel tells of"
            if self.asked.everything
            else "only what was captured"
        )

    def ask(self, **changes: Any) -> None:
        """Change the request, and refresh at once."""
        self.asked = replace(self.asked, **changes)
        self.look(now=True)

    # --- keys: time

    def action_pause(self) -> None:
        """Freeze the instant, or go back to now."""
        if self.asked.at_ns is None and self._look is not None and self._look.now_ns:
            self.ask(at_ns=self._look.now_ns)
        else:
            self.action_now()

    def action_now(self) -> None:
        """Go back to now."""
        self.ask(at_ns=None)

    def action_step(self, by: int) -> None:
        """Go a number of steps back or forth in time; beyond the end is now."""
        if self._look is None or not self._look.now_ns:
            return
        start_ns, end_ns = self.span(self._look)
        step_ns = max(10**9, 1) if self.feed.title.is_live else self.query_one(Timeline).step_ns
        at_ns = (end_ns if self.asked.at_ns is None else self.asked.at_ns) + by * step_ns
        self.ask(at_ns=None if at_ns >= end_ns else max(start_ns, at_ns))

    @on(Timeline.Sought)
    def seek(self, event: Timeline.Sought) -> None:
        """Go to an instant of the timeline."""
        self.ask(at_ns=event.at_ns)

    # --- keys: looking closer, taking along

    @on(Grid.Chosen)
    def open_row(self, event: Grid.Chosen) -> None:
        """Open the details of the row."""
        self.doings.open(event.grid.id or "", event.key)

    def action_open(self) -> None:
        """Open the row under the cursor."""
        self._focused().action_choose()

    def action_explain(self) -> None:
        """Explain the diagnosis under the cursor."""
        self.doings.explain(*self.under_cursor())

    def action_write(self) -> None:
        """Write packets or a report."""
        self.doings.write(*self.under_cursor())

    def action_copy(self) -> None:
        """Copy a filter or a command."""
        self.doings.copy(*self.under_cursor())

    def action_help(self) -> None:
        """List the keys."""
        self.doings.help()

    def under_cursor(self) -> tuple[str, Any]:
        """Return the list with the cursor, and the key of its row."""
        grid = self._focused()
        return ("causes" if grid.id == "causes" else self.pane), grid.current

    def _focused(self) -> Grid:
        return self.query_one("#causes" if self.query_one("#causes", Grid).has_focus else "#main", Grid)
