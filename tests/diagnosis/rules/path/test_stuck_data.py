"""D23, D24: an established connection that does not get its data across."""

from pathlib import Path

import pytest

from tests.diagnosis.builders import T0, Look, found, look
from tests.diagnosis.played import told
from tests.field.company import in_vxlan
from tests.field.talk import HANDSHAKE, Wire
from wirestat.model import Confidence, Fault, Finding, Severity
from wirestat.timers import SECOND

STALLED = look(
    "client:zero-window",
    "client:zero-window-held",
    "server:window-probe-sent",
    "server:data-resent-unanswered",
    figures={"client:zero-window-held": 45 * SECOND},
    server_end={"unacknowledged_bytes": 1460},
)
BLACK_HOLE = look(
    "server:data-resent",
    "server:data-resent-unanswered",
    "server:full-size-resent-only",
    server_end={"unacknowledged_bytes": 2920, "bytes": 10_220, "retransmitted_bytes": 7300},
)


def test_zero_window_stall() -> None:
    findings = found(STALLED)
    assert findings.keys() == {"D23"}
    assert findings["D23"].fault is Fault.CLIENT
    assert "kept its receive window at zero for 45 s" in findings["D23"].explanation


def test_a_window_that_was_shut_for_a_moment_is_no_finding() -> None:
    assert found(look("client:zero-window")) == {}


def test_a_window_of_zero_is_zero_at_any_scale() -> None:
    assert found(STALLED.also("mid-stream"))["D23"].confidence is Confidence.CERTAIN


def test_mtu_black_hole() -> None:
    findings = found(BLACK_HOLE)
    assert findings.keys() == {"D24"}
    assert "resends segments of up to 1460 bytes in vain" in findings["D24"].explanation
    assert "ping -4 -M do -s 1472 -c 3 10.0.0.1" in findings["D24"].advice


def test_a_dead_end_in_the_middle_of_a_transfer_is_no_black_hole() -> None:
    dead = {"last_time_ns": T0}
    changes = {"server_end": {"unacknowledged_bytes": 2920, "bytes": 900_000}, "client_end": dead}
    passed = BLACK_HOLE._replace(changes=changes)
    assert found(passed).keys() == {"D09"}


def test_plain_loss_that_was_repaired_is_no_black_hole() -> None:
    assert found(BLACK_HOLE._replace(changes={})) == {}


def test_black_hole_means_less_in_a_capture_that_drops() -> None:
    assert found(BLACK_HOLE, dropped=3)["D24"].confidence is Confidence.POSSIBLE


def test_a_window_that_is_still_shut_at_the_end_is_worth_a_note() -> None:
    shut = look("client:zero-window", "server:window-probe-sent", client_end={"window": 0})
    finding = found(shut)["D23"]
    assert finding.severity is Severity.NOTE
    assert (
        "a receive window of zero in the end, as it had for the first time 10 s before" in finding.explanation
    )
    assert finding.confidence is not Confidence.CERTAIN


def test_a_window_shut_for_a_moment_is_not() -> None:
    def shut_in(frame: int) -> Look:
        facts = ("client:zero-window", "server:window-probe-sent")
        return look(*facts, client_end={"window": 0}, frame_of={"client:zero-window": frame})

    assert "D23" in found(shut_in(18))
    assert "D23" not in found(shut_in(19))


def large_ones_are_lost(tmp_path: Path, trip: float, farewell: str, *, in_tunnel: bool = False) -> set[str]:
    """Play an answer of which the large segments are resent; the handshake tells where the tap is."""
    lines = f"""
        0 > S
        {0.02 - trip} < S.
        0.02 > .
        0.021 > P. 200
        {0.041 - trip} < . ack=201
        0.05 < . 1460
        {farewell}
    """
    resent = "\n".join(f"{1 + 2**n} < . 1460 seq=1 ack=201" for n in range(5))

    def play(wire: Wire) -> None:
        wire.talk("10.0.0.9:39000", "10.0.0.2:443").play(f"{lines.strip()}\n{resent}")
        if in_tunnel:
            in_vxlan(wire, 7)

    return set(told(tmp_path, play))


def test_what_arrives_at_the_tap_beside_its_receiver_has_passed(tmp_path: Path) -> None:
    assert "D24" in large_ones_are_lost(tmp_path, 0.019, "")  # the tap is at the server
    assert "D24" not in large_ones_are_lost(tmp_path, 0, "")


def test_what_is_still_in_its_tunnel_has_not_arrived(tmp_path: Path) -> None:
    assert "D24" in large_ones_are_lost(tmp_path, 0, "", in_tunnel=True)


