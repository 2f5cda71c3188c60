"""The recipes of CONTRIBUTING: a test names each forgotten step."""

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from tests.report.test_formats import CHECKED
from wirestat.capture.engines import ENGINES
from wirestat.commands.group import VERBS
from wirestat.diagnosis.manual import catalogue
from wirestat.facts import CONNECTION_FACTS, ENDPOINT_FACTS
from wirestat.report.formats import FORMATS
from wirestat.timers import PROFILES
from wirestat.tui.tabs import TABS
from wirestat.vocabulary import Fact

TESTS = Path(__file__).parent
ROOT = TESTS.parent
UNSHOWN = {
    Fact.FIN_SENT: "read off the state of an end: no line sets it",
    Fact.RST_ANSWERS_LATE_SEGMENT: "pcaps/zero-window-server-vanishes shows it",
    Fact.ICMP_REDIRECT: "the story of a router that shows a shorter way shows it",
    Fact.RST_COPIES_PACKET: "pcaps/field/reset-made-of-the-packet-that-drew-it shows it",
}
"""Facts that no wire script shows and no other test names, and why."""


@cache
def sources() -> str:
    """Return the text of all tests but this one."""
    paths = [path for path in TESTS.rglob("*.py") if path != Path(__file__)]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


@cache
def scripts() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in (TESTS / "wire").glob("*.wire"))


@pytest.mark.parametrize("fact", Fact)
def test_a_fact_has_words_and_is_shown_by_a_test(fact: Fact) -> None:
    assert fact in {**ENDPOINT_FACTS, **CONNECTION_FACTS}, f"{fact} has no line in src/wirestat/facts.py"
    is_shown = re.search(rf"\bfact (\w+:)?{re.escape(fact)}\b", scripts())
    is_named = is_shown or f"Fact.{fact.name}" in sources() or f'"{fact}"' in sources()
    if fact in UNSHOWN:
        assert not is_named, f"{fact} is shown now: take it off UNSHOWN"
    else:
        assert is_named, f"no wire script under tests/wire shows the fact {fact}, and no other test names it"


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_checked_and_tested(name: str) -> None:
    module = FORMATS[name]
    checked = {one.__name__ for one in CHECKED}  # type: ignore[attr-defined]  # modules have names
    assert module in checked, f"{module} is missing from CHECKED in tests/report/test_formats.py"
    tested = [path for path in (TESTS / "report").glob("test_*.py") if path.name != "test_formats.py"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in tested)
    is_tested = re.search(rf"\b{module.rpartition('.')[2]}\b", text)
    assert is_tested, f"no test under tests/report looks at what {module} writes: add one to test_golden.py"


@pytest.mark.parametrize("engine", sorted(set(ENGINES) - {"native"}))
def test_an_engine_is_held_against_the_native_one(engine: str) -> None:
    text = (TESTS / "capture/test_engines.py").read_text(encoding="utf-8")
    compared = "\n".join(re.findall(r"^ *ENGINES\b.* = .*$", text, re.MULTILINE))
    assert f'"{engine}"' in compared, f"tests/capture/test_engines.py leaves {engine} out"


def test_no_renderer_imports_another() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    kept_apart = next(set(one["modules"]) for one in contracts if one["type"] == "independence")
    # The page shows a finding as a ticket does.
    assert set(FORMATS.values()) - {"wirestat.report.markdown"} <= kept_apart, (
        "add it to the contract in pyproject.toml"
    )


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_run_by_a_test(verb: str) -> None:
    assert f'"{verb}"' in sources(), f"no test runs `wirestat {verb}`: add tests/commands/test_{verb}.py"


@pytest.mark.parametrize("name", PROFILES)
def test_a_timer_profile_is_drawn(name: str) -> None:
    page = (ROOT / "docs/machine.md").read_text(encoding="utf-8")
    assert name in page, f"docs/machine.md lacks the timer profile {name}: run python docs/build.py"
    assert f"`{name}`" in (ROOT / "docs/api.md").read_text(encoding="utf-8"), (
        f"docs/api.md lacks the profile {name}"
    )


@pytest.mark.parametrize("name", TABS)
def test_a_list_of_the_screen_is_drawn_by_a_test(name: str) -> None:
    frames = (TESTS / "tui/test_frames.py").read_text(encoding="utf-8")
    assert f'("{name}",' in frames, f"no frame of tests/tui/test_frames.py shows {name}"


@cache
def cases() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in (TESTS / "diagnosis").rglob("*.py"))


@pytest.mark.parametrize("id", [rule.id for rule in catalogue()])
def test_a_diagnosis_has_a_case(id: str) -> None:
    named = [line for line in cases().splitlines() if f'"{id}"' in line and "NOT_KEPT" not in line]
    assert named, (
        f"no test under tests/diagnosis names {id}: add a case on which it fires, and its nearest rival"
    )
