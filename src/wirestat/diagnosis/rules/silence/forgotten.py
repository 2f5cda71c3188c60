"""Connections that one end has forgotten, and the other believes in."""

from collections import Counter

from wirestat.diagnosis.advice import advise, capture_at, nstat, on, ss_this, sysctl
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import Rival, cause, still_open, unlikely
from wirestat.diagnosis.rules.devices.lost_translation import reset_in_a_translated_name
from wirestat.diagnosis.rules.devices.near_peers import drops_the_reset
from wirestat.diagnosis.rules.devices.remapped import goes_on_from_other_ports
from wirestat.diagnosis.rules.opening.rejecting import rejected_at_home
from wirestat.diagnosis.rules.resets.asked_first import asked_first
from wirestat.diagnosis.rules.resets.no_connection import askers
from wirestat.diagnosis.rules.resets.reasons import in_its_own_words, may_be_injected, was_asked_for
from wirestat.diagnosis.rules.silence.moved import ask_who_has_it, moved
from wirestat.diagnosis.rules.silence.unheard_answers import left_alone
from wirestat.diagnosis.shown import figure, is_shown, sighting
from wirestat.diagnosis.study.instants import those_near
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import times
from wirestat.model import Connection, Fault, Severity, Side
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact

_KNOWS_NOTHING = Fact.RST_NO_SOCKET
_EXPLAINED = (
    Fact.FIN_SENT,
    Fact.REFUSED,
    Fact.RST_ANSWERS_SYN_ACK,
    Fact.RST_ABORTS,
    Fact.RST_AFTER_UNREAD_DATA,
)
"""With one of these a reset is no news about a forgotten connection."""
_OPENING = ("SYN", "RST")
_SEVERAL = 3
_INSTANT = 100 * MILLISECOND
"""Resets so close together have one cause."""
_BACK = 3 * SECOND
"""Copies of data come so far apart when a way or a host comes back after some seconds."""
_SLOW_TRIPS = 20
_AT_ONCE = 25 * MILLISECOND
"""Who does not know a connection answers at once: within so long, or so many of the handshake's round trips."""
_A_TRIP = 500 * MILLISECOND
"""A segment that is older than this, and than two round trips, did not call for a reset."""
_MARGIN = 10
"""Silences that differ by one part in so many are of one length."""
_NO_SILENCE = "no long silence came before, in which the connection could be lost"
_BEFORE = (
    "whether a long silence came before, in which the connection could be lost, the capture does not show"
)
_NO_TIME = "it had spoken within the last round trip: an abort whose own reset was lost would look the same"


