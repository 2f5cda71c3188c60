"""Each segment is counted in one connection, whichever it turns out to belong to."""

from pathlib import Path

import pytest

from tests.wirescript.play import Player
from tests.wirescript.script import Script, read
from tests.wirescript.wire import VARIANTS

SCRIPTS = [*read(Path(__file__).parent / "incarnations.wire")]


@pytest.mark.parametrize("script", SCRIPTS, ids=[script.title for script in SCRIPTS])
def test_each_segment_is_counted_once(script: Script) -> None:
    player = Player(script, VARIANTS[0])
    player.play()
    captured = 3 * bool(script.opened) + sum(
        line.sent is not None and line.sent.is_seen for line in script.lines
    )
    ends = [end for one in player.tracker.connections() for end in (one.client, one.server)]
    assert sum(end.frames for end in ends) == captured
