"""The fates of segments between the points of a comparison, for affected connections."""

from __future__ import annotations

from typing import Any

import msgspec

from wirestat.report.compared.build import Compared

_CONNECTIONS, _PASSAGES = 200, 400
"""Maximum connections, and maximum segments of each."""


def record(compared: Compared) -> dict[str, Any]:
    """Return the affected connections, and the first others while there is room."""
    comparison = compared.comparison
    troubled, total = comparison.troubled(_CONNECTIONS)
    ids = list(troubled)
    for id in compared.report.tables({"connections": ["id"]})["connections"]["id"].data:
        if len(ids) >= _CONNECTIONS:
            break
        if id not in ids:
            ids.append(id)
    crossings = {}
    for id in ids:
        passed = comparison.crossing(id)
        kept = msgspec.structs.replace(
            passed,
            passages=passed.passages[:_PASSAGES],
            beyond=passed.beyond + max(0, len(passed.passages) - _PASSAGES),
        )
        crossings[str(id)] = msgspec.to_builtins(kept)
    return {"troubled": list(troubled), "total": total, "crossings": crossings}
