"""Asked for a connection and got none: silence, a refusal, an ICMP error."""

from functools import partial

from msgspec.structs import replace

from wirestat.diagnosis.advice import advise, capture_server, nstat, on, ss_listen, sysctl
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.doubts import leaves_out_answers
from wirestat.diagnosis.grounds import being, showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import Rival, cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.rules.opening.after_bursts import shut_after_bursts
from wirestat.diagnosis.rules.opening.answered_nearby import answered_nearby
from wirestat.diagnosis.rules.opening.client_limits import limit_of_client
from wirestat.diagnosis.rules.opening.fallbacks import let_in_elsewhere
from wirestat.diagnosis.rules.opening.ignored_syns import (
    QUEUE_FULL,
    amid_others,
    answered_in_another_name,
    answers_without_syn,
    calls_itself,
    doubts_of_silence,
    flaws_of_syn,
    is_answered_by_the_one_before,
    one_way,
    raced_against,
    silent_before_refusal,
    where_to_look,
    why_silent,
)
from wirestat.diagnosis.rules.opening.late_refusals import NO_TRIP, given_up_for, is_late_refusal, late_by
from wirestat.diagnosis.rules.opening.own_addresses import of_its_link_alone
from wirestat.diagnosis.rules.opening.restarts import how_it_ended
from wirestat.diagnosis.rules.opening.shut_ports import shut_amid_a_talk
from wirestat.diagnosis.rules.opening.silent_ports import blocked_for_all, hidden_by_a_firewall
from wirestat.diagnosis.rules.opening.subflows import asks_to_join, extra, join_refused, why_no_subflow
from wirestat.diagnosis.rules.opening.unheard_refusals import unheard_refusals, why_unheard
from wirestat.diagnosis.rules.opening.untaken import takes_nobody
from wirestat.diagnosis.rules.path.icmp_complaints import TOLD_BY_ICMP, ran_out_of_hops, reporter
from wirestat.diagnosis.rules.waiting.kept_waiting import kept_waiting
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import instant, times
from wirestat.model import Fault, Severity, Side, State
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import socket, some

_SIGNED = " Its SYN is signed (TCP-MD5, TCP-AO): a server with another key, or none, drops it in silence."
_NOT_OPEN = (State.SYN_SENT, State.CLOSED)


@rule("D01", "SYN unanswered", Severity.ERROR, rests_on={Basis.SILENCE, Basis.REPEATS})
def syn_unanswered(case: Case) -> Verdict | None:
    """Nothing answered the client's SYN, not even a refusal.

    What it means: the client sent its SYN at least twice with the same sequence number, and neither a SYN-ACK nor a
    reset nor an ICMP error came back past the capture. A host that is up and simply has no listener would have
    refused; silence means that a filter drops the SYN or the answer, that the host is down, or that the server
    throws SYNs away because its accept queue is full. Where several were left unanswered and the next is refused at
    once, that is a warning: what had listened is gone, or a filter is.

    Why it matters: the application hangs for as long as the client retries, on Linux for about two minutes by
    default.

    Rivals: a capture that sees one direction only; a full accept queue (other SYNs to the same port are answered
    now and then); a connection table that is full on a NAT or firewall on the way (the next SYN, from another port,
    gets through); an old connection in TIME_WAIT at the server, which would answer with an ACK; a redirection to
    another socket, whose answers come in that one's name.

    What to do: capture at the server. If the SYN arrives there, look at the listening queue and at the drop
    counters; if it does not, walk along the path. Retries are not always spaced 1, 2, 4 s: newer Linux sends the
    first few one second apart.

    See it: ``wirestat pcaps/filtered/client.pcap``: a firewall drops every SYN.

    RFC 9293: 3.5 (establishing a connection), 3.8.3 (R2 for SYNs: at least three minutes).
    """
    client, server = case.client, case.server
    if not client.has(Fact.SYN_RESENT) or client.state not in _NOT_OPEN or client.has(*TOLD_BY_ICMP):
        return None
    if server.has(Fact.REFUSED):
        return silent_before_refusal(case)
    if server.state is not State.UNKNOWN or server.has(Fact.RST_SENT, Fact.CHALLENGE_ACK):
        return None
    if server.has(Fact.RST_OUT_OF_WINDOW):
        return None  # it is refused by a reset that the client has to ignore (D02)
    if leaves_out_answers(case.analysis.summary):
        return None
    if case.now_ns - case.connection.first_time_ns < SECOND or is_answered_by_the_one_before(case):
        return None  # the answer may still be on its way, or is one of the connection before
    return answered_in_another_name(case) or _never_answered(case)


