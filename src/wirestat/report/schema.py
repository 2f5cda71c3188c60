"""Draws ``schema-1.json`` from the records of the contract. Nothing but a test calls it: the file is shipped."""

from typing import Any

import msgspec

from wirestat.report.contract import Document


def schema(of: type[msgspec.Struct] = Document) -> str:
    """Return the JSON Schema (2020-12) of a document, strict: no object may hold a field it does not name."""
    (drawn,), parts = msgspec.json.schema_components([of], ref_template="#/$defs/{name}")
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **drawn,
        "$defs": {name: _strict(part) for name, part in parts.items()},
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _strict(part: dict[str, Any]) -> dict[str, Any]:
    return part | {"additionalProperties": False} if "properties" in part else part
