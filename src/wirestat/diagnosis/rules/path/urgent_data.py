"""Urgent data, which some devices on the way drop (RFC 6093, 3.4)."""

from wirestat.diagnosis.case import End
from wirestat.diagnosis.rivals import Rival, cause
from wirestat.vocabulary import Fact


def was_urgent(end: End) -> str:
    """Say that what an end sent again is urgent data, where it is."""
    if not end.has(Fact.URGENT_RESENT):
        return ""
    return (
        " These are urgent data (URG), which some firewalls and balancers drop: Oracle's clients try with one byte "
        "whether they pass (DISABLE_OOB=ON leaves that out)."
    )


def may_be_dropped_as_urgent(end: End) -> tuple[Rival, ...]:
    """Name what drops urgent data, where those come again."""
    if not end.has(Fact.URGENT_RESENT):
        return ()
    return (cause("a device on the way that drops segments with URG", "they alone came again"),)
