"""The instants at which a running capture does work that takes time from it."""

from types import SimpleNamespace

import pytest

from wirestat import pacing
from wirestat.pacing import Pacer


def test_work_waits_for_its_pause_and_takes_no_more_than_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(pacing, "time", SimpleNamespace(monotonic=lambda: clock.now))
    pacer = Pacer(pause=1, share=10, delay=2)
    assert (pacer.is_due(101.9), pacer.is_due(102)) == (False, True)
    clock.now = 102.5  # work of half a second: the next one is ten times as long after its beginning
    pacer.finish(102)
    assert (pacer.is_due(106.9), pacer.is_due(107)) == (False, True)
    clock.now = 107.0
    pacer.finish(107)
    assert (pacer.is_due(107.9), pacer.is_due(108)) == (False, True)
