"""An established connection on which one end stops answering."""

from msgspec.structs import replace

from wirestat.diagnosis.advice import advise, capture_at, keepalive_settings, on, ss_address, ss_this, sysctl
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.makers import CONNTRACK, commands_of
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import ruled_out, still_open, unlikely
from wirestat.diagnosis.rules.closing.endings import resent_with_data
from wirestat.diagnosis.rules.closing.half_closed import answered_after_half_close, with_half_close
from wirestat.diagnosis.rules.devices.middlebox import answered_the_syn
from wirestat.diagnosis.rules.path.dropped_segments import lack_stamps
from wirestat.diagnosis.rules.path.icmp_complaints import complaint, was_redirected
from wirestat.diagnosis.rules.path.rationed import stopped_after
from wirestat.diagnosis.rules.path.unfit_segments import at_an_edge, few_hops
from wirestat.diagnosis.rules.path.urgent_data import may_be_dropped_as_urgent, was_urgent
from wirestat.diagnosis.rules.path.wrong_checksums import is_not_for_its_size
from wirestat.diagnosis.rules.resets.before import closed_before
from wirestat.diagnosis.rules.silence.answered_elsewhere import (
    answered_elsewhere,
    answered_soon_after,
    in_words,
    rivals,
)
from wirestat.diagnosis.rules.silence.idleness import after_silence, idle_time_out
from wirestat.diagnosis.rules.silence.in_vain import (
    answers_who_came_back,
    ended_by_a_close,
    gave_up_at,
    given_up_by,
    is_heard_after_giving_up_on_data,
    lives_without,
    mute_for,
    spoke_after_being_given_up,
    was_taken_in_the_end,
)
from wirestat.diagnosis.rules.silence.longer_before import amid_longer
from wirestat.diagnosis.rules.silence.lost_state import lost_with_others
from wirestat.diagnosis.rules.silence.one_probe import gave_up_after_one
from wirestat.diagnosis.rules.silence.probes import (
    is_octet,
    patience,
    reopened_before_probes,
    rhythm,
    window_that_was_shut,
)
from wirestat.diagnosis.rules.silence.signed_segments import keys_may_differ, was_signed
from wirestat.diagnosis.study.silences import Bracket
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import times
from wirestat.model import Fault, Severity, Sighting
from wirestat.spans import span
from wirestat.timers import LINUX, SECOND
from wirestat.vocabulary import Fact

_PROBES = 3
"""So many keepalive probes in a row without an answer are no chance loss."""
_RESENT = 3
_OUTAGE = 2 * SECOND
"""Resent so often, over such a time, without a word from the other end: no chance loss either."""
_LIVES = "See whether the other host lives, and whether the packets arrive there."
_LONGER = (
    "See whether {} answers probes at all; where the way was down for a moment, let {} probe for longer "
    "(TCP_KEEPINTVL, TCP_KEEPCNT)."
)


