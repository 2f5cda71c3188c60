"""Sizes in bytes, as people write them."""

import re

_FORM = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,9}))?\s*([kmgt]?)(i?)b?", re.ASCII | re.IGNORECASE)


def size(text: str, *, is_binary: bool = False) -> int | None:
    """Return a size in bytes, rounded down; ``None`` if the text is no size.

    ``k``, ``m``, ``g`` and ``t`` are powers of 1000, with an ``i`` of 1024; with ``is_binary`` always of 1024.

    >>> size("1.5MB"), size("64KiB"), size("64k", is_binary=True), size("much")
    (1500000, 65536, 65536, None)
    """
    found = _FORM.fullmatch(text.strip())
    if found is None:
        return None
    whole, fraction, prefix, binary = found.groups()
    unit: int = (1024 if binary or is_binary else 1000) ** " kmgt".index(prefix.lower() or " ")
    return int(whole) * unit + (int(fraction) * unit // 10 ** len(fraction) if fraction else 0)
