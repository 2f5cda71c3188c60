"""Of many cases alike, a plain ``pytest`` takes some; the others are ``slow``, and CI takes them all."""

from collections.abc import Sequence
from typing import Any

import pytest


def some_quick(cases: Sequence[Any], each: int) -> list[Any]:
    """Mark all cases as slow but every so manieth, the first among them."""
    return [
        pytest.param(case, marks=[pytest.mark.slow] if number % each else [])
        for number, case in enumerate(cases)
    ]
