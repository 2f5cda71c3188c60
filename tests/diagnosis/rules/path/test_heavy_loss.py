"""D57: transfers of which a good part has to be sent again."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Wire
from wirestat.model import Severity


def upload(every: int, copies: int = 24, step: float = 0.3) -> str:
    """Return the lines of an upload of which each segment of ``every`` comes again before it is acknowledged."""
    lines, seq = [], 1
    for number in range(copies * every):
        at = 0.01 + step / every * number
        lines.append(f"{at:.4f} > . 1000 seq={seq}")
        if number % every == 0:
            lines.append(f"{at + 0.02:.4f} > . 1000 seq={seq}")
        seq += 1000
        lines.append(f"{at + 0.022:.4f} < . ack={seq}")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("every", "copies", "severity"),
    [
        (3, 24, Severity.WARNING),
        (12, 24, Severity.NOTE),
        (40, 24, None),  # one in forty
        (3, 6, None),  # a few
    ],
)
def test_a_share_of_a_transfer_comes_again(
    tmp_path: Path, every: int, copies: int, severity: Severity | None
) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.9:40000", "10.0.0.2:873").play(HANDSHAKE).play(upload(every, copies))

    finding = told(tmp_path, play).get("D57")
    assert (finding and finding.severity) == severity
    if finding:
        assert f"{copies} segments" in finding.explanation


def test_a_transfer_that_is_over_at_once_keeps_nobody_waiting(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.9:40000", "10.0.0.2:873").play(HANDSHAKE).play(upload(3, step=0.03))

    assert told(tmp_path, play).get("D57") is None


def test_frames_that_the_tap_holds_twice_were_not_sent_twice(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:873").play(HANDSHAKE)
        for number in range(60):
            talk.send(0.1 * number + 0.1, ">", ".", "1000")
            wire.again()
            talk.send(0.1 * number + 0.102, "<", ".")

    assert told(tmp_path, play).get("D57") is None


@pytest.mark.parametrize(("window", "is_told"), [(2000, True), (8000, False)])
def test_a_receiver_with_little_room_may_have_been_sent_too_much(
    tmp_path: Path, window: int, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:873", server_window=window, server_scale=None)
        talk.play(f"0 > S\n0.001 < S. win={window}\n0.0011 > .").play(upload(3))

    finding = told(tmp_path, play)["D57"]
    assert ("has room for no more than 2,000 bytes" in finding.explanation) is is_told
    assert finding.confidence == ("possible" if is_told else "likely")


@pytest.mark.parametrize(("lossy", "sound", "is_told"), [(3, 6, True), (2, 6, False)])
def test_several_of_one_socket_lose_a_little_each(
    tmp_path: Path, lossy: int, sound: int, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        for number in range(lossy + sound):
            talk = wire.talk(f"10.0.0.9:{40_000 + number}", "10.0.0.2:873", at=0.01 * number).play(HANDSHAKE)
            talk.play(upload(10, 5) if number < lossy else "\n".join(whole(50)))

    finding = told(tmp_path, play).get("D57")
    assert (finding is not None) == is_told
    if finding:
        assert finding.count == lossy
        assert f"{sound} of them lose nothing" in finding.explanation
        assert any("several links" in rival for rival in finding.rivals)


def whole(segments: int) -> list[str]:
    """Return the lines of an upload without a loss."""
    return [f"{0.01 + 0.03 * n:.3f} > . 1000\n{0.012 + 0.03 * n:.3f} < ." for n in range(segments)]


@pytest.mark.parametrize(("times", "syn"), [(5, "S"), (5, "SEW"), (4, "SEW")])
def test_each_of_a_few_requests_arrives_as_a_copy_only(tmp_path: Path, times: int, syn: str) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:443").play(f"0 > {syn}\n0.001 < S.\n0.0011 > .")
        for number in range(times):
            talk.play(f"{number + 0.1} > P. 200\n{number + 0.4} > P. again\n{number + 0.41} < P. 90")
            talk.play(f"{number + 0.42} > .")

    finding = told(tmp_path, play).get("D57")
    assert (finding is None) == (times < 5)
    if finding:
        assert finding.severity is Severity.NOTE
        assert any("ECN" in rival for rival in finding.rivals) == (syn == "SEW")
