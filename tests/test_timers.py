"""Timer profiles and their overrides."""

from pathlib import Path

import msgspec
import pytest

from wirestat import _core, diagnosis
from wirestat.errors import UsageError
from wirestat.timers import LINUX, PROFILES, SECOND, Timers, duration, profile
from wirestat.tracker import by_core

RULES = Path(diagnosis.__file__).parent


def test_the_default_is_linux() -> None:
    assert next(iter(PROFILES.values())) is LINUX
    assert profile("Linux") is LINUX


@pytest.mark.parametrize("timers", PROFILES.values(), ids=PROFILES)
def test_the_core_goes_by_numbers(timers: Timers) -> None:
    values = by_core(timers)
    assert set(values) == set(_core.TIMERS)
    assert all(type(value) is int and value >= 0 for value in values.values())


@pytest.mark.parametrize("field", [field for field in Timers.__struct_fields__ if field != "name"])
def test_every_timer_is_used(field: str) -> None:
    rules = "".join(path.read_text(encoding="utf-8") for path in RULES.rglob("*.py"))
    assert field in _core.TIMERS or f"timers.{field}" in rules


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
    with pytest.raises(UsageError, match="abacus"):
        profile("abacus")


@pytest.mark.parametrize("timers", [*PROFILES.values(), LINUX.override("time_wait", "500ms")])
def test_a_profile_is_written_as_it_is_typed(timers: Timers) -> None:
    name, *values = str(timers).split(", ")
    typed = LINUX
    for value in values:
        typed = typed.override(*value.split("="))
    assert name == timers.name
    assert msgspec.structs.replace(typed, name=name) == timers
