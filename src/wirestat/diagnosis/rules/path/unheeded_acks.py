"""Ends that send again what was acknowledged: they do not hear of that, or do not heed it."""

from msgspec.structs import replace

from wirestat.diagnosis.advice import advise, capture_at, nstat, ss_this
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.doubts import holds_only_data
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, ruled_out, unlikely
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import times
from wirestat.model import Fault, Severity
from wirestat.vocabulary import Fact

_OFTEN = 5
"""Copies of a FIN or of data, each later than an acknowledgement of it; of fewer, some may have crossed it."""
_UNFIT = (Fact.ONE_WAY, Fact.FRAMES_MISSING, Fact.FRAMES_DUPLICATED, Fact.REPLAYED, Fact.MID_STREAM)


def unheeded(case: Case, end: End, rounds: int) -> Verdict:
    """Judge an end that sends data again that was acknowledged."""
    both_resent = end.other.has(Fact.DATA_RESENT_UNANSWERED)
    if both_resent and end.other.record.unacknowledged_bytes:
        return _deaf(case, end, rounds)
    if end.record.unacknowledged_bytes:
        return _missing_the_point(case, end, rounds)
    return Verdict(
        grounds=(showing(end, Fact.RESET_LOOP, Fact.DATA_RESENT), showing(end.other, Fact.SENT_DATA)),
        doubts=("one capture does not tell whether the acknowledgements arrive",),
        fault=Fault.UNDECIDED,
        frames=_frames(case, end),
        explanation=f"{end} sent the same data {times(rounds)} after {end.other} had acknowledged them"
        f"{_answers(case)}: the acknowledgements do not arrive, or are not heeded."
        f"{' Later ones it heeded, and acknowledged data again.' if both_resent else ''}",
        rivals=(
            cause(f"a filter or a broken route on the way to {end.address}, behind the tap"),
            cause("acknowledgements that arrive and are thrown away", "for their checksum or time stamp"),
            cause("a stack that loops on what it has to resend"),
            unlikely("chance loss", "it would not strike every acknowledgement"),
        ),
        advice=advise(
            f"Capture at {end.address}, and see whether the acknowledgements arrive there.",
            capture_at(end),
            ss_this(end),
            nstat(end, "TcpInCsumErrors", "TcpExtPAWSEstab", "TcpExtTCPACKSkippedSeq"),
        ),
    )


def _answers(case: Case) -> str:
    """Tell of the answers to the copies, where the capture may hold them."""
    return "" if holds_only_data(case.analysis.summary) else ", and it acknowledged each copy"


def _missing_the_point(case: Case, end: End, rounds: int) -> Verdict:
    """Judge an end that sends again and again what the other does not lack, and not what it asks for."""
    return Verdict(
        grounds=(showing(end, Fact.RESET_LOOP, Fact.DATA_RESENT), showing(end.other, Fact.SENT_DATA)),
        weak=True,
        kind="what is not asked for",
        doubts=("one capture does not tell whether the acknowledgements arrive",),
        fault=Fault.UNDECIDED,
        frames=_frames(case, end),
        explanation=f"{end} sent the same data {times(rounds)}, and {end.other} answered each copy by asking for "
        "other octets, with the same number: it lacks what comes before or after, or its answers do not arrive.",
        rivals=(
            cause("a stack that does not understand an acknowledgement inside of what it repeats"),
            cause("a stack that repeats the last segment and not the one that was lost"),
            cause("acknowledgements that do not arrive", "a filter, or a broken route behind the tap"),
            unlikely("chance loss", "it would not strike the same octets each time"),
        ),
        advice=advise(
            f"Capture at {end.address}, and see whether the acknowledgements arrive there.",
            capture_at(end),
            ss_this(end),
        ),
    )


