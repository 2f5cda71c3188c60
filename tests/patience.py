"""Waits for conditions: the machine may be five times slower, or busy with something else.

No test assumes that a pause was long enough, and none asserts a duration: ``bench/`` does.
"""

import time
from collections.abc import Callable

PATIENCE = 300.0
"""Seconds after which the wait has failed."""
_PAUSE = 0.02


def wait_for(holds: Callable[[], object], told: Callable[[], object] = str) -> None:
    """Wait until something holds; ``told`` returns the message if it never does."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, told()
        time.sleep(_PAUSE)