@rule(
    "D08",
    "Idle time-out on the way",
    Severity.ERROR,
    rests_on={Basis.SILENCE, Basis.TIMES},
    replaces={"D07", "D09", "D18", "D27", "D29"},
    corroborates=True,
)
def idle_timeout(case: Case) -> Verdict | None:
    """After a long silence the connection is dead, though neither end closed it.

    What it means: something between the ends (a firewall, a NAT, a load balancer) forgets connections that are
    silent for longer than its idle time-out. The first data after the silence is dropped without a word, or the
    device sends a reset the moment its time-out runs out.

    Why it matters: connections in pools die in their sleep; the first request after a pause hangs or fails.

    Rivals: the other end crashed or lost its network in the meantime (D07, D09): then the length of the silence is
    chance, and it differs from connection to connection. A time-out of the application closes with a FIN.

    What to do: let the application set SO_KEEPALIVE, with TCP_KEEPIDLE (or ``net.ipv4.tcp_keepalive_time``) well
    below the silence that is reported; that helps whichever device it is. To find it, hold the silence against the
    time-outs on the way: 350 s is an AWS network load balancer's, 300 s a BIG-IP's, 240 s Azure's, 3600 s and five
    days are those of common firewalls; on a Linux gateway it is ``nf_conntrack_tcp_timeout_established``. Captures on
    both sides of a device show it: the first segment after the silence goes in and does not come out.

    See it: ``wirestat pcaps/idle-timeout-in-path/client.pcap``: a gateway forgets three connections after a minute.

    RFC 9293: 3.8.4 (keepalives; the default must be two hours or more); RFC 5382, REQ-5 (a NAT keeps an established
    connection for 2 h 4 min at least).
    """
    for end in case.ends:
        bracket = case.bracket if _died_of(case, end) else None
        if bracket:
            return _counted(case, end, bracket)
        if _spoke_in_vain(case, end) and end.record.unacknowledged_bytes:
            gap = end.figure(Fact.UNANSWERED_AFTER_IDLE, Fact.IDLE_GAP)
            return amid_longer(case, _dropped(case, end, gap), gap)
        if _met_a_reset(end.other) and end.has(Fact.RST_TTL_DIFFERS, Fact.RST_LOOKS_FOREIGN):
            return _answered_for(case, end, end.figure(Fact.RST_AFTER_IDLE))
        if end.has(Fact.RST_ABORTS) and end.has(Fact.IDLE_GAP) and not end.has(Fact.FIN_SENT):
            gap = end.figure(Fact.IDLE_GAP)
            foreign = end.has(Fact.RST_TTL_DIFFERS, Fact.RST_LOOKS_FOREIGN)
            ended_it = end.frame(Fact.IDLE_GAP) == end.frame(Fact.RST_SENT)
            # A client that resets what is idle has its own reasons.
            perhaps = end is case.server and case.timeouts_near(gap, own=True)
            if (
                gap
                and ended_it
                and (foreign or perhaps)
                and not _was_resending(end.other, end.fact(Fact.IDLE_GAP))
                and not answered_the_syn(end)  # then it is the server's own front end that drops what is idle
            ):
                return _reset(case, end, gap, foreign)
    return None


def _spoke_in_vain(case: Case, end: End) -> bool:
    """Say whether what broke a silence had to be sent again: else its acknowledgement was not captured."""
    in_vain = end.has(Fact.UNANSWERED_AFTER_IDLE) and end.has(Fact.DATA_RESENT, Fact.FIN_RESENT)
    if not in_vain or case.has(Fact.ONE_WAY) or end.other.has(Fact.RST_SENT):
        return False
    broke, heard = end.fact(Fact.UNANSWERED_AFTER_IDLE), end.other.record.last_time_ns
    if broke and heard is not None and heard > broke.time_ns:
        return False  # it was answered in the end
    return not _was_resending(end, broke)


def _died_of(case: Case, end: End) -> int | None:
    """Return the silence that an end broke, and that the connection did not survive, in ns."""
    if _met_a_reset(end):
        return end.other.figure(Fact.RST_AFTER_IDLE)
    if _spoke_in_vain(case, end) and end.record.unacknowledged_bytes:
        return end.figure(Fact.UNANSWERED_AFTER_IDLE)
    return None


def _met_a_reset(end: End) -> bool:
    """Say whether what broke a silence was answered by a reset of an end that had not closed by itself."""
    other = end.other
    if not other.has(Fact.RST_AFTER_IDLE) or not other.has(Fact.FIN_SENT):
        return other.has(Fact.RST_AFTER_IDLE)
    return not closed_before(other, other.fact(Fact.RST_AFTER_IDLE))


def _counted(case: Case, end: End, bracket: Bracket) -> Verdict:
    """Judge a death of silence beside others between the same hosts."""
    gap = _died_of(case, end) or 0
    met = "was answered by a reset" if end.other.has(Fact.RST_SENT) else "was never answered"
    near = case.timeouts_in(bracket)
    may_be_restart = _may_be_restart(end, bracket)
    among = "Of all clients of this socket" if bracket.is_of_socket else "Between these hosts"
    upto = (
        f"silences of up to {span(bracket.survived_ns)} were survived"
        if bracket.survived_ns
        else "none was survived"
    )
    return Verdict(
        severity=Severity.WARNING if may_be_restart else None,
        grounds=(
            showing(end, Fact.IDLE_GAP, Fact.UNANSWERED_AFTER_IDLE),
            showing(end.other, Fact.RST_AFTER_IDLE, Fact.RST_SENT),
        ),
        doubts=(
            "one capture does not tell which device it is",
            *(("its clients may come by different ways",) if bracket.is_of_socket else ()),
        ),
        fault=Fault.PATH,
        frames=case.evidence(
            end.frame(Fact.IDLE_GAP), end.other.frame(Fact.RST_AFTER_IDLE), case.connection.last_frame
        ),
        explanation=f"{end} broke a silence of {span(gap)} and {met}. {among} {bracket.deaths} silences "
        f"were deadly, the shortest of {span(bracket.died_ns)}, and {upto}: an idle time-out on the way"
        f"{', such as ' + near[0] if near else ''}"
        + (", or a restart during all of them." if may_be_restart else "."),
        rivals=(
            still_open(f"{end.other} was restarted (D07)", "one instant lies in all of these silences")
            if may_be_restart
            else unlikely(f"{end.other} was restarted (D07)", "the length of the silence decides"),
            ruled_out("a time-out of the application", "no FIN was sent"),
        ),
        advice=_keepalive(end, bracket.died_ns, near),
    )


