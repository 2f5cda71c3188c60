"""Questions in SQL."""

import json
from pathlib import Path

import pytest

from tests.documents import ROOT
from wirestat import analyze
from wirestat.commands import main
from wirestat.commands.codes import Code

LEAK = str(ROOT / "pcaps" / "close-wait-leak" / "middle.pcap")


def asked(question: str, tmp_path: Path) -> list[dict[str, object]]:
    out = tmp_path / "answer.ndjson"
    assert main(["sql", question, LEAK, "-o", str(out)]) == Code.DONE
    return [json.loads(line) for line in out.read_text().splitlines()]


def test_the_tables_of_sql_have_the_values_of_the_report(tmp_path: Path) -> None:
    report = analyze(LEAK)
    (row,) = asked("SELECT count(*) AS n, sum(client_bytes + server_bytes) AS b FROM connections", tmp_path)
    every = list(report.connections())
    assert row == {"n": len(every), "b": sum(one.client.bytes + one.server.bytes for one in every)}
    steps = asked('SELECT connection, frame, "to" FROM transitions ORDER BY ALL', tmp_path)
    told = [(one.id, step.frame, step.to.value) for one in every for step in one.transitions]
    assert sorted(told) == [tuple(step.values()) for step in steps]


def test_a_table_can_be_read_twice(tmp_path: Path) -> None:
    question = (
        "SELECT count(*) AS n FROM connections a JOIN connections b ON a.id = b.id JOIN findings ON true"
    )
    assert asked(question, tmp_path) == [{"n": 2}]


def test_lists_and_nulls(tmp_path: Path) -> None:
    (row, _) = asked("SELECT server_facts, previous FROM connections ORDER BY id", tmp_path)
    assert row == {"server_facts": ["sent-data", "close-wait-held"], "previous": None}


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("SELECT x FROM connections", "there is no column 'x'"),
        ("SELECT client_stat FROM connections", "is it client_state (of connections)"),
        ("SELECT c.client_stat FROM connections c", "there is no column 'client_stat'"),
        ("SELECT * FROM connection", "the tables are connections, transitions"),
        ("SELEC 1", "syntax error"),
        ("", "there is no question"),
        ("/* nothing */", "there is no question"),
        ("SELECT to FROM transitions", "hint: the column to is a word of SQL as well"),
        ("SELECT CAST(client_state AS INTEGER) FROM connections", "could not convert"),
    ],
)
def test_a_question_not_understood_is_refused(
    question: str, words: str, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "answer.csv"
    assert main(["sql", question, LEAK, "-o", str(out)]) == Code.USAGE
    heard = capfd.readouterr().err
    assert words.lower() in heard.lower()
    assert "Traceback" not in heard
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_says_another_format_is_refused(tmp_path: Path) -> None:
    assert main(["sql", "SELECT 1", LEAK, "-o", str(tmp_path / "x.parquet")]) == Code.USAGE


def test_a_capture_before_the_question_gets_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sql", LEAK, "SELECT 1"]) == Code.USAGE
    assert "the query comes first" in capsys.readouterr().err
