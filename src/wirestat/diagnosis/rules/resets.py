"""Connections that end at once: who reset them, and why."""

from bisect import bisect_left
from itertools import permutations, product

from wirestat.diagnosis.advice import advise, nstat, ss_this, sysctl
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import cause, ruled_out
from wirestat.diagnosis.rules.again import came_again
from wirestat.diagnosis.rules.in_vain import is_heard_after_giving_up_on_data
from wirestat.diagnosis.rules.lastwords import asked_in_vain
from wirestat.diagnosis.rules.reasons import in_its_own_words, may_be_a_devices, was_asked_for
from wirestat.diagnosis.rules.restarts import closed_together
from wirestat.diagnosis.rules.unheard import reset_unheard
from wirestat.diagnosis.rules.unwanted import unwanted
from wirestat.diagnosis.shown import is_shown, sighting
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Connection, Fault, Severity, Side, Sighting, State, Transition
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact

_KNOWS_NOTHING = Fact.RST_NO_SOCKET
LAST_WORDS = 128
"""So few bytes after the other's FIN are no request, but a farewell: a TLS alert, a GOAWAY of HTTP/2, a QUIT."""
_FIRST_TTLS = (64, 128)
"""The TTLs that Unix and Windows begin with; above that are routers, and stacks of their own (255)."""
_STILL_SENDING = 50 * MILLISECOND
"""Data that were on their way when the other end closed come within so long, or within two round trips."""


@rule("D12", "Reset after its own FIN", Severity.NOTE, rests_on={Basis.ORDER}, replaces={"D10", "D11", "D27"})
def reset_after_fin(case: Case) -> Verdict | None:
    """An end closed, the other went on sending, and was answered by a reset.

    What it means: the end that closed has dropped the connection: it called close() and nobody reads any more, or
    it waited in FIN_WAIT2 until its time-out (60 s on Linux). Segments that the other end still sends are
    answered by a reset.

    Why it matters: data that was sent after the close is lost. After a time-out it means that the other end's
    application held the connection in CLOSE_WAIT for too long.

    Rivals: a host that crashed (D07) would not have sent a FIN. A client that breaks off a download does this as a
    matter of course.

    What to do: where the other end held the connection, see D10. Else nothing, if the client was free to leave.

    See it: ``wirestat pcaps/reset-after-half-close-timeout/client.pcap``: the server speaks a minute too late.

    RFC 9293: 3.6.1 (half-closed connections), 3.10.4; RFC 1122, 4.2.2.13 (close with data on its way).
    """
    for end in case.ends:
        late = end.other.has(Fact.CLOSE_WAIT_HELD) or end.has(Fact.FIN_WAIT2_HELD)
        spoken_to = end.other.has(Fact.DATA_AFTER_PEER_FIN) or late or _crossed(end)
        if (
            end.has(Fact.FIN_SENT)
            and end.has(_KNOWS_NOTHING, Fact.RST_SENT)
            and spoken_to
            and not end.has(Fact.CLOSE_WAIT_HELD)
        ):
            if late:
                return _too_late(case, end)
            again_ns = _asks_again_after(case, end)
            return _asked_again(case, end, again_ns) if again_ns else _still_sending(case, end)
    return None


def _asks_again_after(case: Case, end: End) -> int:
    """Return how long after it had acknowledged the server's FIN a client asked again, in ns; 0 where it did not.

    What it was still sending when the FIN came follows within a round trip or two.
    """
    told, wrote = end.entered(State.FIN_WAIT2, State.TIME_WAIT), end.other.fact(Fact.DATA_AFTER_PEER_FIN)
    if end is not case.server or not end.has(Fact.SENT_DATA) or told is None or wrote is None:
        return 0
    if end.other.record.unacknowledged_bytes <= LAST_WORDS:
        return 0
    after = wrote.time_ns - told.time_ns
    return after if wrote.moment > told.moment and after > case.round_trips_ns(2, _STILL_SENDING) else 0