def deaf(case: Case) -> Verdict | None:
    """Judge an end that heeds nothing, and whose bare acknowledgements count fewer octets than it had sent."""
    end = next((end for end in case.ends if end.has(Fact.OLD_SEGMENT) and end.has(Fact.DATA_RESENT)), None)
    if end is None or not end.other.has(Fact.DATA_RESENT_UNANSWERED) or case.has(*_UNFIT):
        return None
    rounds = end.record.retransmitted_frames
    if rounds < _OFTEN or end.record.unacknowledged_bytes or not end.other.record.unacknowledged_bytes:
        return None
    told = _deaf(case, end, rounds)
    longer = (
        f" Segments of {end} without data are numbered below what it had sent: it has counted fewer octets than "
        "came here, and so throws away what acknowledges more than it knows of."
    )
    changed = (
        "a device on the way that changes the length of what it says and does not shift the numbers (FTP, SIP: "
        "conntrack's helpers, an ALG)"
    )
    return replace(told, explanation=told.explanation + longer, rivals=(cause(changed), *told.rivals))


def _deaf(case: Case, end: End, rounds: int) -> Verdict:
    """Judge an end that heeds neither acknowledgements nor data of the other, and speaks on."""
    copies = end.other.figure(Fact.DATA_RESENT_UNANSWERED) or rounds
    here = case.tap is end.side
    fate = f"comes to {end.address}, as the tap shows" if here else "is lost behind the tap, or thrown away"
    return Verdict(
        severity=Severity.ERROR,
        grounds=(
            showing(end, Fact.RESET_LOOP, Fact.DATA_RESENT, Fact.OLD_SEGMENT),
            showing(end.other, Fact.DATA_RESENT_UNANSWERED),
        ),
        doubts=("one capture does not tell what becomes of them behind the tap",),
        fault=end.fault,
        frames=_frames(case, end),
        explanation=f"{end} hears nothing of {end.other} any more: it sent the same data {times(rounds)} after they "
        f"had been acknowledged, and never acknowledged data that came {times(copies + 1)}. All that it sends "
        f"arrives; all that is sent to it {fate}.",
        rivals=(
            cause(f"a host firewall or a reverse path filter at {end.address}"),
            cause(f"a filter, a broken route or a wrong link-layer address on the way to {end.address}"),
            ruled_out("a dead end (D09)", "both ends speak"),
        ),
        advice=advise(
            f"See what {end.address} does with what arrives: filters, reverse path filter, checksums.",
            nstat(end, "TcpInCsumErrors", "TcpExtIPReversePathFilter", "TcpExtPAWSEstab"),
            ss_this(end),
            *(() if here else (capture_at(end),)),
        ),
    )


def unheeded_close(case: Case) -> Verdict | None:
    """Judge an end that sends its FIN again and again though it was acknowledged; None where there is none."""
    end = next((end for end in case.ends if end.has(Fact.FIN_RESENT_AFTER_ACK)), None)
    if end is None or end.has(Fact.RST_SENT) or not end.other.has(Fact.DATA_AFTER_PEER_FIN):
        return None  # where the other end had closed as well, its last ACK is lost (D14)
    copies = end.figure(Fact.FIN_RESENT_AFTER_ACK) or 0
    if copies < _OFTEN:
        return None
    return Verdict(
        severity=Severity.NOTE,
        grounds=(showing(end, Fact.FIN_SENT, Fact.FIN_RESENT_AFTER_ACK),),
        doubts=("one capture does not tell whether the acknowledgements arrive",),
        fault=Fault.UNDECIDED,
        frames=case.evidence(
            end.frame(Fact.FIN_SENT), end.frame(Fact.FIN_RESENT_AFTER_ACK), case.connection.last_frame
        ),
        explanation=f"{end} sent its FIN again {times(copies)} after {end.other} had acknowledged it: the "
        "acknowledgements do not arrive, or are not heeded.",
        rivals=(
            cause("a stack that sends its FIN until the other end closes as well", "as some small ones do"),
            cause(f"a filter or a broken route on the way to {end.address}, behind the tap"),
            unlikely("chance loss", "it would not strike every acknowledgement"),
        ),
        advice=advise(
            f"Capture at {end.address}, and see whether the acknowledgements arrive there.",
            capture_at(end),
            ss_this(end),
        ),
    )


def _frames(case: Case, end: End) -> tuple[int, ...]:
    return case.evidence(end.frame(Fact.DATA_RESENT), end.frame(Fact.RESET_LOOP), case.connection.last_frame)
