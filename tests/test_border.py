"""Names that stand on both sides of the border between Python and the core are the same."""

import subprocess
import sys
from pathlib import Path

from wirestat import _core, facts, model, timers, vocabulary

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


def test_timers() -> None:
    assert set(_core.TIMERS) <= set(timers.Timers.__struct_fields__)


def test_the_stub_says_what_the_module_is() -> None:
    command = [sys.executable, "-m", "mypy.stubtest", "wirestat._core", "--allowlist", "tests/stubtest.txt"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