def _asked_again(case: Case, end: End, after_ns: int) -> Verdict:
    client = end.other
    return Verdict(
        severity=Severity.NOTE,
        kind="asked again",
        grounds=(
            showing(end, Fact.FIN_SENT, Fact.RST_SENT, _KNOWS_NOTHING),
            showing(client, Fact.DATA_AFTER_PEER_FIN),
        ),
        fault=client.fault,
        frames=case.evidence(
            end.frame(Fact.FIN_SENT), client.frame(Fact.DATA_AFTER_PEER_FIN), end.frame(Fact.RST_SENT)
        ),
        measure=after_ns,
        doubts=("what was sent may be a farewell rather than a request",),
        explanation=f"{end} answered and closed; {client}, which had acknowledged that, sent more {span(after_ns)} "
        "later on the same connection, and was answered by a reset: what it asked then is lost, and what it was "
        "answered before is not.",
        rivals=(
            ruled_out("a request that was on its way when the server closed", "it came long after the FIN"),
            cause("a pool or a loop that does not look whether the connection is still open"),
            cause("a server that closes after each answer, or after so many", "Connection: close"),
        ),
        advice=advise(
            "Have the client look whether a connection is still open before it asks again on it, and ask once more "
            "on a new one where it was not.",
            ss_this(client),
        ),
    )


def _crossed(end: End) -> bool:
    """Say whether an end closed while the other was still sending, and answered what came after with a reset."""
    if not end.has(Fact.FIN_SENT) or not end.other.has(Fact.SENT_DATA):
        return False
    if not end.has(_KNOWS_NOTHING) and (end.has(Fact.RST_ABORTS) or not end.has(Fact.RST_SENT)):
        return False  # Windows acknowledges, with the reset, what it will not read
    closed, reset = end.fact(Fact.FIN_SENT), end.fact(_KNOWS_NOTHING, Fact.RST_SENT)
    heard, other = end.other.record.last_time_ns, end.other.fact(Fact.FIN_SENT)
    if closed is None or reset is None or heard is None or closed.moment > reset.moment:
        return False
    if other is not None and (other.moment < reset.moment or end.has(_KNOWS_NOTHING)):
        return False
    return closed.time_ns < heard and end.other.record.unacknowledged_bytes > 0


def _too_late(case: Case, end: End) -> Verdict:
    closed, reset = end.fact(Fact.FIN_SENT), end.fact(_KNOWS_NOTHING, Fact.RST_SENT)
    waited = reset.time_ns - closed.time_ns if closed and reset else 0
    return Verdict(
        severity=Severity.WARNING,
        kind="too late",
        grounds=(
            showing(end, Fact.FIN_SENT, Fact.RST_SENT, _KNOWS_NOTHING),
            showing(end.other, Fact.DATA_AFTER_PEER_FIN),
        ),
        fault=end.other.fault,
        frames=case.evidence(end.frame(Fact.FIN_SENT), end.frame(_KNOWS_NOTHING, Fact.RST_SENT)),
        measure=waited or None,
        doubts=("a device on the way that forgets half-closed connections would look the same",),
        explanation=f"{end} closed, and {end.other} sent only {span(waited) if waited else 'long'} after that: it "
        "was answered by a reset. FIN_WAIT2 had ended by its time-out, or a device on the way had forgotten the "
        f"half-closed connection.{_others_lived(case, end, waited)}",
        rivals=(
            cause(
                "the time-out of FIN_WAIT2 at the end that closed",
                "60 s on Linux, once nobody reads any more",
            ),
            cause(
                "a balancer or NAT with a time-out of its own for half-closed connections", "IPVS, conntrack"
            ),
            ruled_out("a crash of the end that reset (D07)", "it had closed"),
        ),
        advice=advise(
            "Let the other end's application close when it is told that this one has.",
            ss_this(end.other),
            sysctl(end, "net.ipv4.tcp_fin_timeout"),
        ),
    )


def _others_lived(case: Case, end: End, waited: int) -> str:
    """Say how long others to this socket stayed half-closed and were answered all the same."""
    lived = case.of_socket(_half_closed)[end.side]
    longest = lived[bisect_left(lived, waited) - 1] if lived and lived[0] < waited else 0
    return f" On other connections to this socket up to {span(longest)} were survived." if longest else ""


def _half_closed(connections: list[Connection]) -> dict[Side, list[int]]:
    """Return how long it took until the other end spoke, where a side had closed, in order, in ns; a second and
    more, where the side did not reset."""
    lived: dict[Side, list[int]] = {side: [] for side in Side}
    for one, (side, other) in product(connections, permutations(Side)):
        closed, spoke = sighting(one, Fact.FIN_SENT, side), sighting(one, Fact.DATA_AFTER_PEER_FIN, other)
        if closed and spoke and not is_shown(one, Fact.RST_SENT, side):
            lived[side].append(spoke.time_ns - closed.time_ns)
    return {side: sorted(time for time in times if time >= SECOND) for side, times in lived.items()}


