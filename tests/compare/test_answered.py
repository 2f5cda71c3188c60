"""SYNs and segments that a device between the taps, or another host, answers in the server's name."""

from pathlib import Path

import pytest

from tests.compare.dialogues import Sent, told_of
from tests.packets.tcp import mss, timestamps
from wirestat.model import Confidence, Fault

PORTS = (40000, 40002, 40004)


def opened(port: int, at_ms: int = 0) -> list[Sent]:
    return [
        Sent(at_ms, True, "S", 99, 0, port=port),
        Sent(at_ms + 21, False, "S.", 299, 100, port=port),
        Sent(at_ms + 42, True, ".", 100, 300, port=port),
        Sent(at_ms + 43, True, "P.", 100, 300, 40, port=port),
        Sent(at_ms + 64, False, "P.", 300, 140, 40, port=port),
        Sent(at_ms + 85, True, ".", 140, 340, port=port),
    ]


def refused(port: int, at_ms: int) -> list[Sent]:
    """Return a request that goes no further, and is answered by a reset from the way."""
    return [
        Sent(at_ms, True, "P.", 140, 340, 40, port=port, crosses=False),
        Sent(at_ms - 18, False, "R", 340, 0, port=port, is_made=True),  # 20 ms on the way
    ]


def elsewhere(port: int, at_ms: int) -> list[Sent]:
    """Return a connection that another host opens; the server's resets what it does not know."""
    return [
        Sent(at_ms, True, "S", 99, 0, port=port, crosses=False),
        Sent(at_ms, False, "S.", 299, 100, port=port, is_made=True),
        Sent(at_ms + 25, True, ".", 100, 300, port=port),
        Sent(at_ms + 46, False, "R", 300, 0, port=port),
    ]


def test_another_host_answers_where_syns_that_never_came_are_answered(tmp_path: Path) -> None:
    known = [one for port in PORTS for one in opened(port, port - 40000)]
    resets = [one for port in PORTS for one in refused(port, 1000)]
    others = [one for port in (40010, 40012) for one in elsewhere(port, 2000 + port - 40000)]
    (told,) = told_of(tmp_path, [*known, *resets, *others], "D43")
    assert (told.count, told.fault, told.confidence) == (5, Fault.PATH, Confidence.LIKELY)
    for wrong in ("D07", "D18", "D27"):
        assert not told_of(tmp_path, [*known, *resets, *others], wrong)


def test_a_server_that_goes_on_has_answered_though_a_tap_missed_that(tmp_path: Path) -> None:
    known = [one for port in PORTS for one in opened(port, port - 40000)]
    resets = [one for port in PORTS for one in refused(port, 1000)]
    sent = [*known, *resets]
    for port in (40010, 40012):
        syn, answer, *others = opened(port, 2000 + port - 40000)
        sent += [syn._replace(crosses=False), answer._replace(is_made=True), *others]
    assert not told_of(tmp_path, sent, "D43")


@pytest.mark.parametrize(
    ("heard_ms", "diagnosis", "confidence"),
    [(1011, "D43", Confidence.LIKELY), (0, "D02", Confidence.CERTAIN), (None, "D02", Confidence.CERTAIN)],
    ids=["heard-in-between", "heard-before", "never-heard"],
)
def test_syns_that_are_refused_on_the_way_are_of_nothing_that_was_forgotten(
    tmp_path: Path, *, heard_ms: int | None, diagnosis: str, confidence: Confidence
) -> None:
    sent = [*opened(40000)[:1]] if heard_ms is None else [*opened(40000, heard_ms)]
    for port in (40010, 40012, 40014):
        sent.append(Sent(port - 39000, True, "S", 99, 0, port=port, crosses=False))
        sent.append(Sent(port - 39018, False, "R.", 0, 100, port=port, is_made=True))
    (told,) = told_of(tmp_path, sent, diagnosis)
    assert (told.count, told.fault, told.confidence) == (3, Fault.PATH, confidence)
    assert not told_of(tmp_path, sent, "D07")


def test_a_tap_that_missed_others_may_have_missed_a_reset(tmp_path: Path) -> None:
    first, *others = opened(40000)
    unseen = first._replace(crosses=False)  # though it was answered
    made_up = Sent(300, False, "R", 340, 0, port=40002, is_made=True)
    for opening, confidence in ((first, Confidence.CERTAIN), (unseen, Confidence.LIKELY)):
        sent = [opening, *others, *opened(40002, 150), made_up]
        (told,) = told_of(tmp_path, sent, "D18")
        assert told.confidence is confidence


