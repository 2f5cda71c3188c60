"""Servers that answer no SYN, for good or until they refuse: why that may be, and where to look."""

from wirestat.diagnosis.advice import advise, at, capture_server, nstat, ss_address, ss_listen
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import being, showing
from wirestat.diagnosis.rivals import Rival, cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.rules.opening.rejected_beside import rejected_beside, told_of_another, why_rejected
from wirestat.diagnosis.rules.opening.spared_refusals import spared_refusals
from wirestat.diagnosis.rules.opening.spent_ports import spent_ports, told_of, why_spent
from wirestat.diagnosis.shown import is_shown
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import times
from wirestat.model import Connection, Fault, Severity, Side, State
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact
from wirestat.words import socket, some

RETRIES = 3
"""So many SYNs of one attempt in vain are no chance loss."""
_ABOUT = 10 * SECOND
"""A host that is heard so shortly before or after was hardly down."""
_FEW_SOCKETS = 8
"""Small devices have no more for one port."""
_RACE = 300 * MILLISECOND
"""Whoever races addresses asks the next so soon (RFC 8305, 5: a quarter of a second)."""
QUEUE_FULL = "accept queue full at the server"
_HELD = "an entry of conntrack, NAT or IPVS on the way that holds this port of the client's"
_SEVERAL = 3
"""So many others are no chance."""
_TURNS = 4
"""A talk of fewer turns may have been over long before its last word."""
_TALKS = 64
"""Talks that are looked at."""
_LONG = 2 * SECOND
"""No answer is on its way for longer than this."""


def flaws_of_syn(case: Case) -> tuple[Rival, ...]:
    """Name what a receiver may drop the SYN for (D45)."""
    client = case.client
    return (
        *(
            (cause("another password, or none, at the server: its SYN is signed (TCP-MD5, TCP-AO)"),)
            if client.has(Fact.SYN_SIGNED)
            else ()
        ),
        *(
            (
                still_open(
                    "a wrong checksum, for which it is dropped (D45)", "its sender's card may mend that"
                ),
            )
            if client.has(Fact.SYN_CHECKSUM_WRONG)
            else ()
        ),
        *((_older_stamp(case),) if client.has(Fact.TSVAL_BACKWARD) else ()),
    )


def _older_stamp(case: Case) -> Rival:
    """Weigh the time stamp of a SYN: some systems give each pair of sockets a clock of its own."""
    older = "a time stamp older than that of the SYN before, for which it is dropped (D45)"
    if not case.has(Fact.REUSED_TUPLE) and case.between_hosts(_is_older_taken):
        return ruled_out(older, "the host took another SYN of this client whose time stamp was older as well")
    return still_open(older)


def _is_older_taken(connections: list[Connection]) -> bool:
    """Say whether a SYN with an older time stamp than the one before was answered at once."""
    return any(
        is_shown(one, Fact.TSVAL_BACKWARD, Side.CLIENT) and one.server.bytes and not one.syn_copies
        for one in connections
    )


def where_to_look(server: End, *, arrived: bool) -> tuple[str, ...]:
    """Say where the SYN may be dropped, the server itself where it ``arrived`` there."""
    if arrived:
        return (
            f"See why {server.address} ignores it: its accept queue, its host firewall, a connection of the same "
            "ports in TIME_WAIT, time stamps that go backward (PAWS; tcp_tw_recycle on Linux before 4.12).",
            nstat(server, "TcpExtPAWSActive", "TcpExtPAWSTimewait", "TcpExtTCPTimeWaitOverflow"),
        )
    return (
        "Capture at the server: if the SYN arrives there, the server drops it; if not, the path does.",
        capture_server(server),
    )


def amid_others(case: Case) -> str:
    """Say that others got through while its SYNs went unanswered, that one was rejected, or that what was open before
    went on; or that it has used up its ports."""
    if spent := spent_ports(case):
        return told_of(spent)
    if not (case.answers[1] or case.calls[1]) and (rejection := rejected_beside(case)):
        return told_of_another(case, rejection)
    first_ns, last_ns = case.connection.first_time_ns, case.connection.last_time_ns
    if case.client.record.frames < RETRIES or last_ns - first_ns < SECOND:
        return ""
    if (accepted := case.accepted_between(first_ns, last_ns)) >= _SEVERAL:
        return f" Meanwhile {accepted:,} other connects to this socket got through."
    going_on = sum(
        began < first_ns and last_ns < ended for began, ended in case.between_hosts(_spells_of_talks)
    )
    if accepted or going_on < _SEVERAL:
        return ""
    return (
        f" {some(going_on, 'connection')} between these hosts, open before, went on past that: the hosts reached "
        "each other, and this alone was dropped, as by a connection table or a queue that is full, or a filter."
    )


