"""Tables as Python sees them: values on demand, memory as it is."""

import pytest

from tests.tables.test_columns import many, tracked
from wirestat.tables import SCHEMA, both, either, having, read


def test_a_column_is_a_sequence() -> None:
    table = read(many(3), {"connections": None})["connections"]
    ports = table["client_port"]
    assert (ports[-1], ports[1:], list(reversed(ports)), 1025 in ports) == (
        1026, [1025, 1026], [1026, 1025, 1024], True,
    )  # fmt: skip
    with pytest.raises(IndexError):
        ports[3]
    assert repr(ports) == "<Column client_port: 3 of u16>"
    assert repr(table) == f"<Table connections: 3 rows of {len(SCHEMA['connections'].fields)} columns>"


def test_the_memory_of_a_column_is_not_copied() -> None:
    column = read(many(3), {"connections": None})["connections"]["first_time_ns"]
    assert column.data.obj is column.raw
    assert (column.data.format, column.data.itemsize, column.data.nbytes) == ("q", 8, 24)


def test_the_rows_of_a_connection() -> None:
    connection = [(True, "S", 0, 0, 0, 60000, 0), (False, "R.", 0, 1, 0, 0, 1_000)]
    taken = read(tracked([connection, connection]), {"connections": None, "transitions": None})
    steps = taken["transitions"]
    assert [steps["connection"][row] for row in steps.of(1)] == [2] * len(steps.of(1))
    assert len(steps.of(0)) + len(steps.of(1)) == steps.rows
    with pytest.raises(TypeError, match="connections do not belong to connections"):
        taken["connections"].of(0)


def test_every_field_can_be_found() -> None:
    for layout in SCHEMA.values():
        assert all(layout.field(field.name) is field for field in layout.fields)
        with pytest.raises(KeyError):
            layout.field("colour")


def test_rows_are_chosen_by_name() -> None:
    syn, reset = (True, "S", 0, 0, 0, 60000, 0), (False, "R.", 0, 1, 0, 0, 1_000)
    table = read(tracked([[syn, reset], [syn]]), {"connections": None})["connections"]
    sent = having(table["client_state"], {"SYN_SENT"})
    closed = having(table["client_state"], {"CLOSED", "TIME_WAIT"})
    assert (closed, sent) == (b"\1\0", b"\0\1")
    assert (either(sent, closed), both(sent, closed)) == (b"\1\1", b"\0\0")
    assert having(table["client_state"], ()) == b"\0\0"
    with pytest.raises(TypeError, match="client_port is no column of few different names"):
        having(table["client_port"], ["80"])