def _may_be_restart(end: End, bracket: Bracket) -> bool:
    """Say whether a restart of the other host explains the deaths: its own resets, and nothing survived."""
    other = end.other
    is_own = other.has(Fact.RST_SENT) and not other.has(Fact.RST_TTL_DIFFERS, Fact.RST_LOOKS_FOREIGN)
    return is_own and bracket.share_an_instant and not bracket.survived_ns


def _was_resending(end: End, gap: Sighting | None) -> bool:
    """Say whether the pause was its retransmission timer's: it had resent before, and heard nothing since."""
    again, heard = end.fact(Fact.DATA_RESENT, Fact.FIN_RESENT), end.other.record.last_time_ns
    if again is None or gap is None:
        return False
    return again.time_ns < gap.time_ns and (heard is None or heard < again.time_ns)


def _dropped(case: Case, end: End, gap: int | None) -> Verdict:
    silence = "a long silence" if gap is None else f"a silence of {span(gap)}"
    near = case.timeouts_near(gap)
    match = f", which matches {near[0]}" if near else ""
    return Verdict(
        grounds=(showing(end, Fact.IDLE_GAP, Fact.UNANSWERED_AFTER_IDLE, Fact.DATA_RESENT, Fact.FIN_RESENT),),
        weak=True,
        measure=gap,
        doubts=("one connection cannot tell a time-out from a dead host; several with like silences can",),
        fault=Fault.PATH,
        frames=case.evidence(*map(end.frame, (Fact.IDLE_GAP, Fact.DATA_RESENT)), case.connection.last_frame),
        explanation=f"{end} broke {silence}{match}, and nothing has answered it since.{complaint(end)}",
        rivals=(
            still_open(f"{end.other} died in the meantime (D09)", "capture there"),
            ruled_out("a time-out of the application", "no FIN was sent"),
        ),
        advice=_keepalive(end, gap, near),
    )


def _answered_for(case: Case, end: End, gap: int | None) -> Verdict:
    silence = "a long silence" if gap is None else f"a silence of {span(gap)}"
    near, ttl = case.timeouts_near(gap), end.figure(Fact.RST_SENT)
    hops = f" (TTL {ttl})" if ttl and end.has(Fact.RST_TTL_DIFFERS) else ""
    return Verdict(
        grounds=(showing(end, Fact.RST_SENT, Fact.RST_AFTER_IDLE), showing(end.other, Fact.IDLE_GAP)),
        doubts=("only a capture beyond the device shows that the other end heard nothing",),
        fault=Fault.PATH,
        frames=case.evidence(end.other.frame(Fact.IDLE_GAP), end.frame(Fact.RST_AFTER_IDLE)),
        explanation=f"{end.other} broke {silence}{', which matches ' + near[0] if near else ''}, and a "
        f"reset in the name of {end} answered that does not look like its own{hops}: a device on the way has "
        "forgotten the connection.",
        rivals=(
            unlikely(f"{end} forgot the connection (D07)", "its own packets look otherwise"),
            unlikely("an injected reset (D18)", "it answers the first segment after the silence"),
        ),
        advice=_keepalive(end.other, gap, near),
    )


def _reset(case: Case, end: End, gap: int, foreign: bool) -> Verdict:
    near = case.timeouts_near(gap, own=True)
    unlike = " It does not look like that host's own packets: a device on the way sent it." if foreign else ""
    return Verdict(
        grounds=(showing(end, Fact.RST_SENT, Fact.IDLE_GAP, Fact.RST_ABORTS),),
        weak=not foreign,
        measure=gap,
        doubts=(
            "only a capture at that host shows that it did not send the reset"
            if foreign
            else "an application can reset idle connections as well",
        ),
        fault=Fault.PATH,
        frames=case.evidence(end.frame(Fact.RST_SENT)),
        explanation=f"After a silence of {span(gap)}{', which matches ' + near[0] if near else ''}, a reset in the "
        f"name of {end} ended the connection.{unlike}",
        rivals=(
            unlikely(f"the application of {end} resets what is idle", "the reset looks otherwise")
            if foreign
            else still_open(f"the application of {end} resets what is idle"),
            ruled_out("a time-out with a FIN", "none was sent"),
        ),
        advice=_keepalive(end, gap, near),
    )