def _never_answered(case: Case) -> Verdict:
    client, server = case.client, case.server
    here, host = case.answers
    calls, any_calls = case.calls
    is_known = bool(host or any_calls)
    copies = client.figure(Fact.SYN_RESENT)
    sent = client.record.frames if copies is None else copies + 1
    aborted = _aborted_after(case)
    gave_up = " It has given up." if client.has(Fact.SYN_RETRIES_USED_UP) and not aborted else ""
    arrived = case.tap is Side.SERVER
    ignores = " The tap is at the server: the SYN arrives, and the server ignores it." if arrived else ""
    raced, joins = raced_against(case), asks_to_join(case)
    shut = None if raced or joins else shut_amid_a_talk(case)
    untaken, local = ("", "") if raced or joins or shut else (takes_nobody(case), of_its_link_alone(case))
    hidden = "" if raced or joins else hidden_by_a_firewall(case)
    blocked = "" if raced or joins or shut or local else blocked_for_all(case)
    return Verdict(
        severity=Severity.NOTE if raced or joins else None,
        kind=_kind(server.port, raced=raced, subflow=joins, ports=shut, link=local, blocked=blocked),
        is_of_host=bool(shut),
        is_of_client=bool(local or blocked),
        grounds=(being(client, State.SYN_SENT), showing(client, Fact.SYN_RESENT, Fact.SYN_RETRIES_USED_UP)),
        doubts=doubts_of_silence(case, is_known=is_known, may_be_lost=bool(untaken) and not arrived),
        fault=Fault.SERVER
        if arrived or untaken or hidden
        else Fault.PATH
        if blocked or client.has(Fact.ICMP_TIME_EXCEEDED)
        else Fault.UNDECIDED,
        frames=case.evidence(
            case.connection.first_frame,
            client.frame(Fact.SYN_RESENT),
            client.frame(Fact.ICMP_TIME_EXCEEDED),
            case.connection.last_frame,
        ),
        explanation=f"{client} sent its SYN {times(sent)}"
        + (f", and gave up with a reset after {aborted}; " if aborted else f" in {case.duration}; ")
        + (
            answers_without_syn(case)
            or (
                f"{server} never answered." if is_known or arrived else f"no answer of {server} was captured."
            )
        )
        + f"{gave_up}{ignores}{calls_itself(case, calls)}{ran_out_of_hops(client)}{raced}{extra(case)}{shut or ''}"
        + f"{local}{_SIGNED if client.has(Fact.SYN_SIGNED) else ''}{untaken}{kept_waiting(case)}{amid_others(case)}"
        + f"{blocked}{hidden}",
        rivals=(
            *((cause(QUEUE_FULL, "nobody is taken out of it"),) if untaken else ()),
            _refused(seen=bool(host) or arrived),
            *flaws_of_syn(case),
            *why_no_subflow(case),
            *(rival for rival in why_silent(case, here, host) if not untaken or rival.what != QUEUE_FULL),
            one_way(case, host, any_calls),
        ),
        advice=advise(
            *where_to_look(server, arrived=arrived or client.address == server.address),
            ss_listen(server),
            nstat(server, "TcpExtListenOverflows", "TcpExtListenDrops", "TcpExtTCPReqQFullDrop"),
            on(server, "conntrack -S | grep -E 'insert_failed=[1-9]|drop=[1-9]'"),
        ),
    )


def _aborted_after(case: Case) -> str:
    """Say after how long its client gave up with a reset, which may bear the number of the SYN; nothing where not."""
    client, reset = case.client, case.client.fact(Fact.RST_OUT_OF_WINDOW)
    if client.has(Fact.RST_SENT):
        return case.duration
    if reset is None or case.server.record.frames:
        return ""
    return span(reset.time_ns - case.connection.first_time_ns)


def _kind(port: int, **kinds: object) -> str:
    """Return the name of the first kind that holds, or nothing; ports that are blocked are a kind each."""
    first = next((name for name, holds in kinds.items() if holds), "")
    return f"{first} {port}" if first == "blocked" else first


