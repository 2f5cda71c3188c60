"""The JSON contract: the shipped schema is strict, true to the records, and holds for what is written."""

import json as standard_json
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

import wirestat.report
from tests.conftest import Golden
from tests.report.judged import REPORTS
from wirestat.report import contract, json, ndjson
from wirestat.report.layout import View
from wirestat.report.schema import schema

SHIPPED = Path(wirestat.report.__file__).with_name("schema-1.json")


def shipped() -> dict[str, Any]:
    loaded: dict[str, Any] = standard_json.loads(
        files("wirestat.report").joinpath("schema-1.json").read_text()
    )
    return loaded


@cache
def validator() -> jsonschema.Draft202012Validator:
    """Hold documents to the schema, which is itself held to its own once."""
    return jsonschema.Draft202012Validator(shipped())


def written(name: str) -> Any:
    report = REPORTS[name]
    return standard_json.loads(b"".join(json.render(report, View(version="0.0.0"))))


def test_the_shipped_schema_is_drawn_from_the_records(golden: Golden) -> None:
    golden(SHIPPED, schema())


def test_the_shipped_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(shipped())


@pytest.mark.parametrize("name", REPORTS)
def test_the_output_keeps_the_schema(name: str) -> None:
    validator().validate(written(name))


def test_a_summary_keeps_the_schema() -> None:
    document = standard_json.loads(
        b"".join(json.render(REPORTS["outage"], View(version="0.0.0"), lists=False))
    )
    validator().validate(document)
    assert "connections" not in document
    assert "udp" not in document


@pytest.mark.parametrize(
    "path", [(), ("connections", 0), ("connections", 0, "client"), ("summary",), ("findings", 0)]
)
def test_the_schema_knows_no_other_fields(path: tuple[str | int, ...]) -> None:
    document = written("outage")
    place = document
    for step in path:
        place = place[step]
    place["surprise"] = 1
    with pytest.raises(jsonschema.ValidationError, match="surprise"):
        validator().validate(document)


@pytest.mark.parametrize("name", REPORTS)
def test_the_document_reads_back_as_records(name: str) -> None:
    report = REPORTS[name]
    document = b"".join(json.render(report, View(version="0.0.0")))
    assert msgspec.json.decode(document, type=contract.Document).findings == report.findings


def test_a_document_is_written_in_chunks() -> None:
    report = REPORTS["crowd"]
    chunks = list(json.render(report, View(version="0.0.0")))
    assert len(chunks) > len(report.findings)
    assert b"".join(chunks).count(b'"transitions"') == report.summary.connections


def test_every_line_says_what_it_is() -> None:
    report = REPORTS["outage"]
    lines = b"".join(ndjson.render(report, View(version="0.0.0"))).splitlines()
    kinds = [standard_json.loads(line)["type"] for line in lines]
    assert kinds == ["report"] + 4 * ["finding"] + 8 * ["connection"] + ["udp"]


def test_transitions_name_their_place_in_the_standard() -> None:
    steps = written("outage")["connections"][0]["transitions"]
    assert {step["documented"] for step in steps} == {True}
    assert all("3.3.2" in step["section"] for step in steps)


def test_a_transition_from_unknown_is_not_documented() -> None:
    step = written("unfit")["connections"][0]["transitions"][0]
    assert (step["from"], step["documented"], step["section"]) == ("UNKNOWN", False, None)


def test_a_connection_names_its_findings() -> None:
    found = {c["id"]: c["findings"] for c in written("outage")["connections"]}
    assert found == {1: [], 2: [], 3: ["D10"], 4: ["D10"], 5: ["D05"], 6: ["D14"], 7: ["D02"], 8: []}


def test_the_most_severe_finding_comes_first() -> None:
    order = ["info", "note", "warning", "error"]
    ranks = [order.index(finding["severity"]) for finding in written("outage")["findings"]]
    assert all(first >= second for first, second in pairwise(ranks))
