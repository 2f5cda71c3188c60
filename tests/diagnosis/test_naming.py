"""Every connection carries the ids of all findings that speak of it."""

import pytest

from tests.diagnosis.builders import Analysed, Look, analysed, connection, look
from wirestat.diagnosis import judge
from wirestat.diagnosis.members import look as seen, look_of
from wirestat.model import State

EMBRYO = look("server:syn-ack-resent", client=State.ESTABLISHED, server=State.SYN_RECV)
HEALTHY = look("client:sent-data", "server:sent-data")


def named(analysis: Analysed) -> dict[int, tuple[str, ...]]:
    naming = judge(analysis).naming
    return {one.id: naming.ids(one.id, seen(one)) for one in analysis.connections()}


def test_members_of_a_group_beyond_its_examples_carry_it() -> None:
    analysis = analysed(*[EMBRYO] * 12, HEALTHY)
    assert named(analysis) == dict.fromkeys(range(1, 13), ("D04",)) | {13: ()}


def test_a_group_counts_members_that_were_judged_one_by_one() -> None:
    (finding,) = judge(analysed(*[EMBRYO] * 12, HEALTHY)).findings
    assert (finding.count, len(finding.examples)) == (12, 8)


def test_of_too_many_the_examples_stand_for_the_others() -> None:
    analysis = analysed(*[EMBRYO._replace(times=1_000)] * 12, HEALTHY)
    judged = judge(analysis)
    other = connection(EMBRYO, id=99)
    assert judged.findings[0].count == 12_000
    assert judged.naming.ids(99, seen(other)) == ("D04",)
    assert judged.naming.ids(98, seen(connection(HEALTHY, id=98))) == ()


def test_a_filter_selects_all_members() -> None:
    finding = judge(analysed(*[EMBRYO] * 12)).findings[0]
    ports = ", ".join(str(40_000 + id) for id in range(1, 13))
    assert finding.display_filter == f"ip.addr==10.0.0.2 && tcp.port==80 && tcp.port in {{{ports}}}"


@pytest.mark.parametrize("looks", [[EMBRYO] * 12, [EMBRYO._replace(times=1_000)] * 12])
def test_where_all_look_alike_nobody_is_asked_for_looks(looks: list[Look]) -> None:
    analysis = analysed(*looks)
    naming = judge(analysis).naming
    every_look = map(look_of, analysis.summary.signatures)
    known = {one.id: naming.ids(one.id, seen(one)) for one in analysis.connections()}
    assert naming.everyone_alike(every_look, known) == known
    assert set(known.values()) == {("D04",)}


def test_where_looks_differ_each_is_asked() -> None:
    analysis = analysed(*[EMBRYO._replace(times=1_000)] * 12, HEALTHY)
    naming = judge(analysis).naming
    assert naming.everyone_alike(map(look_of, analysis.summary.signatures), range(1, 14)) is None
