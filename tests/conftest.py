"""What all tests share."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known under --strict-markers."""
    config.addinivalue_line("markers", "lab: runs scenarios on real kernels; needs Linux and root")
