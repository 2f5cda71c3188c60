"""Two ends that answer each other and never stop."""

from wirestat.diagnosis.advice import advise, nstat, ss_this, sysctl
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import cause, unlikely
from wirestat.diagnosis.rules.path.unheeded_acks import deaf, unheeded, unheeded_close
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import times
from wirestat.model import Fault, Severity, State
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact


@rule(
    "D46",
    "Two ends in a loop",
    Severity.WARNING,
    rests_on={Basis.ORDER, Basis.REPEATS},
    replaces={"D07", "D09", "D12", "D14", "D16", "D18", "D27", "D28", "D33", "D56"},
)
def two_ends_in_a_loop(case: Case) -> Verdict | None:
    """Each answers what the other sends with the same segment, again and again, and nothing moves.

    What it means: the two ends disagree about a number. A reset that is not exact draws a challenge ACK (RFC 5961),
    and that draws the same reset; or each answers the other's ACK, which it takes for a wrong one, with an ACK of
    its own: an ACK storm. Or one sends data, or its FIN, again and again, that the other has acknowledged, and
    acknowledges each time: it does not hear of that, or does not heed it. Where a device on the way makes what an end
    says longer, and leaves the numbers, that end is acknowledged for more than it sent, and throws all of it away.

    Why it matters: the connection is stuck and loads both hosts and the path with as many packets as a round trip
    allows, until one side gives up or rate limits end it.

    Rivals: a probe of an idle connection, which is answered once each time. Copies of frames by the tap.

    What to do: end the connection at either host. If it comes again, one of the stacks does not number its resets by
    the challenge ACK, or a device on the way shifts sequence numbers in one direction only.

    See it: ``wirestat pcaps/field/reset-and-challenge-ack-loop/capture.pcap``: 40 rounds.

    RFC 9293: 3.10.7.4 (an unacceptable segment draws an ACK), 3.5.3; RFC 5961, 3 and 7 (challenge ACKs and their
    limit).
    """
    ends = [end for end in case.ends if end.has(Fact.RESET_LOOP)]
    if not ends:
        return unheeded_close(case) or deaf(case)
    end = max(ends, key=lambda one: (one.has(Fact.RST_SENT), one.figure(Fact.RESET_LOOP) or 0))
    rounds = end.figure(Fact.RESET_LOOP) or 0
    if _answers_late_copies(end) or _was_stalled(end):
        return None
    if end.has(Fact.DATA_RESENT) and end.record.retransmitted_frames >= rounds > 0 and not _reset_before(end):
        return unheeded(case, end, rounds)
    shut = all(one.has(Fact.ZERO_WINDOW) for one in case.ends) and not end.has(Fact.RST_SENT)
    what = (
        "reset"
        if end.has(Fact.RST_SENT)
        else "acknowledgement with a window of zero"
        if shut
        else "acknowledgement, which is thrown away,"
    )
    return Verdict(
        grounds=(
            showing(end, Fact.RESET_LOOP, Fact.RST_SENT),
            showing(end.other, Fact.RESET_LOOP, Fact.CHALLENGE_ACK),
        ),
        doubts=("one capture does not tell which end, or which device on the way, has the number wrong",),
        fault=end.fault if end.has(Fact.RST_SENT) else Fault.UNDECIDED,
        frames=case.evidence(end.frame(Fact.RESET_LOOP), case.connection.last_frame),
        explanation=f"{end} and {end.other} answer each other in a loop: the same {what} came {times(rounds)}, and "
        "each time the other end answered.",
        rivals=(
            *((cause("a stack that answers each acknowledgement while its window is shut"),) if shut else ()),
            cause("a stack that ignores the number in a challenge ACK"),
            cause("a device on the way that shifts sequence numbers in one direction"),
            unlikely("probes of an idle connection", "they are not answered at once by the next"),
        ),
        advice=advise(
            "End the connection at either host, and see whether a device on the way changes sequence numbers.",
            ss_this(end),
            ss_this(end.other),
            nstat(end.other, "TcpExtTCPChallengeACK", "TcpExtTCPSYNChallenge", "TcpOutRsts"),
            sysctl(end.other, "net.ipv4.tcp_challenge_ack_limit", "net.ipv4.tcp_invalid_ratelimit"),
        ),
    )


def _answers_late_copies(end: End) -> bool:
    """Say whether it had closed before its resets, and nobody answers them: each is for a copy that was under way."""
    over, reset = end.entered(State.CLOSED), end.fact(Fact.RST_SENT)
    if over is None or reset is None or end.other.has(Fact.CHALLENGE_ACK):
        return False
    return over.moment < reset.moment and end.has(Fact.FIN_SENT) and end.other.has(Fact.FIN_SENT)


def _was_stalled(end: End) -> bool:
    """Say whether its copies came while the other end's data did not get through, before all went on (D56)."""
    stood, last = end.other.fact(Fact.STALLED), end.fact(Fact.RESET_LOOP)
    if stood is None or last is None or end.has(Fact.RST_SENT):
        return False
    return stood.time_ns - (stood.figure or 0) <= last.time_ns <= stood.time_ns + SECOND


def _reset_before(end: End) -> bool:
    """Say whether it had sent a reset when the rounds began: else they are of its data."""
    reset, began = end.fact(Fact.RST_SENT), end.fact(Fact.RESET_LOOP)
    return reset is not None and (began is None or reset.moment <= began.moment)
