"""The same stories from worse taps, which lose, double or displace frames: what is sure stays true.

A finding may be lost or less sure then. But none that is certain may come from what the tap did.
"""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.field.story import STORIES
from tests.packets.files import Frame, pcap
from tests.quick import sample, some_quick
from wirestat import analyze
from wirestat.diagnosis import roster
from wirestat.model import Confidence, Fault

_ONE_IN = 20
_COPY_NS = 30_000
_DISPLACED_NS = 400_000

Spoil = Callable[[list[Frame], Random], list[Frame]]


def loses(frames: list[Frame], random: Random) -> list[Frame]:
    """Leave one frame in twenty out; never all of them."""
    return [frame for frame in frames if random.randrange(_ONE_IN)] or frames


def doubles(frames: list[Frame], random: Random) -> list[Frame]:
    """Hold one frame in twenty once more, a moment later."""
    copies = [(time + _COPY_NS, size, data) for time, size, data in frames if not random.randrange(_ONE_IN)]
    return frames + copies


def displaces(frames: list[Frame], random: Random) -> list[Frame]:
    """Stamp one frame in twenty up to 400 µs late."""
    return [
        (time if random.randrange(_ONE_IN) else time + random.randrange(_DISPLACED_NS), size, data)
        for time, size, data in frames
    ]


def certain(frames: list[Frame], path: Path) -> set[str]:
    """Return the diagnoses that are said with certainty, but for those of the capture."""
    path.write_bytes(pcap(sorted(frames, key=lambda frame: frame[0])))
    return {
        finding.id
        for finding in analyze(path).findings
        if finding.confidence is Confidence.CERTAIN and finding.fault is not Fault.CAPTURE
    }


def said(frames: list[Frame], path: Path) -> set[str]:
    """Return all diagnoses that are said, however sure, and those that they include."""
    path.write_bytes(pcap(frames))
    ids = {finding.id for finding in analyze(path).findings}
    return ids.union(*(roster.rule(id).replaces for id in ids))


@pytest.mark.parametrize("spoil", some_quick([loses, doubles, displaces], each=3))
def test_nothing_certain_comes_of_the_tap(spoil: Spoil, tmp_path: Path) -> None:
    made_up = {}
    for name in sample(sorted(STORIES), each=8):
        story = STORIES[name]
        if len(story.judged) > 1:
            continue
        frames = story.captures()[story.judged[0]].in_order()
        spoilt = spoil(frames, Random(name))
        if new := certain(spoilt, tmp_path / "spoilt.pcap") - said(frames, tmp_path / "whole.pcap"):
            made_up[name] = new
    assert not made_up
