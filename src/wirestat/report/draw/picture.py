"""Turns an SVG into pixels, for what does not draw SVG."""

from __future__ import annotations

from collections.abc import Iterable

from wirestat.errors import Unavailable

_ZOOM = 2.0
"""Pixels for each of the picture's own: sharp on the screens of these years."""


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
