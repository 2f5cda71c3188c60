"""The four tables, as CSV, Parquet and Arrow, read back by others."""

import csv
import io
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import arro3.io
import duckdb
import pytest

from tests.documents import ROOT
from wirestat import analyze
from wirestat.commands import main
from wirestat.commands.codes import Code
from wirestat.report.build import Report
from wirestat.report.formats import TABLES
from wirestat.report.tables import batches, layout

CAPTURES = [
    ROOT / "pcaps" / case / "middle.pcap"
    for case in ("close-wait-leak", "refused", "accept-queue-full", "last-ack-lost")
]
LEAK = str(CAPTURES[0])


@pytest.fixture(params=CAPTURES, ids=lambda path: path.parent.name)
def capture(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def told(report: Report, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table as our own columns have them, lists for sets."""
    rows = [batch.row(row) for batch in batches(report, table) for row in range(len(batch))]
    return [{name: list(v) if isinstance(v, tuple) else v for name, v in row.items()} for row in rows]


def by_polars(path: Path) -> list[dict[str, Any]]:
    import polars  # takes long, and every worker imports this file

    read: Callable[[Path], polars.DataFrame] = (
        polars.read_parquet if path.suffix == ".parquet" else polars.read_ipc
    )
    return read(path).to_dicts()


def by_duckdb(path: Path) -> list[dict[str, Any]]:
    relation = duckdb.sql(f"SELECT * FROM '{path}'")
    assert relation is not None
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


@pytest.mark.parametrize("format", ["parquet", "arrow"])
def test_polars_and_duckdb_read_our_values(capture: str, tmp_path: Path, format: str) -> None:
    assert main([capture, "--format", format, "-o", str(tmp_path / "out")]) == Code.DONE
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        f"{t}.{format}" for t in TABLES
    )
    report = analyze(capture)
    for table in TABLES:
        path = tmp_path / "out" / f"{table}.{format}"
        expected = told(report, table)
        assert by_polars(path) == expected
        if format == "parquet":
            assert by_duckdb(path) == expected


def test_csv_has_the_same_values_as_text(capture: str, tmp_path: Path) -> None:
    assert main([capture, "--format", "csv", "-o", str(tmp_path)]) == Code.DONE
    report = analyze(capture)
    for table in TABLES:
        with (tmp_path / f"{table}.csv").open(newline="") as file:
            found = list(csv.DictReader(file))
        assert found == [{name: _cell(v) for name, v in row.items()} for row in told(report, table)]


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list():
            return "|".join(value)
    return str(value)


def test_columns_say_what_they_mean(tmp_path: Path) -> None:
    path = tmp_path / "transitions.parquet"
    assert main([LEAK, "--table", "transitions", "-o", str(path)]) == Code.DONE
    field = arro3.io.read_parquet(str(path)).schema.field("time_ns")
    assert field.metadata_str == {"meaning": "When.", "unit": "ns since the Unix epoch"}


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_described(table: str) -> None:
    described = layout(table)
    for batch in batches(analyze(LEAK), table):
        assert list(batch.columns) == [field.name for field in described.fields]
    assert all(field.meaning.endswith(".") for field in described.fields)


def test_a_filter_chooses_connections_and_their_transitions(tmp_path: Path) -> None:
    assert main([LEAK, "--format", "csv", "-Y", "port==40001", "-o", str(tmp_path)]) == Code.DONE
    for table, column in (("connections", "id"), ("transitions", "connection")):
        rows = csv.DictReader(io.StringIO((tmp_path / f"{table}.csv").read_text()))
        assert {row[column] for row in rows} == {"1"}


def test_an_empty_capture_gives_headings(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.pcap"
    nothing.write_bytes(Path(LEAK).read_bytes()[:24])
    for format in ("csv", "parquet", "arrow"):
        assert main([str(nothing), "--format", format, "-o", str(tmp_path / format)]) == Code.DONE
        assert len(list((tmp_path / format).iterdir())) == len(TABLES)
    assert by_polars(tmp_path / "parquet" / "transitions.parquet") == []


@pytest.mark.parametrize("format", ["csv", "parquet", "arrow"])
def test_a_full_disk_is_one_line(format: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([LEAK, "--format", format, "-o", "/dev/full"]) == Code.IO
    heard = capfd.readouterr().err.splitlines()
    # Whatever the name says of the format, the disk is what matters.
    assert heard[-1] == "error: /dev/full: no space left on device"
    assert len(heard) == 1


def test_a_folder_in_place_of_a_file_leaves_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "findings.csv").mkdir()
    assert main([LEAK, "--format", "csv", "-o", str(tmp_path)]) != Code.DONE
    assert [path.name for path in tmp_path.rglob("*.part")] == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--format", "csv", "-o", "{tmp}/no/x.csv"], Code.USAGE, "no such file or directory"),
        (["--format", "csv", "-o", "{tmp}/no/folder"], Code.USAGE, "cannot make the folder"),
        (["--format", "csv", "--table", "findings", "--table", "listeners"], Code.USAGE, "do not fit in one"),
        (["--format", "json", "--table", "findings"], Code.USAGE, "json has none"),
        (["--format", "csv", "--summary"], Code.USAGE, "--summary"),
        (["-o", "{tmp}/x.json", "--format", "csv"], Code.DONE, "its name says json"),
    ],
)
def test_impossible_requests_are_refused(
    arguments: list[str], code: Code, words: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main([LEAK, *(argument.format(tmp=tmp_path) for argument in arguments)]) == code
    assert words in capfd.readouterr().err


def test_a_folder_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Root may write everywhere.
    no_access = SimpleNamespace(access=lambda *_: False, W_OK=os.W_OK, X_OK=os.X_OK)
    monkeypatch.setattr("wirestat.commands.folder.os", no_access)
    assert main([LEAK, "--format", "csv", "-o", str(tmp_path)]) == Code.PERMISSION


@pytest.mark.parametrize(
    ("name", "begins"),
    [("r.json", b"{"), ("r.ndjson", b'{"type"'), ("r.md", b"#"), ("r.csv", b"id,"), ("r.parquet", b"PAR1")],
)
def test_the_format_follows_from_the_name(name: str, begins: bytes, tmp_path: Path) -> None:
    assert main([LEAK, "-o", str(tmp_path / name)]) == Code.DONE
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_no_text_of_a_csv_is_a_formula(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("=1+2.pcap").write_bytes(Path(LEAK).read_bytes()[:-5])
    for words in (["--table", "findings", "--format", "csv"], ["sql"]):
        told = Path("told.csv")
        question = ["SELECT explanation FROM findings"] if words == ["sql"] else []
        main([*words, *question, "=1+2.pcap", "-o", str(told)])
        cells = [cell for row in csv.reader(told.read_text().splitlines()) for cell in row]
        assert any(cell.startswith("'=1+2.pcap could not be read") for cell in cells)
        assert not any(cell.startswith("=") for cell in cells)
