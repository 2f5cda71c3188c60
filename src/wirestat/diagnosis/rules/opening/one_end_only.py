"""Handshakes that are finished at the client's end only."""

from wirestat.diagnosis.advice import advise, nstat, ss_listen, sysctl
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import being, showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import Rival, cause, ruled_out, still_open
from wirestat.diagnosis.rules.opening.ignored_acks import EMBRYONIC, why_ignored
from wirestat.diagnosis.rules.opening.lost_listeners import amid_handshakes
from wirestat.diagnosis.rules.opening.none_let_in import none_let_in
from wirestat.diagnosis.rules.opening.put_off import deferred
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Evidence, Fault, Severity, State
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

_RESENDS = 4 * SECOND
"""Who waits for the ACK of its SYN-ACK sends that again sooner: Linux after 1 s, others after 3 s."""
_ERRORS = (Fact.ICMP_UNREACHABLE, Fact.ICMP_PORT_UNREACHABLE, Fact.ICMP_PROHIBITED)
_ANOTHER = "another machine behind this address, which what came after reached"


@rule(
    "D06",
    "Connected at one end only",
    Severity.ERROR,
    rests_on={Basis.REPEATS, Basis.SILENCE},
    replaces={"D04", "D05", "D07", "D09", "D13", "D27"},
)
def server_never_connected(case: Case) -> Verdict | None:
    """The client is connected and sends data; for the server the connection never came about.

    What it means: the handshake failed at its last step (D04, D05), the client did not notice and sent its data. It
    resends them in vain, or the server answers with a reset.

    Why it matters: connect() succeeded, so the application blames the request. A client with no time-out of its own
    waits for about 15 minutes.

    Rivals: a lost last ACK (D14) is at the other end of the connection's life. A reset some time after the server
    has spoken is another matter (D07, D16).

    What to do: as for D05. With ``tcp_abort_on_overflow`` set, a Linux server whose accept queue is full answers
    the final ACK with a reset; with SYN cookies and a full queue it has no socket at all and resets the first data.

    See it: ``wirestat pcaps/accept-queue-full-data-ignored/server.pcap``: the request is ignored as well.

    RFC 9293: 3.5.1 (half-open connections), 3.5.2 (reset generation).
    """
    client, server = case.client, case.server
    # After a long silence it is a connection that was forgotten: an unfinished one would have sent its SYN-ACK again.
    aborted = server.has(Fact.RST_ANSWERS_HANDSHAKE_ACK) and not (
        server.has(Fact.RST_AFTER_IDLE) or case.has(Fact.FRAMES_MISSING)
    )
    if aborted and _never_answered(server):
        return None  # the client acknowledges what nobody is seen to have sent
    if aborted and _is_behind_a_reset(case):
        return None  # nothing answers a reset: both names were reset, or the client had given up (D18, D27)
    if aborted and server.has(Fact.SPOKE_AFTER_OWN_RST, Fact.SENT_DATA):
        return None  # it did have the connection: that reset has overtaken its words
    resent = server.has(Fact.SYN_ACK_RESENT, Fact.SYN_ACK_RESENT_AFTER_ACK) and not server.has(
        Fact.SENT_DATA, Fact.FIN_SENT
    )
    embryonic = resent and (server.state in EMBRYONIC or not server.confirmed)
    in_vain = embryonic and client.has(Fact.DATA_RESENT) and client.record.unacknowledged_bytes > 0
    if not (aborted or in_vain):
        return None
    sent = client.record.bytes - client.record.retransmitted_bytes
    if aborted:
        what = f"{server} answered {client} with a reset {_how_late(case)}: it has no such connection"
    else:
        what = f"{client} sent {sent} bytes again and again; {server} is still in SYN_RECV"
    nobody = "" if aborted else none_let_in(case)
    return Verdict(
        grounds=(
            being(client, State.ESTABLISHED),
            showing(
                server, Fact.SYN_ACK_RESENT, Fact.SYN_ACK_RESENT_AFTER_ACK, Fact.RST_ANSWERS_HANDSHAKE_ACK
            ),
            showing(client, Fact.DATA_RESENT),
        ),
        doubts=(
            "a device on the way may have answered in the server's name, or have reset it in the client's"
            if aborted
            else "one capture does not tell why the server does so",
        ),
        fault=Fault.UNDECIDED if nobody else _fault(server, aborted=aborted),
        frames=case.evidence(
            case.connection.first_frame,
            server.frame(Fact.SYN_ACK_RESENT, Fact.SYN_ACK_RESENT_AFTER_ACK),
            client.frame(Fact.DATA_RESENT, Fact.DATA_RESENT_UNANSWERED),
            server.frame(Fact.RST_ANSWERS_HANDSHAKE_ACK),
        ),
        explanation=f"{what}.{nobody}{amid_handshakes(case)}",
        rivals=(
            *_told_by_icmp(case),
            *((cause("a stateful firewall on the way that sees one direction only"),) if nobody else ()),
            *why_ignored(case),
            cause("TCP_DEFER_ACCEPT", deferred(case)),
            *((cause(_ANOTHER),) if aborted else ()),
            _forgotten(case, aborted=aborted),
        ),
        advice=advise(
            f"See whether the accept queue of port {server.port} overflows, or its listener defers accept().",
            ss_listen(server),
            nstat(server, "TcpExtListenOverflows", "TcpExtTCPAbortOnData", "TcpExtSyncookiesFailed"),
            sysctl(server, "net.ipv4.tcp_abort_on_overflow", "net.core.somaxconn"),
        ),
    )


