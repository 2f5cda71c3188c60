"""Segments that are signed (TCP-MD5 of RFC 2385, TCP-AO of RFC 5925) and fall silent: the keys may differ."""

from wirestat.diagnosis.case import End
from wirestat.diagnosis.rivals import Rival, cause
from wirestat.vocabulary import Fact


def was_signed(end: End) -> str:
    """Say that an end signs what it sends again in vain, and whether the other's is in vain as well."""
    if not end.has(Fact.SYN_SIGNED):
        return ""
    both = end.other.has(Fact.DATA_RESENT_UNANSWERED, Fact.DATA_RESENT)
    also = f" {end.other.subject} sends its own again in vain, too." if both else ""
    return (
        f"{also} The connection is signed (TCP-MD5, TCP-AO): who has another key drops all of it in silence."
    )


def keys_may_differ(end: End) -> tuple[Rival, ...]:
    """Name another key, where segments are signed."""
    if not end.has(Fact.SYN_SIGNED):
        return ()
    return (cause("a key that was changed at one end (TCP-MD5, TCP-AO)", "its segments are signed"),)
