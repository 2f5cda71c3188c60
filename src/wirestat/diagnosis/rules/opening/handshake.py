"""Embryonic connections: the handshake was begun and not finished, or finished at one end only."""

from wirestat.diagnosis.advice import advise, capture_at, nstat, ss_listen, ss_state, sysctl
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import being, showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import cause, ruled_out, still_open
from wirestat.diagnosis.rules.devices.near_peers import drops_the_syn_ack, may_drop_the_syn_ack
from wirestat.diagnosis.rules.opening.copied_syns import are_answered_each
from wirestat.diagnosis.rules.opening.deaf_hosts import (
    DEAF,
    answered_once,
    is_seen_there,
    where_it_is_dropped,
    why_deaf,
)
from wirestat.diagnosis.rules.opening.ignored_acks import EMBRYONIC, why_ignored
from wirestat.diagnosis.rules.opening.kept_out import kept_out_ns
from wirestat.diagnosis.rules.opening.late_acks import answered_late
from wirestat.diagnosis.rules.opening.put_off import ECHOED, has_let_in, why_put_off
from wirestat.diagnosis.rules.path.icmp_complaints import TOLD_BY_ICMP, complaint
from wirestat.diagnosis.shown import is_shown
from wirestat.diagnosis.study.counts import count_retried
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import times
from wirestat.model import Connection, Fault, Severity, Side, State
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_COPIES = 2
"""One SYN-ACK that comes again is a lost ACK; more are not, with data after them."""
_SOME = 3
"""So many ACKs are not lost by chance, each of another connection."""
_LOST_BEHIND = still_open("a loss on the way from the tap to the server", "then data is lost as well")


@rule(
    "D04",
    "SYN-ACK unanswered",
    Severity.WARNING,
    rests_on={Basis.SILENCE, Basis.REPEATS},
    replaces={"D13", "D27", "D28"},
)
def syn_ack_unanswered(case: Case) -> Verdict | None:
    """The server answered, and the client's final ACK of the handshake never came.

    What it means: the server sent its SYN-ACK again and again, and the capture holds no acknowledgement of it. The
    connection is embryonic: SYN_RECV at the server. If the client sent its SYN again as well, the SYN-ACK does not
    reach it, or its host does not take it, where the tap is there; if the client is silent, its ACK is lost before
    the capture, the client is gone, or its address was forged.

    Why it matters: each of them fills a place in the server's SYN backlog until the retries are used up, on Linux
    about a minute; the client may believe that it is connected.

    Rivals: a SYN flood (many sources, none of which says another word) and a scan (a reset after the SYN-ACK): see
    D26. A server that ignores an ACK that did arrive: D05. An ACK that the capture missed: data from the client
    would follow, and the server would stop resending.

    What to do: capture at the client and see whether the SYN-ACK arrives and what it answers.

    See it: ``wirestat pcaps/third-ack-lost-before-all-taps/server.pcap``: the client's ACK never comes so far.

    RFC 9293: 3.5 (the three-way handshake), 3.10.7.4 (the ACK that leads to ESTABLISHED).
    """
    client, server = case.client, case.server
    if late := answered_late(case):
        return late
    is_rejected = server.has(*TOLD_BY_ICMP)
    once = not server.has(Fact.SYN_ACK_RESENT) and (is_rejected or answered_once(case))
    if not (server.has(Fact.SYN_ACK_RESENT) or once) or server.has(Fact.SYN_ACK_RESENT_AFTER_ACK):
        return None
    deaf = client.has(Fact.SYN_RESENT_AFTER_SYN_ACK)
    gave_up = deaf and client.has(Fact.RST_SENT) and not client.has(Fact.RST_ANSWERS_SYN_ACK)
    if client.has(Fact.SENT_DATA, Fact.FIN_SENT) or (client.has(Fact.RST_SENT) and not gave_up):
        return None
    if server.state not in EMBRYONIC and not gave_up:
        return None
    if server.entered(State.ESTABLISHED) is not None:
        return None  # its ACK came, if late
    few = once and not is_rejected and (client.figure(Fact.SYN_RESENT) or 0) < DEAF
    is_told = bool(drops_the_syn_ack(case) or client.has(Fact.ACK_BEYOND))
    arrives = deaf and not is_told and is_seen_there(case)
    reason, doubt = _why_unanswered(client, deaf=deaf, arrives=arrives, few=few)
    copies = server.figure(Fact.SYN_ACK_RESENT)
    sent = server.record.frames if copies is None else copies + 1
    stays = "in vain" if gave_up else "and stays in SYN_RECV"
    return Verdict(
        grounds=(
            showing(server, Fact.SYN_ACK_RESENT, *TOLD_BY_ICMP),
            showing(client, Fact.SYN_RESENT_AFTER_SYN_ACK),
        ),
        severity=Severity.NOTE if few else None,
        weak=few,
        doubts=(
            *(("one copy of the SYN is all that tells so, and the capture ended",) if few else ()),
            doubt,
        ),
        fault=Fault.CLIENT if arrives else Fault.PATH,
        frames=case.evidence(
            case.connection.first_frame,
            server.frame(Fact.SYN_ACK_RESENT, *TOLD_BY_ICMP),
            case.connection.last_frame,
        ),
        explanation=f"{server} sent its SYN-ACK {'once' if once else times(sent)} {stays}. "
        f"{reason}{', and in the end it gave up' if gave_up else ''}.{drops_the_syn_ack(case)}",
        rivals=(
            *may_drop_the_syn_ack(case),
            *(why_deaf() if arrives else ()),
            ruled_out("the server ignores the ACK (D05)", "no ACK of its SYN-ACK is in the capture"),
            ruled_out("a SYN flood or a scan (D26)", "the client asked again")
            if deaf or server.figure(Fact.SYN_ACK_OF_EARLIER_SYN)
            else still_open("a SYN flood or a scan (D26)", "compare with other clients"),
        ),
        advice=where_it_is_dropped(client)
        if arrives
        else advise(
            "Capture at the client: see whether the SYN-ACK arrives there, and whether an ACK leaves.",
            capture_at(client),
            ss_state(server, "syn-recv"),
        ),
    )


