"""How connections are kept and who lets them go: nothing is wrong, but it is good to know."""

from wirestat.diagnosis.advice import advise, idle_settings, keepalive_settings, ss_listen
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import cause
from wirestat.diagnosis.rules.closing.late_closes import closed_at_once, held_by_another
from wirestat.diagnosis.rules.resets.idle import idle_reset
from wirestat.diagnosis.rules.silence.probes import rhythm, silence
from wirestat.diagnosis.rules.silence.unheard_answers import answers_unheard
from wirestat.diagnosis.shown import closed_first
from wirestat.diagnosis.study.closes import by_client, by_server
from wirestat.diagnosis.study.idling import Idling
from wirestat.diagnosis.study.known import PATH_TIMEOUTS, client_timeouts, matching_timeouts, server_timeouts
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity, State
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact

_LONG = 240 * SECOND
"""The shortest idle time-out that is widely met on the way is four minutes."""
_SEVERAL = 3
"""So many connections that are closed after the same silence are so by a timer, whether it has a name or not."""
_NOTICED = 3 * SECOND
"""After shorter silences applications close for many reasons."""
_INSTANT = 100 * MILLISECOND
"""An end that closes several within this time closes them for one reason."""
_NEARLY = 10
"""Silences that differ by one part in so many are of one length."""


@rule("D29", "Keepalive in use", Severity.INFO, rests_on={Basis.TIMES})
def keepalive_in_use(case: Case) -> Verdict | None:
    """An end probes idle connections to see whether the other is still there.

    What it means: the application (or the stack) has turned keepalive on. The finding says after how much silence,
    how far apart unanswered probes are, and what the timer profile has by default. Where the end echoes an older
    time stamp than that of the answer to its last probe, the answers do not reach it, though the capture holds
    them. Then this is a warning, and the way from the tap to that end is at fault.

    Why it matters: keepalives hold firewalls and NATs open, and find dead ends. Probes that come less often than
    the shortest idle time-out on the way do neither.

    Rivals: a probe of a zero window looks alike; there the receiver's window is zero (D23).

    What to do: compare the interval with the idle time-outs on the way (D08).

    See it: ``wirestat pcaps/keepalive-answered/client.pcap``: the server is alive and says so.

    RFC 9293: 3.8.4 (TCP keep-alives; off by default, two hours or more).
    """
    end = next((end for end in case.ends if end.has(Fact.KEEPALIVE_SENT)), None)
    if end is None:
        return None
    if (unheard := answers_unheard(case)) is not None:
        return unheard
    idle = end.figure(Fact.KEEPALIVE_SENT)
    if not idle or idle < SECOND:
        return None
    timers = case.analysis.timers
    return Verdict(
        grounds=(showing(end, Fact.KEEPALIVE_SENT, Fact.KEEPALIVE_UNANSWERED),),
        doubts=("a probe differs from a resent byte only by its timing",),
        fault=Fault.UNDECIDED,
        frames=case.evidence(end.frame(Fact.KEEPALIVE_SENT)),
        explanation=f"{end} probes the idle connection {silence(end, timers)}{rhythm(end, timers)}.",
        asks_nothing=True,
        advice=advise(
            "Nothing to do if that is shorter than every idle time-out on the way.",
            keepalive_settings(end),
        ),
    )