def test_a_tap_of_one_direction_does_not_tell_who_refused(tmp_path: Path) -> None:
    asked = [Sent(port - 40000, True, "S", 99, 0, port=port) for port in PORTS]
    # Not at the server's tap, as all that goes this way.
    refused = [Sent(port - 39979, False, "R.", 0, 100, port=port, is_made=True) for port in PORTS]
    assert not told_of(tmp_path, [*asked, *refused], "D18")
    assert told_of(tmp_path, [*asked, *refused, *opened(40006, 200)], "D18")


def test_a_rule_that_refuses_new_connections_refuses_those_that_are_open_as_well(tmp_path: Path) -> None:
    sent = [one for port in PORTS for one in (*opened(port, port - 40000), *refused(port, 1000))]
    for port in (40010, 40012):
        sent.append(Sent(port - 39000, True, "S", 99, 0, port=port, crosses=False))
        sent.append(Sent(port - 39018, False, "R.", 0, 100, port=port, is_made=True))
    (told,) = told_of(tmp_path, sent, "D18")
    assert (told.count, told.fault) == (3, Fault.PATH)
    assert "a device on the way refuses all of it, by a rule" in told.explanation
    assert not told_of(tmp_path, sent, "D07")


def test_resets_alone_are_no_second_host(tmp_path: Path) -> None:
    sent = [one for port in PORTS for one in (*opened(port, port - 40000), *refused(port, 1000))]
    assert not told_of(tmp_path, sent, "D43")


@pytest.mark.parametrize(
    ("at_ms", "diagnosis", "words"), [(120, "D18", "refuses it"), (1000, "D07", "no longer knows")]
)
def test_nothing_is_forgotten_that_passed_just_before(
    at_ms: int, diagnosis: str, words: str, tmp_path: Path
) -> None:
    (told,) = told_of(tmp_path, [*opened(40000), *refused(40000, at_ms)], diagnosis)
    assert words in told.explanation


def proxied(port: int) -> list[Sent]:
    """Return how a proxy opens a connection: it answers with a window of zero, and asks the server then.

    Both captures hold another connection before and after it.
    """
    return [
        *opened(39996, -500),
        *opened(39998, 8000),
        Sent(0, True, "S", 99, 0, port=port, late_ms=30),
        Sent(0, False, "S.", 299, 100, port=port, is_made=True, window=0),
        Sent(25, True, ".", 100, 300, port=port, crosses=False),
    ]


def test_a_refusal_that_a_proxy_passes_on_is_not_made_up(tmp_path: Path) -> None:
    refusal = [
        Sent(51, False, "R.", 0, 100, port=40000, crosses=False),
        Sent(52, False, "R.", 300, 100, port=40000, is_made=True),
    ]
    sent = [*proxied(40000), *refusal]
    assert not told_of(tmp_path, sent, "D18")
    (told,) = told_of(tmp_path, sent, "D44")
    assert told.confidence is Confidence.CERTAIN
    assert "and let the SYN itself pass" in told.explanation


def test_a_server_that_a_proxy_asks_in_vain_knows_of_no_connection(tmp_path: Path) -> None:
    probes = [Sent(at, True, ".", 99, 300, port=40000, crosses=False) for at in (300, 700, 1500, 3100)]
    (told,) = told_of(tmp_path, [*proxied(40000), *probes], "D44")
    assert told.fault is Fault.SERVER
    assert "knows of no connection" in told.explanation
    assert not told_of(tmp_path, [*proxied(40000), *probes], "D09")


def test_a_tap_that_missed_others_may_have_missed_who_answered(tmp_path: Path) -> None:
    syn, answer, *others = opened(40000)
    sent = [syn, answer._replace(is_made=True)]
    sent += [one._replace(crosses=False) if one.from_client else one._replace(is_made=True) for one in others]
    for missed, confidence in ((False, Confidence.CERTAIN), (True, Confidence.LIKELY)):
        first, *rest = opened(40002, 500)
        (told,) = told_of(tmp_path, [*sent, first._replace(crosses=not missed), *rest], "D44")
        assert told.confidence is confidence


def test_a_raised_mss_is_named_as_what_loses_large_segments(tmp_path: Path) -> None:
    first, second, *_ = opened(40000)
    second = second._replace(options=mss(1360), changed=mss(1460))
    data = [Sent(at, True, "P.", 100, 300, 1460, crosses=False) for at in (43, 243, 643, 1443, 3043, 6243)]
    sent = [first._replace(options=mss(1460)), second, Sent(42, True, ".", 100, 300), *data]
    (told,) = told_of(tmp_path, sent, "D24")
    assert "raised the MSS" in told.explanation
    assert "from 1,360 to 1,460" in told.explanation
    assert "up to 1460 bytes" in told.explanation


