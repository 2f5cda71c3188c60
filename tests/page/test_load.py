"""The page of a hundred thousand connections: how large it is, and what it answers.

How soon it is there and how quick it stays is measured by ``python -m bench.page``.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

import wirestat
from bench.page import MOST_BYTES, QUESTIONS, made
from tests.page.browser import Reader, needs_browser

pytestmark = [needs_browser, pytest.mark.slow]


def test_the_page_of_many_connections_is_small_and_answers(
    tmp_path: Path, opened: Callable[..., Reader]
) -> None:
    capture, file = made(tmp_path)
    assert file.stat().st_size <= MOST_BYTES
    reader = opened(file)
    reader.go("connections")
    found = reader.page.evaluate("question => wirestat.choose(question).length", QUESTIONS[0])
    assert found == sum(1 for _ in wirestat.analyze(capture).where(QUESTIONS[0])) > 100
    reader.page.evaluate("question => wirestat.ask(question)", "isn>5")
    assert "this page leaves client_isn out" in reader.page.inner_text("#mistake")
    reader.page.evaluate("question => wirestat.ask(question)", "")
    reader.picture("many")