def _refused(*, seen: bool) -> Rival:
    """Weigh a refusal; ``seen``: the capture would hold it."""
    if seen:
        return ruled_out("refused", "a reset or an ICMP error would have been captured")
    return unlikely("refused", "the client would not have sent its SYN again")


@rule("D02", "Connection refused", Severity.WARNING, replaces={"D27", "D28"})
def refused(case: Case) -> Verdict | None:
    """The SYN was answered by a reset that acknowledges it.

    What it means: the machine was reached, and nothing listens on that port; or a firewall rejects the connection
    in the machine's name (``REJECT --reject-with tcp-reset``). Where the port accepts at other times, the finding
    says from when to when it refused, and how that began: all its connections closed at one instant, as when its
    program ends.

    Why it matters: the client's connect() fails at once with ECONNREFUSED. The service is down, listens on another
    address or port, or is not allowed.

    Rivals: a firewall that answers for the host. Its resets have another TTL than the host's own packets, often
    another IP-ID pattern, and come even while the host is off.

    What to do: look for the listener and the address it is bound to. If it is there, compare the reset's TTL with
    that of the host's other packets.

    See it: ``wirestat pcaps/refused/client.pcap``: nothing listens on the port.

    RFC 9293: 3.10.7.1 (a segment for a CLOSED connection draws a reset), 3.5.2.
    """
    if case.server.has(Fact.REFUSED) and case.is_refused_again:
        return None  # it is told of where it was refused
    told = _refused_or_late(case)
    if told and not case.answers[0] and case.server.has(Fact.REFUSED):
        told = let_in_elsewhere(case, told)
    before = case.asked_before_translation if told and case.server.has(Fact.REFUSED) else None
    if told is None or before is None:
        return told
    asked, asker = (socket(end.address, end.port) for end in (before.server, before.client))
    other = (
        f"The client had asked {asked}" if asked != case.server.socket else f"The SYN had come from {asker}"
    )
    here = f" {other}: this is the same connect behind a translation; the capture holds both."
    return replace(told, explanation=told.explanation + here)


def _refused_or_late(case: Case) -> Verdict | None:
    client, server = case.client, case.server
    if not server.has(Fact.REFUSED):
        return given_up_for(case, late_by(case)) if is_late_refusal(case) else _refused_in_vain(case)
    if asks_to_join(case) and not server.has(Fact.SENT_DATA):
        return join_refused(case)
    ttl, usual = server.figure(Fact.REFUSED), case.path.server_ttls if case.path else ()
    strange = ttl is not None and bool(usual) and ttl not in usual
    here, _ = case.answers
    later = server.state not in (State.CLOSED, State.UNKNOWN) or server.has(
        Fact.SENT_DATA, Fact.SYN_ACK_RESENT
    )
    if here or later:
        return _refused_for_a_while(case, here, usual if strange else ())
    unseen = not client.record.frames
    if unseen and case.after is not None:
        return None  # another SYN between the same ports was accepted, or asked again
    late = late_by(case)
    if late > NO_TRIP:
        return given_up_for(case, late)
    nearby, unheard = "" if strange else answered_nearby(case), unheard_refusals(case)
    return Verdict(
        severity=Severity.NOTE if unseen else None,
        weak=unseen,
        grounds=(
            being(client, State.SYN_SENT),
            showing(server, Fact.REFUSED),
            showing(client, Fact.SYN_RESENT),
        ),
        doubts=(
            *(("another route would change the TTL as well",) if strange else ()),
            *(("any segment without ACK draws the same, as a scanner's does",) if unseen else ()),
            *(("the servers themselves may be so near",) if nearby else ()),
            *(("one capture does not tell whether the refusals arrive",) if unheard else ()),
        ),
        fault=Fault.PATH if strange or nearby else Fault.SERVER,
        frames=case.evidence(case.connection.first_frame, server.frame(Fact.REFUSED)),
        explanation=f"{server} answered {_the_syn(client)} with a reset: "
        + (
            f"its TTL is {ttl}, and that of the host's other packets {' or '.join(map(str, usual))}, so a firewall "
            "on the way seems to reject in its name."
            if strange
            else nearby or "nothing listens on that port, or a firewall rejects in its name."
        )
        + unheard,
        rivals=(
            *why_unheard(unheard),
            cause("nothing listens"),
            cause(
                "a firewall that rejects in the server's name",
                f"its TTL is {ttl}" if strange else f"compare the reset's TTL ({ttl}) with other packets",
            ),
            unlikely("the service starts, or refuses while it is full", "it accepts nothing in this capture"),
        ),
        advice=advise(
            f"See whether anything listens on port {server.port}, and on which address.",
            ss_listen(server),
            on(server, f"nft list ruleset | grep -n -E 'reject|dport {server.port}'"),
        ),
    )


