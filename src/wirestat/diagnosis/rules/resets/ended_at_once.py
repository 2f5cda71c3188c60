"""Resets of a server that let go of several connections at one instant, as a program does that ends."""

from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.study.at_once import Instant, instant_of, instants
from wirestat.diagnosis.words import instant
from wirestat.spans import span
from wirestat.vocabulary import Fact
from wirestat.words import some

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


def in_words(case: Case, ended: Instant | None) -> str:
    """Say what ended at that instant, and what went on; nothing where there is none."""
    if ended is None:
        return ""
    lasted = ended.until_ns - ended.from_ns
    within = f", within {span(lasted)}" if lasted else ""
    resets = "all" if ended.resets == ended.count else f"{ended.resets:,}"
    others = some(ended.others, "other") if ended.others else "no other"
    who = "one of its workers" if ended.others else "its program"
    late = (
        f", or it turns away who has waited for {span(ended.waited_ns)} without an answer"
        if ended.waited_ns
        else ""
    )
    alone = ", or somebody closed these alone" if ended.others else ""
    return (
        f" At {instant(case.analysis, ended.from_ns)}{within}, the server let go of "
        f"{some(ended.count, 'connection')} ({resets} by reset) that had begun over {span(ended.began_over_ns)}, and "
        f"{others} stayed open: {_on_purpose(ended) or f'{who} seems to have ended then{late}{alone}'}."
    )


def _on_purpose(ended: Instant) -> str:
    """Say that these were ended for themselves; nothing where some may have had data that were unread."""
    if ended.settled < ended.count:
        return ""
    return (
        "nothing was left unread on these, it seems, and a program that ends closes such ones by FIN (on Linux). So "
        "they were aborted: by the program, at its end or before (SO_LINGER), by somebody (ss -K), or by a "
        "device in its name"
    )
