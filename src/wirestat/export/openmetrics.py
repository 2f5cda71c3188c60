"""The text of OpenMetrics 1.0, and of Prometheus before it: families of samples, each with its type and meaning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec

Kind = Literal["counter", "gauge", "histogram", "info"]


class Sample(msgspec.Struct, frozen=True):
    """A value with its labels."""

    value: int | float
    labels: Mapping[str, str] = {}
    suffix: str = ""
    """The suffix of the family's name, as ``_bucket``."""


class Family(msgspec.Struct, frozen=True):
    """Samples of one meaning."""

    name: str
    kind: Kind
    help: str
    samples: tuple[Sample, ...]
    unit: str = ""
    """The unit; the name must end with it."""


def openmetrics(families: Iterable[Family]) -> str:
    """Write families as OpenMetrics has them."""
    lines: list[str] = []
    for family in families:
        lines += _heading(family, family.name, family.kind)
        if family.unit:
            lines.append(f"# UNIT {family.name} {family.unit}")
        suffix = {"counter": "_total", "info": "_info"}.get(family.kind, "")
        lines += _samples(family, suffix)
    return "".join(f"{line}\n" for line in (*lines, "# EOF"))


def prometheus(families: Iterable[Family]) -> str:
    """Write families in the older text format, which node_exporter reads from files: it has no info type, no units
    and no end marker."""
    lines: list[str] = []
    for family in families:
        suffix = {"counter": "_total", "info": "_info"}.get(family.kind, "")
        kind = "gauge" if family.kind == "info" else family.kind
        lines += _heading(family, family.name + suffix, kind)
        lines += _samples(family, suffix)
    return "".join(f"{line}\n" for line in lines)


def _heading(family: Family, name: str, kind: str) -> Iterator[str]:
    yield f"# HELP {name} {_escaped(family.help)}"
    yield f"# TYPE {name} {kind}"


def _samples(family: Family, suffix: str) -> Iterator[str]:
    for sample in family.samples:
        labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in sample.labels.items())
        name = family.name + (sample.suffix or suffix)
        yield f"{name}{{{labels}}} {sample.value}" if labels else f"{name} {sample.value}"


def _escaped(text: str) -> str:
    r"""Escape a text.

    >>> _escaped('a "b"')
    'a \\"b\\"'
    """
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
