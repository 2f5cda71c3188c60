"""What every connection of a report looks like to the rules, read from the columns: there may be millions."""

from collections.abc import Iterator, Sequence

from wirestat.diagnosis.members import Look
from wirestat.model import State
from wirestat.report.build import Report
from wirestat.tables import Table, alike
from wirestat.tables.column import Value
from wirestat.vocabulary import Fact

COLUMNS = (
    "id",
    "client_state", "server_state",
    "client_confirmed", "server_confirmed",
    "facts", "client_facts", "server_facts",
)  # fmt: skip
"""Columns that a look is made of."""


def looks(report: Report) -> Iterator[tuple[int, Look]]:
    """Yield the id and the look of each connection. Few looks are different: those of one look share one object."""
    table = report.tables({"connections": COLUMNS})["connections"]
    kinds, known = kinds_of(table)
    return zip(table["id"].data, map(known.__getitem__, kinds), strict=True)


def kinds_of(table: Table) -> tuple[Sequence[int], list[Look]]:
    """Return for each connection of a table that has ``COLUMNS`` the number of its look, and the looks."""
    kinds, first = alike([table[name] for name in COLUMNS[1:]])
    return kinds, [_look(table, row) for row in first]


def _look(table: Table, row: int) -> Look:
    one = table.row(row)
    of_all, of_client, of_server = (_facts(one[name]) for name in COLUMNS[-3:])
    return (
        State(str(one["client_state"])),
        State(str(one["server_state"])),
        bool(one["client_confirmed"]),
        bool(one["server_confirmed"]),
        of_all,
        of_client,
        of_server,
    )


def _facts(names: Value) -> frozenset[Fact]:
    return frozenset(map(Fact, names if isinstance(names, tuple) else ()))