def _the_syn(client: End) -> str:
    if client.record.frames:
        return f"the SYN of {client}"
    return f"a SYN of {client}, which was not captured,"


def _refused_in_vain(case: Case) -> Verdict | None:
    """Judge refusals that the client has to ignore, as they do not acknowledge its SYN: it goes on trying."""
    client, server = case.client, case.server
    ignored = server.has(Fact.RST_OUT_OF_WINDOW) and client.has(Fact.SYN_RESENT)
    if not ignored or client.state not in _NOT_OPEN or server.state is not State.UNKNOWN:
        return None
    foreign = server.has(Fact.RST_TTL_DIFFERS, Fact.RST_LOOKS_FOREIGN)
    return Verdict(
        grounds=(being(client, State.SYN_SENT), showing(server, Fact.RST_OUT_OF_WINDOW)),
        doubts=("one capture does not tell who made the resets",),
        fault=Fault.PATH if foreign else Fault.SERVER,
        frames=case.evidence(
            case.connection.first_frame, server.frame(Fact.RST_OUT_OF_WINDOW), client.frame(Fact.SYN_RESENT)
        ),
        explanation=f"{server} answered the SYN of {client} with a reset that does not acknowledge it (no ACK, "
        f"or another number), so the client has to ignore it: it "
        f"sent its SYN {times(client.record.frames)}, and will time out where it "
        "should be refused at once.",
        rivals=(
            cause("a stack that resets with a wrong number", "nothing listens, or its queue is full"),
            cause("a device on the way that rejects, or changes sequence numbers"),
            still_open("a forged reset (D18)", "compare its TTL with other packets of the server"),
        ),
        advice=advise(
            f"See whether anything listens on port {server.port}, and who sends these resets: the acknowledgement "
            "has to be the SYN's number and one (RFC 9293, 3.10.7.3).",
            ss_listen(server),
            capture_server(server),
        ),
    )


def _refused_for_a_while(case: Case, here: int, usual: tuple[int, ...]) -> Verdict:
    """Judge a refusal of a socket that accepts at other times, or accepted this very connection later.

    ``usual`` are the TTLs of its other packets, where the reset has another.
    """
    client, server = case.client, case.server
    ttl = server.figure(Fact.REFUSED)
    other = (
        f" Its TTL is {ttl}, and that of the host's other packets {' or '.join(map(str, usual))}: somebody else "
        "seems to have sent it."
        if usual
        else ""
    )
    how_often = f"answered {some(here, 'other SYN')}" if here else "answered this one later"
    spell, limit, shut = _refusing(case), limit_of_client(case), shut_after_bursts(case)
    ended = shut or how_it_ended(case)
    return Verdict(
        grounds=(showing(server, Fact.REFUSED), showing(client, Fact.SYN_RESENT)),
        doubts=(f"it {how_often}, so somebody listens there at other times",),
        fault=Fault.SERVER,
        frames=case.evidence(case.connection.first_frame, server.frame(Fact.REFUSED)),
        explanation=f"{server} answered {_the_syn(client)} with a reset, and {how_often} in this capture: it has "
        f"not accepted all the time{spell}.{ended}{other}" + (f" {limit}." if limit else ""),
        rivals=(
            *(
                (cause("a limit on the connections of one client", "of the server, or of a firewall"),)
                if limit
                else ()
            ),
            *((cause("a limit on new connections, whoever makes them"),) if shut else ()),
            *(() if shut else (cause("the service was restarted, or was not up yet"),)),
            cause("its queue is full, and it refuses for that"),
            cause("one of several machines behind this address has no listener"),
            *((still_open("another host that has the same address (D43)", "see arping"),) if usual else ()),
            still_open("a forged reset (D18)", "compare its TTL with that of the SYN-ACKs"),
        ),
        advice=advise(
            f"See which limit on new connections is set for port {server.port}, and whether its log names it."
            if shut
            else f"See when the listener on port {server.port} was started, and who else answers for this address.",
            ss_listen(server),
            nstat(server, "TcpExtListenOverflows", "TcpExtListenDrops"),
            sysctl(server, "net.ipv4.tcp_abort_on_overflow"),
        ),
    )


