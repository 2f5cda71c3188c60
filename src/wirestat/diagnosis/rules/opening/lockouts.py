"""Clients that are kept out by their own old connection, of which only the server knows."""

from wirestat.diagnosis.advice import advise, capture_at, nstat, on, ss_address
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import times
from wirestat.model import Fault, Severity
from wirestat.spans import span
from wirestat.vocabulary import Fact


def locked_out(case: Case, caller: End, asked_for: int) -> Verdict:
    """Judge a SYN that draws the numbers of the old connection again and again, and no reset of that."""
    host = caller.other
    return Verdict(
        severity=Severity.WARNING,
        grounds=(showing(caller, Fact.STRAY_SYN), showing(host, Fact.CHALLENGE_ACK)),
        kind="locked out",
        doubts=(
            "one capture does not tell whether the challenge ACK arrives",
            "a blind SYN draws one as well",
        ),
        fault=Fault.PATH,
        frames=case.evidence(
            caller.frame(Fact.STRAY_SYN), host.frame(Fact.CHALLENGE_ACK), case.connection.last_frame
        ),
        explanation=f"{caller} asked for a new connection of the same ports while {host} still had the old one open: "
        f"it drew challenge ACKs of the old numbers for {span(asked_for)}, and never reset one. The connect hangs "
        "until the old connection ends.",
        rivals=(
            cause(
                "a firewall near the client that drops the challenge ACK",
                "it knows the new connection alone, and calls that ACK out of state",
            ),
            cause("the client's reset, lost or dropped on the way"),
            still_open("a forged SYN", "the old connection was silent meanwhile"),
            ruled_out("the port was reused in TIME_WAIT (D20)", "the old connection was never closed"),
        ),
        advice=_see_whether(caller, "the challenge ACK arrives", caller),
    )


def resets_in_vain(case: Case, caller: End) -> Verdict:
    """Judge a SYN that draws the numbers of the old connection again and again, though the client resets that."""
    host = caller.other
    return Verdict(
        severity=Severity.WARNING,
        grounds=(
            showing(caller, Fact.STRAY_SYN, Fact.RST_SENT, Fact.RESET_AGAIN),
            showing(host, Fact.CHALLENGE_ACK, Fact.SPOKE_AFTER_RST),
        ),
        kind="locked out, resets in vain",
        doubts=("one capture does not tell whether the resets arrive",),
        fault=Fault.PATH,
        frames=case.evidence(
            caller.frame(Fact.STRAY_SYN), host.frame(Fact.CHALLENGE_ACK), caller.frame(Fact.RESET_AGAIN)
        ),
        explanation=f"{caller} asked for a new connection of the same ports while {host} still had the old one "
        f"open, and reset that {times(caller.figure(Fact.RESET_AGAIN) or 0)}: each further SYN drew the old numbers "
        "all the same. The connect hangs until the old connection ends.",
        rivals=(
            cause(
                "a firewall before the server that drops the reset",
                "it knows the new connection alone, and calls that reset out of state",
            ),
            unlikely("chance loss", "it would not strike every reset"),
            ruled_out("the port was reused in TIME_WAIT (D20)", "the old connection was never closed"),
        ),
        advice=_see_whether(caller, "the resets arrive", host),
    )


def _see_whether(caller: End, arrives: str, there: End) -> str:
    host = caller.other
    return advise(
        f"See whether {arrives} at {there.address}. Until then let the client take another port, or end the old "
        "connection at the server.",
        capture_at(there),
        on(host, f"ss -K dst {ss_address(caller.address)} dport = {caller.port}"),
        nstat(host, "TcpExtTCPChallengeACK", "TcpExtTCPSYNChallenge"),
    )
