"""The matrix of stories: what must be said, what must not, and where both ends stand."""

import tomllib
from pathlib import Path

import pytest

from tests.field.__main__ import files
from tests.field.matrix import FAILING, FOLDER, failures
from tests.field.story import STORIES
from tests.quick import some_quick

NAMES = sorted(STORIES)
KEPT = sorted(name for name, story in STORIES.items() if story.is_kept)
KNOWN: dict[str, dict[str, str]] = tomllib.loads(FAILING.read_text(encoding="utf-8"))
FIRST_RUN = Path(__file__).parent / "first_run.toml"
"""How stories fared when they were first run."""
MOST = 70_000
"""Bytes of the largest capture of a story."""


@pytest.mark.parametrize("name", some_quick(NAMES, each=3))
def test_is_told_as_expected(name: str, tmp_path: Path) -> None:
    folder = FOLDER / name
    if name not in KEPT:
        folder = tmp_path
        for file, content in files(STORIES[name]).items():
            (folder / file).write_bytes(content)
    failed = failures(folder)
    known = set(KNOWN.get(name, {}))
    worse = {what: found for what, found in failed.items() if what not in known}
    assert not worse
    mended = known - failed.keys()
    assert not mended, f"take it from {FAILING.name}: it no longer fails"


@pytest.mark.parametrize("name", some_quick(KEPT, each=4))
def test_is_kept_as_it_is_told(name: str) -> None:
    kept = {path.name: path.read_bytes() for path in (FOLDER / name).iterdir()}
    assert kept == files(STORIES[name])


def test_no_story_is_left_without_its_function() -> None:
    assert {path.name for path in FOLDER.iterdir() if path.is_dir()} == set(KEPT)


def test_the_failing_list_names_stories_that_exist() -> None:
    assert KNOWN.keys() <= set(NAMES)
    assert all(reason.strip() for reasons in KNOWN.values() for reason in reasons.values())


def test_first_runs_name_each_story_once() -> None:
    rounds = tomllib.loads(FIRST_RUN.read_text(encoding="utf-8"))["rounds"]
    named = [name for one in rounds if "told" not in one for names in one.values() for name in names]
    assert set(named) <= set(NAMES)
    assert len(named) == len(set(named))


def test_there_are_enough_and_they_are_small() -> None:
    assert len(NAMES) >= 45
    assert all(path.stat().st_size <= MOST for path in Path(FOLDER).glob("*/*.pcap"))
