"""Connections of a report as the rules see them (their *looks*), read from the columns: there may be millions."""

from collections.abc import Collection, Sequence
from functools import lru_cache

from wirestat.diagnosis.members import Look
from wirestat.diagnosis.naming import Naming, Spoken
from wirestat.model import State
from wirestat.report.build import Report
from wirestat.tables import Table, alike
from wirestat.tables.column import Column
from wirestat.tables.schema import FIXED
from wirestat.vocabulary import Fact

COLUMNS = (
    "id",
    "client_state", "server_state",
    "client_confirmed", "server_confirmed",
    "facts", "client_facts", "server_facts",
)  # fmt: skip
"""The columns of a look."""

_STATES = tuple(map(State, FIXED["states"]))
_FACTS = tuple(map(Fact, FIXED["facts"]))


def spoken(report: Report, places: Collection[int] | None = None) -> tuple[Sequence[int], Spoken]:
    """Return the ids of all connections, and the findings about each.

    Their looks are read only if a finding depends on looks, among those at ``places`` or among all.
    """
    naming = report.naming
    goes_by_looks = naming.goes_by_looks if places is None else naming.goes_by_looks_of(places)
    table = report.tables({"connections": COLUMNS if goes_by_looks else COLUMNS[:1]})["connections"]
    ids = table["id"].data
    return ids, _by_looks(naming, table) if goes_by_looks else spoken_of(naming, ids)


def spoken_in(naming: Naming, table: Table) -> Spoken:
    """Return the findings about each connection of a table that has ``COLUMNS``."""
    return _by_looks(naming, table) if naming.goes_by_looks else spoken_of(naming, table["id"].data)


def spoken_of(naming: Naming, ids: Sequence[int]) -> Spoken:
    """Return the findings about each connection, if none of them depends on looks."""
    return naming.spoken(ids, bytes(len(ids)), (None,))


def _by_looks(naming: Naming, table: Table) -> Spoken:
    return naming.spoken(table["id"].data, *kinds_of(table))


def kinds_of(table: Table) -> tuple[Sequence[int], list[Look]]:
    """Return the number of each connection's look in a table that has ``COLUMNS``, and the looks.

    Few looks are different.
    """
    kinds, first = alike([table[name] for name in COLUMNS[1:]])
    return kinds, [_look(table, row) for row in first]


def _look(table: Table, row: int) -> Look:
    client, server, client_confirmed, server_confirmed = (table[name].data[row] for name in COLUMNS[1:5])
    of_all, of_client, of_server = (_facts(_kept(table[name], row)) for name in COLUMNS[5:])
    return (
        _STATES[client],
        _STATES[server],
        bool(client_confirmed),
        bool(server_confirmed),
        of_all,
        of_client,
        of_server,
    )


def _kept(column: Column, row: int) -> bytes:
    """Return a set in the column's encoding."""
    width = column.field.width
    return column.data[row * width : (row + 1) * width].tobytes()


@lru_cache(1 << 12)
def _facts(kept: bytes) -> frozenset[Fact]:
    """Return the facts of a set; cached, as tables repeat few sets."""
    bits = int.from_bytes(kept, "little")
    return frozenset(fact for number, fact in enumerate(_FACTS) if bits >> number & 1)