def _still_sending(case: Case, end: End) -> Verdict:
    served = end is case.server and end.has(Fact.SENT_DATA) and _may_have_unread(end.other, end)
    return Verdict(
        severity=Severity.NOTE if served else Severity.INFO,
        kind="unread" if served else "",
        grounds=(
            showing(end, Fact.FIN_SENT, Fact.RST_SENT, _KNOWS_NOTHING),
            showing(end.other, Fact.DATA_AFTER_PEER_FIN),
        ),
        fault=end.fault,
        frames=case.evidence(end.frame(Fact.FIN_SENT), end.frame(_KNOWS_NOTHING, Fact.RST_SENT)),
        doubts=("whether it had read its answer by then does not show",) if served else (),
        explanation=f"{end} closed while {end.other} still had data for it, and answered what came "
        f"{_how_long_after(end)} with a reset.{closed_together(case, end)}"
        + (f" The reset may take its answer from {end.other} before that has read it." if served else ""),
        rivals=(ruled_out("a half-close that is meant", "nobody reads at the end that closed"),),
        advice="Nothing to do where the receiver is free to break off; else let it read to the end before "
        "it closes.",
    )


def _may_have_unread(end: End, closer: End) -> bool:
    """Say whether a reset can take data from an end: it takes nothing from one that has itself closed by then.

    Nor does a reset outside its window, nor one after an idle time-out: the answer was read long before. An end in
    LAST_ACK has been told that the other has closed, and let go.
    """
    reset, own = closer.fact(_KNOWS_NOTHING, Fact.RST_SENT), end.fact(Fact.RST_SENT)
    if reset is None or closer.has(Fact.RST_OUT_OF_WINDOW, Fact.FIN_AFTER_IDLE):
        return False
    let_go = end.entered(State.LAST_ACK)
    has_closed = let_go is not None and let_go.moment < reset.moment
    return not has_closed and not (own is not None and own.moment < reset.moment)


def ended_silence(end: End) -> int | None:
    """Return the silence, in ns, that a reset of this end broke."""
    if not end.has(Fact.IDLE_GAP):
        return None
    gap, reset = end.fact(Fact.IDLE_GAP), end.fact(Fact.RST_SENT)
    return gap.figure if gap is not None and reset is not None and gap.frame == reset.frame else None


@rule("D27", "Connection reset", Severity.NOTE, rests_on={Basis.ORDER})
def connection_reset(case: Case) -> Verdict | None:
    """One end ended the connection by a reset, and no other diagnosis says why.

    What it means: an application aborted (SO_LINGER 0, or a process that was killed with nothing unread), or a host
    answered a segment for which it had no connection. The finding names the end that reset and the states that both
    were in.

    Why it matters: after an abort the other end's application reads "connection reset by peer", and what was on its
    way is lost. A reset after both ends have closed does no harm: some applications use it to skip TIME_WAIT.

    Rivals: a refusal (D02), a forgotten connection (D07), unread data (D16), a reset by a device on the way (D18):
    each has signs of its own and is reported in place of this.

    What to do: ask the application at the end that reset.

    See it: ``wirestat pcaps/listener-closes/client.pcap``: the listener goes before it has accepted.

    RFC 9293: 3.5.2 (reset generation), 3.5.3 (reset processing), 3.10.5 (ABORT).
    """
    end = _first_to_reset(case)
    if end is None or end.has(Fact.REFUSED):
        return None
    alone = _is_alone(case)
    if alone and end.has(Fact.RST_LOOKS_FOREIGN):
        return None  # one packet with flags that no host sends together
    if end.other.has(Fact.SPOKE_AFTER_RST) and reset_unheard(case):
        return None  # it ended one end only (D28)
    if end.has(Fact.RST_ANSWERS_SYN_ACK):
        return unwanted(case, end)
    if had_no_effect(end) or _may_answer_syn(end) or _answers_who_heard_nothing(case, end):
        return None
    if is_heard_after_giving_up_on_data(end) or _answers_a_challenge(end):
        return None  # it had sent data in vain (D56), or another reset drew what it answers, as it has none (D28)
    said_enough = had_closed(end.other, end)
    both_closed = said_enough and had_closed(end, end)
    abort = end.entered(State.CLOSED)
    if both_closed and abort and _was_over(end, abort):
        return None  # it answers a late copy, and resets nothing
    is_known = abort and abort.from_state is not State.UNKNOWN and not end.retracted_by(abort.frame)
    was = f" in {abort.from_state}" if abort and is_known else ""
    at_once = _at_once(case, end)
    met = end.other.entered(State.CLOSED)
    other = f", which was in {met.from_state}" if met and met.from_state is not State.UNKNOWN else ""
    idle, asked = ended_silence(end), asked_in_vain(case, end)
    after = f", after a silence of {span(idle)}" if idle else ""
    return Verdict(
        severity=Severity.INFO if was_asked_for(end) else _gravity(case, end, over=said_enough),
        kind="asked for" if was_asked_for(end) else "at once" if at_once else "",
        grounds=(showing(end, Fact.RST_SENT, Fact.RESET_AGAIN),),
        fault=_whose_fault(end, asked),
        frames=case.evidence(end.frame(Fact.RST_SENT), end.frame(Fact.RESET_AGAIN)),
        explanation=f"{end}{was} reset the connection with {end.other}{other}{after}"
        + (f", {at_once} after the handshake, before a word was said" if at_once else "")
        + (", after " + ("both had" if both_closed else "the other had") + " closed." if said_enough else ".")
        + (" Nothing else of it was captured." if alone else "")
        + front_end(end)
        + asked
        + _displaced(case, end)
        + in_its_own_words(end)
        + came_again(end),
        rivals=(
            *(
                (cause("a server that keeps few connections, and drops the old for the new"),)
                if _displaced(case, end)
                else ()
            ),
            may_be_a_devices(end),
        ),
        advice=advise(
            f"See how many connections at a time what listens on port {end.port} allows, and of one client; let each "
            "client keep one."
            if _displaced(case, end)
            else f"See why {end} was not answered, or did not wait for it."
            if asked
            else "Nothing to do where this is how the application ends; else ask the application at the end "
            "that reset.",
            nstat(end, "TcpOutRsts", "TcpEstabResets", "TcpExtTCPAbortOnLinger", "TcpExtTCPAbortOnClose"),
        ),
    )


