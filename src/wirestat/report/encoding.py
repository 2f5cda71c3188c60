"""JSON that is safe to show on a terminal: control characters are escaped, which is equivalent for programs."""

from typing import Any

import msgspec

from wirestat.titles import steering

_encode = msgspec.json.Encoder().encode


def encode(value: Any) -> bytes:
    r"""Encode a value.

    >>> encode({"name": "a\x9b2J\u202eb"})
    b'{"name":"a\\u009b2J\\u202eb"}'
    """
    encoded = _encode(value)
    if encoded.isascii() and b"\x7f" not in encoded:
        return encoded
    return steering().sub(lambda found: _escaped(found[0]), encoded.decode()).encode()


def _escaped(letter: str) -> str:
    """Write a character as a JSON escape, as a surrogate pair beyond 16 bits."""
    halves = letter.encode("utf-16-be")
    return "".join(f"\\u{halves[place : place + 2].hex()}" for place in range(0, len(halves), 2))
