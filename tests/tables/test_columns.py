"""The columns say what the records say, field by field: on every capture that is kept, and on any traffic at all."""

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

import wirestat
from tests.packets import ip, tcp
from tests.quick import some_examples, some_quick
from tests.tables import reference
from tests.test_log import SEGMENTS, Packet, frames
from tests.wirescript.wire import ADDRESSES, BASE_NS
from wirestat.model import Connection
from wirestat.summary import Listener
from wirestat.tables import SCHEMA, Table, batches, read
from wirestat.timers import LINUX
from wirestat.tracker import Tracker

PCAPS = Path(__file__).parents[2] / "pcaps"
CAPTURES = sorted(PCAPS.glob("*/*.pcap*"))
EVERYTHING = dict.fromkeys(SCHEMA)


def check(
    taken: dict[str, Table],
    connections: list[Connection],
    listeners: tuple[Listener, ...],
    at_ns: int | None = None,
) -> None:
    """Compare all values of all columns with those of the records."""
    expected = reference.rows(connections, listeners, at_ns)
    assert set(taken) == set(expected) == set(SCHEMA)
    for name, rows in expected.items():
        table = taken[name]
        assert len(table) == table.rows == len(rows)
        assert list(table.columns) == [field.name for field in SCHEMA[name].fields]
        for column in table.columns.values():
            if column.field.name not in reference.NOT_IN_RECORDS or name != "connections":
                told = [row[column.field.name] for row in rows]
                assert list(column) == told, column
                assert [column[row] for row in range(len(column))] == told, column
    for name in ("transitions", "facts"):
        counts = (len(getattr(item, name)) for item in connections)
        offsets = taken[name].offsets
        assert offsets is not None
        assert list(offsets) == reference.offsets(counts)


def test_no_field_of_a_record_has_been_forgotten() -> None:
    connection = reference.rows(list(wirestat.analyze(str(CAPTURES[0])).connections()))["connections"][0]
    columns = {field.name for field in SCHEMA["connections"].fields}
    assert set(connection) == columns - reference.NOT_IN_RECORDS