def test_what_comes_after_the_receiver_has_reset_is_no_black_hole(tmp_path: Path) -> None:
    assert "D24" not in large_ones_are_lost(tmp_path, 0.019, "0.051 > R. seq=201 ack=1")


def test_a_window_that_is_too_small_for_a_segment() -> None:
    cramped = look(
        "client:sent-data",
        "client:waited-for-window",
        figures={"client:waited-for-window": 21 * SECOND},
    )
    finding = found(cramped)["D23"]
    assert (finding.severity, finding.fault) == (Severity.NOTE, Fault.SERVER)
    assert "client 10.0.0.1:40001 waited 21 s in all" in finding.explanation


def test_a_window_that_was_shut_for_little_of_its_life_is_none() -> None:
    often = look("client:sent-data", "server:zero-window", "server:zero-window-often")
    brief = often._replace(figures={"server:zero-window-often": 2 * SECOND})
    long = often._replace(figures={"server:zero-window-often": 12 * SECOND})
    assert "D23" not in found(brief)
    assert "had its receive window shut for 12 s" in found(long)["D23"].explanation
    assert found(long)["D23"].severity is Severity.WARNING


def test_a_window_that_was_shut_for_some_seconds_is_worth_a_note() -> None:
    often = look("client:sent-data", "server:zero-window", "server:zero-window-often")
    finding = found(often._replace(figures={"server:zero-window-often": 7 * SECOND}))["D23"]
    assert (finding.severity, finding.fault) == (Severity.NOTE, Fault.SERVER)


NARROW = """
0 > S
0.001 < S. mss=1160
0.0011 > .
0.002 > P. 100
0.004 < P. 300
0.0041 > .
0.1 > . 1148
0.31 > . 1148 seq=101
0.74 > . 1148 seq=101
1.6 > . 1148 seq=101
"""
SMALLER = "3.3 > . 700 seq=101\n3.301 < . ack=801\n3.302 > P. 448 seq=801\n3.303 < ."


def narrow(tmp_path: Path, last: str, *others: float, client: str = "10.0.0.9") -> dict[str, Finding]:
    """Play an upload whose full segments vanish three times; ``last`` comes then, on ``others`` so much later."""

    def play(wire: Wire) -> None:
        for number, at in enumerate((0.0, *others)):
            host = client if number else "10.0.0.9"
            wire.talk(f"{host}:{39_000 + number}", "10.0.0.2:873", at=at).play(f"{NARROW.strip()}\n{last}")

    return told(tmp_path, play)


def test_a_sender_that_tries_smaller_segments_has_found_a_narrow_path(tmp_path: Path) -> None:
    finding = narrow(tmp_path, SMALLER)["D24"]
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.POSSIBLE)
    assert "(MSS 1160) in vain for 2.99 s, then the same in segments of 700 bytes" in finding.explanation


def test_no_outage_lets_others_through_meanwhile(tmp_path: Path) -> None:
    apart = narrow(tmp_path, SMALLER, 9.0)["D24"]
    assert apart.confidence is Confidence.POSSIBLE
    of_another = narrow(tmp_path, SMALLER, 1.0, client="10.0.3.9")["D24"]
    assert of_another.confidence is Confidence.POSSIBLE  # on its own way, another host is no witness
    overlapping = narrow(tmp_path, SMALLER, 1.0)["D24"]
    assert (overlapping.confidence, overlapping.count) == (Confidence.LIKELY, 2)


def test_a_full_segment_that_arrives_at_last_was_lost(tmp_path: Path) -> None:
    assert "D24" not in narrow(tmp_path, "3.3 > . 1148 seq=101\n3.301 < . ack=1249")


def test_a_full_segment_is_as_long_as_the_smaller_mss(tmp_path: Path) -> None:
    lines = "3.3 > . 1148 seq=101\n6.7 > . 1148 seq=101\n6.8 < P. 40 ack=101\n13.2 > . 1148 seq=101 ack=341"
    assert "up to 1148 bytes" in narrow(tmp_path, lines)["D24"].explanation


def test_answers_of_which_only_the_small_end_comes() -> None:
    hole = look(
        "client:sent-data",
        "server:sent-data",
        "server:hole-not-filled",
        figures={"server:hole-not-filled": 2920},
        server_end={"bytes": 700, "unacknowledged_bytes": 3220},
    )
    finding = found(hole)["D24"]
    assert (finding.confidence, finding.fault) == (Confidence.POSSIBLE, Fault.PATH)
    assert "sent 2,920 bytes that neither came as far as the tap nor were acknowledged" in finding.explanation
    assert "D24" not in found(hole._replace(figures={"server:hole-not-filled": 600}))


