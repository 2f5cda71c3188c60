"""Segments that are too large for the path: as their sender finds out, and as a tap sees that is beyond the path."""

from wirestat.diagnosis.advice import advise, capture_at, on, sysctl
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import Rival, ruled_out, still_open, unlikely
from wirestat.diagnosis.rules.silence.meanwhile import Stall, opened_within
from wirestat.diagnosis.shown import sighting
from wirestat.diagnosis.study.instants import count_between
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Connection, Fault, Severity
from wirestat.spans import span
from wirestat.vocabulary import Fact

OPTIONS = 40
"""Bytes of TCP options that a full segment may carry in the place of payload."""
LARGE = 1200
"""Bytes; every IPv6 path passes what is smaller. Without a known MSS no smaller segment is taken for a full one."""
TCP_BEYOND_ECHO = 12
"""A TCP header has 20 bytes, that of an echo request 8: so much more payload makes a packet of the same size."""


def found_by_probing(case: Case, end: End) -> Verdict:
    """Judge an end that sent full segments in vain, and got through with smaller ones."""
    first, smaller = end.fact(Fact.DATA_RESENT), end.fact(Fact.RESENT_SMALLER)
    passed = smaller.figure if smaller and smaller.figure else 0
    stalled = smaller.time_ns - first.time_ns if smaller and first else 0
    passed_meanwhile = (
        _passed_meanwhile(case, Stall(first.time_ns, smaller.time_ns)) if smaller and first else ""
    )
    known = min((size for size in (end.record.mss, end.other.record.mss) if size), default=0)
    version = 6 if ":" in end.address else 4
    return Verdict(
        severity=Severity.WARNING,
        weak=not passed_meanwhile,
        kind="found by probing",
        grounds=(showing(end, Fact.FULL_SIZE_RESENT_ONLY, Fact.RESENT_SMALLER),),
        measure=stalled,
        doubts=(
            "one capture does not tell where the full ones were dropped"
            if passed_meanwhile
            else "a path that was cut off for as long would look the same",
        ),
        fault=Fault.PATH,
        frames=case.evidence(
            end.frame(Fact.DATA_RESENT), end.frame(Fact.FULL_SIZE_RESENT_ONLY), end.frame(Fact.RESENT_SMALLER)
        ),
        explanation=f"{end} sent full segments{f' (MSS {known})' if known else ''} in vain for {span(stalled)}, then "
        f"the same in segments of {passed} bytes, which {end.other} acknowledged: its kernel found that the path is "
        "narrower, and no ICMP message says so.",
        rivals=(
            _outage(passed_meanwhile),
            ruled_out("a dead end (D09)", "it acknowledged the smaller ones"),
        ),
        advice=advise(
            "Find the largest packet that passes, then clamp the MSS or let ICMP through: until then each new "
            "connection stalls for as long.",
            on(end, f"ping -{version} -M do -s {known + TCP_BEYOND_ECHO} -c 3 {end.other.address}"),
            on(end, f"tracepath -n {end.other.address}"),
            sysctl(end, "net.ipv4.tcp_mtu_probing", "net.ipv4.tcp_base_mss"),
        ),
    )


def _outage(passed_meanwhile: str) -> Rival:
    outage = "an outage that ended just then (D54)"
    if passed_meanwhile:
        return ruled_out(outage, passed_meanwhile)
    return still_open(outage, "then other connections stopped as well")


def _passed_meanwhile(case: Case, stall: Stall) -> str:
    """Say what passed between the two hosts while the full segments were sent in vain; nothing where nothing did."""
    here, _ = opened_within(case, stall)
    if here:
        return "the same host answered connects meanwhile"
    healed = count_between(case.between_hosts(_healed), *stall)
    return "the smaller segments of another connection passed meanwhile" if healed else ""


def _healed(connections: list[Connection]) -> list[int]:
    """Return when smaller segments passed that had been sent in full ones in vain, in order, in Unix ns."""
    smaller = (sighting(one, Fact.RESENT_SMALLER) for one in connections)
    return sorted(seen.time_ns for seen in smaller if seen)


def lost_before_the_tap(case: Case, end: End) -> Verdict | None:
    """Judge an end of which only what is small came as far as the tap and the receiver."""
    missing, record = end.figure(Fact.HOLE_NOT_FILLED) or end.unseen_answer, end.record
    most = min((size for size in (record.mss, end.other.record.mss) if size), default=0)
    came = record.bytes - record.retransmitted_bytes
    is_large = missing >= most - OPTIONS if came > LARGE else missing > LARGE
    if not most or not is_large or came > most or case.has(Fact.ONE_WAY):
        return None
    return Verdict(
        severity=Severity.WARNING,
        weak=True,
        kind="lost before the tap",
        grounds=(
            showing(end, Fact.HOLE_NOT_FILLED),
            showing(end.other, Fact.SENT_DATA, Fact.WORDS_UNANSWERED),
        ),
        doubts=("one capture does not tell why it was lost: a run of losses would look the same",),
        fault=Fault.PATH,
        frames=case.evidence(end.frame(Fact.HOLE_NOT_FILLED), case.connection.last_frame),
        explanation=f"{end} sent {missing:,} bytes that neither came as far as the tap nor were acknowledged by "
        f"{end.other}, in segments of up to {min(most, missing)} bytes, while "
        + (f"{came:,} bytes in smaller ones got through." if came else "what is small got through."),
        rivals=(
            ruled_out("packets that the capture missed", "the receiver does not acknowledge them either"),
            still_open("plain loss", "small segments are not lost"),
            unlikely("a server that does not answer (D51)", "its numbers tell that it did"),
        ),
        advice=advise(
            "Capture at the sender, and find the largest packet that passes; then clamp the MSS or let ICMP through.",
            capture_at(end),
            on(end.other, f"tracepath -n {end.address}"),
            sysctl(end, "net.ipv4.tcp_mtu_probing"),
        ),
    )