@pytest.mark.parametrize(
    "path", some_quick(CAPTURES, each=12), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_captures(path: Path) -> None:
    report = wirestat.analyze(str(path))
    connections = list(report.connections())
    check(report.tables(EVERYTHING), connections, report.summary.listeners)
    for at_ns in (report.start_ns - 1, (report.start_ns + report.end_ns) // 2, report.end_ns):
        check(report.tables(EVERYTHING, None, at_ns), connections, report.summary.listeners, at_ns)


def test_several_captures_as_one() -> None:
    report = wirestat.analyze(*map(str, CAPTURES[::10]))
    check(report.tables(EVERYTHING), list(report.connections()), report.summary.listeners)


def test_captures_of_several_points() -> None:
    case = next(path.parent for path in CAPTURES if len(list(path.parent.glob("*.pcap*"))) > 1)
    report = wirestat.compare(*map(str, sorted(case.glob("*.pcap*")))).report
    check(report.tables(EVERYTHING), list(report.connections()), report.summary.listeners)


@given(st.lists(st.lists(SEGMENTS, max_size=30), max_size=2))
@some_examples(150)
def test_any_traffic(flows: list[list[Packet]]) -> None:
    tracker = tracked(flows)
    check(read(tracker, EVERYTHING), list(tracker.connections()), tracker.summary().listeners)
    for at_ns in [time for flow in flows for time, _, _ in frames(flow)]:
        told = reference.rows(list(tracker.connections()), at_ns=at_ns)["instant"]
        table = read(tracker, {"instant": None}, at_ns=at_ns)["instant"]
        assert [table.row(row) for row in range(len(table))] == told


def tracked(flows: list[list[Packet]], tracker: Tracker | None = None) -> Tracker:
    """Track flows between pairs of hosts: their frames in the order of times."""
    pairs = ("AB", "BA")
    fed = [frame for flow, hosts in zip(flows, pairs, strict=False) for frame in frames(flow, 0, hosts)]
    tracker = tracker or Tracker(LINUX)
    tracker.feed(1, sorted(fed))
    tracker.settle()
    return tracker


def many(connections: int) -> Tracker:
    """Track a SYN each of many connections."""
    made = []
    for number in range(connections):
        header = tcp.Tcp(1024 + number, 80, "S", 1000 * number)
        frame = ip.ethernet(ip.ipv4(ADDRESSES[4]["A"], ADDRESSES[4]["B"], header.pack(), id=number + 1))
        made.append((BASE_NS + number * 1_000_000, len(frame), frame))
    tracker = Tracker(LINUX)
    tracker.feed(1, made)
    tracker.settle()
    return tracker


def test_columns_of_chosen_connections() -> None:
    tracker = many(200)
    chosen = bytes(number % 3 == 0 for number in range(200))
    connections = [item for item, byte in zip(tracker.connections(), chosen, strict=True) if byte]
    check(read(tracker, EVERYTHING, chosen=chosen), connections, tracker.summary().listeners)


def test_batches_have_the_requested_size() -> None:
    tracker = many(200)
    chosen = bytes(number > 70 for number in range(200))
    parts = list(batches(tracker, {"connections": ["id"]}, chosen=chosen, size=64))
    assert [list(part["connections"]["id"]) for part in parts] == [
        [], list(range(72, 129)), list(range(129, 193)), list(range(193, 201)),
    ]  # fmt: skip


def test_only_requested_columns_are_made() -> None:
    taken = read(many(3), {"connections": ["server_port", "id"], "facts": []})
    assert list(taken) == ["connections", "facts"]
    assert taken["connections"].row(2) == {"id": 3, "server_port": 80}
    facts = taken["facts"]
    assert (len(facts.columns), facts.rows, list(facts.offsets or ())) == (0, 0, [0, 0, 0, 0])


def test_nothing_was_captured() -> None:
    taken = read(Tracker(LINUX), EVERYTHING)
    assert [table.rows for table in taken.values()] == [0] * len(SCHEMA)
    assert list(taken["transitions"].offsets or ()) == [0]


@pytest.mark.parametrize(
    ("wanted", "chosen", "message"),
    [
        ({"conections": None}, None, "no such table: conections"),
        ({"facts": ["id"]}, None, r"no such column: facts\.id"),
        ({"facts": None}, b"\1\1", "2 bytes choose among 3 connections"),
    ],
)
def test_senseless_requests_are_refused(
    wanted: dict[str, list[str]], chosen: bytes | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        read(many(3), wanted, chosen=chosen)


def test_the_columns_are_as_of_when_they_were_taken() -> None:
    tracker = tracked([[(True, "S", 0, 0, 0, 60000, 0)]])
    before = read(tracker, {"connections": ["client_frames"]})
    tracker.feed(1, frames([(True, "S", 0, 0, 0, 60000, 10**9)]))
    assert list(before["connections"]["client_frames"]) == [1]
    assert list(read(tracker, {"connections": ["client_frames"]})["connections"]["client_frames"]) == [2]


def test_the_round_trip_to_each_end() -> None:
    """The tap is 30 ms from the server and 10 ms from the client, as the handshake shows."""
    handshake: list[Packet] = [
        (True, "S", 0, 0, 0, 60000, 0),
        (False, "S.", 0, 1, 0, 60000, 30_000_000),
        (True, ".", 1, 1, 0, 60000, 10_000_000),
    ]
    table = read(tracked([handshake]), {"connections": None})["connections"]
    assert (table["server_rtt_ns"][0], table["client_rtt_ns"][0]) == (30_000_000, 10_000_000)
    table = read(tracked([handshake[:1]]), {"connections": None})["connections"]
    assert (table["server_rtt_ns"][0], table["client_rtt_ns"][0]) == (None, None)
