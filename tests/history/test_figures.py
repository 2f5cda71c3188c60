"""A history is asked for figures, facts and findings as a capture is."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.history.played import Played
from tests.packets.files import pcap
from tests.quick import sample, some_quick
from tests.shares.medley import medley
from wirestat.errors import InputError
from wirestat.history.figures import LAYOUT, beside
from wirestat.history.intervals import intervals
from wirestat.history.queries import History
from wirestat.model import Severity, Side
from wirestat.query.reference import Step, Subject, holds
from wirestat.report.selection import asked
from wirestat.report.tables import batches
from wirestat.tracker import Limits

PCAPS = Path(__file__).parents[2] / "pcaps"
SECOND = 1_000_000_000
QUESTIONS = (
    "bytes > 100",
    "client.bytes == 0",
    "server.bytes > 64 && state == CLOSE_WAIT",
    "retransmitted",
    "not (rtt > 1ms)",
    "rtt < 1s or connect_time > 1ms",
    "fact == syn-resent",
    "facts != fin-resent",
    "client.fact in {fin-resent, syn-resent}",
    "finding",
    "finding == D10",
    "finding == close-wait-held",
    "finding != D10",
    "severity >= warning",
    "severity == info",
    "severity",
    "tunnel",
    "tunnel == vxlan",
    'tunnel == "VXLAN 7"',
    "tunnel != gre",
    "duration > 1s",
    "direction_reason == SYN",
    "incarnation == 1",
    "last_time > 2020-01-01T00:00:00Z",
    "client.first_state == SYN_SENT",
    "window_scale > 3",
    "transition(ESTABLISHED→CLOSE_WAIT)",
    "server.transition(ESTABLISHED→CLOSE_WAIT) && bytes > 0",
    "client.transition(ESTABLISHED→CLOSE_WAIT)",
    "transition(* -> CLOSED)",
    "not transition(SYN_SENT → *)",
    "transition(LAST_ACK→CLOSED) or transition(LISTEN -> SYN_RECV) && for > 1s",
)


def figures(path: Path) -> dict[int, dict[str, Any]]:
    """Return the figures of an interval by the ids of connections."""
    found = duckdb.execute("SELECT * FROM read_parquet($1)", [str(beside(path))])
    names = [column[0] for column in found.description or ()]
    rows = [dict(zip(names, values, strict=True)) for values in found.fetchall()]
    return {row["id"]: {n: tuple(v) if isinstance(v, list) else v for n, v in row.items()} for row in rows}


def subject(span: Mapping[str, Any], known: Mapping[str, Any], at_ns: int) -> Subject:
    ranks = {str(one): one.rank for one in Severity}
    spoken = [(id, -1) for id in known["findings"]] + [("", ranks[one]) for one in known["severities"]]
    steps = [
        Step(end, *change.split("→")) for end, change in (one.split() for one in known["changes"].split(", "))
    ]
    return Subject({**known, **span}, steps, spoken, at_ns)


@pytest.mark.parametrize(
    "case", some_quick(["close-wait-leak", "fin-lost-for-good", "refused", "last-ack-lost"], each=4)
)
def test_sql_answers_as_the_language_means_it(case: str, tmp_path: Path) -> None:
    played = Played(next((PCAPS / case).glob("*.pcap")), tmp_path, 20 * SECOND)
    history = History(tmp_path)
    for interval in intervals(tmp_path):
        at_ns = (interval.start_ns + interval.end_ns) // 2
        known = figures(interval.path)
        rows = history.at(at_ns)
        for text in sample(QUESTIONS, each=3):
            tree = asked(text).tree
            expected = [row for row in rows if holds(tree, subject(row, known[row["id"]], at_ns))]
            assert history.at(at_ns, tree) == expected, text
            assert history.count(at_ns, tree) == len(expected), text
            ((_, counts),) = history.states(range(at_ns, at_ns + 1), tree)
            assert counts[Side.CLIENT].total() == len(expected), text
    assert played.report.findings or case == "refused"


def test_tunnels_match_by_kind_and_by_network(tmp_path: Path) -> None:
    history = Played(next((PCAPS / "close-wait-leak").glob("*.pcap")), tmp_path, 3600 * SECOND)
    assert history.report.findings
    (interval,) = intervals(tmp_path)
    path = beside(interval.path)
    duckdb.sql(
        f"COPY (SELECT * REPLACE (if(id = 1, 'VXLAN 7, GRE', NULL) AS tunnel) FROM read_parquet('{path}')) "
        f"TO '{path}.new' (FORMAT parquet)"
    )
    Path(f"{path}.new").replace(path)
    found = History(tmp_path)
    for text in (
        "tunnel",
        "tunnel == vxlan",
        'tunnel == "vxlan 7"',
        "tunnel == gre",
        "tunnel != geneve && tunnel",
    ):
        assert [row["id"] for row in found.at(found.end_ns, asked(text).tree)] == [1], text
    assert found.at(found.end_ns, asked('tunnel == "vxlan 8"').tree) == []


def test_the_kept_figures_equal_those_of_the_capture(tmp_path: Path) -> None:
    path = next((PCAPS / "close-wait-leak").glob("*.pcap"))
    report = Played(path, tmp_path, 3600 * SECOND).report
    (interval,) = intervals(tmp_path)
    known = figures(interval.path)
    (table,) = batches(report, "connections")
    assert len(known) == len(table)
    for row in map(table.row, range(len(table))):
        kept = known[int(str(row["id"]))]
        for name in {field.name for field in LAYOUT.fields} & row.keys():
            assert kept[name] == row[name], name
        believed = [
            step for step in report.connection(int(str(row["id"]))).transitions if step.retracted_by is None
        ]
        made = {f"{step.endpoint} {step.from_state}→{step.to}" for step in believed}
        assert set(kept["changes"].split(", ")) == made
        assert made


def test_an_interval_has_figures_of_its_own_connections_only(tmp_path: Path) -> None:
    """The tracker's table also holds connections that ended before the interval."""
    path = tmp_path / "medley.pcap"
    path.write_bytes(pcap(sorted(medley(8, frames=600), key=lambda frame: frame[0])))
    folder = tmp_path / "history"
    Played(path, folder, 200 * SECOND)
    counts = []
    for interval in intervals(folder):
        spans = duckdb.execute("SELECT DISTINCT id FROM read_parquet($1)", [str(interval.path)]).fetchall()
        assert {(id,) for id in figures(interval.path)} == set(spans)
        counts.append(len(spans))
    assert len(counts) > 2
    assert min(counts) < max(counts)


