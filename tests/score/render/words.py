"""Numbers as readers want them."""

from __future__ import annotations

import math

from ..tally import Ratio

COLUMNS = ("sequence", "final", "uncertain", "time", "live", "proven", "diagnosis")
"""The measures of one case that fit on a line."""


def percent(ratio: Ratio) -> str:
    """Rounded down, so that 100 % means all; a dash where there was nothing to judge."""
    if ratio.share is None:
        return "-"
    return "100 %" if ratio.share >= 1 - 1e-9 else f"{math.floor(ratio.share * 10_000) / 100:.2f} %"


def amount(ratio: Ratio) -> str:
    """Write a count, its total, and the share in percent."""
    right = f"{ratio.right:.0f}" if float(ratio.right).is_integer() else f"{ratio.right:.1f}"
    return f"{right} of {ratio.total}"