@rule(
    "D30",
    "Idle connections are closed",
    Severity.INFO,
    rests_on={Basis.TIMES},
    replaces={"D27"},
    corroborates=True,
)
def idle_close(case: Case) -> Verdict | None:
    """An end closes its connections after a silence of a well-known length.

    What it means: an application, a proxy or a load balancer has an idle time-out and closes in good order, with a
    FIN; some servers use a reset. The finding says which end, and whose default the silence matches.

    Why it matters: the end that closes first keeps TIME_WAIT; and where the server closes first, a request can
    cross its FIN (D17). Good order needs the server's time-out to be the longer one.

    Rivals: chance. One connection that pauses for 75 seconds proves nothing; several do. A child process that
    inherited the socket, where the server closes other connections right after the answer: the FIN leaves when the
    child ends.

    What to do: nothing where the client closes. Where the server does, look for requests that failed just after
    (D17), and have the client or the proxy drop idle connections sooner, or the server later: see D17 for the names
    of the settings.

    See it: no capture of it is kept; it takes longer silences than the lab waits.

    RFC 9293: 3.6 (closing a connection); RFC 9112, 9.5 (time-outs of HTTP connections).
    """
    if case.server.has(Fact.RST_ABORTS):
        return idle_reset(case)
    end = next(
        (
            end
            for end in case.ends
            if end.has(Fact.FIN_AFTER_IDLE) and closed_first(case.connection, end.side)
        ),
        None,
    )
    if (
        end is None
        or case.has(Fact.ONE_WAY)
        or end.other.has(Fact.RST_SENT)
        or (end.state is State.FIN_WAIT1 and end.has(Fact.FIN_RESENT))
        or any(one.has(Fact.ZERO_WINDOW_HELD, Fact.HOLE_NOT_FILLED) for one in case.ends)
    ):
        return None  # who leaves a FIN unacknowledged is gone, and not idle
    if end is case.client and end.has(Fact.SENT_DATA) and not case.server.has(Fact.SENT_DATA):
        return None  # it waited for an answer
    gap = end.figure(Fact.FIN_AFTER_IDLE)
    known = server_timeouts(end.port) if end is case.server else client_timeouts(case.server.port)
    near = matching_timeouts(gap, known, own=True) if gap else ()
    if end is case.client and end.record.turns > case.server.record.turns:
        return None  # it gave up a request
    if end is case.client and case.server.has(Fact.DATA_AFTER_PEER_FIN):
        return None  # it gave up a request that was answered later
    if gap is None:
        return None
    alike = _alike(case, end, gap)
    if alike < _SEVERAL and (not near or (end is case.server and _survived(case, gap))):
        return None
    if _ended_with_others(case, end, gap):
        return None
    same = "of this client" if end is case.client else "to this socket"
    if end is case.server and not near and (at_once := _closed_at_once(case, alike)):
        return held_by_another(case, gap, alike, at_once)
    if end is case.server and end.other.has(Fact.SENT_DATA) and not end.has(Fact.SENT_DATA):
        return _closed_without_an_answer(case, gap)
    return Verdict(
        kind=f"closed by the {end.side}",
        grounds=(showing(end, Fact.FIN_AFTER_IDLE),),
        measure=gap,
        weak=True,
        doubts=(_why_unsure(case, end, gap),),
        fault=Fault.UNDECIDED,
        frames=case.evidence(end.frame(Fact.FIN_AFTER_IDLE)),
        explanation=f"{end} closed after a silence of {span(gap)}"
        + (f", which matches {near[0]}." if near else f", as on {alike - 1} other connections {same}."),
        asks_nothing=end is case.client,
        advice=_who_lets_go(end, gap),
    )


def _closed_without_an_answer(case: Case, gap: int) -> Verdict:
    """Judge a server that closed after it was sent something, and of which no word was captured."""
    client, server = case.client, case.server
    return Verdict(
        kind="closed without an answer",
        grounds=(showing(server, Fact.FIN_AFTER_IDLE), showing(client, Fact.SENT_DATA)),
        measure=gap,
        weak=True,
        doubts=("only its log tells whether it owed an answer",),
        fault=Fault.UNDECIDED,
        frames=case.evidence(client.frame(Fact.SENT_DATA), server.frame(Fact.FIN_AFTER_IDLE)),
        explanation=f"{server} closed after a silence of {span(gap)}; what {client} had sent last was not answered.",
        rivals=(
            cause("a request that it never answered, and its time-out for the work"),
            cause("a protocol in which a server has nothing to say, and its time-out for idle connections"),
        ),
        advice=advise(
            f"See in the log of what listens on port {server.port} what became of that request.",
            ss_listen(server),
        ),
    )


def _closed_at_once(case: Case, alike: int) -> int:
    """Count the connections of the socket that the server closed right after its one answer, where they are more than
    those that it closed late, after one answer as well; 0 elsewhere."""
    if case.client.record.turns != 1 or case.server.record.turns != 1:
        return 0
    at_once = case.of_socket(closed_at_once)
    return at_once if at_once >= max(_SEVERAL, alike) else 0


def _alike(case: Case, end: End, gap: int) -> int:
    """Count the connections of the client, or of the server's socket, that it closed after as long a silence, with
    this one.

    Where it closed most of them after others, those that are alike are so by chance: none.
    """
    idling, margin = _idling(case, end), gap // (2 * _NEARLY)
    if gap < _NOTICED:
        return 0
    alike = idling.alike(gap, margin)
    # Those that are closed at one instant are closed once: by the end of a process, for all that is known.
    if 2 * alike <= idling.idle or idling.instants(gap, margin, _INSTANT) < _SEVERAL:
        return 0
    return alike