def _whose_fault(end: End, asked: str) -> Fault:
    if was_asked_for(end):
        return end.other.fault
    return Fault.UNDECIDED if asked or end.has(Fact.RESET_AGAIN) else end.fault


def _is_alone(case: Case) -> bool:
    """Say whether the reset is all that was captured of the connection."""
    return case.connection.client.frames + case.connection.server.frames == 1


def _was_over(end: End, abort: Transition) -> bool:
    """Say whether it was closed before its first reset, by the acknowledgement of its FIN.

    Copies that the network makes look as if the reset answered that acknowledgement itself.
    """
    reset, undone = end.fact(Fact.RST_SENT), end.retracted_by(abort.frame)
    if end.has(Fact.RST_ABORTS) or reset is None:
        return False
    was_closed = undone is not None and undone.to is State.CLOSED and undone.moment < reset.moment
    return abort.moment < reset.moment or was_closed


def _answers_a_challenge(end: End) -> bool:
    """Say whether it answers the challenge that a reset in its name has drawn, and that it knows nothing of."""
    challenge, reset = end.other.fact(Fact.CHALLENGE_ACK), end.fact(_KNOWS_NOTHING)
    drawn = end.fact(Fact.RST_IN_WINDOW)
    if challenge is None or reset is None or drawn is None or end.has(Fact.RST_ABORTS):
        return False
    return drawn.moment < challenge.moment < reset.moment


def _answers_who_heard_nothing(case: Case, end: End) -> bool:
    """Say whether it answers an acknowledgement of nothing, before whatever the capture shows of the opening."""
    return case.has(Fact.MID_STREAM) and end.record.isn is None and end.has(Fact.RST_ANSWERS_HANDSHAKE_ACK)


def _may_answer_syn(end: End) -> bool:
    """Say whether its reset may answer a SYN of the other end that does not belong to the connection.

    It does not where a socket has sent it, or where it bears the number that a later segment acknowledged.
    """
    if not end.other.has(Fact.STRAY_SYN):
        return False
    stray, reset = end.other.fact(Fact.STRAY_SYN), end.fact(Fact.RST_SENT)
    if stray is None or reset is None:
        return False
    if end.has(Fact.RST_ABORTS) or reset.time_ns < stray.time_ns:
        return False
    answered_ago_ns = end.figure(Fact.RST_NO_SOCKET)
    return not answered_ago_ns or reset.time_ns - answered_ago_ns <= stray.time_ns