def _keepalive(end: End, gap: int | None, near: tuple[str, ...]) -> str:
    within = "this silence" if gap is None else f"the {span(gap)} of this silence"
    server = end if end.side == "server" else end.other
    shown = (
        "ss then shows timer:(keepalive,...), and tcp_keepalive_time, 7200 s unless changed, is"
        if end.system == LINUX.name
        else "two hours, unless changed, are"
    )
    return advise(
        f"Have the application turn keepalives on (SO_KEEPALIVE), well within {within}: {shown} the silence before "
        "the first. To find the device, capture at the other end as well: what leaves here and does not arrive there "
        "stopped at it.",
        on(
            end,
            f"ss -tno '( sport = :{server.port} or dport = :{server.port} )' dst {ss_address(end.other.address)}",
        ),
        keepalive_settings(end),
        capture_at(end.other),
        *dict.fromkeys((*commands_of(near), CONNTRACK)),
    )


@rule(
    "D09",
    "Half-open: no answer",
    Severity.ERROR,
    rests_on={Basis.SILENCE, Basis.REPEATS},
    replaces={"D13", "D16", "D27", "D29"},
)
def peer_silent(case: Case) -> Verdict | None:
    """An end sends the same again and again, and the other is silent.

    What it means: the path is broken or the other end is dead, in the middle of a connection. The sender resends
    with growing intervals until it gives up, on Linux after about 15 minutes, and then drops the connection without
    a packet; an end that only probes (keepalive) gives up after some probes and sends a reset. Where the silent end
    had closed its own direction before, a device on the way may have forgotten the half-closed connection. Where all
    that was open between two hosts falls silent at one instant, and connections begun later are well, a device on the
    way has lost its table, or the way has changed: that is one finding, and it names the instant.

    Why it matters: until then the application hangs, and its data is in nobody's hands.

    Rivals: a capture of one direction only, in which every connection looks like this. A zero window (D23), where
    the other end does answer. A way that was down for a while (D56), where the other end is heard on this
    connection again. An idle time-out on the way (D08), where a long silence comes before. Keepalive does not run
    while data is unacknowledged, so it does not shorten this. A full accept queue (D05, D06), where the server has
    said nothing since its SYN-ACK: with SYN cookies it has no socket then.

    What to do: find out whether the other host lives. TCP_USER_TIMEOUT bounds the wait.

    See it: ``wirestat pcaps/retransmission-gives-up/client.pcap``: the path dies while the client sends.

    RFC 9293: 3.8.3 (R1, R2), 3.8.4 (keepalives), 3.5.1 (half-open); RFC 5482 (user time-out).
    """
    if lost := lost_with_others(case):
        return lost
    for end in case.ends:
        if half_closed := answered_after_half_close(case, end):
            return half_closed
        if impatient := gave_up_after_one(case, end):
            return impatient
        if not end.has(Fact.DATA_RESENT, Fact.KEEPALIVE_UNANSWERED) or end.other.has(Fact.RST_SENT):
            continue
        if end.other.has(Fact.ZERO_WINDOW) and not reopened_before_probes(end):
            continue
        if resent_with_data(end):
            continue  # its FIN is what is not answered (D13)
        if ended_by_a_close(end):
            continue  # a stall that the other end's close ended (D56)
        if answers_who_came_back(end):
            continue  # it was heard again, if late, by who had forgotten it (D07)
        if is_heard_after_giving_up_on_data(end) or was_taken_in_the_end(end):
            continue  # the other end is there, and has the connection: it heard nothing, or too late (D56)
        unanswered = end.record.unacknowledged_bytes > 0 and _has_the_last_word(end)
        probes = end.figure(Fact.KEEPALIVE_UNANSWERED) or 0
        if lack_stamps(case, end) or is_not_for_its_size(end):
            return None  # the other end has to drop them, or others pass (D45)
        enough = 1 if end.has(Fact.RST_ABORTS) else _PROBES
        if (unanswered and end.has(Fact.DATA_RESENT_UNANSWERED)) or (
            probes >= enough and _has_the_last_word(end)
        ):
            return with_half_close(case, end, _silent(case, end, probes))
        if unanswered and _resends_in_vain(end):
            return _silent_so_far(case, end)
    return None


