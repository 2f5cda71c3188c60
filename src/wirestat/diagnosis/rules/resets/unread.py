"""Resets that leave unread what was received."""

from wirestat.diagnosis.advice import advise, nstat
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import Rival, cause, ruled_out
from wirestat.diagnosis.rules.opening.answered_nearby import taken_nearby
from wirestat.diagnosis.rules.resets.before import ended_silence, front_end, had_closed
from wirestat.diagnosis.rules.resets.cut_answers import answer_cut_off
from wirestat.diagnosis.rules.resets.died_waiting import died_waiting
from wirestat.diagnosis.rules.resets.ended_at_once import SEE_WHAT_ENDED, ended_at_once, in_words
from wirestat.diagnosis.rules.resets.reasons import in_its_own_words, lacks_stamp, may_be_a_devices
from wirestat.diagnosis.rules.silence.in_vain import is_heard_after_giving_up_on_data
from wirestat.diagnosis.shown import sighting
from wirestat.diagnosis.study.instants import middle
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Connection, Fault, Severity, Side
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact

_SHORTEST_TIMEOUT = 2 * SECOND
"""No server gives up idle connections sooner."""
_SEVERAL = 3
"""Fewer waits of one length are chance."""
_EQUAL = 20
"""Waits that differ by one part in so many are of one length."""
_APART = 4
"""Resets are so many times as far apart as their waits differ where each follows its own request."""
_A_WHILE = 1000 * MILLISECOND
"""Data that came longer ago than this, and than two round trips, has hardly lain unread."""


@rule("D16", "Reset with unread data", Severity.WARNING, rests_on={Basis.ORDER}, replaces={"D27"})
def reset_with_unread_data(case: Case) -> Verdict | None:
    """An end received data, acknowledged it, and reset the connection without ever sending a FIN.

    What it means: its application closed the socket, or died, with data still unread in the receive buffer. The
    kernel then sends a reset in place of a FIN, as nobody will ever read that data. SO_LINGER with a time of 0
    makes the same bytes. A server that answers before it has read the whole request, and closes, resets with its
    own answer under way. Where several who were never answered are reset at one instant, and others were served
    meanwhile, one worker of several may have stood still and been ended. Where the server let go of several at one
    instant that had begun at different times, by FIN or reset, the finding names it: its program, or one of its
    workers, seems to have ended then. Where each is reset as long after it asked, a time-out runs out.

    Why it matters: the reset overtakes whatever the closing end had sent before: the other end may lose a response
    that was already on its way.

    Rivals: SO_LINGER 0, set on purpose to avoid TIME_WAIT. A crashed process: its kernel cleans up in the same
    way. A keep-alive race (D17): then a silence comes before.

    What to do: read until the end of the data before close(), or shut down the sending direction first and drain.

    See it: ``wirestat pcaps/reset-unread-data/server.pcap``: the server closes without reading.

    RFC 9293: 3.10.5 (ABORT); RFC 1122, 4.2.2.13 (a close with unread data should send a reset); RFC 2525, 2.17.
    """
    end = next(
        (end for end in case.ends if end.has(Fact.RST_AFTER_UNREAD_DATA) and not end.has(Fact.FIN_SENT)), None
    )
    if end is None and _cuts_off_its_answer(case):
        return answer_cut_off(case)
    if end is None or (end is case.client and _long_after(case, end)):
        return None  # a client has read its answer long ago; a request waits unread until somebody reads it
    if not end.other.record.bytes or is_heard_after_giving_up_on_data(end):
        return None  # what it acknowledged were probes, or it gave up on data that it had sent in vain (D56)
    if ended_silence(end) and end.has(Fact.SENT_DATA):
        return None  # whoever had served the other end, and said nothing for so long, drops what is idle
    return died_waiting(case) or _unread(case, end)


def _unread(case: Case, end: End) -> Verdict:
    serves = end is case.server
    usual = () if serves else ("clients often reset on purpose once they have their answer",)
    waited = _after_equal_waits(case) if serves else ""
    ended = ended_at_once(case, end)
    slept, nearby = (_slept_before(end), taken_nearby(case)) if serves else ("", "")
    over, front = had_closed(end.other, end), front_end(end) or nearby
    broke = f", which broke a silence of {slept}," if slept else ""
    return Verdict(
        severity=Severity.INFO if over else None if serves else Severity.NOTE,
        tells_of_instant=ended is not None,
        grounds=(showing(end, Fact.RST_SENT, Fact.RST_AFTER_UNREAD_DATA), showing(end.other, Fact.SENT_DATA)),
        weak=not serves,
        doubts=(
            "why the front end does so only its log tells"
            if front
            else "SO_LINGER 0 and a killed process send the same bytes",
            *usual,
        ),
        kind="nearby" if nearby else "",
        is_of_client=bool(nearby),
        fault=Fault.PATH if nearby else end.fault,
        frames=case.evidence(end.frame(Fact.RST_AFTER_UNREAD_DATA)),
        explanation=f"{end} acknowledged data of {end.other}{broke} and reset the connection"
        + (f".{front}" if front else ": its application closed without reading that, or meant to abort.")
        + waited
        + in_words(case, ended)
        + in_its_own_words(end),
        rivals=_why_unread(end, slept, has_front=bool(front), serves=serves),
        advice=advise(
            SEE_WHAT_ENDED if ended else _remedy(slept, has_front=bool(front), has_waited=bool(waited)),
            ""
            if front
            else nstat(end, "TcpExtTCPAbortOnClose", "TcpExtTCPAbortOnData", "TcpExtTCPAbortOnLinger"),
        ),
    )


