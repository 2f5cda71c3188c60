"""Of many cases alike, a plain ``pytest`` takes some; the others are ``slow``, and CI takes them all."""

import os
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import settings

IN_CI = bool(os.environ.get("CI"))
_OF_EXAMPLES = 4


def some_quick(cases: Sequence[Any], each: int) -> list[Any]:
    """Mark all cases as slow but every so manieth, the first among them. A tuple holds several arguments."""
    return [_slow(case) if number % each else case for number, case in enumerate(cases)]


def some_examples(number: int) -> settings:
    """Have hypothesis try so many examples in CI, and a quarter of them elsewhere."""
    return settings(max_examples=number if IN_CI else number // _OF_EXAMPLES)


def _slow(case: Any) -> object:
    if hasattr(case, "marks"):  # a pytest.param, which may name a tool that it needs
        return pytest.param(*case.values, id=case.id, marks=[*case.marks, pytest.mark.slow])
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow)
