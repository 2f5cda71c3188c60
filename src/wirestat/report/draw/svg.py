"""SVG, element by element; text from captures is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from wirestat.report.draw import colours
from wirestat.titles import printable


def element(name: str, text: str = "", **attributes: str | float | None) -> str:
    """Write an element with or without text; an underscore in a name becomes a hyphen, a trailing one is dropped."""
    told = "".join(
        f' {key.strip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{told}/>" if not text else f"<{name}{told}>{text}</{name}>"


def label(text: str, x: float, y: float, classes: str = "f-ink", anchor: str = "start") -> str:
    """Write a text anchored at a point by its start, middle or end."""
    kept = None if anchor == "start" else anchor
    return element("text", escape(printable(text)), x=x, y=y, class_=classes, text_anchor=kept)


def titled(text: str) -> str:
    """Write a tooltip."""
    return element("title", escape(printable(text)))


def _value(value: str | float) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return escape(str(value), quote=True)


_HEADS = "".join(
    element(
        "marker", element("path", d="M0 0L8 4L0 8z", class_=f"f-{name}"),
        id=f"head-{name}", viewBox="0 0 8 8", refX=7, refY=4, markerWidth=8, markerHeight=8,
        markerUnits="userSpaceOnUse", orient="auto",
    )
    for name in ("faint", "ink", "client", "server", "bad")
)  # fmt: skip
"""Arrowheads; they keep their size however thick the line is."""


def document(
    size: tuple[int, int], title: str, about: str, parts: Iterable[str], ground: str = "auto"
) -> Iterator[str]:
    """Yield a whole picture, a line for each part.

    Args:
        size: width and height in pixels.
        title: a short title.
        about: a full description, for screen readers.
        parts: its elements, from the lowest to the topmost.
        ground: ``auto`` follows the reader's, ``light`` and ``dark`` are painted.
    """
    wide, high = size
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" '
        'role="img" aria-labelledby="title about">'
    )
    yield element("title", escape(printable(title)), id="title")
    yield element("desc", escape(printable(about)), id="about")
    yield f"<style>{colours.style(ground)}</style>"
    yield element("defs", _HEADS)
    if ground != "auto":
        yield element("rect", width=wide, height=high, class_="f-ground")
    yield from filter(None, parts)
    yield "</svg>"
