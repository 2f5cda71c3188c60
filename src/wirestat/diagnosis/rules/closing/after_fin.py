"""Connections whose other end went on sending after a FIN, and was answered by a reset."""

from bisect import bisect_left
from itertools import permutations, product

from wirestat.diagnosis.advice import advise, ss_this, sysctl
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import cause, ruled_out, still_open
from wirestat.diagnosis.rules.opening.restarts import closed_together
from wirestat.diagnosis.shown import is_shown, sighting
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Connection, Severity, Side, State
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact

_KNOWS_NOTHING = Fact.RST_NO_SOCKET
LAST_WORDS = 128
"""So few bytes after the other's FIN are no request, but a farewell: a TLS alert, a GOAWAY of HTTP/2, a QUIT."""
_HALF_CLOSE = "a half-close that is meant"
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
    matter of course. An end that meant a half-close read on, and the reset does not answer the first of the data.

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
            and not end.other.has(Fact.SPOKE_PAST_FIN)
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
    if not is_a_request(end.other):
        return 0
    after = wrote.time_ns - told.time_ns
    return after if wrote.moment > told.moment and after > case.round_trips_ns(2, _STILL_SENDING) else 0


def is_a_request(end: End) -> bool:
    """Say whether what an end said last, and nobody took, is too long for a farewell, or half as long as its others
    are on the average."""
    lost = end.record.unacknowledged_bytes
    return lost > LAST_WORDS or 0 < end.record.bytes <= 2 * lost * end.record.turns


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
    closed, reset = end.fact(Fact.FIN_SENT), end.fact(Fact.RST_SENT, _KNOWS_NOTHING)
    heard, other = end.other.record.last_time_ns, end.other.fact(Fact.FIN_SENT)
    if closed is None or reset is None or heard is None or closed.moment > reset.moment:
        return False
    if other is not None and (other.moment < reset.moment or end.has(Fact.RST_ABORTS)):
        return False  # what comes after may answer that FIN
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
    read_on = _may_have_read_on(case, end)
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
        doubts=(
            *(("whether it had read its answer by then does not show",) if served else ()),
            *(("whether it read on after its FIN does not show",) if read_on else ()),
            *(
                ("what the other sent once it had the FIN comes after the reset",)
                if _speaks_later(end)
                else ()
            ),
        ),
        explanation=f"{end} closed while {end.other} still had data for it, and answered what came "
        f"{_how_long_after(end)} with a reset.{closed_together(case, end)}"
        + (f" The reset may take its answer from {end.other} before that has read it." if served else ""),
        rivals=(
            still_open(_HALF_CLOSE, "it did not answer the first of the data with the reset")
            if read_on
            else ruled_out(_HALF_CLOSE, "nobody reads at the end that closed"),
        ),
        asks_nothing=True,
        advice="Nothing to do where the receiver is free to break off; else let it read to the end before "
        "it closes.",
    )


def _may_have_read_on(case: Case, end: End) -> bool:
    """Say whether the reset is too late to answer the first data after the FIN: those may have been read."""
    wrote, reset = end.other.fact(Fact.DATA_AFTER_PEER_FIN), end.fact(Fact.RST_SENT)
    if wrote is None or reset is None:
        return False
    return reset.time_ns - wrote.time_ns > case.round_trips_ns(2, _STILL_SENDING)


def _speaks_later(end: End) -> bool:
    """Say whether the other end spoke behind the reset only, once it had the FIN.

    A reset with an acknowledgement answers what had been under way.
    """
    wrote, bare = end.other.fact(Fact.DATA_AFTER_PEER_FIN), end.fact(_KNOWS_NOTHING)
    return wrote is not None and bare is not None and wrote.moment > bare.moment


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


def _how_long_after(end: End) -> str:
    """Say how long after its FIN an end reset what still came, where that is long enough to matter."""
    closed, reset = end.fact(Fact.FIN_SENT), end.fact(_KNOWS_NOTHING, Fact.RST_SENT)
    if closed is None or reset is None or reset.time_ns - closed.time_ns < SECOND:
        return "after"
    return f"{span(reset.time_ns - closed.time_ns)} later"
