"""``-Y``: the filter expression. It is parsed, and completed, without any capture."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from wirestat.query import FilterField
    from wirestat.report.selection import Question

Command = TypeVar("Command", bound=Callable[..., Any])

_BEGUN = re.compile(r"(?:.*[\s(){},&|!])?", re.DOTALL)
_COMPARED = re.compile(r"([\w.]+)\s*(?:[=!<>]=|[<>]|(?:not\s+)?in(?:\s+\{.*?)?)\s*$", re.DOTALL)
_VALUE_BEGUN = re.compile(r"(.*(?:[=<>,{]|\bin\s)\s*)[\w.:/-]*", re.DOTALL)


def read_where(_ctx: click.Context, _option: click.Parameter, value: str | None) -> Question | None:
    """Parse the expression: mistakes are reported before anything is captured."""
    return None if value is None else question(value)


def question(text: str) -> Question:
    """Read an expression.

    Raises:
        UsageError: it is invalid; the excerpt points at the mistake.
    """
    from wirestat.report.selection import asked  # here, because it loads the core

    return asked(text)


def complete_where(_ctx: click.Context, _option: click.Parameter, incomplete: str) -> list[str]:
    """Offer completions of a filter to the shell."""
    return complete_filter(incomplete)


def complete_filter(incomplete: str) -> list[str]:
    """Offer fields, or values after the comparison of a field that has names."""
    from wirestat.query import FIELDS

    if (found := _VALUE_BEGUN.fullmatch(incomplete)) and (what := _COMPARED.search(found[1])):
        field = FIELDS.get(what[1].rpartition(".")[2])
        return _beginning(incomplete, found[1], _values(field) if field else ())
    begun = _BEGUN.match(incomplete)
    before = begun[0] if begun else ""
    names = [
        *FIELDS,
        *(f"{end}.{name}" for end in ("client", "server") for name in FIELDS if FIELDS[name].end),
    ]
    return _beginning(incomplete, before, [*names, "transition("])


def _beginning(incomplete: str, before: str, names: Iterable[str]) -> list[str]:
    word = incomplete[len(before) :].lower()
    return [before + name for name in names if name.lower().startswith(word)]


def _values(field: FilterField) -> Iterable[str]:
    from wirestat.diagnosis import roster
    from wirestat.model import Severity
    from wirestat.query import Kind
    from wirestat.tables.schema import FIXED

    match field.kind:
        case Kind.FINDING:
            return roster.every()
        case Kind.SEVERITY:
            return list(Severity)
        case Kind.FLAG:
            return ("true", "false")
    return FIXED.get(field.names or "", ())


def where_option(help: str) -> Callable[[Command], Command]:
    """Add ``-Y``; ``help`` says what it selects."""
    return click.option(
        "-Y",
        "--where",
        callback=read_where,
        shell_complete=complete_where,
        metavar="FILTER",
        help=f"{help} 'wirestat fields' lists the fields: state==CLOSE_WAIT && port==443 && for>60s.",
    )


display_filter_option = click.option(
    "--display-filter",
    metavar="FILTER",
    help="Only frames that match a Wireshark display filter, with --engine pyshark.",
)