def _spells_of_talks(connections: list[Connection]) -> list[tuple[int, int]]:
    """Return from when until when servers spoke on connections with several turns of theirs, in Unix ns."""
    return [
        (one.server.first_time_ns, one.server.last_time_ns)
        for one in connections
        if one.server.turns >= _TURNS and one.server.first_time_ns and one.server.last_time_ns
    ][:_TALKS]


def _answered_meanwhile(case: Case) -> int:
    """Count connections that its socket answered while this one sent its SYN in vain, two retries or more."""
    if case.client.record.frames < RETRIES:
        return 0
    return case.answered_between(case.connection.first_time_ns, case.connection.last_time_ns)


def _refuses_others(case: Case) -> int:
    """Count connections that its socket refused, before and after this one, if it accepted none meanwhile."""
    listener, one = case.listener, case.connection
    if listener is None or listener.refusals is None:
        return 0
    refused, accepted = listener.refusals, listener.answers
    if not refused.first_ns < one.first_time_ns <= one.last_time_ns < refused.last_ns:
        return 0
    if accepted and accepted.first_ns <= one.last_time_ns and one.first_time_ns <= accepted.last_ns:
        return 0
    return listener.refused - case.server.has(Fact.REFUSED)


def _answers_others_alone(case: Case) -> bool:
    """Say whether its socket answers other clients of the capture, and never this one's address."""
    return bool(case.answered_clients) and case.client.address not in case.answered_clients


def _is_heard_about_then(case: Case) -> bool:
    """Say whether the server's host was heard at about the time of the SYNs, on any connection."""
    one = case.connection
    return case.is_heard(case.server.address, one.first_time_ns - _ABOUT, one.last_time_ns + _ABOUT)


def _few_sockets(case: Case) -> tuple[Rival, ...]:
    """Name a device with few sockets, where those of others to this port are still open at the end."""
    held = case.listener.states.get(State.ESTABLISHED, 0) if case.listener else 0
    if not 0 < held <= _FEW_SOCKETS:
        return ()
    what = "a device that has few sockets (a controller, a printer), all in use"
    return (cause(what, f"{some(held, 'connection')} to this port stayed open"),)


def why_silent(case: Case, here: int, host: int) -> tuple[Rival, ...]:
    """Name what makes a server silent, by how many SYNs the capture shows it answer: at this port, and at any."""
    spent = spent_ports(case)
    if spent:
        return why_spent(spent, QUEUE_FULL)
    return (*spared_refusals(case), *_why_silent(case, here, host))


def _why_silent(case: Case, here: int, host: int) -> tuple[Rival, ...]:
    if answers_without_syn(case):
        return (
            cause(
                "another connection of these ports that the server still holds (D20)",
                "it acknowledges for it",
            ),
            cause("a device on the way that answers, or takes the SYN out of the SYN-ACK"),
            unlikely("the host is down", "segments of it were captured"),
        )
    if refusals := _refuses_others(case):
        return (
            cause(_HELD, f"{some(refusals, 'other SYN')} to this port were refused, before and after"),
            ruled_out(QUEUE_FULL, "nothing listens there while it refuses others"),
        )
    if meanwhile := _answered_meanwhile(case):
        held = f"every retry of it failed, and {some(meanwhile, 'other SYN')} to this socket got through meanwhile"
        return (
            cause(_HELD, held),
            unlikely(QUEUE_FULL, "others were accepted meanwhile"),
        )
    if here and _answers_others_alone(case):
        return (
            cause("the way of this client to the server or back, or a filter for it", "others are answered"),
            cause(QUEUE_FULL),
            *_few_sockets(case),
        )
    if here:
        return (
            cause(QUEUE_FULL, f"it answers {some(here, 'other SYN')} to this port"),
            *_few_sockets(case),
        )
    if host:
        return (
            ruled_out("the host is down", "it answers at other ports")
            if _is_heard_about_then(case)
            else cause("the host was down then", "it is heard at other times alone"),
            cause("a filter on this port"),
            cause(QUEUE_FULL, "no SYN to this port is answered"),
        )
    _, calls = case.calls
    if calls:
        return (
            cause(
                "a NAT or a firewall before it that lets connections out and none in",
                f"it opened {some(calls, 'connection')} itself",
            ),
            cause("a filter on this port"),
            cause(QUEUE_FULL, "no SYN to this port is answered"),
            unlikely("the host is down", "it speaks on connections of its own"),
        )
    if _asks_itself(case):
        return (
            ruled_out("the host is down", "the client is on it"),
            cause("a filter of that host", "it drops the SYN, or the answer"),
            cause(QUEUE_FULL),
        )
    if rejection := rejected_beside(case):
        return (*why_rejected(case, rejection), still_open("the host is down"))
    return (cause("the host is down"), cause("a filter on the way"), cause(QUEUE_FULL))


