"""A plain ``pytest`` takes some of many similar cases; the others are ``slow``, and CI takes them all.

Without slow tests, ``tests/conftest.py`` leaves the others out before collection, as every worker collects all tests.
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
    """Mark all cases as slow except one in ``each``, starting with the first. A tuple holds several arguments."""
    if _is_without_slow_tests:
        return list(cases[::each])
    return [_slow(case) if number % each else case for number, case in enumerate(cases)]


def sample(things: Sequence[T], each: int) -> Sequence[T]:
    """Return all things in CI, and one in ``each`` elsewhere: for a single test that goes through many."""
    return things if IN_CI else things[::each]


def some_examples(number: int) -> settings:
    """Have hypothesis try ``number`` examples in CI, and a quarter of them elsewhere."""
    return settings(max_examples=number if IN_CI else number // _OF_EXAMPLES)


def _slow(case: Any) -> object:
    if hasattr(case, "marks"):  # a pytest.param, which may name a tool that it needs
        return pytest.param(*case.values, id=case.id, marks=[*case.marks, pytest.mark.slow])
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow)
