"""A parsed expression: a tree of tests with resolved fields and values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

import msgspec

from wirestat.query.fields import FilterField

End = Literal["client", "server"]
ENDS: tuple[End, End] = ("client", "server")
Span = tuple[int, int]
"""Numbers from one to another, both included."""


class Test(msgspec.Struct, frozen=True):
    """Whether a field has one of some values: of the connection, of one end, or of either."""

    __test__ = False  # else pytest would take it for a test

    field: FilterField
    end: End | None
    """The end; ``None`` for either of them, or for the connection as a whole."""
    spans: tuple[Span, ...] = ()
    """The values, as the columns have them: numbers, codes, bytes, nanoseconds."""
    texts: tuple[str, ...] = ()
    """The values where they are no numbers: the first and the last address of each net, names."""


class Stepped(msgspec.Struct, frozen=True):
    """Whether an end made a change of state, as far as that is believed."""

    end: End | None
    changes: tuple[Span, ...]
    """The number of the state left and that of the state entered, each."""


class Every(msgspec.Struct, frozen=True):
    """All of these."""

    parts: tuple[Tree, ...]


class Some(msgspec.Struct, frozen=True):
    """At least one of these."""

    parts: tuple[Tree, ...]


class Opposite(msgspec.Struct, frozen=True):
    """The negation. For a test of either end: true for neither end."""

    part: Tree


class OneEnd(msgspec.Struct, frozen=True):
    """True if one single end meets all of this: inside, tests of either end are about that one."""

    part: Tree


Tree: TypeAlias = Test | Stepped | Every | Some | Opposite | OneEnd


class Known(msgspec.Struct, frozen=True):
    """Names for expressions that come from the layers above."""

    findings: Mapping[str, str] = {}
    """The id of each diagnosis by the names that it goes by, itself among them."""


def leaves(tree: Tree) -> Iterator[Test | Stepped]:
    """Yield all that a tree asks, from left to right."""
    match tree:
        case Test() | Stepped():
            yield tree
        case Every(parts=parts) | Some(parts=parts):
            for part in parts:
                yield from leaves(part)
        case Opposite(part=part) | OneEnd(part=part):
            yield from leaves(part)


def tests(tree: Tree) -> Iterator[Test]:
    """Yield every test of a tree, from left to right."""
    return (leaf for leaf in leaves(tree) if isinstance(leaf, Test))


def bind(tree: Tree, end: End) -> Tree:
    """Have every test of either end be of this one."""
    match tree:
        case Test() | Stepped():
            is_bound = isinstance(tree, Test) and not tree.field.is_of_ends
            return tree if is_bound or tree.end else msgspec.structs.replace(tree, end=end)
        case Every(parts=parts) | Some(parts=parts):
            return msgspec.structs.replace(tree, parts=tuple(bind(part, end) for part in parts))
        case Opposite(part=part):
            return Opposite(bind(part, end))
        case OneEnd():
            return tree
