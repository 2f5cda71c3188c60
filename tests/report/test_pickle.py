"""A report that was pickled answers as the one that it was made of."""

import pickle
from pathlib import Path

import pytest

import wirestat
from bench.traffic import write
from tests.query.told import told
from tests.quick import some_quick
from wirestat.errors import UsageError
from wirestat.query.reference import holds
from wirestat.report import html, json, ladder, table, text
from wirestat.report.build import Report
from wirestat.report.formats import TABLES, load
from wirestat.report.layout import View
from wirestat.report.selection import asked
from wirestat.report.tables import batches
from wirestat.tables import SCHEMA

PCAPS = Path(__file__).parents[2] / "pcaps"
CAPTURES = [PCAPS / name for name in (
    "accept-queue-full/middle.pcap", "last-ack-lost/client.pcap", "field/leak-of-close-wait/capture.pcap",
    "field/peer-to-peer-client/capture.pcap",
)]  # fmt: skip
QUESTIONS = (
    "state==CLOSE_WAIT && for>1s", "finding==D10", "severity>=warning", "connect_time>1ms", "!(port==80)",
    "transition(LAST_ACK→CLOSED)", "addr==10.0.0.0/8 and retransmitted>0", "client.state in {SYN_SENT, SYN_RECV}",
)  # fmt: skip


@pytest.fixture(params=CAPTURES, ids=lambda path: path.parent.name)
def pair(request: pytest.FixtureRequest) -> tuple[Report, Report]:
    report = wirestat.analyze(request.param, trace="all")
    return report, pickle.loads(pickle.dumps(report))


@pytest.mark.parametrize("format", ["text", "json", "ndjson"])
def test_every_format_is_the_same(pair: tuple[Report, Report], format: str) -> None:
    first, second = (b"".join(map(in_bytes, load(format).render(one, View(limit=None)))) for one in pair)
    assert first == second


def in_bytes(chunk: str | bytes) -> bytes:
    return f"{chunk}\n".encode() if isinstance(chunk, str) else chunk


def test_the_page_is_the_same(pair: tuple[Report, Report]) -> None:
    assert list(html.render(pair[0], View())) == list(html.render(pair[1], View()))


def test_tables_and_their_parts_are_the_same(pair: tuple[Report, Report]) -> None:
    one = pair[0]
    some = bytes(n % 3 == 0 for n in range(one.summary.connections))
    middle = (one.start_ns + one.end_ns) // 2
    for chosen in (None, some):
        for at_ns in (None, one.start_ns - 1, middle):
            for name in SCHEMA:
                both = [report.tables({name: None}, chosen, at_ns)[name] for report in pair]
                assert [[list(c) for c in t.columns.values()] for t in both[:1]] == [
                    [list(c) for c in t.columns.values()] for t in both[1:]
                ], name
        for name in TABLES:
            rows = [
                [t.row(n) for t in batches(report, name, chosen, size=7) for n in range(len(t))]
                for report in pair
            ]
            assert rows[0] == rows[1]
    for wrong in ({"nothing": None}, {"connections": ["nothing"]}):
        complaints = []
        for report in pair:
            with pytest.raises(ValueError, match="no such") as raised:
                report.tables(wrong)
            complaints.append(str(raised.value))
        assert complaints[0] == complaints[1]


@pytest.mark.parametrize("question", some_quick(QUESTIONS, each=5))
def test_filters_choose_the_same(pair: tuple[Report, Report], question: str) -> None:
    one, other = pair
    assert one.where(question).ids == other.where(question).ids
    middle = (one.start_ns + one.end_ns) // 2
    assert past(other, question, middle) == past(one, question, middle)
    by_reference = {id for id, each in told(one) if holds(asked(question).tree, each)}
    assert set(other.where(question).ids) == by_reference


def past(report: Report, question: str, at_ns: int) -> tuple[int, ...] | str:
    """Return what an expression chose at an instant, or why it makes no sense there."""
    try:
        return report.where(question, at_ns).ids
    except UsageError as error:
        return str(error)


def test_connections_and_ladders_are_the_same(pair: tuple[Report, Report]) -> None:
    one, other = pair
    assert list(one.connections()) == list(other.connections())
    assert one.traced() == other.traced()
    for id in one.traced():
        assert list(ladder.render(one, one.connection(id), View())) == list(
            ladder.render(other, other.connection(id), View())
        )
    with pytest.raises(KeyError):
        other.connection(one.summary.connections + 1)
    at_ns = (one.start_ns + one.end_ns) // 2
    tables = [list(table.render(report, table.RowChoice(at_ns), View())) for report in pair]
    assert tables[0] == tables[1]


@pytest.mark.parametrize("connections", [0, 3])
def test_reports_with_few_or_no_connections(connections: int, tmp_path: Path) -> None:
    write(tmp_path / "few.pcap", connections)
    report = wirestat.analyze(tmp_path / "few.pcap", keep="summary")
    other = pickle.loads(pickle.dumps(report))
    assert list(text.render(other, View())) == list(text.render(report, View()))
    assert list(other.connections()) == list(report.connections())


def test_it_can_be_pickled_again(pair: tuple[Report, Report]) -> None:
    again = pickle.loads(pickle.dumps(pair[1]))
    assert list(again.connections()) == list(pair[0].connections())


def test_many_connections_lie_in_many_batches(tmp_path: Path) -> None:
    write(tmp_path / "many.pcap", 700)
    report = wirestat.analyze(tmp_path / "many.pcap")
    other = pickle.loads(pickle.dumps(report))
    assert list(other.connections()) == list(report.connections())
    assert other.connection(600) == report.connection(600)
    assert b"".join(json.render(other, View())) == b"".join(json.render(report, View()))
