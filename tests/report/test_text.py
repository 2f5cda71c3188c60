"""Promises of the text report that a tired engineer must be able to rely on."""

from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

import wirestat
from tests.capture import made
from tests.report.judged import REPORTS
from wirestat.model import Severity, State
from wirestat.names import Dialect, parse_states
from wirestat.report import ladder, table, text
from wirestat.report.conformance import Conformity, Observed
from wirestat.report.layout import View, advice
from wirestat.report.sections import causes
from wirestat.vocabulary import Fact
from wirestat.zones import Zone


def lines(name: str, view: View | None = None) -> list[str]:
    return list(text.render(REPORTS[name], view or View()))


def test_the_first_lines_say_what_is_wrong() -> None:
    first, *causes = lines("outage")[:5]
    assert first == "3 warnings, 1 note, 4 of 8 connections stopped on the way"
    assert [line.split()[0] for line in causes if line[0] != " "] == ["warning"] * 3 + ["note"]


def test_a_cause_says_where_how_many_since_when_and_how_sure() -> None:
    assert (
        "warning  D10 CLOSE_WAIT held at 10.0.0.2:443, 2 of 7 connections since 03:04:05.800Z (certain)"
        in lines("outage")
    )


def test_a_time_of_day_has_its_date_where_the_capture_covers_several_days() -> None:
    report = REPORTS["outage"]
    later = report.start_ns + 86_400 * 1_000_000_000
    longer = replace(report, analysis=SimpleNamespace(now_ns=later, summary=report.summary))
    (finding,) = (one for one in report.findings if one.id == "D10" and one.of == 7)
    view = View(zone=Zone(ZoneInfo("Pacific/Kiritimati")))
    assert causes.since(finding, report, View()) == "03:04:05.800Z"
    assert causes.since(finding, longer, View()) == "2026-01-02 03:04:05.800Z"
    assert causes.since(finding, longer, view) == "2026-01-02 17:04:05.800+14:00"


def test_no_more_causes_than_fit_the_first_ten_lines() -> None:
    report = REPORTS["outage"]
    many = replace(
        report, findings=tuple(replace(report.findings[0], where=f"10.0.0.{n}:80") for n in range(12))
    )
    shown = list(text.render(many, View()))
    assert shown[8].startswith("warning  D10.8 ")
    assert shown[9] == "… and 4 findings more, below"


def test_a_finding_counts_its_own_connections_and_those_alike_have_counts_of_their_own() -> None:
    report = REPORTS["outage"]
    first = replace(next(one for one in report.findings if one.of == 7), where="10.0.0.1:80", count=18)
    second = replace(first, where="10.0.0.2:80", count=3)
    shown = list(text.render(replace(report, findings=(first, second)), View()))
    assert "warning  D10.1 CLOSE_WAIT held (18 connections, certain, fault: server)" in shown
    assert "         alike: D10.2 at 10.0.0.2:80 (3 connections); --finding D10.2 shows one" in shown


def test_conformance_is_one_line_unless_all_is_asked_for() -> None:
    assert sum("RFC 9293" in line or "never seen" in line for line in lines("outage")) == 1
    assert any("never seen" in line for line in lines("outage", View(full=True)))


def test_a_finding_that_asks_for_something_is_shown_beside_one_of_its_kind_that_does_not() -> None:
    report = REPORTS["outage"]
    calm, other = (replace(report.findings[0], severity=Severity.INFO, where=name) for name in ("a:1", "b:2"))
    shown = "\n".join(
        text.render(replace(report, findings=(replace(calm, asks_nothing=True), other)), View())
    )
    assert "nothing to do about D10" in shown
    assert "D10.2" in shown.partition("nothing to do about")[0]


def test_an_unfit_capture_is_said_before_its_findings() -> None:
    first = next(line for line in lines("unfit") if line.startswith("!"))
    assert "could not be read to its end" in first
    assert "the capture is incomplete, and so may be what follows" in lines("unfit")


def test_a_report_without_findings_says_so() -> None:
    assert "nothing wrong" in lines("clean")
    assert "no TCP connections" in lines("empty")