def test_much_that_is_sent_again_was_lost_between_the_points(tmp_path: Path) -> None:
    first, second, *_ = opened(40000)
    sent = [first, second, Sent(42, True, ".", 100, 300)]
    for place in range(60):
        at, seq = 100 + 50 * place, 100 + 1000 * place
        is_lost = place % 4 == 1
        sent.append(Sent(at, True, "P.", seq, 300, 1000, crosses=not is_lost))
        if is_lost:
            sent.append(Sent(at + 30, True, "P.", seq, 300, 1000))
        sent.append(Sent(at + 21 + 30 * is_lost, False, ".", 300, seq + 1000))
    (told,) = told_of(tmp_path, sent, "D57")
    assert (told.fault, told.confidence) == (Fault.PATH, Confidence.CERTAIN)
    assert "15 of the 75 segments" in told.explanation


def test_an_overtaken_segment_is_not_lost_even_if_sent_again(tmp_path: Path) -> None:
    first, second, *_ = opened(40000)
    sent = [first, second, Sent(42, True, ".", 100, 300)]
    for place in range(80):
        since, at = 100 + 60 * (place // 4), 2 * (place % 4)
        is_late = place % 4 == 1
        seq = 100 + 1000 * place
        sent.append(Sent(since + at, True, "P.", seq, 300, 1000, late_ms=10 * is_late))
        if is_late:
            sent.append(Sent(since + 45, True, "P.", seq, 300, 1000))
            sent.append(Sent(since + 33, False, ".", 300, seq + 3000))
    (told,) = told_of(tmp_path, sent, "D61")
    assert (told.fault, told.confidence) == (Fault.PATH, Confidence.LIKELY)
    assert "nothing was lost: all 100 segments arrived, 20 of them overtaken" in told.explanation
    assert not told_of(tmp_path, sent, "D57")


def split(port: int, apart_ms: int) -> list[Sent]:
    """Return a connection that ends at a proxy, and the one that the proxy opens so much later.

    Both captures hold another connection before and after it.
    """
    near = [
        *opened(39996, -500),
        *opened(39998, 80_000),
        Sent(0, True, "S", 99, 0, port=port, crosses=False, options=timestamps(1000, 0)),
        Sent(0, False, "S.", 299, 100, port=port, is_made=True),
        Sent(21, True, ".", 100, 300, port=port, crosses=False),
        Sent(22, True, "P.", 100, 300, 40, port=port, crosses=False),
        Sent(230, False, ".", 300, 140, port=port, is_made=True),
        *(Sent(at, True, "P.", 140, 300, 40, port=port, crosses=False) for at in (300, 600, 1200, 2400)),
    ]
    far = [
        Sent(apart_ms, True, "S", 7099, 0, port=port, is_made=True, options=timestamps(5000, 0)),
        Sent(apart_ms + 21, False, "S.", 8299, 7100, port=port, crosses=False),
        Sent(apart_ms + 22, True, ".", 7100, 8300, port=port, is_made=True),
        Sent(apart_ms + 23, True, "P.", 7100, 8300, 40, port=port, is_made=True),
        Sent(apart_ms + 44, False, ".", 8300, 7140, port=port, crosses=False),
    ]
    return [*near, *far]


def test_one_name_at_both_points_with_other_numbers_is_a_proxy_that_ends_connections(tmp_path: Path) -> None:
    sent = list({one for port in PORTS for one in split(port, 60)})
    (told,) = told_of(tmp_path, sent, "D44")
    assert (told.count, told.confidence) == (3, Confidence.LIKELY)
    for half_open in told_of(tmp_path, sent, "D09"):
        assert "was lost between" not in half_open.explanation


@pytest.mark.parametrize(("ports", "apart_ms"), [(PORTS, 60_000), (PORTS[:1], 60)])
def test_ports_that_are_used_again_are_no_proxy(
    ports: tuple[int, ...], apart_ms: int, tmp_path: Path
) -> None:
    assert not told_of(tmp_path, list({one for port in ports for one in split(port, apart_ms)}), "D44")


@pytest.mark.parametrize(
    ("crosses", "words"), [(True, "was under way for 1.1 s"), (False, "was lost between")]
)
def test_a_syn_that_came_late_was_not_lost(*, crosses: bool, words: str, tmp_path: Path) -> None:
    sent = [
        *opened(39998, -500),
        Sent(0, True, "S", 99, 0, crosses=crosses, late_ms=1080),
        Sent(1000, True, "S", 99, 0, late_ms=80),
        Sent(1101, False, "S.", 299, 100),
        Sent(1122, True, ".", 100, 300),
        Sent(1123, True, "P.", 100, 300, 40),
        Sent(1144, False, ".", 300, 140),
    ]
    (told,) = told_of(tmp_path, sent, "D34")
    assert (told.fault, told.confidence) == (Fault.PATH, Confidence.CERTAIN)
    assert words in told.explanation
    assert ("unanswered" in told.explanation) is not crosses


def test_a_server_that_cannot_send_its_answer_is_asked_for_its_way_back(tmp_path: Path) -> None:
    syns = [Sent(at, True, "S", 99, 0, port=40002) for at in (0, 1000, 3000, 7000)]
    (told,) = told_of(tmp_path, [*opened(40000), *syns], "D01")
    assert told.fault is Fault.SERVER
    assert "its way back to 10.1.0.1" in told.advice


def relayed(port: int, at_ms: int) -> list[Sent]:
    """Return a connection that a proxy between the taps opens and resets, once it has its answer."""
    return [
        Sent(at_ms, True, "S", 99, 0, port=port, is_made=True),
        Sent(at_ms + 21, False, "S.", 299, 100, port=port, crosses=False),
        Sent(at_ms + 22, True, ".", 100, 300, port=port, is_made=True),
        Sent(at_ms + 23, True, "P.", 100, 300, 40, port=port, is_made=True),
        Sent(at_ms + 60, False, "P.", 300, 140, 40, port=port, crosses=False),
        Sent(at_ms + 61, True, "R.", 140, 340, port=port, is_made=True),
    ]


def test_a_reset_of_a_proxy_is_its_own(tmp_path: Path) -> None:
    """Every segment of that client at the far tap is made by the proxy, and not the reset alone."""
    shared = [*opened(39998, -500), *opened(39996, 8000)]
    sent = [*shared, *(one for port in PORTS for one in relayed(port, port - 40000))]
    for wrong in ("D07", "D08", "D18", "D28"):
        assert not told_of(tmp_path, sent, wrong)
    resets = [one for one in sent if one.port in (39998, 39996) or "R" not in one.flags]
    made = Sent(5000, True, "R.", 140, 340, port=39998, is_made=True)
    assert told_of(tmp_path, [*resets, made], "D18")


def ended_between(port: int, at_ms: int) -> list[Sent]:
    """Return a connection that a proxy between the taps takes for itself, and resets."""
    return [
        Sent(at_ms, True, "S", 99, 0, port=port, crosses=False),
        Sent(at_ms, False, "S.", 299, 100, port=port, is_made=True),
        Sent(at_ms + 25, True, ".", 100, 300, port=port, crosses=False),
        Sent(at_ms + 26, True, "P.", 100, 300, 40, port=port, crosses=False),
        Sent(at_ms + 30, False, "R.", 300, 140, port=port, is_made=True),
    ]


def test_a_proxy_that_takes_connections_for_itself_is_no_second_host(tmp_path: Path) -> None:
    near = [one for port in PORTS for one in ended_between(port, port - 40000)]
    sent = [*near, *relayed(49000, -5000), *relayed(49002, 5000)]
    for wrong in ("D07", "D18", "D43"):
        assert not told_of(tmp_path, sent, wrong)


def test_waits_are_as_long_for_two_taps_as_for_one(tmp_path: Path) -> None:
    """The client's tap tells how long it waited, and how much of that is the way."""
    sent = [
        one if one.from_client or "P" not in one.flags else one._replace(at_ms=one.at_ms + 2000)
        for port in PORTS
        for one in opened(port, 10_000 * (port - 40000))
    ]
    sent = [one._replace(at_ms=one.at_ms + 2000) if one.seq == 140 else one for one in sent]
    (told,) = told_of(tmp_path, sent, "D49")
    assert (told.count, told.fault) == (3, Fault.SERVER)
    assert (
        "95 % of that for the server to make them, 2 s on the average, and 5 % for the network"
        in told.explanation
    )


@pytest.mark.parametrize(("asks", "diagnosis"), [(5, "D44"), (2, "D43")])
def test_a_proxy_that_asks_the_server_from_ports_of_its_own(
    asks: int, diagnosis: str, tmp_path: Path
) -> None:
    sent = [*opened(39996, -500), *opened(39998, 20_000)]
    for number in range(5):
        port, at_ms = 40000 + number, 3000 * number
        sent += [
            Sent(at_ms, True, "S", 99, 0, port=port, crosses=False),
            Sent(at_ms, False, "S.", 299, 100, port=port, is_made=True),
            Sent(at_ms + 25, True, ".", 100, 300, port=port, crosses=False),
            Sent(at_ms + 25, False, "R", 300, 0, port=port, is_made=True),
        ]
        if number < asks:
            sent += [
                Sent(at_ms + 5, True, "S", 700, 0, port=port + 9000, is_made=True),
                Sent(at_ms + 26, False, "S.", 800, 701, port=port + 9000, crosses=False),
            ]
    (told,) = told_of(tmp_path, sent, diagnosis)
    assert (told.count, told.confidence) == (5, Confidence.LIKELY)