def answers_without_syn(case: Case) -> str:
    """Say what came in the server's name in place of an answer: acknowledgements without SYN, which open nothing."""
    is_reset = case.server.has(Fact.RST_OUT_OF_WINDOW, Fact.REFUSED)
    count = 0 if is_reset else case.server.record.frames
    if not count or case.server.record.bytes:
        return ""
    return f"{some(count, 'bare acknowledgement')} of {case.server} came in place of a SYN-ACK, which open nothing."


def _asks_itself(case: Case) -> bool:
    """Say whether client and server have one address, as over the loopback."""
    return case.client.address == case.server.address


def _is_borne(case: Case) -> bool:
    """Say whether anything in the capture bears the server's address."""
    return case.spoke_within(case.server.address, 0, case.now_ns)


def doubts_of_silence(case: Case, *, is_known: bool, may_be_lost: bool) -> tuple[str, ...]:
    """Say what speaks against it: a loss, where a server takes nobody; else a host of which nothing ``is_known``."""
    if may_be_lost:
        return ("it may have been lost on the way all the same",)
    return () if is_known else (_nothing_heard(case),)


def _nothing_heard(case: Case) -> str:
    """Say what is missing of a host that answers no SYN."""
    host = case.server.address
    if _asks_itself(case):
        return f"both ends are on {host}: whether the SYN gets to the socket there does not show"
    if _is_borne(case):
        return f"{host} answers no SYN in time: what bears its address here may be of a device on the way"
    return (
        f"nothing that {host} sent over TCP is in the capture (UDP and ICMP are not asked), so its answers may take "
        "another way"
    )


def one_way(case: Case, answers: int, calls: int) -> Rival:
    """Weigh a capture of one direction by the SYNs of the server's host: those it answers, and its own."""
    rival = "one-way capture"
    if answers:
        return ruled_out(rival, "it holds answers of this host")
    if _asks_itself(case):
        return unlikely(rival, "both ends are on one host")
    if calls:
        return unlikely(rival, "it holds what this host sends on connections of its own")
    return (
        unlikely(rival, "it holds segments that bear its address") if _is_borne(case) else still_open(rival)
    )


def raced_against(case: Case) -> str:
    """Tell of the other address that answered the client when it asked this one, and soon left it alone."""
    asked, one = case.client.record, case.connection
    if asked.first_time_ns is None or asked.last_time_ns is None or one.syn_copies + 1 >= RETRIES:
        return ""
    if asked.last_time_ns - asked.first_time_ns >= _LONG or case.client.has(Fact.SYN_RETRIES_USED_UP):
        return ""
    beside = case.accepted_beside(_RACE)
    if beside is None:
        return ""
    return (
        f" Each time {beside} was asked at the same moment, and answered: clients race several addresses of a "
        "service (RFC 8305, MultiSubnetFailover), and need one of them."
    )


def calls_itself(case: Case, calls: int) -> str:
    """Say that the server's host connects to the client, where it does so ``calls`` times and answers no SYN."""
    if not calls or case.answers[1]:
        return ""
    return (
        f" {case.server.address} opened {some(calls, 'connection')} to {case.client.address} itself: it is there, "
        "and seems to be out of reach for who calls it."
    )