def test_an_empty_capture_is_distinguished_from_one_without_tcp(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    made.write(path, made.others())
    assert next(text.render(wirestat.analyze(path), View())) == "no TCP connections"
    assert next(text.render(wirestat.analyze(path, filter="port 1"), View())) == "no frame passes the filter"
    path.write_bytes(path.read_bytes()[:24])
    assert next(text.render(wirestat.analyze(path), View())) == "no frames"


def test_a_small_capture_fits_a_screen() -> None:
    assert len(lines("lost-last-ack")) <= 25


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_prose_keeps_to_the_width(name: str, width: int) -> None:
    """Addresses, filters and commands stay whole so that they can be copied."""
    whole = ("filter:", "$ ", "→ 10.0.0.2")
    prose = [line for line in lines(name, View(width=width)) if not any(word in line for word in whole)]
    assert [line for line in prose if len(line) > max(width, 80)] == []


@pytest.mark.parametrize("name", REPORTS)
def test_no_line_ends_in_blanks(name: str) -> None:
    assert all(line == line.rstrip() for line in lines(name))


def test_the_rest_of_a_long_list_is_named() -> None:
    assert "  … and 490 more: --limit 0 shows all, --connection ID draws one as a ladder" in lines("crowd")


def test_commands_of_an_advice_stay_whole() -> None:
    command = "192.0.2.1$ ss -tnop state close-wait '( sport = :443 )' " + "x" * 100
    assert list(advice(f"See what holds it.\n  {command}", "", View(width=60)))[1] == f"  {command}"


def test_two_answers_are_both_given() -> None:
    narrow = lines("outage", View(names=Dialect.WINDOWS))
    assert any("FIN_WAIT_2, or gone since" in line for line in narrow)


def test_undocumented_changes_are_named_with_their_connections() -> None:
    """No capture is known that shows one: it would be a mistake of the tracker."""
    leap = Observed(
        State.ESTABLISHED,
        State.SYN_SENT,
        Conformity.UNDOCUMENTED,
        (),
        1,
        client=1,
        server=0,
        retracted=0,
        examples=(2,),
    )
    odd = replace(REPORTS["clean"], conformance=replace(REPORTS["clean"].conformance, undocumented=(leap,)))
    assert "  not documented: ESTABLISHED→SYN_SENT, 1 time, in #2" in list(text.render(odd, View()))


@pytest.mark.parametrize("name", REPORTS)
def test_a_terminal_of_80_columns_is_wide_enough(name: str) -> None:
    """But for what is to be copied whole, and for names that are longer than that."""
    report = REPORTS[name]
    drawn = [ladder.render(report, connection, View(width=80)) for connection in report.connections()]
    for line in chain(text.render(report, View(width=80)), *drawn):
        assert len(line) <= 80 or "$ " in line or "filter: " in line


@pytest.mark.parametrize("name", REPORTS)
def test_a_table_fits_a_terminal_of_80_columns(name: str) -> None:
    report = REPORTS[name]
    lines = list(
        table.render(
            report, table.RowChoice(report.end_ns, parse_states(["all"])), View(width=80, folds=True)
        )
    )
    assert [line for line in lines if len(line) > 80] == []


def test_overlapping_fragments_are_said_to_leave_a_choice(tmp_path: Path) -> None:
    syn = made.tcp(made.A, made.B, 1, 0, made.SYN)

    def piece(begin: int, end: int, *, more: bool, filler: int = 0) -> bytes:
        whole = syn[20:] + bytes([filler]) * 20
        header = bytearray(syn[:20])
        header[2:4] = (20 + end - begin).to_bytes(2, "big")
        header[6:8] = (more << 13 | begin // 8).to_bytes(2, "big")
        return made.ethernet(bytes(header) + whole[begin:end])

    for filler, number in ((0, "none"), (7, "1")):
        middle = piece(16, 32, more=True, filler=filler)
        frames = [piece(0, 24, more=True), middle, piece(24, 40, more=False, filler=filler)]
        report = wirestat.analyze(made.write(tmp_path / "x.pcap", frames))
        shown = "\n".join(text.render(report, View(width=200)))
        assert f"2 IP fragments that overlap others, {number} of which say something else" in shown
        (connection,) = report.connections()
        assert any(one.fact == Fact.FRAGMENTS_DIFFER for one in connection.facts) == bool(filler)


def test_numbers_too_long_for_a_rung_stand_below_it() -> None:
    report = REPORTS["unfit"]
    (connection, *_) = report.connections()
    narrow = list(ladder.render(report, connection, View(width=80)))
    assert max(map(len, narrow)) <= 80
    assert any(line.strip().startswith("seq ") and "ack 90000" in line for line in narrow), narrow
    assert any("ack 90000 len 500 ─" in line for line in ladder.render(report, connection, View(width=120)))
