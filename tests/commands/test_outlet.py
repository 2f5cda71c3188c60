"""The rate limits of alerts: suppressed alerts are counted."""

import pytest
from msgspec.structs import replace

import wirestat
from tests.documents import ROOT
from wirestat.commands import outlet as module
from wirestat.commands.outlet import Outlet
from wirestat.commands.outlet_process import OutletPlan
from wirestat.commands.voice import Voice
from wirestat.report.course import Course
from wirestat.timers import LINUX
from wirestat.tracker import Tracker

FINDING = wirestat.analyze(ROOT / "pcaps" / "close-wait-leak" / "middle.pcap").findings[0]


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    told: list[bytes] = []

    def send(_self: Outlet, _kind: bytes, message: bytes) -> bool:
        told.append(message)
        return True

    monkeypatch.setattr(Outlet, "_send", send)
    return told


def alerted(outlet: Outlet, where: str, times: int = 1) -> None:
    for _ in range(times):
        outlet._alert(Course("updated", replace(FINDING, where=where), "D10", 0, 0))


def test_a_finding_alerts_again_only_after_its_interval(clock: Clock, told: list[bytes]) -> None:
    outlet = Outlet(OutletPlan(command=("true",), alert_every=60), Tracker(LINUX), Voice())
    alerted(outlet, "a", 5)
    assert len(told) == 1
    clock.now += 61
    alerted(outlet, "a")
    assert len(told) == 2
    assert b'"suppressed":4' in told[1]


def test_all_findings_together_alert_thirty_times_a_minute(clock: Clock, told: list[bytes]) -> None:
    outlet = Outlet(OutletPlan(command=("true",), alert_every=60), Tracker(LINUX), Voice())
    for number in range(100):
        alerted(outlet, str(number))
    assert len(told) == 30
    clock.now += 61
    alerted(outlet, "another")
    assert b'"suppressed":70' in told[-1]