@rule(
    "D07",
    "Half-open connection found",
    Severity.WARNING,
    rests_on={Basis.OPENING, Basis.TIMES},
    replaces={"D27"},
)
def half_open_found(case: Case) -> Verdict | None:
    """An end sends on an established connection, and the other answers that it knows of none.

    What it means: one end has lost the connection (its host crashed, restarted, or failed over; its address moved)
    while the other still believed in it. The first segment after that draws a reset, and the connection is gone at
    both ends. This is what RFC 9293 calls half-open. A proxy that keeps its client's connection when the server
    behind it has closed does the same; then that server's socket is named.

    Why it matters: whatever was under way is lost, and the end that was left behind learned of it only because it
    had something to say.

    Rivals: a rule on the host that rejects what goes to the port: then live connections are reset and new ones
    refused at one time. A NAT or load balancer that forgot the connection and answers in the host's name; an idle
    time-out on the way (D08), where many connections share the length of the silence; an injected reset (D18),
    whose TTL differs. An end that has spoken within the last round trip has hardly been restarted since: its
    application may have aborted (D27) by a reset that was lost, and that is no more than information. A sender that
    probed a shut window (D23) may have given up by a time-out of its own.

    What to do: see whether the end that sent the reset was restarted. If it was not, capture there: if it sent no
    reset, a device on the way did. Where the reset's TTL is not that of the host's other packets, ask the device
    first: ``conntrack -L`` on a Linux gateway, and whether its rules were loaded anew.

    See it: ``wirestat pcaps/half-open-found-by-rst/client.pcap``: the server came back without it.

    RFC 9293: 3.5.1 (half-open connections and other anomalies), Figures 9 to 11.
    """
    end = next((end for end in case.ends if end.has(_KNOWS_NOTHING, Fact.RST_AFTER_IDLE)), None)
    if end is None or end.has(*_EXPLAINED) or end.other.has(Fact.RST_SENT):
        return None
    if end.other.has(Fact.CHALLENGE_ACK) and end.has(Fact.RST_IN_WINDOW, Fact.RST_OUT_OF_WINDOW):
        return None  # it had reset before, and answers the challenge to that
    if was_asked_for(end) or _has_all_answered(end):
        return None  # it answers what it was asked for (D27), or nothing called for it: it is an abort
    if _had_reset(end) or (case.has(Fact.MID_STREAM) and end.other.has(Fact.STRAY_SYN)):
        return None  # what was opened only later had not been lost
    if case.has(Fact.MID_STREAM) and asked_first(case):
        return None  # nobody had: a firewall asked (D27)
    if _never_was_in(end) or not end.other.record.frames or _answers_nothing(case, end):
        return None
    if (told := _told_otherwise(case, end)) is not None:
        return told
    gap = end.figure(Fact.RST_AFTER_IDLE)
    foreign = end.has(Fact.RST_TTL_DIFFERS)
    idle, probed = end.has(Fact.RST_AFTER_IDLE), end.other.has(Fact.KEEPALIVE_SENT, Fact.WINDOW_PROBE_SENT)
    just_spoke = end.has(Fact.RST_RIGHT_AFTER_WORDS) and not (idle or probed)
    in_vain = end.other.has(Fact.DATA_RESENT_UNANSWERED) and not idle
    if just_spoke and not foreign and not in_vain and _with_others(case, end):
        return None  # nobody forgets several at once that it has just served: it was told to reset them (D27)
    if (shut := _shut_for(end.other, end)) and not foreign:
        return _gave_up(case, end, shut)
    after = f" after {'a silence of ' + span(gap) if gap else 'a long silence'}" if idle else ""
    elsewhere = "" if idle or in_vain or foreign else moved(case, end)
    outlived = (
        ""
        if idle or elsewhere
        else _after_others(case, end) or (_after_an_outage(case, end) if in_vain else "")
    )
    return Verdict(
        severity=Severity.INFO if just_spoke else None,
        grounds=(
            showing(end, Fact.RST_SENT, Fact.RST_AFTER_IDLE, _KNOWS_NOTHING),
            showing(end.other, Fact.KEEPALIVE_SENT, Fact.DATA_RESENT_UNANSWERED),
        ),
        weak=not (idle or probed or in_vain or elsewhere or (foreign and _alike(case, end) >= _SEVERAL)),
        doubts=("only a capture beyond the device shows that the reset is its own",)
        if foreign
        else (
            "a device on the way may have answered in its name",
            *(
                ()
                if idle or probed or in_vain or outlived or elsewhere
                else (_no_silence(case, just_spoke=just_spoke),)
            ),
        ),
        fault=_whose_fault(end, outlived, foreign=foreign),
        frames=case.evidence(end.frame(Fact.RST_AFTER_IDLE, _KNOWS_NOTHING, Fact.RST_SENT)),
        explanation=f"{end.other} sent to {end}{_in_vain(end) if in_vain else after} and was answered by a reset: "
        f"{_who(end, foreign=foreign)} {_knew(case, end)} the connection{_or_let_it(foreign=foreign)}."
        f"{in_its_own_words(end)}{outlived}{elsewhere}{left_alone(end)}",
        rivals=_rivals(case, end, foreign=foreign),
        advice=_ask_the_device(end)
        if foreign
        else _ask_both(end)
        if outlived
        else _ask_the_host(end, *((ask_who_has_it(end),) if elsewhere else ())),
    )


