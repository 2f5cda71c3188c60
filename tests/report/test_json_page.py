"""The page on the JSON output is true to the schema."""

import json
import re
from pathlib import Path

import wirestat.report

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA = json.loads(Path(wirestat.report.__file__).with_name("schema-1.json").read_text())


def test_every_field_that_the_json_page_names_in_a_table_is_in_the_schema() -> None:
    fields = {field for part in SCHEMA["$defs"].values() for field in part.get("properties", ())}
    rows = re.findall(r"^\| (`.*?) \|", (DOCS / "json.md").read_text(), re.MULTILINE)
    named = {name.removesuffix("[]") for row in rows for name in re.findall(r"`([a-z_\[\]]+)`", row)}
    assert len(named) > 20
    assert named <= fields


def test_the_json_page_has_a_word_for_every_field_of_the_document() -> None:
    page = (DOCS / "json.md").read_text()
    for part in ("Document", "Transition"):
        for field in SCHEMA["$defs"][part]["properties"]:
            assert f"`{field}`" in page or f"`{field}[]`" in page
