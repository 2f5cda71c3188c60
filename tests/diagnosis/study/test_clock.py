"""A clock that is set while the capture runs makes nothing certain, and is told of."""

from itertools import pairwise
from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field import stories as stories
from tests.field.story import STORIES
from tests.field.talk import GREETING, Wire
from tests.packets.files import Frame, pcap
from tests.quick import some_quick
from wirestat import analyze
from wirestat.model import Confidence, Finding

HOUR = 3600
SECOND = 1_000_000_000
_ALONE = sorted(name for name, story in STORIES.items() if story.judged == ("capture",))
"""Stories that one capture tells."""
_BLAMES_NOBODY = {"first-name-server-stands-still": {"D01"}}
"""Said with less of a cause across the step, and so with more certainty: that nothing answers is plain either way."""


def set_by(frames: list[Frame], seconds: float) -> list[Frame]:
    """The same frames, in their order, the clock set by so much when more than half have passed."""
    from_here = max(1, len(frames) * 6 // 10)
    step = round(seconds * SECOND)
    return [
        (time + step * (place >= from_here), length, data)
        for place, (time, length, data) in enumerate(frames)
    ]


def findings(path: Path, frames: list[Frame]) -> list[Finding]:
    path.write_bytes(pcap(frames))
    return list(analyze(path).findings)


@pytest.mark.parametrize("first", some_quick(range(8), each=8))
def test_a_clock_that_is_set_back_makes_nothing_certain(first: int, tmp_path: Path) -> None:
    for name in _ALONE[first::8]:
        frames = STORIES[name].captures()["capture"].in_order()
        before = {
            one.id for one in findings(tmp_path / "a.pcap", frames) if one.confidence is Confidence.CERTAIN
        }
        later = set_by(frames, -HOUR)
        after = findings(tmp_path / "b.pcap", later)
        sure = {one.id for one in after if one.confidence is Confidence.CERTAIN}
        assert sure <= before | {"D25"} | _BLAMES_NOBODY.get(name, set()), name
        is_back = any(one[0] > two[0] for one, two in pairwise(later))
        is_told = any(one.id == "D25" and "Time runs backward" in one.explanation for one in after)
        assert is_told is is_back, name


def test_the_step_is_measured_and_doubts_what_lived_through_it(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:40000", "10.0.0.2:80").play(GREETING).play(
            "1 > F.\n1.001 < .\n200 < P. 10\n200.1 > R seq=102"
        )
        wire.frames[:] = set_by(wire.in_order(), -HOUR)

    wire = Wire()
    play(wire)
    said = findings(tmp_path / "c.pcap", wire.frames)
    capture = next(one for one in said if one.id == "D25")
    assert "by at least 59 min 59 s at" in capture.explanation
    others = [one for one in said if one.id != "D25"]
    assert others
    for one in others:
        assert "the clock of the capture was set back by at least 59 min 59 s meanwhile" in one.doubts


@pytest.mark.parametrize("leaps", [True, False])
def test_a_leap_ahead_is_no_silence_that_was_survived(tmp_path: Path, *, leaps: bool) -> None:
    """By the time stamps of both ends nothing passed; or they say that an hour did."""

    def play(wire: Wire) -> None:
        stamped = 1 if leaps else HOUR
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:80", stamps=False)
        talk.play(
            "0 > S ts=1000\n0.001 < S. ts=9000\n0.0011 > . ts=1001\n0.002 > P. 100 ts=1002\n0.004 < P. 300 ts=9004"
        )
        talk.play("0.0041 > . ts=1004")
        at = HOUR + 0.01
        talk.play(
            f"{at} > P. 100 ts={1002 + 1000 * stamped}\n{at + 0.002} < P. 300 ts={9002 + 1000 * stamped}"
        )
        talk.play(f"{at + 0.003} > . ts={1005 + 1000 * stamped}")

    assert ("D52" in told(tmp_path, play)) is not leaps
