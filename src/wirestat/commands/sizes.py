"""The type of options that take a size."""

from typing import Any

import click

from wirestat.sizes import size

_MOST = 1 << 62


class Size(click.ParamType[int]):
    """Bytes: ``256MB``, ``2G``, ``1000000``; a unit is a power of 1024, as in most tools."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a size, in bytes."""
        if isinstance(value, int):
            return value
        read = size(value, is_binary=True) or 0
        if not 0 < read < _MOST:
            self.fail(f"{value!r} is not a size such as 256MB or 2G", param, ctx)
        return read
