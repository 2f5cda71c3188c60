"""Timer profiles and their overrides."""

import pytest

from wirestat.errors import UsageError
from wirestat.timers import LINUX, PROFILES, SECOND, TIMER_NAMES, duration, profile


def test_the_default_is_linux() -> None:
    assert next(iter(PROFILES.values())) is LINUX
    assert profile("Linux") is LINUX


@pytest.mark.parametrize("name", PROFILES)
def test_the_tracker_is_handed_every_value_as_a_number(name: str) -> None:
    values = profile(name).as_core()
    assert {key.removesuffix("_ns") for key in values} == set(TIMER_NAMES)
    assert all(type(value) is int and value >= 0 for value in values.values())


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("500ms", 500_000_000),
        ("30", 30 * SECOND),
        ("30s", 30 * SECOND),
        ("2m", 120 * SECOND),
        ("2min", 120 * SECOND),
        ("1.5h", 5400 * SECOND),
        ("5d", 432_000 * SECOND),
        ("0.000000001", 1),
        (" 7 S ", 7 * SECOND),
    ],
)
def test_durations(text: str, nanoseconds: int) -> None:
    assert duration(text) == nanoseconds


@pytest.mark.parametrize("text", ["", "s", "-1", "1w", "1e3", "٣"])
def test_no_durations(text: str) -> None:
    with pytest.raises(UsageError):
        duration(text)


def test_one_timer_changes_and_the_others_stay() -> None:
    changed = LINUX.override("TIME-WAIT", "30s").override("syn_retries", "2")
    assert (changed.time_wait_ns, changed.syn_retries) == (30 * SECOND, 2)
    assert changed.fin_timeout_ns == LINUX.fin_timeout_ns
    assert LINUX.time_wait_ns == 60 * SECOND


@pytest.mark.parametrize(
    ("timer", "value"), [("name", "x"), ("msl", "1"), ("syn_retries", "1s"), ("time_wait", "x")]
)
def test_wrong_overrides(timer: str, value: str) -> None:
    with pytest.raises(UsageError):
        LINUX.override(timer, value)


def test_unknown_profiles() -> None:
    with pytest.raises(UsageError, match="solaris"):
        profile("solaris")
