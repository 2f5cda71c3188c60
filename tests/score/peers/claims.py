"""A claim of another tool: one connection, and the states that its word allows for each end."""

from __future__ import annotations

from dataclasses import dataclass

from ..truth import Address, TrueConnection

OVER = frozenset({"TIME_WAIT", "CLOSED"})
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PeerClaim:
    """A tool's claim about one connection."""

    opener: Address
    answerer: Address
    first_ns: int
    word: str
    states: tuple[frozenset[str], frozenset[str]]
    """The states allowed for the opener and for the other end; empty where the word says nothing."""

    def of(self, address: Address) -> frozenset[str]:
        """The states that the claim allows for the end at this address."""
        return self.states[0] if address == self.opener else self.states[1]


def both(states: frozenset[str] | set[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Allow the same states for both ends."""
    return frozenset(states), frozenset(states)


@dataclass(frozen=True)
class Claims:
    """All claims of one tool on one tap."""

    claims: tuple[PeerClaim, ...]

    def about(self, connection: TrueConnection, tap: str, until_ns: int) -> PeerClaim | None:
        """The last claim about this incarnation: one that began after it and before ``until_ns``."""
        mine = [
            each
            for each in self.claims
            if connection.is_between(each.opener, each.answerer, tap)
            and (connection.begins_ns or 0) - 5_000_000 <= each.first_ns < until_ns
        ]
        return mine[-1] if mine else None