def _refusing(case: Case) -> str:
    """Say from when to when its socket refused, where it accepted before or after, and how often meanwhile."""
    listener = case.listener
    if listener is None or listener.refusals is None or listener.answers is None:
        return ""
    refused, answered, at = listener.refusals, listener.answers, partial(instant, case.analysis)
    if refused.last_ns <= answered.first_ns:
        return f"; it refused until {at(refused.last_ns)}, and accepted from {at(answered.first_ns)} on"
    if refused.first_ns >= answered.last_ns:
        return f"; it accepted until {at(answered.last_ns)}, and refused from {at(refused.first_ns)} on"
    let_in = case.accepted_between(refused.first_ns, refused.last_ns)
    first, last = at(refused.first_ns), at(refused.last_ns)
    times_of_day = f"between {first} and {last}" if first != last else f"at {first}"
    if let_in:
        return f"; it refused at times {times_of_day}, and accepted {some(let_in, 'connect')} meanwhile"
    return f"; it refused {times_of_day}"


@rule("D03", "Refused by ICMP", Severity.WARNING)
def refused_by_icmp(case: Case) -> Verdict | None:
    """The SYN was answered by an ICMP error that quotes it.

    What it means: a router or firewall on the way, or the server's own host firewall, says that the host, the
    network or the port cannot be reached, or that the traffic is prohibited. Which of them says so is the source
    address of the ICMP packet.

    Why it matters: the client's connect() fails with "no route to host", "connection refused" or, where the stack
    treats the error as soft, only after all its retries.

    Rivals: a forged ICMP error; it would have to quote the right ports and sequence number.

    What to do: read the source of the ICMP packet and look at the routes or the rules of that machine.
    "Prohibited" and "port unreachable" are the words of a firewall's REJECT; "host unreachable" is mostly a router
    that got no ARP or neighbour answer.

    See it: ``wirestat pcaps/icmp-port-unreachable/client.pcap``: a firewall rejects by ICMP.

    RFC 9293: 3.9.2.2 (ICMP messages); RFC 792, RFC 4443.
    """
    client, server = case.client, case.server
    if not client.has(*TOLD_BY_ICMP) or client.state not in _NOT_OPEN:
        return None
    if server.has(Fact.SENT_DATA, Fact.SYN_ACK_RESENT) or client.entered(State.ESTABLISHED):
        return None
    words = {
        Fact.ICMP_PROHIBITED: "that the traffic is prohibited: a firewall rejects it",
        Fact.ICMP_PORT_UNREACHABLE: "that the port cannot be reached: a firewall's REJECT, as a rule, since a host "
        "with TCP would send a reset",
        Fact.ICMP_UNREACHABLE: "that the server cannot be reached: no route, or no answer on its last link",
    }
    told = next(fact for fact in TOLD_BY_ICMP if client.has(fact))
    who = reporter(client.figure(told))
    itself = who == server.address
    by = f"by {'the server itself' if itself else who} (ICMP)" if who else "by ICMP"
    return Verdict(
        grounds=(being(client, State.SYN_SENT), showing(client, *TOLD_BY_ICMP)),
        fault=Fault.SERVER if itself else Fault.PATH,
        frames=case.evidence(case.connection.first_frame, client.frame(told)),
        explanation=f"{client} asked {server} for a connection and was told {by} {words[told]}.",
        rivals=(unlikely("a forged ICMP error", "it quotes this connection's ports"),),
        advice=advise(
            f"Look at the routes, neighbours and rules of {who}, which sent the ICMP packet."
            if who
            else "The source address of the ICMP packet is the machine to look at: its routes, neighbours and "
            "rules.",
            on(client, f"ip route get {server.address}"),
            on(client, f"traceroute -T -p {server.port} {server.address}"),
            sysctl(client, "net.ipv4.tcp_syn_retries"),
        ),
    )
