"""Of many cases alike, a plain ``pytest`` takes some; the others are ``slow``, and CI takes them all.

Where slow tests will not run, ``tests/conftest.py`` has the others left out before they are collected: every worker
collects all tests.
"""

import os
from collections.abc import Sequence
from typing import Any, TypeVar

import pytest
from hypothesis import settings

IN_CI = bool(os.environ.get("CI"))
T = TypeVar("T")
_OF_EXAMPLES = 4
_is_without_slow_tests = False


def leave_slow_tests_out() -> None:
    """Make ``some_quick`` return quick cases only, from now on."""
    global _is_without_slow_tests  # pytest's configuration is as global, and modules ask at import
    _is_without_slow_tests = True


def some_quick(cases: Sequence[Any], each: int) -> list[Any]:
    """Mark all cases as slow but every so manieth, the first among them. A tuple holds several arguments."""
    if _is_without_slow_tests:
        return list(cases[::each])
    return [_slow(case) if number % each else case for number, case in enumerate(cases)]


def sample(things: Sequence[T], each: int) -> Sequence[T]:
    """Return all of them in CI, and every so manieth elsewhere: for one test that goes through many."""
    return things if IN_CI else things[::each]


def some_examples(number: int) -> settings:
    """Have hypothesis try so many examples in CI, and a quarter of them elsewhere."""
    return settings(max_examples=number if IN_CI else number // _OF_EXAMPLES)


def _slow(case: Any) -> object:
    if hasattr(case, "marks"):  # a pytest.param, which may name a tool that it needs
        return pytest.param(*case.values, id=case.id, marks=[*case.marks, pytest.mark.slow])
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow)
