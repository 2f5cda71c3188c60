"""D10, D11, D13, D14, D15: where connections get stuck on the way out."""

from pathlib import Path

import pytest

from tests.diagnosis import played
from tests.diagnosis.builders import T0, Analysed, Look, analysed, capture, found, look, step
from tests.field.talk import GREETING, Wire
from wirestat.diagnosis import diagnose
from wirestat.model import Confidence, Fault, Severity, Side, State
from wirestat.timers import DAY, LINUX, SECOND

LEAK = look(
    "client:fin-sent",
    "client:fin-wait2-held",
    "server:close-wait-held",
    client=State.FIN_WAIT2,
    server=State.CLOSE_WAIT,
    steps=(step(Side.SERVER, State.ESTABLISHED, State.CLOSE_WAIT, 5),),
)
WAITING = look("client:fin-sent", "client:fin-wait2-held", client=State.FIN_WAIT2, server=State.UNKNOWN)
UNHEARD = look("client:fin-sent", "client:fin-resent", client=State.FIN_WAIT1, server=State.ESTABLISHED)
LAST = look(
    "client:fin-sent",
    "server:fin-sent",
    "server:fin-resent-after-ack",
    client=State.TIME_WAIT,
    server=State.LAST_ACK,
)
NORMAL = look("client:fin-sent", "server:fin-sent", client=State.TIME_WAIT, server=State.CLOSED)


def test_a_normal_close_is_no_finding() -> None:
    assert found(NORMAL) == {}
    assert found(NORMAL.also("client:sent-data", "server:sent-data", "client:data-resent")) == {}


def test_close_wait_held() -> None:
    findings = found(LEAK)
    assert findings.keys() == {"D10"}
    finding = findings["D10"]
    assert finding.fault is Fault.SERVER
    assert finding.explanation.startswith("Server 10.0.0.2:80 has been in CLOSE_WAIT for at least 9 min 58 s")
    assert finding.frames == (5, 12)
    assert "10.0.0.2$ ss -tnop state close-wait '( sport = :80 )'" in finding.advice


def test_a_half_close_in_use_is_information() -> None:
    assert found(LEAK.also("server:data-after-peer-fin"))["D10"].severity is Severity.INFO


def test_close_wait_that_ended() -> None:
    late = look(
        "client:fin-sent",
        "server:close-wait-held",
        "server:fin-sent",
        client=State.TIME_WAIT,
        server=State.CLOSED,
    )
    assert found(late)["D10"].severity is Severity.NOTE


def test_close_wait_means_less_in_a_capture_that_drops() -> None:
    assert found(LEAK, dropped=1)["D10"].confidence is Confidence.LIKELY


def test_fin_wait2_held() -> None:
    findings = found(WAITING)
    assert findings.keys() == {"D11"}
    assert findings["D11"].fault is Fault.SERVER


def test_fin_wait2_means_little_in_one_direction() -> None:
    assert found(WAITING.also("one-way"))["D11"].confidence is Confidence.POSSIBLE


def test_fin_unanswered() -> None:
    findings = found(UNHEARD)
    assert findings.keys() == {"D13"}
    assert findings["D13"].fault is Fault.PATH


def test_a_fin_resent_at_once_has_not_been_waited_for() -> None:
    at_once = step(Side.CLIENT, State.ESTABLISHED, State.FIN_WAIT1, 20)
    assert found(UNHEARD._replace(steps=(at_once,))) == {}


def test_fin_resent_and_then_acknowledged_is_no_finding() -> None:
    assert (
        found(look("client:fin-sent", "client:fin-resent", client=State.FIN_WAIT2, server=State.CLOSE_WAIT))
        == {}
    )


def test_fin_unanswered_means_little_in_one_direction() -> None:
    assert found(UNHEARD.also("one-way"))["D13"].confidence is Confidence.POSSIBLE


def test_last_ack_lost() -> None:
    findings = found(LAST)
    assert findings.keys() == {"D14"}
    assert findings["D14"].confidence is Confidence.CERTAIN
    assert "Server 10.0.0.2:80 is left in LAST_ACK" in findings["D14"].explanation


def test_one_lost_fin_that_was_repaired_is_no_finding() -> None:
    assert found(NORMAL.also("server:fin-resent")) == {}


def test_one_lost_last_ack_that_was_repaired_is_information() -> None:
    findings = found(NORMAL.also("server:fin-resent-after-ack"))
    assert findings.keys() == {"D14"}
    assert findings["D14"].severity is Severity.INFO


