"""Tables as others take them, through Arrow's C data interface."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import nanoarrow
import pytest

from tests.quick import some_quick
from tests.tables.test_columns import CAPTURES, EVERYTHING, many
from wirestat import analyze
from wirestat.tables import Table, Value, read
from wirestat.timers import LINUX
from wirestat.tracker import Tracker

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Python's times end at microseconds; the column does not.
pytestmark = pytest.mark.filterwarnings("ignore::nanoarrow.iterator.LossyConversionWarning")


def seen_by_others(table: Table) -> dict[str, list[object]]:
    """Return the values of a table that has been through Arrow."""
    array = nanoarrow.Array(table)
    return {name: list(array.child(place).iter_py()) for place, name in enumerate(table.columns)}


def as_arrow_has_it(value: Value, unit: str | None) -> object:
    match value:
        case tuple():
            return list(value)
        case dict():
            return list(value.values())
        case int() if unit == "ns since the Unix epoch":
            return EPOCH + timedelta(microseconds=value // 1000)
    return value


@pytest.mark.parametrize(
    "path", some_quick(CAPTURES[::7], each=4), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_all_values_of_all_tables(path: str) -> None:
    for table in analyze(str(path)).tables(EVERYTHING).values():
        found = seen_by_others(table)
        for name, column in table.columns.items():
            assert found[name] == [as_arrow_has_it(value, column.field.unit) for value in column], name


def test_empty_tables() -> None:
    for table in read(Tracker(LINUX), EVERYTHING).values():
        assert all(values == [] for values in seen_by_others(table).values())


def test_the_types() -> None:
    schema = nanoarrow.Schema(read(many(1), {"connections": None})["connections"])
    types = {field.name: str(field.type.name) for field in schema.fields}
    assert types["id"] == "UINT64"
    assert types["client_address"] == types["client_state"] == "STRING"
    assert types["first_time_ns"] == "TIMESTAMP"
    assert types["client_or_since"] == "LIST"
    assert types["client_confirmed"] == "BOOL"


def test_without_nanoarrow_it_says_what_to_install() -> None:
    program = """if True:
        import sys
        sys.modules["nanoarrow"] = None
        from wirestat.errors import Unavailable
        from wirestat.tables import read
        from wirestat.timers import LINUX
        from wirestat.tracker import Tracker
        table = read(Tracker(LINUX), {"facts": None})["facts"]
        try:
            table.__arrow_c_stream__()
        except Unavailable as missing:
            print(missing, missing.hint)
    """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == f"nanoarrow is not installed {sys.executable} -m pip install 'wirestat[data]'\n"