def _why_unanswered(client: End, *, deaf: bool, arrives: bool, few: bool) -> tuple[str, str]:
    """Say what the client did in place of an answer, and what speaks against being sure of that."""
    if client.has(Fact.ACK_BEYOND):
        return (
            f"{client.subject} answered with an ACK of what was never sent, which the server drops",
            "one capture does not tell whether the client or a device on the way put that number there",
        )
    if rejected := complaint(client.other):
        return (
            f"It does not reach {client}:{rejected.removesuffix('.')}",
            "a forged ICMP error would look the same",
        )
    if (ticks := client.other.figure(Fact.SYN_ACK_OF_EARLIER_SYN)) and not deaf:
        return (
            f"It does not reach {client}: the SYN-ACK echoes the time stamp of an older SYN ({ticks:,} ticks), so "
            "the client asks again since before the capture began",
            "a device on the way that changes time stamps would look the same",
        )
    asked = f"{client.subject} {'sent its SYN again' if few else 'kept sending its SYN'}"
    if arrives:
        return (
            f"{asked}; the tap seems to be at its host, which takes no SYN-ACK",
            "the tap stands there by the times of other handshakes",
        )
    if deaf:
        return (
            f"{asked}, so the SYN-ACK does not reach it",
            "a host firewall of the client behind the tap would look the same",
        )
    return (
        f"{client.subject} never answered: its ACK is lost on the way, it is gone, or its address is forged",
        "only a capture at the client can tell a lost ACK from one that was never sent",
    )