def _fault(server: End, *, aborted: bool) -> Fault:
    return Fault.SERVER if aborted or server.has(Fact.SYN_ACK_RESENT_AFTER_ACK) else Fault.PATH


def _told_by_icmp(case: Case) -> tuple[Rival, ...]:
    """Name the ICMP error that quotes the server's SYN-ACK, and may have ended its attempt before the ACK came."""
    errors = [seen for kind in _ERRORS if (seen := case.server.fact(kind))]
    error = min(errors, key=lambda seen: seen.moment, default=None)
    reset = case.server.fact(Fact.RST_ANSWERS_HANDSHAKE_ACK)
    if error is None or reset is None or error.moment > reset.moment:
        return ()
    return (
        cause("the ICMP error that the server got before", f"frame {error.frame}: it may give up by that"),
    )


def _forgotten(case: Case, *, aborted: bool) -> Rival:
    """Weigh a server that was in the connection, and has lost it."""
    rival, reset = "half-open after a crash (D07)", case.server.fact(Fact.RST_ANSWERS_HANDSHAKE_ACK)
    said = case.server.record.first_time_ns
    if not aborted or reset is None or said is None or reset.time_ns - said < _RESENDS:
        return ruled_out(rival, "the server never was in the connection")
    if case.server.has(Fact.SYN_ACK_RESENT, Fact.SYN_ACK_RESENT_AFTER_ACK):
        return ruled_out(rival, "it sent its SYN-ACK again: it waited for the ACK")
    return still_open(
        rival, "who waits for the ACK sends its SYN-ACK again by then, unless it has no socket (SYN cookies)"
    )


def _is_behind_a_reset(case: Case) -> bool:
    """Say whether the client had reset the connection before the server did."""
    left, reset = case.client.fact(Fact.RST_SENT), case.server.fact(Fact.RST_ANSWERS_HANDSHAKE_ACK)
    return left is not None and reset is not None and left.moment < reset.moment


def _never_answered(server: End) -> bool:
    """Say whether no SYN-ACK was captured before the reset: it follows from the client's acknowledgement alone."""
    asked = server.entered(State.SYN_RECV)
    return server.record.ttl is None or (asked is not None and asked.evidence is Evidence.IMPLIED)


def _how_late(case: Case) -> str:
    """Say how long after the handshake the reset came."""
    opened, reset = case.client.entered(State.ESTABLISHED), case.server.fact(Fact.RST_ANSWERS_HANDSHAKE_ACK)
    late = reset.time_ns - opened.time_ns if opened and reset else 0
    return f"{span(late)} after the handshake" if late >= SECOND else "right after the handshake"
