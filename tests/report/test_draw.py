"""Pictures: well-formed, complete, described in words, and inert under hostile file names."""

from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

import pytest

import wirestat
from tests.report.judged import REPORTS
from wirestat.model import State
from wirestat.names import Dialect
from wirestat.report.draw import figure, ladder, machine, timeline
from wirestat.report.draw.svg import element, label
from wirestat.report.layout import View

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"


def drawn(lines: Iterable[str]) -> ElementTree.Element:
    """Read a picture as browsers do."""
    return ElementTree.fromstring("\n".join(lines))


def texts(picture: ElementTree.Element) -> list[str]:
    return [one.text or "" for one in picture.iter(f"{SVG}text")]


@pytest.mark.parametrize("id", [1, 5, 6])
def test_a_ladder_has_a_rung_for_each_segment(id: int) -> None:
    report = REPORTS["outage"]
    picture = drawn(ladder.render(report, report.connection(id), Dialect.LINUX))
    told = texts(picture)
    for line in report.ladder(id):
        assert f"{line.frame:,}" in told
    states = {step.to for step in report.connection(id).transitions if step.retracted_by is None}
    passed = {state for state in states if f"{state}" not in told}
    assert all(any(f"through {state}" in text for text in told) for state in passed)
    assert [one.tag for one in picture][:2] == [f"{SVG}title", f"{SVG}desc"]


def test_a_ladder_spells_states_as_asked_for() -> None:
    report = REPORTS["outage"]
    assert "SYN-SENT" in texts(drawn(ladder.render(report, report.connection(1), Dialect.RFC)))


def test_a_timeline_has_both_lanes_of_each_connection() -> None:
    report = REPORTS["outage"]
    connections = list(report.connections())
    picture = drawn(timeline.render(report, connections, len(connections) + 3, Dialect.LINUX))
    told = texts(picture)
    assert sum(text.startswith("#") for text in told) == len(connections)
    assert "… and 3 more" in told
    words = [one.text or "" for one in picture.iter(f"{SVG}title")]
    assert any(text.startswith("server: CLOSE_WAIT") for text in words)
    assert any("or gone" in text or ", or " in text for text in words)


def test_lanes_in_letters_are_as_wide_as_the_terminal() -> None:
    report = REPORTS["outage"]
    lines = list(timeline.text(report, list(report.connections()), 8, View(width=100)))
    assert max(map(len, lines[:16])) <= 100
    assert any("W" in line.rsplit(" ", 1)[-1] for line in lines[:16])


def test_the_diagram_counts_what_was_seen() -> None:
    report = REPORTS["outage"]
    told = texts(drawn(machine.counted(report, Dialect.LINUX)))
    for row in report.conformance.documented:
        assert f"{row.count:,}" in told
    rows = list(machine.text(report, Dialect.LINUX))
    assert len(rows) == len(report.conformance.documented) + len(report.conformance.undocumented) + len(
        report.conformance.not_comparable
    )


def test_the_figure_has_every_state_and_the_words_of_its_arrows() -> None:
    told = texts(drawn(machine.documented(Dialect.RFC)))
    assert {"FIN-WAIT-1", "SYN-RECEIVED", "2MSL time-out", "snd SYN,ACK"} <= set(told)
    assert told.count("CLOSED") == 2


def test_every_pair_of_states_has_a_way_within_the_picture() -> None:
    for origin in State:
        for target in State:
            if origin is not target:
                way, _ = figure.way(origin, target)
                assert 0 <= way.x <= figure.WIDTH
                assert 0 <= way.y <= figure.HEIGHT
                assert way.path.startswith("M")


def test_mermaid_has_a_line_for_each_segment_and_change() -> None:
    report = REPORTS["lost-last-ack"]
    lines = list(ladder.mermaid(report, report.connection(1), Dialect.LINUX))
    assert lines[0] == "sequenceDiagram"
    assert sum(">>" in line for line in lines) == len(report.ladder(1))
    assert sum("Note over" in line for line in lines) == len(report.connection(1).transitions)


def test_mermaid_has_a_line_for_each_change_that_was_seen() -> None:
    comparison = REPORTS["outage"].conformance
    seen = (*comparison.documented, *comparison.undocumented, *comparison.not_comparable)
    assert len(list(machine.mermaid(REPORTS["outage"], Dialect.LINUX))) == 1 + len(seen)


def test_texts_are_escaped_and_nothing_else_passes() -> None:
    text = label("<b>&\u202e\x1b[31m", 1, 2)
    assert "&lt;b&gt;&amp;" in text
    assert not {"<b>", "\u202e", "\x1b"} & {part for part in ("<b>", "\u202e", "\x1b") if part in text}
    assert element("path", d='M"<') == '<path d="M&quot;&lt;"/>'
    assert "\x1b" not in label("\x1b[31m", 0, 0)


def test_png_is_drawn_from_the_same_picture() -> None:
    from wirestat.report.draw.picture import png

    report = wirestat.analyze(ROOT / "pcaps/refused/client.pcap", trace=1)
    data = png(ladder.render(report, report.connection(1), Dialect.LINUX, "light"))
    assert data.startswith(b"\x89PNG")