def _resends_in_vain(end: End) -> bool:
    """Say whether all that it sent again came after the other end's last word, and was enough for no chance loss."""
    first, heard = end.fact(Fact.DATA_RESENT), end.other.record.last_time_ns
    if first is not None and not end.other.record.frames:
        if not end.sees_both_directions:
            return False
        # Nothing of the other end was captured: it may be answered out of sight, and the rule says so.
        over = (end.record.last_time_ns or 0) - first.time_ns
        return end.record.retransmitted_frames >= _RESENT and over >= _OUTAGE
    if first is None or heard is None or first.time_ns < heard or end.other.record.unseen_bytes:
        return False  # what was resent before is counted with it, or the other end spoke out of sight
    return end.record.retransmitted_frames >= _RESENT and mute_for(end) >= _OUTAGE


def _silent_so_far(case: Case, end: End) -> Verdict:
    verdict = _silent(case, end, 0)
    doubt = "it has not resent often yet, and the capture ended"
    return replace(verdict, severity=Severity.WARNING, weak=True, doubts=(*verdict.doubts, doubt))


def _has_the_last_word(end: End) -> bool:
    own, other = end.record.last_time_ns, end.other.record.last_time_ns
    return own is not None and (other is None or own > other)


def _silent(case: Case, end: End, probes: int) -> Verdict:
    often = end.figure(Fact.DATA_RESENT_UNANSWERED) or end.record.retransmitted_frames
    probed = f"probed the connection {times(probes)}{rhythm(end, case.analysis.timers)}"
    again = "sent one octet again, as a keepalive probe does," if is_octet(end) else "resent the same data"
    what = probed if probes else f"{again} {times(often)}"
    awoke = spoke_after_being_given_up(end) if probes else None
    mute = f" for {span(mute_for(end))}" if mute_for(end) and awoke is None else ""
    elsewhere, told = answered_elsewhere(case, end.other), complaint(end)
    soon = None if elsewhere else answered_soon_after(case, end.other)
    lives = "" if soon is None else f" The host answered another connection {span(soon)} after that."
    return Verdict(
        grounds=(
            showing(
                end,
                Fact.DATA_RESENT,
                Fact.DATA_RESENT_UNANSWERED,
                Fact.KEEPALIVE_SENT,
                Fact.KEEPALIVE_UNANSWERED,
            ),
        ),
        doubts=("a forged ICMP error would look the same",)
        if told
        else ("one capture does not tell what drops it",)
        if elsewhere
        else ("a host that came back just then would look the same as a broken path",)
        if lives
        else ("one capture cannot tell a dead host from a broken path",)
        if awoke is None
        else ("whether it ignored what came or did not get it, only a capture there tells",),
        fault=Fault.PATH if told else Fault.UNDECIDED,
        frames=case.evidence(
            end.frame(Fact.DATA_RESENT_UNANSWERED, Fact.KEEPALIVE_UNANSWERED), case.connection.last_frame
        ),
        explanation=f"{end} {what}; {lives_without(end) or f'{end.other} has been silent{mute}.'}{was_urgent(end)}"
        f"{was_signed(end)}{after_silence(case, end)}"
        f"{told}{in_words(case, end.other, elsewhere)}{lives}{was_redirected(end)}"
        f"{stopped_after(case, end) if probes else ''}"
        if awoke is None
        else f"{end} {what} and gave up with a {given_up_by(end)}{patience(end, gave_up_at(end), probes)}; "
        f"{end.other} answered none of them, and spoke again after that, last {span(awoke)} later: it is alive, and "
        "either ignores probes or was out of reach meanwhile.",
        rivals=(
            window_that_was_shut(end),
            *may_be_dropped_as_urgent(end),
            *keys_may_differ(end),
            *few_hops(end),
            *at_an_edge(end),
            idle_time_out(case, end),
            *rivals(case, end.other, elsewhere),
        ),
        advice=advise(
            _LONGER.format(end.other.address, end.address)
            if awoke is not None and patience(end, gave_up_at(end), probes)
            else _LIVES,
            capture_at(end.other),
            ss_this(end),
            on(end, f"ping -c 3 {end.other.address}"),
            sysctl(end, "net.ipv4.tcp_retries2"),
        ),
    )
