"""Of many cases alike, a plain ``pytest`` takes some; the others are ``slow``, and CI takes them all."""

from collections.abc import Sequence
from typing import Any

import pytest


def some_quick(cases: Sequence[Any], each: int) -> list[Any]:
    """Mark all cases as slow but every so manieth, the first among them. A tuple holds several arguments."""
    return [_slow(case) if number % each else case for number, case in enumerate(cases)]


def _slow(case: Any) -> object:
    if hasattr(case, "marks"):  # a pytest.param, which may name a tool that it needs
        return pytest.param(*case.values, id=case.id, marks=[*case.marks, pytest.mark.slow])
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow)