def test_last_ack_lost_for_good() -> None:
    given_up = NORMAL.also("server:fin-resent", "server:fin-retries-used-up")
    assert found(given_up).keys() == {"D14"}


def test_last_ack_lost_means_less_where_frames_are_doubled() -> None:
    assert found(LAST.also("frames-duplicated"))["D14"].confidence is Confidence.LIKELY


AT_ONE_INSTANT = {"client:fin-sent": 11, "server:fin-sent": 11}


def test_simultaneous_close() -> None:
    both = look(
        "simultaneous-close",
        "client:fin-sent",
        "server:fin-sent",
        client=State.TIME_WAIT,
        server=State.TIME_WAIT,
        steps=tuple(step(side, State.ESTABLISHED, State.FIN_WAIT1, 11 + n) for n, side in enumerate(Side)),
        frame_of=AT_ONE_INSTANT,
    )
    findings = found(both)
    assert findings.keys() == {"D15"}
    assert findings["D15"].severity is Severity.INFO
    assert found(both.also("reordered-by-tap"))["D15"].confidence is Confidence.LIKELY


def test_data_with_the_fin_that_comes_again_is_a_fin_unanswered() -> None:
    both = look(
        "server:fin-sent",
        "server:fin-resent",
        server=State.FIN_WAIT1,
        server_end={"unacknowledged_bytes": 31, "retransmitted_frames": 4},
        client_end={"last_time_ns": T0},
    )
    assert found(both).keys() == {"D13"}


def test_close_wait_of_which_nothing_is_seen_for_days_is_not_said_to_last() -> None:
    finding = next(one for one in diagnose(Late(LEAK)) if one.id == "D10")
    assert "was in CLOSE_WAIT when it was last seen, 3 d before the capture ends" in finding.explanation
    assert finding.confidence is Confidence.LIKELY


def test_a_fin_behind_a_hole_is_not_unanswered_for_itself() -> None:
    assert "D13" not in found(UNHEARD.also("one-way", "client:data-resent"))


class Late(Analysed):
    """An analysis that ends three days after all that it holds."""

    def __init__(self, *looks: Look) -> None:
        super().__init__(looks, (capture(),), (), LINUX)
        self.now_ns = T0 + 20 * SECOND + 3 * DAY


@pytest.mark.parametrize(("number", "is_short"), [(102, True), (101, False)])
def test_a_fin_behind_a_byte_that_never_comes(tmp_path: Path, number: int, *, is_short: bool) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.8:40000", "10.0.0.9:1883", stamps=False).play(GREETING)
        for at in (1.0, 1.5, 2.5, 4.5):
            talk.play(
                f"{at} > F. seq={number}\n{at + 0.001} < . ack=101" if is_short else f"{at} > F. seq={number}"
            )

    finding = played.told(tmp_path, play)["D13"]
    assert ("acknowledges 1 byte less than lie before that FIN" in finding.explanation) == is_short
    assert (finding.fault is Fault.CLIENT) == is_short


def test_fins_in_a_capture_whose_time_runs_backward_need_not_have_crossed() -> None:
    crossed = look("simultaneous-close", "client:fin-sent", "server:fin-sent", frame_of=AT_ONE_INSTANT)
    ordered, not_ordered = (analysed(crossed, captures=(capture(backward_steps=n),)) for n in (0, 3))
    assert "D15" in {one.id for one in diagnose(ordered)}
    assert "D15" not in {one.id for one in diagnose(not_ordered)}