def test_large_segments_of_others_tell_of_several_ways(tmp_path: Path) -> None:
    def play(wire: Wire, *, client: str) -> None:
        wire.talk("10.0.0.9:39000", "10.0.0.2:873").play(f"{NARROW.strip()}\n3.3 > . 1148 seq=101")
        large = "\n".join(f"{0.1 + at / 100} > . 1148\n{0.105 + at / 100} < ." for at in range(60))
        opening = NARROW.strip().split("\n0.1 ")[0]
        wire.talk(f"{client}:39001", "10.0.0.2:873", at=0.5).play(f"{opening}\n{large}")

    beside = "1 other transfer between these hosts got large segments through"
    assert beside in told(tmp_path, lambda wire: play(wire, client="10.0.0.9"))["D24"].explanation
    assert beside not in told(tmp_path, lambda wire: play(wire, client="10.0.3.9"))["D24"].explanation


@pytest.mark.parametrize(("until", "is_gone"), [(8.0, True), (5.5, False)], ids=["long-ago", "just-now"])
def test_a_probe_has_to_be_given_time_for_an_answer(tmp_path: Path, until: float, *, is_gone: bool) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:80").play(HANDSHAKE)
        talk.play("0.01 > . 1448\n0.0101 > P. 1000\n0.02 < . win=0\n5 > . seq=2448")
        wire.talk("10.0.0.1:40001", "10.0.0.3:80", at=until).play(HANDSHAKE)

    assert ("has not been heard" in told(tmp_path, play)["D23"].explanation) == is_gone


@pytest.mark.parametrize(("room", "times", "is_told"), [(40, 10, True), (40, 9, False), (1460, 12, False)])
def test_a_window_that_opens_by_a_few_bytes_is_silly(
    tmp_path: Path, room: int, times: int, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:9100", stamps=False, server_scale=None)
        talk.play(HANDSHAKE).play("0.01 > P. 1460\n0.012 < . win=0")
        for number in range(times):
            at = 0.05 + 0.04 * number
            talk.play(f"{at} < . win={room}\n{at + 0.001} > . {room}\n{at + 0.002} < . win=0")

    finding = told(tmp_path, play).get("D23")
    assert (
        finding is not None and f"by less than a segment, {times} times" in finding.explanation
    ) == is_told


SHUT = HANDSHAKE + "0.1 > P. 1000\n0.2 < . win=0 ack=1"
"""A window that shuts while data are under way."""
_COPIES = (0.4, 1.0, 2.2, 4.6, 9.4, 19.0, 38.2)


@pytest.mark.parametrize("answered", [True, False])
def test_copies_that_a_shut_window_answers_are_no_matter_of_size(tmp_path: Path, answered: bool) -> None:
    """Linux sends data again that were under way when the window shut (netdev, retransmission on a shut window)."""
    copies = "".join(
        f"\n{at} > P. 1000 again" + (f"\n{at + 0.1} < . win=0 ack=1" if answered else "") for at in _COPIES
    )
    findings = told(
        tmp_path,
        lambda wire: wire.talk("10.0.0.1:40000", "10.0.0.2:80", client_mss=1000, server_mss=1000).play(
            SHUT + copies
        ),
    )
    assert findings.keys() == {"D23"}
    assert ("dead end" in str(findings["D23"].doubts)) != answered


@pytest.mark.parametrize(
    ("size", "lives", "id"), [(3968, True, "D24"), (300, True, "D09"), (3968, False, "D09")]
)
def test_large_segments_that_never_arrive_need_not_be_full(
    tmp_path: Path, size: int, lives: bool, id: str
) -> None:
    """With an MSS of 8,960, as between hosts of which one has left jumbo frames (linux-nfs)."""
    lines = (
        HANDSHAKE
        + "0.1 > P. 200\n0.11 < ."
        + "".join(f"\n{at} < P. {size}{' again' if at > _COPIES[0] else ''}" for at in _COPIES)
    )
    if lives:
        lines += "\n60 > . seq=200 ack=1\n60.01 < ."
    findings = told(
        tmp_path,
        lambda wire: wire.talk("10.0.0.1:40000", "10.0.0.2:80", client_mss=8960, server_mss=8960).play(lines),
    )
    assert {"D09", "D24"} & findings.keys() == {id}
    lives_without = "it lives, and they do not arrive there" in str(findings.get("D09"))
    assert lives_without == (lives and id == "D09")
    if id == "D24":
        assert findings["D24"].confidence is Confidence.POSSIBLE
        assert "-s 3980 -c 3" in findings["D24"].advice
