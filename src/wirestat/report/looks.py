"""Connections of a report as the rules see them, read from the columns: there may be millions."""

from collections.abc import Collection, Sequence

from wirestat.diagnosis.members import Look
from wirestat.diagnosis.naming import Naming, Spoken
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


def spoken(report: Report, places: Collection[int] | None = None) -> tuple[Sequence[int], Spoken]:
    """Return the ids of all connections, and which findings speak of each; what they look like is only read where one
    of the findings at these ``places``, or of all, goes by it.
    """
    naming = report.naming
    goes_by_looks = naming.goes_by_looks if places is None else naming.goes_by_looks_of(places)
    table = report.tables({"connections": COLUMNS if goes_by_looks else COLUMNS[:1]})["connections"]
    ids = table["id"].data
    return ids, _by_looks(naming, table) if goes_by_looks else spoken_of(naming, ids)


def spoken_in(naming: Naming, table: Table) -> Spoken:
    """Return which findings speak of each connection of a table that has ``COLUMNS``."""
    return _by_looks(naming, table) if naming.goes_by_looks else spoken_of(naming, table["id"].data)


def spoken_of(naming: Naming, ids: Sequence[int]) -> Spoken:
    """Return which findings speak of each connection, where none of them goes by looks."""
    return naming.spoken(ids, bytes(len(ids)), (None,))


def _by_looks(naming: Naming, table: Table) -> Spoken:
    return naming.spoken(table["id"].data, *kinds_of(table))


def kinds_of(table: Table) -> tuple[Sequence[int], list[Look]]:
    """Return for each connection of a table that has ``COLUMNS`` the number of its look, and the looks.

    Few looks are different.
    """
    kinds, first = alike([table[name] for name in COLUMNS[1:]])
    return kinds, [_look(table, row) for row in first]


def _look(table: Table, row: int) -> Look:
    one = {name: table[name][row] for name in COLUMNS[1:]}  # a table may have ten times as many
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
