"""What every connection of a report looks like to the rules, read from the columns: there may be millions."""

from collections.abc import Iterator

from wirestat.diagnosis.members import Look
from wirestat.model import State
from wirestat.report.build import Report
from wirestat.tables import Table, alike
from wirestat.tables.column import Value
from wirestat.vocabulary import Fact

_COLUMNS = (
    "id",
    "client_state", "server_state",
    "client_confirmed", "server_confirmed",
    "facts", "client_facts", "server_facts",
)  # fmt: skip


def looks(report: Report) -> Iterator[tuple[int, Look]]:
    """Yield the id and the look of each connection. Few looks are different: those of one look share one object."""
    table = report.tables({"connections": _COLUMNS})["connections"]
    kinds, first = alike([table[name] for name in _COLUMNS[1:]])
    known = [_look(table, row) for row in first]
    return zip(table["id"].data, map(known.__getitem__, kinds), strict=True)


def _look(table: Table, row: int) -> Look:
    one = table.row(row)
    of_all, of_client, of_server = (_facts(one[name]) for name in _COLUMNS[-3:])
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
