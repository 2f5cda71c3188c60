"""Renders an SVG as PNG."""

from __future__ import annotations

from collections.abc import Iterable

from wirestat.errors import Unavailable

_ZOOM = 2.0
"""Pixels per unit of the SVG: sharp on high-resolution screens."""


def png(lines: Iterable[str]) -> bytes:
    """Draw an SVG as PNG.

    Raises:
        Unavailable: ``resvg_py`` is not installed.
    """
    try:
        from resvg_py import svg_to_bytes
    except ImportError:
        raise Unavailable.by_extra("resvg_py", "png", ", or --format svg") from None
    return bytes(svg_to_bytes(svg_string="\n".join(lines), zoom=_ZOOM))