def silent_before_refusal(case: Case) -> Verdict | None:
    """Judge a server that left several SYNs of one attempt without an answer, and refused the next at once."""
    client, server = case.client, case.server
    asked, refused = client.record.first_time_ns, server.fact(Fact.REFUSED)
    copies, last = client.figure(Fact.SYN_RESENT) or 0, client.record.last_time_ns
    if asked is None or refused is None or last is None or copies < RETRIES:
        return None
    lasted = last - asked
    if lasted < _LONG or not 0 <= refused.time_ns - last < SECOND:
        return None
    here, _ = case.answers
    others = _refuses_others(case)
    return Verdict(
        severity=Severity.WARNING,
        kind="then refused",
        grounds=(showing(client, Fact.SYN_RESENT), showing(server, Fact.REFUSED)),
        doubts=("one capture does not tell whether the SYNs before arrived at the server",),
        fault=Fault.PATH if others else Fault.UNDECIDED,
        frames=case.evidence(case.connection.first_frame, client.frame(Fact.SYN_RESENT), refused.frame),
        explanation=f"{client} sent its SYN {times(copies + 1)} in {span(lasted)}; {server} answered none of them "
        "but the last, which it refused at once (D02)"
        + (f", as it refused {some(others, 'other SYN')} before and after." if others else "."),
        rivals=(
            *(
                why_silent(case, here, here)
                if others
                else (
                    cause(
                        "an accept queue that was full, of a process that ended then",
                        f"it answered {some(here, 'other SYN')} to this port" if here else "",
                    ),
                    cause(
                        "a filter that was taken away, or a host that came up with nothing that listens yet"
                    ),
                )
            ),
            ruled_out("chance loss", f"it struck {copies} in a row"),
        ),
        advice=advise(
            *(
                where_to_look(server, arrived=False)
                if others
                else (
                    f"See when what listens on port {server.port} ended or was started, and whether it accepted "
                    "until then.",
                )
            ),
            ss_listen(server),
            nstat(server, "TcpExtListenOverflows", "TcpExtListenDrops"),
        ),
    )


def answered_in_another_name(case: Case) -> Verdict | None:
    """Judge a server that is silent, while somebody else sends to the client's port after each SYN."""
    client, server, copies = case.client, case.server, case.client.figure(Fact.SYN_RESENT)
    other = case.spoke_each_time() if copies else None
    if other is None or copies is None:
        return None
    who = socket(other.address, other.port)
    return Verdict(
        kind="another's name",
        grounds=(being(client, State.SYN_SENT), showing(client, Fact.SYN_RESENT, Fact.SYN_RETRIES_USED_UP)),
        doubts=("time and the client's port tell that these are answers, and no number does",),
        fault=Fault.PATH,
        frames=case.evidence(
            case.connection.first_frame, client.frame(Fact.SYN_RESENT), case.connection.last_frame
        ),
        explanation=f"{client} sent its SYN {times(copies + 1)} in {case.duration}; {server} never answered, but "
        f"each time {who} sent a segment to the same port of the client at once. It seems to be what the SYN is "
        "redirected to: it has an old connection of these ports, or its answers are not translated back.",
        rivals=(
            cause(
                "an old connection of the same ports at the other socket, which answers by ACKs (RFC 5961, 4)"
            ),
            cause("a redirection or translation whose answers go around it"),
            unlikely("the host is down", "each SYN is answered"),
        ),
        advice=advise(
            f"See what redirects {server.socket}, and which connection {who} has with port {client.port} of "
            f"{client.address}.",
            at(
                other.address,
                server.system,
                f"ss -tno dst {ss_address(client.address)} dport = :{client.port}",
            ),
            at(other.address, server.system, "nstat -az TcpExtTCPChallengeACK TcpExtTCPSYNChallenge"),
        ),
    )


def is_answered_by_the_one_before(case: Case) -> bool:
    """Say whether the server answers its SYNs in the numbers of the connection before, which it still has open."""
    before = case.before
    if before is None:
        return False
    heard = before.server.last_time_ns
    held = is_shown(before, Fact.CHALLENGE_ACK, Side.SERVER)
    return held and heard is not None and heard > case.connection.first_time_ns