def _after_equal_waits(case: Case) -> str:
    """Say that it reset others of the socket as long after their client's last word, having never answered."""
    waits = case.of_socket(_equal_waits)
    own = waits.get(case.connection.id)
    if own is None:
        return ""
    return (
        f" It did so {span(own)} after the client's last word, and as late on {len(waits) - 1:,} other connections "
        "that it never answered: a time-out seems to run out, of a proxy that asks its backend in vain, say, and "
        "answers in the server's name."
    )


def _equal_waits(connections: list[Connection]) -> dict[int, int]:
    """Return how long after its client's last word a server that never spoke reset each connection, in ns, by ids,
    of those that make up most of them and waited equally long: none where they do not, or ended together."""
    waits = _waits_in_vain(connections)
    lengths = [waited for waited, _ in waits.values()]
    usual = middle(lengths) if lengths else 0
    near = {id: (waited, at) for id, (waited, at) in waits.items() if abs(waited - usual) * _EQUAL <= usual}
    if usual < SECOND or len(near) < _SEVERAL or len(near) * 2 < len(lengths):
        return {}
    spread, apart = (max(times) - min(times) for times in zip(*near.values(), strict=True))
    if apart < _APART * spread + SECOND:
        return {}  # at one instant, it was not each one's time that ran out
    return {id: waited for id, (waited, _) in near.items()}


def _waits_in_vain(connections: list[Connection]) -> dict[int, tuple[int, int]]:
    """Return how long after its client's last word a server that never spoke reset each connection, and when, by ids.

    Times are in ns.
    """
    return {
        one.id: (seen.time_ns - one.client.last_time_ns, seen.time_ns)
        for one in connections
        if not one.server.bytes
        and one.client.last_time_ns is not None
        and (seen := sighting(one, Fact.RST_AFTER_UNREAD_DATA, Side.SERVER)) is not None
    }


def _why_unread(end: End, slept: str, *, has_front: bool, serves: bool) -> tuple[Rival, ...]:
    late = cause("a time-out of the server's that had run out in the silence, and fires at the request")
    proxy = cause("a proxy that found no backend, and aborts with the request unread")
    front = cause("a front end that found no backend, gave it up, or whose policy forbids the request")
    return (
        *((front,) if has_front else (proxy,) if serves and not end.has(Fact.SENT_DATA) else ()),
        *((late,) if slept else ()),
        cause("SO_LINGER 0"),
        cause("the process was killed"),
        *((may_be_a_devices(end),) if lacks_stamp(end) else ()),
        ruled_out(
            "a keep-alive race (D17)",
            "it had received the request" if slept else "no silence came before",
        ),
    )


def _remedy(slept: str, *, has_front: bool, has_waited: bool) -> str:
    if has_front:
        return "See in the front end's log (load balancer, proxy, CDN) why it aborts, and if its backend answers."
    if has_waited:
        return "See whose time-out that is: a proxy's for its backend, or the application's; then what it waits for."
    if slept:
        return (
            f"Have clients give up connections that were idle for less than {slept}, or raise the server's time-outs "
            "for idle connections and for the head of a request (Node.js: keepAliveTimeout, headersTimeout)."
        )
    return "Let the application read to the end before it closes, or shutdown() its sending side and drain."


def _slept_before(end: End) -> str:
    """Say how long the silence was that the data broke which an end leaves unread; nothing where that was no time."""
    silence = end.figure(Fact.RST_AFTER_UNREAD_DATA) or 0
    return span(silence) if silence >= _SHORTEST_TIMEOUT else ""


def _cuts_off_its_answer(case: Case) -> bool:
    """Say whether the server reset the connection with data of its own under way, which it had not sent again yet."""
    client, server = case.client, case.server
    if not server.has(Fact.RST_ABORTS) or not server.has(Fact.SENT_DATA) or not client.has(Fact.SENT_DATA):
        return False
    if server.has(Fact.FIN_SENT, Fact.DATA_RESENT, Fact.RST_TTL_DIFFERS, Fact.KEEPALIVE_SENT):
        return False
    if client.has(Fact.FIN_SENT, Fact.RST_SENT) or case.has(Fact.ONE_WAY, Fact.FRAMES_MISSING):
        return False
    return (
        server.record.unacknowledged_bytes > 0 and case.displaced_after_ns is None and case.age_limit is None
    )


def _long_after(case: Case, end: End) -> bool:
    """Say whether the reset came so long after the other end's last word that its data has hardly lain unread."""
    reset, heard = end.fact(Fact.RST_AFTER_UNREAD_DATA), end.other.record.last_time_ns
    if reset is None or heard is None:
        return False
    return reset.time_ns - heard > case.round_trips_ns(2, _A_WHILE)
