"""The records of connections, as the core writes them: there may be millions.

The core has the connections. This module adds the rest: the RFC's sections for a change of state, what a stopped
connection waits for, and the findings about it.
"""

from collections.abc import Iterator
from functools import cache
from itertools import product

import msgspec

from wirestat.diagnosis.members import look_of
from wirestat.model import State
from wirestat.report.build import Report
from wirestat.report.conformance import Conformity, standing, statements
from wirestat.report.looks import COLUMNS, kinds_of
from wirestat.report.stuck import is_stuck, unfinished
from wirestat.tables import Style, Words

_encode = msgspec.json.Encoder().encode
_EVERY_TWO = tuple(product(State, repeat=2))

ARRAY = Style(opening="{", closing="}", between=",\n")
"""Records as the items of a list."""
LINES = Style(opening='{"type":"connection",', closing="}\n", between="")
"""Records one per line, with their type."""
OPEN = Style(opening="{", closing="\n", between="")
"""Records one per line, to which fields and the brace are added."""


def records(report: Report, style: Style, chosen: bytes | None = None) -> Iterator[bytes]:
    """Yield the records of connections, many per chunk, ready to be concatenated.

    ``chosen`` has a byte for each connection in the order of ids: 0 leaves it out.
    """
    return report.analysis.records(words(report), style, chosen)


def words(report: Report) -> Words:
    """Gather the parts of the records that do not come from the tracker."""
    return Words(documented=_documented(), waits=_waits(), findings=findings_of_each(report))


@cache
def _documented() -> tuple[str, ...]:
    return tuple(_documentation(*ends) for ends in _EVERY_TWO)


def _documentation(from_state: State, to: State) -> str:
    kind = standing(from_state, to)
    sections = dict.fromkeys(statement.section for statement in statements(from_state, to))
    fields = {"documented": kind is Conformity.DOCUMENTED, "section": "; ".join(sections) or None}
    return _encode(fields).decode()[1:-1]


@cache
def _waits() -> tuple[tuple[tuple[bool, str | None, str | None], ...] | None, ...]:
    return tuple(
        tuple((wait.side == "server", wait.settled, wait.owing) for wait in unfinished(client, server))
        if is_stuck(client, server)
        else None
        for client, server in _EVERY_TWO
    )


def findings_of_each(report: Report) -> dict[int, tuple[str, ...]]:
    """Return the diagnoses of all findings about each connection, by its id."""
    naming = report.naming
    if not naming.goes_by_looks:
        return naming.named()
    summary = report.summary
    every_look = map(look_of, summary.signatures)
    found = naming.everyone_alike(every_look, range(1, summary.connections + 1))
    if found is not None:
        return found
    table = report.tables({"connections": COLUMNS})["connections"]
    return naming.everyone(table["id"].data, *kinds_of(table))
