"""SYNs that ask to join a connection of Multipath TCP: one more way for a connection that is there without it."""

from wirestat.diagnosis.advice import advise, capture_server, nstat, on
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import being, showing
from wirestat.diagnosis.rivals import Rival, cause, still_open
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity, State
from wirestat.vocabulary import Fact

_EXTRA = (
    " Its SYN asks to join a connection of Multipath TCP (MP_JOIN): that one is open, and can go on without this "
    "extra subflow."
)


def asks_to_join(case: Case) -> bool:
    """Say whether the connection would be one more subflow of another."""
    return case.client.has(Fact.SYN_ASKS_TO_JOIN)


def extra(case: Case) -> str:
    """Say that it would be one more subflow, where that is so."""
    return _EXTRA if asks_to_join(case) else ""


def why_no_subflow(case: Case) -> tuple[Rival, ...]:
    """Name what keeps subflows out, and not the service."""
    if not asks_to_join(case):
        return ()
    return (
        cause("a middlebox that drops SYNs with MP_JOIN", "then others between these addresses are answered"),
        cause(
            "an address that cannot be reached from there", "an end offers all that it has, private ones too"
        ),
    )


def join_refused(case: Case) -> Verdict:
    """Judge a reset that answers a SYN with MP_JOIN: it tells nothing of what listens on the port."""
    client, server = case.client, case.server
    return Verdict(
        severity=Severity.NOTE,
        kind="subflow",
        grounds=(being(client, State.SYN_SENT), showing(server, Fact.REFUSED)),
        doubts=("one capture does not tell who made the reset",),
        fault=Fault.UNDECIDED,
        frames=case.evidence(case.connection.first_frame, server.frame(Fact.REFUSED)),
        explanation=f"{server} answered the SYN of {client} with a reset.{_EXTRA}",
        rivals=(
            cause("a server that takes no more subflows, or does not know the connection", "RFC 8684, 3.2"),
            cause("a middlebox or a balancer that hands it to another host, or refuses MP_JOIN"),
            still_open("nothing listens", "the connection that it would join is to this service"),
        ),
        advice=advise(
            "See how many subflows the server takes, and whether this SYN comes to the host that has the connection.",
            on(server, "ip mptcp limits show"),
            nstat(server, "MPTcpExtMPJoinSynRx", "MPTcpExtMPJoinNoTokenFound"),
            capture_server(server),
        ),
    )