def test_evicted_connections_are_kept(tmp_path: Path) -> None:
    """A table for eight connections evicts nearly all before the interval is written."""
    path = tmp_path / "medley.pcap"
    path.write_bytes(pcap(sorted(medley(7, frames=900), key=lambda frame: frame[0])))
    whole = Played(path, tmp_path / "whole", 3600 * SECOND)
    small = Played(path, tmp_path / "small", 3600 * SECOND, limits=Limits(max_connections=8))
    assert small.whole.summary.connections > 50
    assert len(list(small.whole.connections())) <= 8
    ids = range(1, small.whole.summary.connections + 1)
    (interval,) = intervals(tmp_path / "small")
    assert sorted(figures(interval.path)) == list(ids)
    assert whole.whole.summary.connections > 50


def test_an_interval_without_its_figures_is_reported(tmp_path: Path) -> None:
    Played(next((PCAPS / "close-wait-leak").glob("*.pcap")), tmp_path, 3600 * SECOND)
    (interval,) = intervals(tmp_path)
    beside(interval.path).unlink()
    history = History(tmp_path)
    assert history.at(history.end_ns, asked("state == CLOSE_WAIT").tree)
    with pytest.raises(InputError, match="figures are missing"):
        history.at(history.end_ns, asked("bytes > 1").tree)


def test_a_retracted_change_is_not_kept(tmp_path: Path) -> None:
    path = next((PCAPS / "last-ack-lost").glob("*.pcap"))
    report = Played(path, tmp_path / "history", 3600 * SECOND).report
    (interval,) = intervals(tmp_path / "history")
    known = figures(interval.path)
    disproved = 0
    for connection in report.connections():
        kept = set(known[connection.id]["changes"].split(", "))
        steps = {
            f"{one.endpoint} {one.from_state}→{one.to}": one.retracted_by for one in connection.transitions
        }
        assert kept == {name for name, by in steps.items() if by is None}
        disproved += sum(by is not None for by in steps.values())
    assert disproved


def test_an_interval_of_another_version_is_reported(tmp_path: Path) -> None:
    """Existing histories may be older than the column of changes."""
    Played(next((PCAPS / "close-wait-leak").glob("*.pcap")), tmp_path, 3600 * SECOND)
    (interval,) = intervals(tmp_path)
    path = beside(interval.path)
    duckdb.sql(
        f"COPY (SELECT * EXCLUDE (changes) FROM read_parquet('{path}')) TO '{path}.new' (FORMAT parquet)"
    )
    Path(f"{path}.new").replace(path)
    history = History(tmp_path)
    assert history.at(history.end_ns, asked("bytes > 1").tree)
    with pytest.raises(InputError, match="another version of wirestat wrote it") as error:
        history.at(history.end_ns, asked("transition(ESTABLISHED→CLOSE_WAIT)").tree)
    assert error.value.name == str(path)
