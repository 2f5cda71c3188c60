"""Determines the output format: the option, else the output's extension."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from wirestat import export
from wirestat.commands.output import spare_inputs
from wirestat.commands.voice import Voice
from wirestat.errors import UsageError
from wirestat.report import formats

if TYPE_CHECKING:
    from pathlib import Path

_ENDINGS: Mapping[str, str] = {**formats.ENDINGS, **export.ENDINGS, ".log": "zeek"}

_PICTURES = frozenset({".png", ".svg", ".gif", ".jpg", ".jpeg"})
_PAPERS = frozenset({".pdf", ".docx", ".xlsx", ".xml", ".yaml", ".yml"})
_FOREIGN = _PICTURES | _PAPERS | {".pcap", ".pcapng", ".cap"}
"""Extensions of unsupported formats: writing text under such a name would mislead."""


def settled(
    values: Mapping[str, Any], known: Collection[str], voice: Voice, default: str | None = formats.TEXT
) -> dict[str, Any]:
    """Return the values of a command line with ``format`` settled; ``known`` are the formats of the verb.

    ``default`` is the format without an option and a known extension. If the two disagree, a warning says so.

    Raises:
        UsageError: the extension is of a format that the verb does not write, or of an input.
    """
    typed: str | None = values["format"]
    output: Path | None = values["output"]
    said = said_by(output)
    if typed and said and not typed.startswith(said):
        voice.warning(f"{output} is written as {typed}, as --format says; its name says {said}")
    if typed is None and said is not None and said not in known:
        raise UsageError(
            f"{output}: its name says {said}, which this verb does not write",
            hint=f"--format takes {', '.join(known)}",
        )
    if typed is None and output is not None and output.suffix.lower() in _FOREIGN:
        spare_inputs(output, values.get("captures") or ())
        raise UsageError(
            f"{output}: nothing is written as {output.suffix.lower()}",
            hint=f"--format takes {', '.join(known)}; text goes to a name in .txt",
        )
    return {**values, "format": typed or said or default}


def said_by(output: Path | None) -> str | None:
    """Return the format of a file name's extension, if any."""
    return _ENDINGS.get(output.suffix.lower()) if output is not None else None