@rule("D05", "Final ACK ignored", Severity.WARNING, rests_on={Basis.REPEATS, Basis.ORDER}, replaces={"D13"})
def final_ack_ignored(case: Case) -> Verdict | None:
    """The server sends its SYN-ACK again after the client has acknowledged it.

    What it means: the client's final ACK is in the capture, and yet the server goes on as if it had not come. The
    client is in ESTABLISHED, the server still in SYN_RECV. Either the server throws the ACK away (its accept queue
    is full, or a host firewall drops it behind the tap), or the ACK is lost between the tap and the server. Beside
    such connections the finding tells of those whose first data the server throws away for seconds.

    Why it matters: the client believes that it is connected; what it sends is not delivered. If it waits for the
    server to speak first, both wait.

    Rivals: TCP_DEFER_ACCEPT, where the server ignores a bare ACK on purpose and accepts the connection with the
    first data or with the next ACK: it ends after one resent SYN-ACK. A loss behind a tap that is near the client;
    a SYN-ACK that comes again with the time stamp of the ACK rules it out. (Newer Linux gives back that of the SYN,
    whether the ACK has arrived or not.)

    What to do: look at the accept queue: Recv-Q at the limit in Send-Q means that the application does not call
    accept() fast enough. Then raise the backlog or make it accept faster.

    See it: ``wirestat pcaps/accept-queue-full/server.pcap``: the accept queue is full.

    RFC 9293: 3.5, 3.10.7.4 (an acceptable ACK leads from SYN-RECEIVED to ESTABLISHED).
    """
    client, server = case.client, case.server
    if kept_out := kept_out_ns(case):
        shown = client.frame(Fact.DATA_RESENT), client.frame(Fact.STALLED)
        return _accepted_late(case, case.evidence(case.connection.first_frame, *shown), kept_out)
    if not server.has(Fact.SYN_ACK_RESENT_AFTER_ACK):
        return None
    unheard = not server.confirmed and client.has(
        Fact.FIN_RESENT, Fact.FIN_RESENT_AFTER_ACK, Fact.DATA_RESENT
    )
    stuck = (server.state in EMBRYONIC or unheard) and not server.has(Fact.SENT_DATA, Fact.FIN_SENT)
    frames = case.evidence(
        case.connection.first_frame, server.frame(Fact.SYN_ACK_RESENT_AFTER_ACK), case.connection.last_frame
    )
    is_far = _may_be_lost_behind_tap(case)
    if not stuck and (are_answered_each(case) or _answers_stray_syn(case)):
        return None  # it answers another SYN
    if not stuck and (late_ns := _accepted_after(case)):
        return _accepted_late(case, frames, late_ns)
    if not stuck:
        return Verdict(
            severity=Severity.INFO,
            grounds=(being(server, server.state), showing(server, Fact.SYN_ACK_RESENT_AFTER_ACK)),
            fault=Fault.UNDECIDED,
            frames=frames,
            explanation=f"{server} sent its SYN-ACK again after {client} had acknowledged it, and "
            + ("then accepted the connection." if has_let_in(server) else "was acknowledged once more."),
            rivals=why_put_off(case),
            asks_nothing=True,
            advice="Nothing to do, unless the delay hurts: TCP_DEFER_ACCEPT is a listener option of the "
            "application.",
        )
    return Verdict(
        grounds=(being(client, State.ESTABLISHED), showing(server, Fact.SYN_ACK_RESENT_AFTER_ACK)),
        weak=is_far,
        doubts=(
            "the tap is at the client: the ACK may be lost behind it"
            if case.tap
            else "the path loses segments of this client, and may have lost the ACK behind the tap",
        )
        if is_far
        else ("one capture does not tell why the server does so",),
        fault=Fault.UNDECIDED if is_far else Fault.SERVER,
        frames=frames,
        explanation=f"{client} acknowledged the SYN-ACK, and {server} sent it again all the same: the "
        "client is connected, the server still in SYN_RECV.",
        rivals=(
            *((_LOST_BEHIND, *why_ignored(case)[:-1]) if is_far else why_ignored(case)),
            cause("TCP_DEFER_ACCEPT", "it ends with the first data or after one more SYN-ACK"),
            ruled_out("the client never acknowledged (D04)", "its ACK is in the capture"),
        ),
        advice=advise(
            f"See whether the accept queue of port {server.port} is full (Recv-Q at the limit in Send-Q).",
            ss_listen(server),
            nstat(server, "TcpExtListenOverflows", "TcpExtListenDrops", "TcpExtTCPReqQFullDrop"),
            sysctl(
                server, "net.core.somaxconn", "net.ipv4.tcp_max_syn_backlog", "net.ipv4.tcp_abort_on_overflow"
            ),
        ),
    )


def _answers_stray_syn(case: Case) -> bool:
    """Say whether the SYN-ACK came again after a SYN with another number, and before a timer would have sent it."""
    stray, again = (
        case.client.fact(Fact.STRAY_SYN),
        case.server.fact(Fact.SYN_ACK_RESENT_AFTER_ACK),
    )
    return stray is not None and again is not None and 0 <= again.time_ns - stray.time_ns < SECOND


