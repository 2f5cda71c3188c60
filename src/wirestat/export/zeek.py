"""Zeek's conn.log: its own fields by its own documented rules, then ours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wirestat.report.build import Report

FORMATS = ("zeek", "zeek-json")
"""As Zeek writes it: tab-separated, and with ``LogAscii::use_json``."""


def render(report: Report, format: str, chosen: bytes | None = None) -> Iterator[bytes]:
    """Yield the log in chunks.

    ``chosen`` has a byte for each connection in the order of ids: 0 leaves it out. With it, UDP is left out,
    too. The analysis must have kept the data for this log: ``analyze(..., conn_log=True)``.
    """
    from wirestat.report.connections import findings_of_each
    from wirestat.tables.conn_log import FIELDS

    is_json = format == FORMATS[1]
    lines = report.analysis.conn_log(findings_of_each(report), is_json=is_json, chosen=chosen)
    if is_json:
        yield from lines
        return
    names, types = zip(*FIELDS, strict=True)
    heading = (
        "#separator \\x09",
        "#set_separator\t,",
        "#empty_field\t(empty)",
        "#unset_field\t-",
        "#path\tconn",
        f"#open\t{_moment(report.start_ns)}",
        "\t".join(("#fields", *names)),
        "\t".join(("#types", *types)),
    )
    yield "".join(f"{line}\n" for line in heading).encode()
    yield from lines
    yield f"#close\t{_moment(report.end_ns)}\n".encode()


def _moment(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns // 1_000_000_000, UTC).strftime("%Y-%m-%d-%H-%M-%S")
