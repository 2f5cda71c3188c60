"""Every format of the table, as each verb writes it."""

import json
from pathlib import Path

import pytest

from tests import programs
from tests.quick import some_quick
from wirestat.export import EXPORTS
from wirestat.report.formats import FORMATS, TABLES
from wirestat.system import is_root

CASE = Path(__file__).parents[2] / "pcaps" / "last-ack-lost"
VERBS = {
    "analyze": [str(CASE / "client.pcap")],
    "compare": [str(CASE / "client.pcap"), str(CASE / "server.pcap")],
    "live": ["-r", "-"],
}


def written(verb: str, format: str, *options: str) -> bytes:
    with (CASE / "client.pcap").open("rb") as capture:
        done = programs.run(verb, *VERBS[verb], "--format", format, *options, stdin=capture.fileno())
    assert done.returncode == 0, done.stderr
    return done.stdout


def run(verb: str, format: str) -> str:
    return written(verb, format).decode()


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_writes_every_format(verb: str, format: str) -> None:
    assert "D14" in run(verb, format) or verb == "compare"


@pytest.mark.parametrize("verb", VERBS)
def test_json_is_one_document(verb: str) -> None:
    document = json.loads(run(verb, "json"))
    assert document["schema"] == ("compare-1" if verb == "compare" else 1)


@pytest.mark.parametrize("verb", VERBS)
def test_ndjson_names_the_kind_of_each_line(verb: str) -> None:
    kinds = [json.loads(line)["type"] for line in run(verb, "ndjson").splitlines()]
    assert ("comparison" if verb == "compare" else "report") in kinds
    assert kinds[-1] in ("connection", "finding")


@pytest.mark.parametrize("format", EXPORTS)
@pytest.mark.parametrize("table", some_quick(list(TABLES), each=3))
def test_live_writes_the_same_tables_as_analyze(format: str, table: str) -> None:
    """Both end with the same bytes: a table does not depend on when its packets came."""
    assert written("live", format, "--table", table) == written("analyze", format, "--table", table)


@pytest.mark.parametrize("format", EXPORTS)
def test_a_comparison_has_the_tables_of_all_points_together(format: str, tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    written("compare", format, "-o", str(folder))
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{name}.{format}" for name in TABLES)
    if format == "csv":
        head, row = (folder / "connections.csv").read_text().splitlines()
        one = dict(zip(head.split(","), row.split(","), strict=True))
        assert (one["client_state"], one["server_state"]) == ("TIME_WAIT", "LAST_ACK")


@pytest.mark.parametrize("verb", VERBS)
def test_the_format_follows_from_the_name(verb: str, tmp_path: Path) -> None:
    out = tmp_path / "found.csv"
    words = [verb, *VERBS[verb], "-o", str(out), "--table", "listeners"]
    if verb == "live" and is_root():
        words += ["-Z", "root"]  # nobody, whom root becomes else, may not write where tests do
    with (CASE / "client.pcap").open("rb") as capture:
        assert programs.run(*words, stdin=capture.fileno()).returncode == 0
    assert out.read_text().startswith("address,port,connections")


@pytest.mark.parametrize("verb", VERBS)
def test_a_dash_is_standard_output(verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert written(verb, "json", "-o", "-").startswith(b"{")
    assert list(tmp_path.iterdir()) == []


def test_a_live_capture_that_fails_leaves_no_table(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pcap"
    broken.write_bytes(b"this is no capture at all")
    folder = tmp_path / "tables"
    done = programs.run("live", "-r", broken, "--format", "csv", "-o", folder)
    assert done.returncode == 3, done.stderr
    assert not folder.exists()