def _told_otherwise(case: Case, end: End) -> Verdict | None:
    """Judge a reset whose author somebody else's segments tell."""
    return (
        goes_on_from_other_ports(case, end)
        or reset_in_a_translated_name(case, end)
        or rejected_at_home(case, end)
        or drops_the_reset(case, end)
    )


def _rivals(case: Case, end: End, *, foreign: bool) -> tuple[Rival, ...]:
    near = case.timeouts_near(end.figure(Fact.RST_AFTER_IDLE))
    injected = still_open("an injected reset (D18)", "but it answers a segment exactly")
    restart = unlikely(f"a restart of {end}", "its own packets have another TTL")
    return (
        *askers(case, end),
        *_may_have_closed(case, end),
        injected if foreign else may_be_injected(end),
        *((restart,) if foreign else ()),
        still_open("an idle time-out on the way (D08)", f"the silence matches {near[0]}" if near else ""),
    )


def _whose_fault(end: End, outlived: str, *, foreign: bool) -> Fault:
    if foreign:
        return Fault.PATH
    return Fault.UNDECIDED if outlived or end.has(Fact.PROBE_UNHEARD) else end.fault


def _never_was_in(end: End) -> bool:
    """Say whether the handshake never finished at this end: it reset what followed, or had sent its SYN-ACK again."""
    if end.has(Fact.RST_ANSWERS_HANDSHAKE_ACK) and not end.has(Fact.RST_AFTER_IDLE):
        return True
    return end.has(Fact.SYN_ACK_RESENT_AFTER_ACK) and not end.has(Fact.SENT_DATA, Fact.FIN_SENT)


def _shut_for(reader: End, end: End) -> int:
    """Return how long in all the reader's window was shut, where an end probed it, and was told of room only by what
    it answered with its reset; 0 elsewhere."""
    opened, reset = reader.fact(Fact.ZERO_WINDOW_OFTEN), end.fact(_KNOWS_NOTHING, Fact.RST_SENT)
    if opened is None or reset is None or not end.has(Fact.WINDOW_PROBE_SENT):
        return 0
    return (opened.figure or 0) if 0 <= reset.time_ns - opened.time_ns <= _A_TRIP else 0


def _gave_up(case: Case, end: End, shut: int) -> Verdict:
    """Judge a sender that waited for room, and no longer knew the connection when it was told of some."""
    reader = end.other
    return Verdict(
        kind="gave up a shut window",
        grounds=(
            showing(end, Fact.RST_SENT, _KNOWS_NOTHING, Fact.WINDOW_PROBE_SENT),
            showing(reader, Fact.ZERO_WINDOW),
        ),
        weak=True,
        doubts=("no segment tells when it gave up, nor why",),
        fault=reader.fault,
        frames=case.evidence(
            reader.frame(Fact.ZERO_WINDOW),
            end.frame(Fact.WINDOW_PROBE_SENT),
            end.frame(_KNOWS_NOTHING, Fact.RST_SENT),
        ),
        explanation=f"{reader} had its receive window shut for {span(shut)} in all, and {end} probed it; when "
        f"{reader} told of room again, it was answered by a reset: {end} no longer knew the connection. It may have "
        "given it up by a time-out of its own meanwhile, as the application at the other end did not read (D23).",
        rivals=(
            cause("a user time-out, which counts while the window is shut, though each probe is answered"),
            cause("an application that closed with a time-out of its own, and a stack that gave up the rest"),
            still_open(f"a restart of {end}"),
            still_open("an idle time-out on the way (D08)"),
            may_be_injected(end),
        ),
        advice=advise(
            f"See first what the application at {reader.address} did instead of reading; then which time-out "
            f"{end.address} has for a peer that does not read (TCP_USER_TIMEOUT, tcp_retries2, a write time-out).",
            ss_this(reader),
            nstat(end, "TcpExtTCPAbortOnTimeout", "TcpExtTCPAbortFailed"),
            sysctl(end, "net.ipv4.tcp_retries2"),
            on(end, "uptime; last -x reboot shutdown | head"),
        ),
    )