def _accepted_after(case: Case) -> int:
    """Return how long after the client's ACK the server accepted, in ns, if it threw data away meanwhile, else 0."""
    opened, accepted = case.client.entered(State.ESTABLISHED), case.server.entered(State.ESTABLISHED)
    again = case.client.fact(Fact.DATA_RESENT)
    copies = case.server.figure(Fact.SYN_ACK_RESENT_AFTER_ACK) or 1
    if (
        opened is None
        or accepted is None
        or again is None
        or accepted.moment <= again.moment
        or copies < _COPIES
    ):
        return 0
    return max(accepted.time_ns - opened.time_ns, 0)


def _accepted_late(case: Case, frames: tuple[int, ...], late_ns: int) -> Verdict:
    client, server = case.client, case.server
    arrived = server.has(Fact.SYN_ACK_ECHOES_ACK)
    copies = server.figure(Fact.SYN_ACK_RESENT_AFTER_ACK) or 0
    again = f"sent it again {times(copies)} and " if copies else ""
    slow = case.of_socket(count_retried) - (case.connection.syn_copies > 0)
    beside = f" {some(slow, 'other connection')} to this socket needed more than one SYN." if slow else ""
    return Verdict(
        kind="accepted late",
        grounds=(
            being(client, State.ESTABLISHED),
            showing(server, Fact.SYN_ACK_RESENT_AFTER_ACK),
            showing(client, Fact.DATA_RESENT, Fact.STALLED),
        ),
        measure=late_ns,
        doubts=("one capture does not tell why the server does so",),
        fault=Fault.SERVER if case.tap is Side.SERVER else Fault.UNDECIDED,
        frames=frames,
        explanation=f"{client} acknowledged the SYN-ACK, and {server} {again}threw the "
        f"client's data away; it accepted the connection {span(late_ns)} later.{beside}",
        rivals=(
            cause("accept queue full: a place came free only then"),
            ruled_out("TCP_DEFER_ACCEPT", "data came, and was thrown away"),
            ruled_out("a host firewall of the server", ECHOED)
            if arrived
            else cause("a host firewall of the server"),
            *(() if arrived or case.tap is Side.SERVER else (_LOST_BEHIND,)),
        ),
        advice=advise(
            f"See whether the accept queue of port {server.port} is full (Recv-Q at the limit in Send-Q): raise the "
            "backlog of listen(), or have the application accept sooner.",
            ss_listen(server),
            nstat(server, "TcpExtListenOverflows", "TcpExtListenDrops"),
            sysctl(server, "net.core.somaxconn"),
        ),
    )


def _may_be_lost_behind_tap(case: Case) -> bool:
    """Say whether chance may have lost the ACK between the tap and the server.

    It may where that befell few connections, and the tap is at the client, or the path loses what this client sends.
    """
    if case.tap is Side.SERVER or case.client.has(Fact.TIMESTAMPS_MISSING) or not _is_rare(case):
        return False
    if case.server.has(Fact.SYN_ACK_ECHOES_ACK):
        return False  # it did arrive
    return case.tap is Side.CLIENT or case.of_client(_has_lost_data)


def _has_lost_data(connections: list[Connection]) -> bool:
    return any(map(_lost_data_on_the_way, connections))


def _lost_data_on_the_way(one: Connection) -> bool:
    """Say whether data of its client was sent again, though the server had accepted the connection."""
    shown = {(seen.endpoint, seen.fact) for seen in one.facts}
    return (Side.CLIENT, Fact.DATA_RESENT) in shown and (
        Side.SERVER,
        Fact.SYN_ACK_RESENT_AFTER_ACK,
    ) not in shown


def _is_rare(case: Case) -> bool:
    """Say whether so few connections of the socket had their ACK ignored that chance may have lost it."""
    return 0 < case.of_socket(_count_ignored) < _SOME


def _count_ignored(connections: list[Connection]) -> int:
    return sum(is_shown(one, Fact.SYN_ACK_RESENT_AFTER_ACK, Side.SERVER) for one in connections)
