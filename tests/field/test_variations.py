"""Every story under every variation: what is expected holds, but for what is listed with its reason."""

import tomllib
from pathlib import Path

import pytest

from tests.field import stories as stories
from tests.field.story import STORIES
from tests.field.variations import VARIATIONS, lost
from tests.quick import some_quick

LOST: dict[str, dict[str, list[str]]] = tomllib.loads(
    (Path(__file__).parent / "lost.toml").read_text(encoding="utf-8")
)
"""By variation and reason: the stories of which something does not hold."""
PARTS = 4
"""A plain ``pytest`` tries one story in so many."""


@pytest.mark.parametrize("part", some_quick(range(PARTS), each=PARTS))
@pytest.mark.parametrize("variation", some_quick(list(VARIATIONS), each=12))
@pytest.mark.slow
def test_holds_under_other_circumstances(variation: str, part: int, tmp_path: Path) -> None:
    names = sorted(STORIES)[part::PARTS]
    listed = {name for some in LOST.get(variation, {}).values() for name in some} & set(names)
    found = {name: failed for name in names if (failed := lost(STORIES[name], variation, tmp_path))}
    worse = {name: failed for name, failed in found.items() if name not in listed}
    assert not worse
    assert not listed - found.keys(), "take them from lost.toml: they hold now"


def test_the_lost_list_names_variations_and_stories_that_exist() -> None:
    assert LOST.keys() <= VARIATIONS.keys()
    assert all(name in STORIES for groups in LOST.values() for names in groups.values() for name in names)
