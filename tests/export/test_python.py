"""Reports as other libraries have them, and captures that Python holds."""

import gzip
import io
import subprocess
import sys
from pathlib import Path

import pytest

import wirestat
from tests.documents import ROOT
from wirestat.errors import InputError, UsageError
from wirestat.report.build import Report
from wirestat.report.formats import TABLES

LEAK = ROOT / "pcaps" / "close-wait-leak" / "middle.pcap"
BYTES = LEAK.read_bytes()


@pytest.fixture(scope="module")
def report() -> Report:
    return wirestat.analyze(LEAK)


@pytest.mark.parametrize("table", TABLES)
def test_polars_pandas_and_arrow_get_the_same_values(report: Report, table: str) -> None:
    import pandas
    import polars

    by_polars, by_pandas = report.to_polars(table), report.to_pandas(table)
    assert polars.DataFrame(report.to_arrow(table)).equals(by_polars)
    assert list(by_pandas.columns) == by_polars.columns
    assert len(by_pandas) == len(by_polars)
    for name in by_polars.columns:
        values = [None if value is pandas.NaT or value is pandas.NA else value for value in by_pandas[name]]
        values = [None if isinstance(value, float) else value for value in values]
        expected = by_polars[name].to_list()
        if by_polars[name].dtype == polars.List(polars.String):
            values = [None if value is None else list(value) for value in values]
        elif name.endswith("time_ns") or name.endswith("since_ns"):
            values = [value and value.to_pydatetime(warn=False) for value in values]
        assert values == expected, name


def test_pandas_counts_states(report: Report) -> None:
    frame = report.to_pandas()
    assert frame.groupby("server_state", observed=True).size().to_dict() == {"CLOSE_WAIT": 2}
    assert frame["previous"].isna().all()
    assert str(frame["first_time_ns"].dtype) == "datetime64[ns, UTC]"


def test_an_unknown_table_is_an_error(report: Report) -> None:
    with pytest.raises(UsageError, match="no table 'conections'"):
        report.to_polars("conections")


def test_a_notebook_shows_findings_and_connections(report: Report) -> None:
    shown = report._repr_html_()
    assert "CLOSE_WAIT held" in shown
    assert "<td>10.222.99.2:8080</td><td>CLOSE_WAIT</td>" in shown


def test_a_name_is_escaped_in_a_notebook(tmp_path: Path) -> None:
    path = tmp_path / "<script>.pcap"
    path.write_bytes(BYTES)
    assert "<script>" not in wirestat.analyze(path)._repr_html_()


class Unseekable(io.RawIOBase):
    """A stream like a socket or a pipe."""

    def __init__(self) -> None:
        self._left = BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]  # a buffer is one of these
        chunk, self._left = self._left[: len(buffer)], self._left[len(buffer) :]
        buffer[: len(chunk)] = chunk
        return len(chunk)


@pytest.mark.parametrize(
    "given",
    [BYTES, bytearray(BYTES), memoryview(BYTES), io.BytesIO(BYTES), gzip.compress(BYTES), Unseekable()],
    ids=lambda given: type(given).__name__,
)
def test_a_capture_in_python_is_read(given: "bytes | io.BytesIO") -> None:
    report = wirestat.analyze(given)
    assert report.summary.connections == 2
    (capture,) = report.captures
    assert capture.name == "capture 1"


def test_a_file_that_is_open_keeps_its_name() -> None:
    with LEAK.open("rb") as file:
        assert wirestat.analyze(file).captures[0].name == str(LEAK)


def test_bytes_that_are_no_capture_are_named() -> None:
    with pytest.raises(InputError) as caught:
        wirestat.analyze(b"no capture at all")
    assert str(caught.value).startswith("capture 1: ")


def test_bytes_that_are_no_capture_are_refused() -> None:
    with pytest.raises(UsageError, match="int is not a capture"):
        wirestat.analyze(5)  # type: ignore[arg-type]  # that is the point
    with LEAK.open("r", encoding="latin-1") as text, pytest.raises(UsageError, match="reading text"):
        wirestat.analyze(text)  # type: ignore[arg-type]  # that is the point


def test_paths_load_nothing_that_only_bytes_need() -> None:
    code = f"import sys, wirestat; wirestat.analyze({str(LEAK)!r}); assert 'tempfile' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
