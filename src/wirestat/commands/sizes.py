"""Parsing of memory and file sizes."""

import re
from typing import Any

import click

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_LONGEST = 24
_MOST = 1 << 62
_FORM = re.compile(r"(\d+)\s*([KMGT]?)I?B?", re.IGNORECASE | re.ASCII)


class Size(click.ParamType[int]):
    """Bytes: ``256MB``, ``2G``, ``1000000``; a unit is a power of 1024, as in most tools."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a size, in bytes."""
        if isinstance(value, int):
            return value
        found = _FORM.fullmatch(value.strip()[:_LONGEST])
        size = int(found[1]) * _UNITS[found[2].upper()] if found else 0
        if not 0 < size < _MOST:
            self.fail(f"{value!r} is not a size such as 256MB or 2G", param, ctx)
        return size
