"""A report in a notebook: its findings and connections as a little HTML."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import islice
from typing import TYPE_CHECKING

from wirestat.words import socket, some

if TYPE_CHECKING:
    from wirestat.model import Connection, Endpoint
    from wirestat.report.build import Report

_ROWS = 20


def html(report: Report) -> str:
    """Return the HTML, with foreign text escaped."""
    names = ", ".join(capture.title for capture in report.captures)
    summary = report.summary
    heading = f"{names}: {some(summary.connections, 'connection')}, {some(summary.frames, 'frame')}"
    parts = [f"<p>{escape(heading)}</p>"]
    if report.findings:
        parts.append(
            _table(
                ("severity", "", "finding", "where", "connections", "confidence"),
                (
                    (one.severity, one.id, one.title, one.where, str(one.count), one.confidence)
                    for one in report.findings[:_ROWS]
                ),
            )
        )
        parts.append(_more(len(report.findings), "finding"))
    rows = [_row(one) for one in islice(report.connections(), _ROWS)]
    if rows:
        parts.append(_table(("id", "client", "state", "server", "state", "bytes"), rows))
        parts.append(_more(summary.connections, "connection"))
    return "".join(parts)


def _row(one: Connection) -> tuple[str, ...]:
    return (
        str(one.id),
        socket(one.client.address, one.client.port), _state(one.client),
        socket(one.server.address, one.server.port), _state(one.server),
        f"{one.client.bytes:,} / {one.server.bytes:,}",
    )  # fmt: skip


def _state(end: Endpoint) -> str:
    return ", or ".join((end.state, *end.or_since))


def _table(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in heading)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _more(count: int, noun: str) -> str:
    return f"<p>and {escape(some(count - _ROWS, f'more {noun}'))}</p>" if count > _ROWS else ""
