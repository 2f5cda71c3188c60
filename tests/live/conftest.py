from collections.abc import Iterator

import pytest

from .wire import OBSTACLE, Wire


@pytest.fixture
def wire() -> Iterator[Wire]:
    if OBSTACLE is not None:
        pytest.skip(OBSTACLE)
    laid = Wire()
    try:
        laid.lay()
        yield laid
    finally:
        laid.remove()