def _ask_the_host(end: End, *commands: str) -> str:
    return advise(
        "See whether the end that sent the reset was restarted or failed over; else capture there.",
        *commands,
        on(end, "uptime; last -x reboot shutdown | head"),
        capture_at(end),
        sysctl(end.other, "net.ipv4.tcp_keepalive_time"),
    )


def _ask_both(end: End) -> str:
    return advise(
        "See which device on the way translates addresses or tracks connections, and its idle time-out; then "
        "whether the end that sent the reset was restarted.",
        "  gateway$ sysctl net.netfilter.nf_conntrack_tcp_timeout_established",
        sysctl(end.other, "net.ipv4.tcp_keepalive_time"),
        on(end, "uptime; last -x reboot shutdown | head"),
        capture_at(end),
    )


def _ask_the_device(end: End) -> str:
    own, other = end.port, end.other.port
    return advise(
        "See which device on the way lost its table, or has new rules (a reload, a failover), and whether it knows "
        "this connection; else capture beyond it.",
        f"  gateway$ conntrack -L -p tcp | grep -E 'port={other} .*port={own}|port={own} .*port={other}'",
        "  gateway$ nft list ruleset | grep -n -E 'reject|ct state'",
        capture_at(end),
    )


def _alike(case: Case, end: End) -> int:
    """Count the connections of the socket whose resets in the server's name have the TTL of this one."""
    ttl = end.figure(Fact.RST_SENT)
    return 0 if ttl is None or end is not case.server else case.of_socket(_foreign_resets)[ttl]


def _foreign_resets(connections: list[Connection]) -> Counter[int]:
    """Count resets in the server's name that do not look like its own, by their TTL."""
    return Counter(
        ttl
        for one in connections
        if is_shown(one, Fact.RST_TTL_DIFFERS, Side.SERVER)
        and (ttl := figure(one, Fact.RST_SENT, Side.SERVER)) is not None
    )


def _no_silence(case: Case, *, just_spoke: bool) -> str:
    """Say that nothing shows when the connection was lost."""
    if just_spoke:
        return _NO_TIME
    # The silence may lie before the capture, or in it before the first segment.
    return _BEFORE if case.has(Fact.MID_STREAM) else _NO_SILENCE


def _may_have_closed(case: Case, end: End) -> tuple[Rival, ...]:
    """Name an end that left before the capture began, or never was there: nothing but resets of it was captured."""
    if not _only_resets(case, end):
        return ()
    return (
        still_open(
            f"{end} had closed, or broken off, before the capture began (D12, D27)", "only resets of it"
        ),
        still_open(
            "another machine behind this address, which never had it",
            "a balancer, a switch that splits a flow",
        ),
    )


def _only_resets(case: Case, end: End) -> bool:
    """Say whether nothing shows that it ever was in the connection, nor a silence in which it could lose it."""
    return case.has(Fact.MID_STREAM) and end.record.ttl is None and not end.has(Fact.RST_AFTER_IDLE)


def _knew(case: Case, end: End) -> str:
    return "does not know" if _only_resets(case, end) else "no longer knew"


def _who(end: End, *, foreign: bool) -> str:
    """Name whoever forgot the connection, by the TTL of the reset."""
    ttl, usual = end.figure(Fact.RST_SENT), end.record.ttl
    if not foreign or ttl is None or usual is None:
        return str(end)
    return f"its TTL is {ttl}, and that of the other packets in that name {usual}; a device on the way, it seems,"


def _or_let_it(*, foreign: bool) -> str:
    return ", or lets it pass no more" if foreign else ""


def _after_others(case: Case, end: End) -> str:
    """Say that its silence was longer than what others of the socket lived through, where that is so."""
    idle = case.client.record.longest_think_ns
    if end is not case.server or idle < SECOND:
        return ""
    lived = case.of_socket(_longest_survived)
    if not 0 < lived < idle - idle // _MARGIN:
        return ""
    return (
        f" The client had been silent for up to {span(idle)}, and others of this socket lived through "
        f"{span(lived)} at most: an idle time-out in between would do that (D08)."
    )


