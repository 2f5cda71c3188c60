"""Paths that sleep: the first packet after a silence is lost, and wakes them."""

from wirestat.diagnosis.advice import advise, capture_at, keepalive_settings
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import cause, ruled_out, still_open
from wirestat.diagnosis.rules.silence.dozing import each_is_sent_twice
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import times
from wirestat.model import Connection, Fault, Severity
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_ONE_SPELL = 10 * SECOND
"""Losses on several connections within this time are one spell of a bad path."""


@rule(
    "D47",
    "First packet after a silence lost",
    Severity.NOTE,
    rests_on={Basis.SILENCE, Basis.REPEATS, Basis.TIMES},
    replaces={"D29"},
    corroborates=True,
)
def first_packet_lost(case: Case) -> Verdict | None:
    """The first segment after a long silence is not answered, and its copy is.

    What it means: something on the way sleeps while nothing passes: a tunnel that rekeys or comes up on demand, a
    neighbour entry that has to be asked for again, a radio link, a dial-up. The first packet wakes it and is lost.
    Shorter pauses, of seconds, are told of where the request after each of them came twice, and nothing else did.

    Why it matters: after each pause the first request takes a retransmission time-out longer, or a keepalive interval
    (75 s). With too few probes allowed, a connection that lives is given up.

    Rivals: chance loss, where it happens once. An idle time-out (D08): then no copy is answered either.

    What to do: keep the path awake by keepalives that come more often than it falls asleep, or keep the tunnel up.

    See it: ``wirestat pcaps/field/tunnel-sleeps/capture.pcap``: the first probe after two hours, twice.

    RFC 9293: 3.8.4 (one lost probe does not mean a dead connection), 3.8.1.
    """
    end = next((end for end in case.ends if _lost(end) or _in_a_row(end)), None)
    if end is None:
        return each_is_sent_twice(case)
    if case.has(Fact.ONE_WAY) or end.other.record.unseen_bytes or end.has(Fact.RST_ABORTS):
        return None  # who gave it up was answered by nothing
    silences, probes = _lost(end), _in_a_row(end)
    often = max(silences, probes)
    if often == 1 and not probes and not _happens_elsewhere(case):
        return None  # a single loss, or an answer that came late, as any other segment may have met
    gap = end.figure(Fact.KEEPALIVE_SENT, Fact.SURVIVED_GAP, Fact.IDLE_GAP)
    silence = f"a silence of {span(gap)}" if gap else "a long silence"
    return Verdict(
        severity=None if often > 1 or probes else Severity.INFO,
        grounds=(
            showing(
                end, Fact.PROBE_LOST_AFTER_IDLE, Fact.IDLE_GAP, Fact.KEEPALIVE_SENT, Fact.KEEPALIVE_UNANSWERED
            ),
        ),
        weak=often == 1,
        doubts=(
            "one capture does not tell whether the segment or its answer was lost"
            if often > 1
            else "a single loss may be chance",
        ),
        fault=Fault.PATH,
        frames=case.evidence(
            end.frame(Fact.IDLE_GAP), end.frame(Fact.PROBE_LOST_AFTER_IDLE, Fact.KEEPALIVE_UNANSWERED)
        ),
        explanation=f"{end} broke {silence}, and only a copy of what it sent was answered by {end.other}"
        + f"{_how_often(silences, probes)}. "
        + "The path seems to sleep, and the first packet wakes it.",
        rivals=(
            cause("a tunnel that comes up on demand (IPsec, VPN)"),
            cause("a neighbour or ARP entry that had run out"),
            ruled_out("an idle time-out on the way (D08)", "the connection lives on"),
            still_open("chance loss", "it happened again" if often > 1 else ""),
        ),
        advice=advise(
            f"Keep the path awake: probe more often than every {span(gap)}, or let the tunnel stay up."
            if gap
            else "Keep the path awake by keepalives, or let the tunnel stay up.",
            keepalive_settings(end),
            capture_at(end.other),
            "  gateway$ ip xfrm state; ip neigh",
        ),
    )


def _happens_elsewhere(case: Case) -> bool:
    """Say whether the same befell other connections of the socket, and not all of them at one instant."""
    return case.of_socket(_spell_ns) > _ONE_SPELL


def _spell_ns(connections: list[Connection]) -> int:
    """Return how long after the first the last one of them lost what it said after a silence, in ns."""
    seen = [
        fact.time_ns for one in connections for fact in one.facts if fact.fact is Fact.PROBE_LOST_AFTER_IDLE
    ]
    return max(seen) - min(seen) if seen else 0


def _how_often(silences: int, probes: int) -> str:
    if silences > 1:
        return f": {times(silences)} the first went unanswered"
    return f": {some(probes, 'probe')} in a row went unanswered" if probes > 1 else ""


def _lost(end: End) -> int:
    """Return after how many silences the first segment went unanswered, and a copy of it did not."""
    return (end.figure(Fact.PROBE_LOST_AFTER_IDLE) or 1) if end.has(Fact.PROBE_LOST_AFTER_IDLE) else 0


def _in_a_row(end: End) -> int:
    """Return how many probes of one silence went unanswered, before the other end answered the next."""
    if not end.has(Fact.KEEPALIVE_UNANSWERED) or end.has(Fact.DATA_RESENT_UNANSWERED):
        return 0
    probes, heard = end.fact(Fact.KEEPALIVE_UNANSWERED), end.other.record.last_time_ns
    first = end.fact(Fact.KEEPALIVE_SENT)
    if probes is None or first is None or heard is None or heard <= probes.time_ns:
        return 0
    again = (probes.figure or 1) - 1
    # A probe that is sent again comes sooner than after another silence; else it is the next, and only one was lost.
    is_sooner = 2 * (probes.time_ns - first.time_ns) < max(again, 1) * (first.figure or 0)
    return again if is_sooner else 0