def _why_unsure(case: Case, end: End, gap: int) -> str:
    """Say why a silence need not be a time-out: it is the only one of its length, or one cause may end several."""
    if _idling(case, end).alike(gap, gap // (2 * _NEARLY)) > 1:
        return (
            "whoever serves one connection after the other, or ends, may close several after the same silence"
        )
    return "it may be chance; several connections with the same silence would tell"


def _idling(case: Case, end: End) -> Idling:
    """Return after which silences a client closed its connections, or a server those of its socket."""
    return case.of_client(by_client) if end is case.client else case.of_socket(by_server)


def _ended_with_others(case: Case, end: End, gap: int) -> bool:
    """Say whether it closed most of them at one instant, silent for different times: a process ended."""
    own, idling = end.fact(Fact.FIN_AFTER_IDLE), _idling(case, end)
    if own is None:
        return False
    then = idling.about(own.time_ns, _INSTANT)
    differ = max(gap - then.shortest_ns, then.longest_ns - gap) * 2 * _NEARLY > gap
    return then.count >= _SEVERAL and 2 * then.count > idling.connections and differ


def _survived(case: Case, gap: int) -> bool:
    """Say whether a connection to the same socket survived a longer silence: then it is not its length that ends
    one."""
    talk = case.path.talk if case.path else None
    longer = [lasted for lasted in talk.survived if lasted.ns > gap + gap // _NEARLY] if talk else []
    for lasted in longer:
        try:
            one = case.analysis.connection(lasted.connection)
        except KeyError:
            continue  # it was let go, and a path remembers no ports
        # A server that works on an answer is silent, too, and no time-out of an idle connection runs.
        # Before the first request another time-out runs than between requests.
        was_asked = bool(one.client.turns) == bool(case.client.record.turns)
        if was_asked and one.server.port == case.server.port and 2 * one.server.think_ns < lasted.ns:
            return True
    return False


def _who_lets_go(end: End, gap: int) -> str:
    if end.side == "client":
        return "Nothing to do: the end that asks lets go first, as it should."
    return advise(
        f"Have {end.other.address} drop idle connections sooner than after {span(gap)}, or raise the server's "
        "time-out above what its clients have: else a request can cross the server's FIN and fail (D17).",
        idle_settings(end),
    )


@rule("D52", "Long silence without keepalive", Severity.INFO, rests_on={Basis.TIMES}, corroborates=True)
def long_silence_without_keepalive(case: Case) -> Verdict | None:
    """A connection was silent for minutes, nobody probed it, and it lived.

    What it means: neither end has turned keepalive on, or probes less often than that. This path lets such a silence
    pass; others would not: load balancers forget connections after 4 to 6 minutes, IPVS after 15, firewalls after an
    hour.

    Why it matters: it does not, until something on the way is changed: then what is said after the silence is lost,
    and an end that waits for the other never learns that it is gone.

    Rivals: a protocol with probes of its own, which are data and leave no such silence.

    What to do: have the application turn keepalive on, well within the shortest idle time-out on the way.

    See it: ``wirestat pcaps/field/maximum-age-of-twelve-hours/capture.pcap``: silences of half an hour are survived.

    RFC 9293: 3.8.4 (TCP keep-alives; off by default).
    """
    if not any(end.has(Fact.SURVIVED_GAP) for end in case.ends) or case.has(Fact.ONE_WAY):
        return None
    if any(
        end.has(Fact.KEEPALIVE_SENT, Fact.UNANSWERED_AFTER_IDLE, Fact.RST_AFTER_IDLE) for end in case.ends
    ):
        return None
    end = max(case.ends, key=lambda one: one.figure(Fact.SURVIVED_GAP) or 0)
    gap = end.figure(Fact.SURVIVED_GAP) or 0
    talk = case.path.talk if case.path else None
    if gap < _LONG or (talk and talk.deaths):
        return None  # where silences are deadly, that is said, and what they survive with it (D08)
    shorter = [(seconds, owner) for seconds, owner in PATH_TIMEOUTS.items() if seconds * SECOND < gap]
    worst = max(shorter)[1] if shorter else "most devices"
    return Verdict(
        grounds=(showing(end, Fact.SURVIVED_GAP),),
        measure=gap,
        doubts=("probes that the capture missed would look the same",),
        fault=Fault.UNDECIDED,
        frames=case.evidence(end.frame(Fact.IDLE_GAP, Fact.SURVIVED_GAP)),
        explanation=f"{end} broke a silence of {span(gap)} on its connection with {end.other}, and was answered; "
        f"nobody had probed it meanwhile. A time-out on the way such as that of {worst} would have ended it.",
        advice=advise(
            "Nothing is wrong on this path. Turn keepalive on if connections have to outlive silences elsewhere.",
            keepalive_settings(end),
        ),
    )
