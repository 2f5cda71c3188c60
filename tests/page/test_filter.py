"""The filter of the page chooses what the command line's does: the same vectors hold both."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.page.browser import Reader, needs_browser
from tests.page.conftest import VECTORS

pytestmark = needs_browser
_CHOOSE = """vectors => vectors.map(({filter, at}) => {
    try { return wirestat.choose(filter, at === undefined ? null : at * 1e9) }
    catch (mistake) { return [mistake.at, mistake.length, mistake.why] }
})"""


def answers(reader: Reader, vectors: list[dict[str, Any]]) -> list[Any]:
    told: list[Any] = reader.page.evaluate(_CHOOSE, vectors)
    return told


def test_it_chooses_the_same_connections(small: Path, opened: Callable[..., Reader]) -> None:
    vectors = VECTORS["chosen"]
    assert len(vectors) > 100
    found = answers(opened(small), vectors)
    assert [(vector, ids) for vector, ids in zip(vectors, found, strict=True) if ids != vector["ids"]] == []


def test_it_points_at_the_same_mistakes(small: Path, opened: Callable[..., Reader]) -> None:
    vectors = VECTORS["mistakes"]
    found = answers(opened(small), [{"filter": vector["filter"]} for vector in vectors])
    for vector, (at, length, why) in zip(vectors, found, strict=True):
        assert (at, length) == (vector["at"], vector["length"]), vector
        assert vector["why"] in why


def test_long_and_deep_expressions_are_refused(small: Path, opened: Callable[..., Reader]) -> None:
    reader = opened(small)
    for text in ["(" * 9_000, "!" * 9_000 + "port==1", "port==1 && " * 2_000 + "port==1"]:
        (_, _, why), *_ = answers(reader, [{"filter": text}])
        assert isinstance(why, str)
    assert answers(reader, [{"filter": " && ".join(["port==8080"] * 600)}]) == [[1, 2, 3, 4, 5, 6, 7]]
