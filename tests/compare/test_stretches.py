"""Events that befall all traffic between two points are one finding: a cut way, loss on the way, copies."""

from itertools import count
from pathlib import Path

import pytest

from tests.compare.dialogues import Sent, told_of
from wirestat.model import Confidence, Fault


def opened(port: int, at_ms: int) -> list[Sent]:
    """Return a handshake."""
    return [
        Sent(at_ms, True, "S", 99, 0, port=port),
        Sent(at_ms + 21, False, "S.", 299, 100, port=port),
        Sent(at_ms + 42, True, ".", 100, 300, port=port),
    ]


def talk(port: int, at_ms: int, lost: range) -> list[Sent]:
    """Return a dialogue of one word each 100 ms; those of some numbers are lost, and come again 50 ms later."""
    sent, seq = opened(port, at_ms), 100
    for number in range(40):
        now = at_ms + 100 + 100 * number
        is_lost = number in lost
        sent.append(Sent(now, True, "P.", seq, 300, 40, crosses=not is_lost, port=port))
        if is_lost:
            now += 50
            sent.append(Sent(now, True, "P.", seq, 300, 40, port=port))
        seq += 40
        sent.append(Sent(now + 30, False, ".", 300, seq, port=port))
    return sent


def stood(port: int, at_ms: int, until_ms: int) -> list[Sent]:
    """Return a dialogue whose last word is sent again and again, until the way is there once more."""
    sent = [*opened(port, at_ms), Sent(at_ms + 100, True, "P.", 100, 300, 40, port=port)]
    sent.append(Sent(at_ms + 130, False, ".", 300, 140, port=port))
    for again in (400, 700, 1300, 2500):
        crosses = at_ms + again > until_ms
        sent.append(Sent(at_ms + again, True, "P.", 140, 300, 40, crosses=crosses, port=port))
    return [*sent, Sent(at_ms + 2530, False, ".", 300, 180, port=port)]


def test_a_way_that_was_cut_for_all_is_one_finding(tmp_path: Path) -> None:
    sent = [*stood(40000, 0, 2000), *stood(40001, 10, 2000), *stood(40002, 20, 2000)]
    (told,) = told_of(tmp_path, sent, "D54")
    assert (told.confidence, told.fault, told.count) == (Confidence.CERTAIN, Fault.PATH, 3)
    assert "Nothing passed from client to server for 920 ms" in told.explanation
    assert not told_of(tmp_path, sent, "D56")


def test_a_way_on_which_another_connection_goes_on_was_not_cut(tmp_path: Path) -> None:
    sent = [*stood(40000, 0, 2000), *stood(40001, 10, 2000), *talk(40002, 20, range(0))]
    assert not told_of(tmp_path, sent, "D54")


def test_connections_that_each_die_are_no_cut_way(tmp_path: Path) -> None:
    sent = [*stood(40000, 0, 9000)[:-1], *stood(40001, 10, 9000)[:-1], *opened(40002, 3000)]
    assert not told_of(tmp_path, sent, "D54")


@pytest.mark.parametrize(("lost", "is_told"), [(3, True), (60, False)])
def test_loss_in_the_midst_of_traffic_is_reported_with_its_share(
    tmp_path: Path, lost: int, is_told: bool
) -> None:
    sent, seqs = [*opened(40000, 0)], count(100, 1000)
    for number, seq in zip(range(200), seqs, strict=False):
        now = 100 + 10 * number
        is_lost = number % lost == 0
        sent.append(Sent(now, True, ".", seq, 300, 1000, crosses=not is_lost))
        if is_lost:
            sent.append(Sent(now + 5, True, ".", seq, 300, 1000))
        sent.append(Sent(now + 50, False, ".", 300, seq + 1000))
    told = told_of(tmp_path, sent, "D57")
    assert bool(told) is is_told
    if told:
        assert "67 of 268 segments of 1 connection" in told[0].explanation
        assert "The other way lost none of 201 segments" in told[0].explanation
        assert told[0].confidence is Confidence.CERTAIN


@pytest.mark.parametrize("spares_data", [True, False])
def test_syns_that_alone_are_lost_are_one_finding(tmp_path: Path, *, spares_data: bool) -> None:
    sent = [*talk(39998, 3, range(0)), *talk(40000, 0, range(0) if spares_data else range(20, 22))]
    for port in (40001, 40002, 40003, 40004):
        tries = (500, 1500, 2500) if port % 2 else (510, 1510)
        sent += [Sent(at, True, "S", 99, 0, crosses=False, port=port) for at in tries]
    for port in (40002, 40004):
        sent += opened(port, 3510)
    told = told_of(tmp_path, sent, "D01")
    if spares_data:
        assert [(one.count, one.fault, one.confidence) for one in told] == [
            (4, Fault.PATH, Confidence.CERTAIN)
        ]
        assert "2 of these never came about, and 2 late; 2 others passed at once" in told[0].explanation
        assert not told_of(tmp_path, sent, "D34")
    else:
        assert all("nothing else was" not in one.explanation for one in told)


def test_packets_that_a_mirror_port_shows_twice_were_not_lost(tmp_path: Path) -> None:
    sent = [one for port in range(40000, 40004) for one in talk(port, port - 40000, range(0))]
    assert not told_of(tmp_path, sent, "D57", mirrored="client")


def test_a_mirror_port_that_shows_packets_twice_may_be_all_that_multiplies_them(tmp_path: Path) -> None:
    sent = [one for port in range(40000, 40004) for one in talk(port, port - 40000, range(0))]
    (told,) = told_of(tmp_path, sent, "D62", mirrored="server")
    assert told.confidence is Confidence.LIKELY
    assert "mirror port" in told.doubts[0]


@pytest.mark.parametrize("passes", [False, True])
@pytest.mark.parametrize(("flags", "number"), [("F.", "D13"), ("R.", "D28")])
def test_one_kind_of_segment_that_alone_is_lost_is_one_finding(
    tmp_path: Path, flags: str, number: str, *, passes: bool
) -> None:
    sent, last = [], 100 + 40 * 40
    for port in range(40000, 40003):
        sent += talk(port, port - 40000, range(0))
        for at in (5000, 5200, 5600):
            sent.append(Sent(at, True, flags, last, 300, crosses=passes and at == 5600, port=port))
    told = [one for one in told_of(tmp_path, sent, number) if "nothing else was" in one.explanation]
    assert bool(told) is not passes
    if told:
        assert [(one.count, one.fault, one.confidence) for one in told] == [
            (3, Fault.PATH, Confidence.CERTAIN)
        ]
        assert "from client to server, on 3 connections" in told[0].explanation


def test_a_kind_of_segment_is_not_lost_alone_where_others_are(tmp_path: Path) -> None:
    sent = []
    for port in range(40000, 40003):
        sent += talk(port, port - 40000, range(20, 21))
        sent += [Sent(at, True, "F.", 1700, 300, crosses=False, port=port) for at in (5000, 5200, 5600)]
    assert all("nothing else was" not in one.explanation for one in told_of(tmp_path, sent, "D13"))
