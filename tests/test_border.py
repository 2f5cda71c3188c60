"""Names that stand on both sides of the border between Python and the core are the same."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from wirestat import _core, compare, crossing, facts, model, timers, vocabulary
from wirestat.capture.native import NativeSource
from wirestat.tracker import Tracker

ROOT = Path(__file__).parent.parent


def test_facts() -> None:
    assert list(vocabulary.Fact) == _core.FACTS
    assert set(_core.FACTS) == {*facts.CONNECTION_FACTS, *facts.ENDPOINT_FACTS}
    assert set(_core.CONNECTION_FACTS) == set(facts.CONNECTION_FACTS)
    assert len(_core.FACTS) == len(set(_core.FACTS))


def test_states() -> None:
    assert list(_core.STATES) == [state.value for state in model.State]


def test_evidence() -> None:
    assert list(_core.EVIDENCE) == [evidence.value for evidence in model.Evidence]


def test_direction_reasons() -> None:
    assert set(_core.DIRECTION_REASONS) == {reason.value for reason in model.DirectionReason}


def test_cues_have_words_of_their_own() -> None:
    words = list(_core.CUES.values())
    assert words == list(vocabulary.Cue)
    assert len(words) == len(set(words))
    assert all(cue == cue.strip() and cue for cue in words)


def test_fates() -> None:
    assert list(_core.FATES) == [fate.value for fate in crossing.Fate]


SHUFFLED = """
import msgspec
from wirestat import analyze, model
fields = model.Transition.__struct_fields__
model.Transition = msgspec.defstruct("Transition", [fields[1], fields[0], *fields[2:]])
list(analyze("pcaps/refused/client.pcap").connections())
"""


def test_a_record_whose_fields_differ_from_the_core_is_refused() -> None:
    command = [sys.executable, "-c", SHUFFLED]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "TypeError: wirestat.model.Transition has the fields" in done.stderr


@pytest.mark.parametrize("case", ["refused", "duplicated-frames", "ipv6-normal-close", "random-loss-1"])
def test_each_field_holds_what_its_class_declares(case: str) -> None:
    tracker = Tracker(timers.LINUX, trace=1)
    NativeSource([ROOT / "pcaps" / case / "client.pcap"]).drain(tracker.core)
    tracker.settle()
    records = [tracker.summary(), *tracker.connections(), *tracker.udp(), *tracker.ladder(1)]
    assert len(records) > 2
    for record in records:
        assert msgspec.convert(msgspec.to_builtins(record), type(record)) == record


def test_each_field_of_a_crossing_holds_what_its_class_declares() -> None:
    points = [ROOT / "pcaps" / "random-loss-1" / f"{point}.pcap" for point in ("client", "server")]
    told = compare(*points).comparison
    records = [*told.points, *told.stages, told.crossing(1)]
    for record in records:
        assert msgspec.convert(msgspec.to_builtins(record), type(record)) == record


def test_timers() -> None:
    assert set(_core.TIMERS) <= set(timers.Timers.__struct_fields__)


@pytest.mark.slow  # mypy reads the whole package first
def test_the_stub_says_what_the_module_is() -> None:
    command = [sys.executable, "-m", "mypy.stubtest", "wirestat._core", "--allowlist", "tests/stubtest.txt"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
