"""The table of a live capture: as the report counts, and nothing drawn around nothing."""

from rich.console import Console

from tests.report.judged import REPORTS
from wirestat.report.layout import View
from wirestat.report.screen import draw


def drawn(name: str, *newest: str, dropped: int | None = 0) -> list[str]:
    console = Console(width=120, color_system=None)
    with console.capture() as captured:
        console.print(draw(REPORTS[name], newest, dropped, View(width=120)))
    return [line.rstrip() for line in captured.get().splitlines()]


def test_states_are_counted_as_in_the_report() -> None:
    lines = drawn("lost-last-ack", "warning D14 something")
    assert lines[1:] == [
        "now     LAST_ACK  TIME_WAIT",
        "client         ·          1",
        "server         1          ·",
        "warning D14 something",
    ]


def test_before_the_first_connection_there_is_one_line() -> None:
    (line,) = drawn("empty")
    assert "0 dropped" in line


def test_what_cannot_be_known_is_not_a_zero() -> None:
    assert "drops not known" in drawn("empty", dropped=None)[0]
