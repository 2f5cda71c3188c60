"""Colour is for terminals, and never needed."""

import io
import re

from tests.report.judged import REPORTS
from wirestat.report import text
from wirestat.report.layout import View
from wirestat.report.paint import STYLES, Paint, RichPaint, paint_for


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_only_a_terminal_gets_colour() -> None:
    assert isinstance(paint_for(Terminal(), {"TERM": "xterm"}), RichPaint)
    assert type(paint_for(io.StringIO(), {"TERM": "xterm"})) is Paint


def test_colour_can_be_refused() -> None:
    assert type(paint_for(Terminal(), {"NO_COLOR": "1"})) is Paint
    assert type(paint_for(Terminal(), {"TERM": "dumb"})) is Paint
    assert isinstance(paint_for(Terminal(), {"NO_COLOR": "", "TERM": "xterm"}), RichPaint)


def test_without_its_colours_the_text_is_the_same() -> None:
    painted = "\n".join(text.render(REPORTS["outage"], View(paint=RichPaint(Terminal()))))
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == "\n".join(text.render(REPORTS["outage"], View()))


def test_every_style_is_one_that_rich_knows() -> None:
    paint = RichPaint(Terminal())
    assert all(paint(style, "x").endswith(("x", "m")) for style in STYLES)
