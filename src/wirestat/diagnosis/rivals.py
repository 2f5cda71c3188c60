"""Rivals: other explanations of an event, and how far each is ruled out."""

from enum import StrEnum

import msgspec


class Standing(StrEnum):
    """How a rival stands."""

    RULED_OUT = "ruled out"
    UNLIKELY = "unlikely"
    """It would take a further accident: it is told, and does not hold certainty back."""
    OPEN = "open"
    """The capture does not tell: nothing is certain beside it."""
    CAUSE = "a possible cause"
    """It is no other diagnosis, but one of several things that lead to this one."""


class Rival(msgspec.Struct, frozen=True):
    """One of them."""

    what: str
    standing: Standing
    why: str = ""

    def __str__(self) -> str:
        """Say it in a line.

        >>> str(ruled_out("a crash (D07)", "it had closed"))
        'a crash (D07): ruled out, it had closed'
        """
        return f"{self.what}: {self.standing}" + (f", {self.why}" if self.why else "")


def ruled_out(what: str, why: str) -> Rival:
    """Name an explanation that is ruled out."""
    return Rival(what, Standing.RULED_OUT, why)


def unlikely(what: str, why: str) -> Rival:
    """Name an explanation that is unlikely."""
    return Rival(what, Standing.UNLIKELY, why)


def still_open(what: str, why: str = "") -> Rival:
    """Name an explanation that remains possible."""
    return Rival(what, Standing.OPEN, why)


def cause(what: str, why: str = "") -> Rival:
    """Name a possible cause of the event."""
    return Rival(what, Standing.CAUSE, why)
