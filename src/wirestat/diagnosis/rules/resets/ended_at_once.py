"""Resets of a server that let go of several connections at one instant, as a program does that ends."""

from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.study.at_once import Instant, instant_of, instants
from wirestat.spans import span
from wirestat.vocabulary import Fact
from wirestat.words import day_time, some

SEE_WHAT_ENDED = (
    "See whether the program, or one of its workers, ended then, and why: its log, journalctl, and dmesg for the "
    "kernel's OOM killer."
)


def ended_at_once(case: Case, end: End) -> Instant | None:
    """Return the instant of a server's reset, where it let go of several connections then."""
    reset = end.fact(Fact.RST_SENT)
    if end is not case.server or reset is None:
        return None
    return instant_of(case.of_socket(instants), reset.time_ns)


def in_words(instant: Instant | None) -> str:
    """Say what ended at that instant, and what went on; nothing where there is none."""
    if instant is None:
        return ""
    lasted = instant.until_ns - instant.from_ns
    within = f", within {span(lasted)}" if lasted else ""
    resets = "all" if instant.resets == instant.count else f"{instant.resets:,}"
    others = some(instant.others, "other") if instant.others else "no other"
    who = "one of its workers" if instant.others else "its program"
    late = (
        f", or it turns away who has waited for {span(instant.waited_ns)} without an answer"
        if instant.waited_ns
        else ""
    )
    alone = ", or somebody closed these alone" if instant.others else ""
    return (
        f" At {day_time(instant.from_ns)}{within}, the server let go of {some(instant.count, 'connection')} "
        f"({resets} by reset) that had begun at different times, and {others} stayed open: "
        f"{who} seems to have ended then{late}{alone}."
    )
