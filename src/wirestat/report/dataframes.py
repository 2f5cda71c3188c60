"""The tables of a report for other libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wirestat.errors import Unavailable, UsageError, installing
from wirestat.report.formats import TABLES
from wirestat.report.tables import batches

if TYPE_CHECKING:
    import arro3.core
    import pandas
    import polars

    from wirestat.report.build import Report
    from wirestat.tables import Column, Table

_TIME = "ns since the Unix epoch"


def arrow(report: Report, table: str) -> arro3.core.Table:
    """Return an Arrow table, which pyarrow, polars and DuckDB read directly.

    Raises:
        Unavailable: ``arro3-core`` or ``nanoarrow`` is not installed.
        UsageError: there is no such table.
    """
    try:
        from arro3.core import Table
    except ImportError:
        raise Unavailable.by_extra("arro3-core", "data") from None
    return Table.from_arrow(_whole(report, table))


def to_polars(report: Report, table: str) -> polars.DataFrame:
    """Return a polars data frame.

    Raises:
        Unavailable: ``polars`` or ``nanoarrow`` is not installed.
        UsageError: there is no such table.
    """
    try:
        import polars
    except ImportError:
        raise _missing("polars") from None
    return polars.DataFrame(_whole(report, table))


def to_pandas(report: Report, table: str) -> pandas.DataFrame:
    """Return a pandas data frame: names as categories, times as dates, and ``<NA>`` for missing values.

    Raises:
        Unavailable: ``pandas`` is not installed.
        UsageError: there is no such table.
    """
    try:
        import pandas
    except ImportError:
        raise _missing("pandas") from None
    columns = _whole(report, table).columns
    return pandas.DataFrame({name: _series(column) for name, column in columns.items()})


def _series(column: Column) -> Any:
    import numpy
    import pandas

    field = column.field
    if field.type == "set":
        return pandas.Series(list(column), dtype=object)
    data = numpy.asarray(column.data)
    is_null = numpy.zeros(len(data), bool) if field.null is None else data == field.null
    if field.dictionary:
        codes = numpy.where(is_null, -1, data.astype("int64"))
        return pandas.Categorical.from_codes(codes, list(column.names or ()))
    if field.type == "bool":
        return data.astype(bool)
    if field.unit == _TIME:
        # The null value equals that of NaT.
        return pandas.Series(data.view("datetime64[ns]")).dt.tz_localize("UTC")
    return pandas.arrays.IntegerArray(data.copy(), is_null) if field.null is not None else data


def _whole(report: Report, table: str) -> Table:
    if table not in TABLES:
        raise UsageError(f"no table {table!r}", hint=f"there are {', '.join(TABLES)}")
    return next(batches(report, table, size=1 << 62))


def _missing(package: str) -> Unavailable:
    return Unavailable(f"{package} is not installed", installing(package))