@pytest.mark.parametrize(("slept", "copies", "is_told"), [(300, 6, True), (300, 1, False), (70, 6, False)])
def test_who_heard_nothing_of_a_close_writes_on(
    tmp_path: Path, slept: float, copies: int, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:5432").play(GREETING)
        talk.play("65 < F.")
        for number in range(copies):
            talk.play(f"{65 + 0.1 * 2 ** (number + 1)} < F. again")
        talk.play(f"{slept} > P. 80 ack=301\n{slept + 0.0003} < R seq=301")

    finding = played.told(tmp_path, play).get("D13")
    assert (finding is not None) == is_told
    if finding:
        assert "heard nothing of the close" in finding.explanation
        assert finding.fault is Fault.UNDECIDED


@pytest.mark.parametrize(
    ("others", "is_awake"),
    [(("10.0.0.9", 100.0), True), (("10.0.0.8", 100.0), False), (("10.0.0.9", 299.5), False)],
    ids=["of-this-host", "of-another", "as-it-awoke"],
)
def test_a_host_that_connects_elsewhere_meanwhile_was_awake(
    tmp_path: Path, others: tuple[str, float], *, is_awake: bool
) -> None:
    """A device whose one connection is cut off on the way, as its heartbeats that are missed tell the broker."""
    address, at = others

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:1883").play(GREETING)
        talk.play("65 < F.")
        for number in range(6):
            talk.play(f"{65 + 0.1 * 2 ** (number + 1)} < F. again")
        talk.play("300 > P. 80 ack=301\n300.0003 < R seq=301")
        wire.talk(f"{address}:40001", "10.0.0.2:1883", at=at).play(GREETING)

    finding = played.told(tmp_path, play)["D13"]
    assert ("opened 1 other connection: the host was awake" in finding.explanation) is is_awake
    assert finding.fault is (Fault.PATH if is_awake else Fault.UNDECIDED)


_COPIES = "60.3 > F. again\n60.9 > F. again\n62.1 > F. again\n64.5 > F. again"


@pytest.mark.parametrize(
    ("before", "last_ack", "left"),
    [
        (
            "0 > P. 80\n0.01 < P. 300\n0.02 > .\n60 > F.",
            "ruled out, the other end has not closed",
            "FIN_WAIT1.",
        ),
        ("60 > F. seq=900 ack=700", "open, nothing of the other end", "FIN_WAIT1 or LAST_ACK."),
        (
            "0 > P. 80\n0.01 < P. 300 lost\n0.02 < P. 50\n0.03 > .\n60 > F.",
            "open, 300 bytes of the",
            "FIN_WAIT1.",
        ),
    ],
    ids=["all captured", "not heard", "a part is missing"],
)
def test_a_last_ack_is_ruled_out_only_where_the_other_stream_is_whole(
    tmp_path: Path, before: str, last_ack: str, left: str
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:5432")
        if not before.startswith("60"):
            talk.play(GREETING, at=-1)
        talk.play(before).play(_COPIES)

    finding = played.told(tmp_path, play)["D13"]
    assert any(rival.startswith(f"the last ACK is lost (D14): {last_ack}") for rival in finding.rivals)
    assert f"It is left in {left}" in finding.explanation


def test_a_reset_of_what_comes_after_the_last_ack_gives_up_no_fin(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:5432").play(GREETING)
        talk.play("5 > F.\n5.001 < .\n5.002 < F.\n8 < F. again\n8.001 > . ack=302\n8.2 > P. 80\n8.201 < R")

    assert "D13" not in played.told(tmp_path, play)


@pytest.mark.parametrize(
    ("second", "again", "confidence"),
    [
        (5.0005, "", Confidence.CERTAIN),
        (5.010, "", Confidence.LIKELY),
        (5.0005, "5.3 < F. seq=301 ack=102\n", Confidence.LIKELY),
    ],
)
def test_fins_have_crossed_for_certain_within_the_time_on_the_way(
    tmp_path: Path, second: float, again: str, confidence: Confidence
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:5432").play(GREETING)
        talk.play(f"5 < F.\n{second} > F. ack=301\n5.02 < . ack=102\n{again}5.4 > . ack=302")

    assert played.told(tmp_path, play)["D15"].confidence is confidence


@pytest.mark.parametrize(("later", "is_open"), [("5.11 < P. 10", False), ("5.11 > .\n7.5 < P. 10", True)])
def test_who_takes_data_after_its_fin_may_have_meant_a_half_close(
    tmp_path: Path, later: str, *, is_open: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:5432").play(GREETING)
        at = 7.501 if is_open else 5.111
        talk.play(f"5 > F.\n5.001 < .\n5.1 < P. 40\n{later}\n{at} > R")

    finding = played.told(tmp_path, play)["D12"]
    assert (finding.confidence is Confidence.LIKELY) == is_open
    assert ("open" in finding.rivals[0]) == is_open


@pytest.mark.parametrize(("reset", "is_sure"), [("R. ack=362", True), ("R", False)])
def test_a_reset_that_acknowledges_what_was_under_way_answers_that(
    tmp_path: Path, reset: str, *, is_sure: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:5432").play(GREETING)
        talk.play(
            f"5 > F.\n5.001 < . {'61 ack=101' if is_sure else ''}\n5.002 > {reset}\n5.003 < P. 40 ack=102"
        )

    finding = played.told(tmp_path, play)["D12"]
    assert any("comes after the reset" in doubt for doubt in finding.doubts) != is_sure