def _after_an_outage(case: Case, end: End) -> str:
    """Say that others between the hosts stood in vain as well, and were reset when answers came again."""
    reset = end.fact(_KNOWS_NOTHING)
    if end is not case.server or reset is None:
        return ""
    count = len(those_near(case.between_hosts(_resets_after_standing), reset.time_ns, _BACK))
    if count < _SEVERAL:
        return ""
    return (
        f" {count:,} connections between these hosts stood so, and were reset as answers came again: the host came "
        "back without them, or the way did, by another device that translates addresses or tracks connections."
    )


def _resets_after_standing(connections: list[Connection]) -> list[int]:
    """Return when servers knew nothing of connections whose client had sent its data again, in order, in Unix ns."""
    return sorted(
        seen.time_ns
        for one in connections
        if is_shown(one, Fact.DATA_RESENT, Side.CLIENT)
        and (seen := sighting(one, _KNOWS_NOTHING, Side.SERVER)) is not None
    )


def _longest_survived(connections: list[Connection]) -> int:
    """Return the longest silence of a client that no reset ended, in ns."""
    well = (one for one in connections if not is_shown(one, Fact.RST_SENT))
    return max((one.client.longest_think_ns for one in well), default=0)


def _with_others(case: Case, end: End) -> bool:
    """Say whether it reset several connections of the socket at one instant, each of which it had just spoken on."""
    own = end.fact(_KNOWS_NOTHING)
    return (
        own is not None
        and len(those_near(case.of_socket(_resets)[end.side], own.time_ns, _INSTANT)) >= _SEVERAL
    )


def _resets(connections: list[Connection]) -> dict[Side, list[int]]:
    """Return when ends that had just spoken knew nothing of their connections, in order, in Unix ns, by side."""
    return {
        side: sorted(
            seen.time_ns
            for one in connections
            if is_shown(one, Fact.RST_RIGHT_AFTER_WORDS, side)
            and (seen := sighting(one, _KNOWS_NOTHING, side)) is not None
        )
        for side in Side
    }


def _in_vain(end: End) -> str:
    """Say how often, and for how long, the other end had sent its data again before the reset answered it."""
    first, reset = end.other.fact(Fact.DATA_RESENT), end.fact(_KNOWS_NOTHING, Fact.RST_SENT)
    often = end.other.figure(Fact.DATA_RESENT_UNANSWERED) or 0
    if first is not None and reset is not None and reset.moment < first.moment:
        return f", sent {often:,} copies although each was answered,"
    within = f" within {span(reset.time_ns - first.time_ns)}" if first and reset else ""
    return f", sent the same again {times(often)}{within} without an answer,"


def _had_reset(end: End) -> bool:
    """Say whether another reset of its own came just before: what it answers was drawn by that."""
    before, reset = end.fact(Fact.RST_OUT_OF_WINDOW, Fact.RST_IN_WINDOW), end.fact(_KNOWS_NOTHING)
    return before is not None and reset is not None and 0 < reset.time_ns - before.time_ns <= 2 * _A_TRIP


def _has_all_answered(end: End) -> bool:
    """Say whether the other end has sent its SYN-ACK alone, and this one had acknowledged that."""
    other = end.other.record
    return (
        end.side is Side.CLIENT
        and other.frames == 1
        and not other.bytes
        and end.record.frames > len(_OPENING)
    )


def _answers_nothing(case: Case, end: End) -> bool:
    """Say whether the other end had been silent for far longer than a round trip before the reset."""
    reset, called = end.fact(_KNOWS_NOTHING, Fact.RST_SENT), end.other.record.last_time_ns
    if reset is None or called is None:
        return False
    longest = case.round_trips_ns(2, _A_TRIP)
    # Without the SYN, half of the handshake's round trip is all that is known.
    is_timed = case.connection.handshake_rtt_ns and not case.has(Fact.SYN_MISSING)
    if is_timed and not end.has(Fact.RST_AFTER_IDLE):
        longest = min(longest, case.round_trips_ns(_SLOW_TRIPS, _AT_ONCE))
    return reset.time_ns - called > longest
