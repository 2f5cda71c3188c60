"""Resets that come again and again, by somebody else's timer."""

from wirestat.diagnosis.case import End
from wirestat.diagnosis.words import times
from wirestat.vocabulary import Fact


def came_again(end: End) -> str:
    """Say that the same reset came several times; nothing where it did not."""
    count = end.figure(Fact.RESET_AGAIN)
    if not count:
        return ""
    what = (
        f"it answers what {end.other} sends again, who does not get the reset, or takes no notice of it"
        if end.other.record.frames
        else f"it answers something of {end.other} that was not captured, and that comes again"
    )
    return f" The same reset came {times(count)}: {what}."
