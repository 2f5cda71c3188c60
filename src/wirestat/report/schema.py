"""Generates ``schema-1.json`` from the records of the contract. Only a test calls it: the file is shipped."""

from inspect import cleandoc
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
    plain: dict[str, Any] = _of_any_version(part)
    return plain | {"additionalProperties": False} if "properties" in plain else plain


def _of_any_version(part: Any) -> Any:
    """Leave out the names of a mapping and the indents of docstrings: versions of msgspec differ in these."""
    if isinstance(part, list):
        return [_of_any_version(each) for each in part]
    if isinstance(part, str):
        return cleandoc(part)
    if not isinstance(part, dict):
        return part
    return {key: _of_any_version(value) for key, value in part.items() if key != "propertyNames"}