def _at_once(case: Case, end: End) -> str:
    """Say how long after the handshake the server reset, where that was at once, and neither had said a word."""
    if (
        end is not case.server
        or any(one.has(Fact.SENT_DATA) for one in case.ends)
        or not end.has(Fact.RST_ABORTS)
    ):
        return ""
    opened, reset = case.client.entered(State.ESTABLISHED), end.fact(Fact.RST_SENT)
    if opened is None or reset is None or case.client.is_mid_stream:
        return ""
    after = reset.time_ns - opened.time_ns
    return span(after) if 0 <= after <= SECOND else ""


def _displaced(case: Case, end: End) -> str:
    """Say that the server reset it as another connection was opened, where it does so as a rule."""
    after = case.displaced_after_ns if end is case.server and end.has(Fact.RST_ABORTS) else None
    if after is None:
        return ""
    return f" {span(after)} before, another connection to this socket had begun, as before its other resets."


def _first_to_reset(case: Case) -> End | None:
    """Return the end whose reset was captured first: the other's may but answer it."""
    ends = [end for end in case.ends if end.has(Fact.RST_SENT)]
    resets = [(reset.moment, end) for end in ends if (reset := end.fact(Fact.RST_SENT))]
    return min(resets, key=lambda one: one[0])[1] if resets else None


def front_end(end: End) -> str:
    """Say that the reset came from whoever answered the SYN, and not from who sent the data, as its TTL may tell."""
    opened, reset = end.figure(Fact.SYN_ACK_TTL_DIFFERS), end.figure(Fact.RST_SENT)
    if opened is None or opened != reset or end.has(Fact.SYN_ACK_TTL_AGAIN):
        return ""
    if end.ttls_take_turns and _is_of_one_stack(opened, end.record.ttl or 0):
        return ""  # two ways, or two machines alike
    others = "the data" if end.record.bytes else "what else it sent"
    return (
        f" The reset has the TTL of the SYN-ACK ({opened}), and {others} came with {end.record.ttl}: the front end "
        "that answered the SYN reset it."
    )


def _is_of_one_stack(ttl: int, other: int) -> bool:
    """Say whether two TTLs have come down from the same first one, as those of one stack have by whatever way."""
    return bisect_left(_FIRST_TTLS, ttl) == bisect_left(_FIRST_TTLS, other)


def _gravity(case: Case, end: End, *, over: bool) -> Severity | None:
    """A client that leaves without a word does no harm; one that never got a word was let down."""
    if over:
        return Severity.INFO
    if _displaced(case, end):
        return Severity.WARNING
    mute = not case.client.has(Fact.SENT_DATA) and not case.server.has(Fact.SENT_DATA)
    if mute and end is case.client and end.has(Fact.RST_ABORTS):
        return Severity.INFO
    opened = case.client.entered(State.SYN_SENT) is not None and not case.has(Fact.ONE_WAY)
    failed = opened and end is case.server and not case.server.has(Fact.SENT_DATA)
    return Severity.WARNING if failed else None


def had_closed(closer: End, resetter: End) -> bool:
    """Say whether an end had sent its FIN when the other, or itself, sent the reset."""
    return closed_before(closer, resetter.fact(Fact.RST_SENT))


def closed_before(closer: End, seen: Sighting | None) -> bool:
    """Say whether an end had sent its FIN before something showed."""
    fin = closer.fact(Fact.FIN_SENT)
    return fin is not None and seen is not None and fin.moment < seen.moment


def had_no_effect(end: End) -> bool:
    """Say whether the first reset of an end was none that the other has to accept (D28), and ended neither."""
    if not end.has(Fact.RST_IN_WINDOW, Fact.RST_OUT_OF_WINDOW):
        return False
    first, aborts = end.frame(Fact.RST_SENT), end.frame(Fact.RST_ABORTS)
    if first == aborts and end.state is end.other.state is State.CLOSED:
        return False
    return first in (end.frame(Fact.RST_IN_WINDOW), end.frame(Fact.RST_OUT_OF_WINDOW))


def _how_long_after(end: End) -> str:
    """Say how long after its FIN an end reset what still came, where that is long enough to matter."""
    closed, reset = end.fact(Fact.FIN_SENT), end.fact(_KNOWS_NOTHING, Fact.RST_SENT)
    if closed is None or reset is None or reset.time_ns - closed.time_ns < SECOND:
        return "after"
    return f"{span(reset.time_ns - closed.time_ns)} later"
