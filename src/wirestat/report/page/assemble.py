"""Joins the small files under ``parts`` into one page, whose policy forbids loading or running anything else."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec

from wirestat.report.page.content import Content

_PARTS = files("wirestat.report.page") / "parts"
_FIRST, _LAST = ("first.js", "words.js"), "start.js"
"""Scripts that come first; the others follow in the order of their names."""
_ESCAPES = {b"<": b"\\u003c", b">": b"\\u003e", b"&": b"\\u0026"}
"""Escapes that keep text in the data, such as a file name, from ending its element."""


def _read(folder: Traversable, suffix: str) -> dict[str, str]:
    return {
        part.name: part.read_text(encoding="utf-8").strip()
        for part in folder.iterdir()
        if part.name.endswith(suffix)
    }


def _script() -> str:
    """Wrap all files in one function, so that no name is global."""
    parts = _read(_PARTS / "js", ".js")
    order = [*_FIRST, *sorted(parts.keys() - {*_FIRST, _LAST}), _LAST]
    return "\n".join(['(function () {\n"use strict";', *(parts[name] for name in order), "})();"])


def _style() -> str:
    parts = _read(_PARTS / "css", ".css")
    return "\n".join(parts[name] for name in sorted(parts))


def _policy(script: str, style: str) -> str:
    """Return the content security policy: only this script and this style."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src '{_digest(script)}'",
            f"style-src '{_digest(style)}'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


# All files are read on import: a live capture cannot open files any more when it writes a page.
_PAGE = (_PARTS / "page.html").read_text(encoding="utf-8")
_SCRIPT, _STYLE = _script(), _style()
_POLICY = _policy(_SCRIPT, _STYLE)
SHELL = sum(map(len, map(str.encode, (_PAGE, _SCRIPT, _STYLE, _POLICY))))
"""The size of an empty page, in bytes."""


def page(content: Content) -> Iterator[bytes]:
    """Yield the page in chunks."""
    before, middle, behind = _shell(content.title)
    yield before
    yield _inert(msgspec.json.encode(content.record))
    yield middle
    yield from content.pack.base64()
    yield behind


def _shell(title: str) -> tuple[bytes, bytes, bytes]:
    """Return the page around its two data elements."""
    text = _PAGE
    filled = {"title": _escaped(title), "policy": _POLICY, "style": _STYLE, "script": _SCRIPT}
    for name, value in filled.items():
        text = text.replace(f"{{{{{name}}}}}", value)
    before, rest = text.split("{{record}}")
    middle, behind = rest.split("{{data}}")
    return before.encode(), middle.encode(), behind.encode()


def _inert(text: bytes) -> bytes:
    for sign, escape in _ESCAPES.items():
        text = text.replace(sign, escape)
    return text


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("{{", "{ {")
