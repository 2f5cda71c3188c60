"""Clients that leave, or look whether anybody is there, after last words that were taken and never answered."""

from bisect import bisect_right

from wirestat.diagnosis.advice import advise, capture_at, on, ss_listen
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import Rival, cause, ruled_out, unlikely
from wirestat.diagnosis.shown import closed_first
from wirestat.diagnosis.study.closes import answered_after, reset_in_vain_ns, waits_in_vain
from wirestat.diagnosis.study.instants import those_near
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_LEFT = 2 * SECOND
"""Who closes so long after a request that is open does not wait for its answer."""
_GAVE_UP = 5 * SECOND
"""Few clients give a request less time."""
_ANSWERED = 3
"""Of fewer answers, one may have been a greeting, and another a farewell to it: they form no habit."""
_SOME = 3
"""So many answers with the client's FIN are no accident."""
_AT_ONCE = 10 * MILLISECOND
"""Within this time, or two round trips, an answer was called for by what came before it."""
_ENDED_POLL = cause("a long poll that the client's FIN ended", "the answer came right after it")
_LONGER = 5
"""So many times the longest wait before: then it is no slow answer."""
_SEVERAL = 12
"""Segments of an end that opens, asks a few times in vain, acknowledges and closes are fewer."""
_MANY = 10
"""So many answers of one socket that come too late are an outage."""
_EVER = 3600 * SECOND
_EQUAL = 50
"""Waits that differ by less than one part in so many end by one time-out."""
_TRICKLE = 10_000
"""Bytes a second: who sends less, and for longer than it then waits, goes on without being asked."""


def taken_nearby(case: Case, waited: int) -> Verdict:
    """Judge a client that left without an answer to what somebody near it took in the server's name."""
    client, server = case.client, case.server
    left = client.frame(Fact.FIN_SENT, Fact.RST_SENT)
    return Verdict(
        grounds=(showing(client, Fact.SENT_DATA, Fact.FIN_SENT, Fact.RST_SENT),),
        severity=Severity.NOTE,
        kind="taken nearby",
        measure=waited,
        doubts=("what becomes of it behind whoever acknowledges does not show",),
        fault=Fault.UNDECIDED,
        frames=case.evidence(case.connection.first_frame, left),
        explanation=f"{client} sent a request to {server} and left without an answer after {span(waited)}. Somebody "
        f"near the client acknowledged it, who answers in the names of all servers (each with a TTL of "
        f"{server.record.ttl}, and at once): whether it came to the server does not show.",
        rivals=(
            cause(
                "a VPN, a filter or a proxy on the client's own host, or beside it, that could not hand it on"
            ),
            cause("a way behind that, or a server, that does not answer"),
            cause("a protocol in which only clients speak, or a long poll"),
        ),
        advice=advise(
            f"See what on {client.address} or beside it takes its connections (VPN, security software, a proxy), and "
            "capture behind that.",
            capture_at(server),
        ),
    )


def asked_in_vain(case: Case, end: End) -> str:
    """Say that the client that reset had asked, and how long it was then left without an answer."""
    waited = reset_in_vain_ns(case.connection) if end is case.client else None
    if waited is None or end.other.unseen_answer or waited <= case.round_trips_ns(2, _AT_ONCE):
        return ""
    return f" All it had said was acknowledged, and not answered for {span(waited)}."


def left_unanswered(case: Case) -> Verdict | None:
    """Judge a connection on which the server answered, and did not answer what the client said last."""
    client, server = case.client, case.server
    waited = client.figure(Fact.WORDS_UNANSWERED)
    if waited is None or case.has(Fact.MID_STREAM, Fact.ONE_WAY, Fact.FRAMES_MISSING):
        return None
    alike = len(those_near(case.of_socket(waits_in_vain), waited, waited // _EQUAL))
    if server.has(Fact.ZERO_WINDOW, Fact.RST_SENT, Fact.HOLE_NOT_FILLED) or closed_first(
        case.connection, server.side
    ):
        return None
    if server.has(Fact.FIN_SENT) and alike < _SOME:
        return None
    answers, longest = server.record.turns, server.record.longest_think_ns
    if not longest or answers < (1 if alike >= _SOME else _ANSWERED) or answers + 1 < client.record.turns:
        return None  # without a wait that was measured, nothing tells how long an answer takes
    if waited < max(_GAVE_UP, _LONGER * longest):
        return None
    left = client.fact(Fact.WORDS_UNANSWERED)
    probed = client.has(Fact.KEEPALIVE_SENT) and not client.has(Fact.FIN_SENT)
    after = (
        f"and after {span(waited)} its kernel probed the connection"
        if probed
        else f"and the client left after {span(waited)}"
    )
    return Verdict(
        grounds=(showing(client, Fact.WORDS_UNANSWERED, Fact.SENT_DATA), showing(server, Fact.SENT_DATA)),
        severity=Severity.NOTE,
        weak=alike < _SOME,
        kind="the last one",
        measure=waited,
        doubts=("what a client says last may ask for no answer",),
        fault=Fault.SERVER,
        frames=case.evidence(case.connection.first_frame, left.frame if left else None),
        explanation=f"{server} acknowledged what {client} said last and never answered it, {after}. It had answered "
        f"{some(answers, 'time')} on this connection, and never took longer than {span(longest)}."
        + (f" {some(alike, 'connection')} to this socket ended so, after as long." if alike >= _SOME else ""),
        rivals=(
            ruled_out("what was said was lost (D09)", "it was acknowledged"),
            cause("an application that hangs, or waits for something behind it"),
            cause("a proxy or an accelerator that acknowledges for a server that is gone"),
            cause("last words that ask for no answer (a farewell, a message)"),
        ),
        advice=advise(
            f"See what the application behind port {server.port} did at that time, and what it waited for.",
            ss_listen(server),
            on(server, f"ss -tnpi '( sport = :{server.port} )'"),
        ),
    )


def answered_too_late(case: Case) -> Verdict | None:
    """Judge a server whose first words came when the client had given up and closed."""
    client, server = case.client, case.server
    left, spoke = client.fact(Fact.FIN_SENT), server.fact(Fact.DATA_AFTER_PEER_FIN)
    waited = client.figure(Fact.FIN_AFTER_IDLE) or 0
    if left is None or spoke is None or waited < _LEFT or spoke.moment < left.moment:
        return None
    if server.record.turns != 1 or server.has(Fact.ZERO_WINDOW) or not client.has(Fact.RST_SENT):
        return None  # it had answered before, or the client had closed its direction alone
    took = waited + spoke.time_ns - left.time_ns
    soon = case.round_trips_ns(2, _AT_ONCE)
    after = case.of_socket(answered_after)
    by_close = bisect_right(after, soon)
    if by_close >= _SOME and 0 <= spoke.time_ns - left.time_ns <= soon:
        return _ended_by_the_close(case, waited, by_close - 1)
    return Verdict(
        grounds=(showing(client, Fact.SENT_DATA, Fact.FIN_SENT), showing(server, Fact.DATA_AFTER_PEER_FIN)),
        severity=Severity.WARNING if bisect_right(after, _EVER) >= _MANY else Severity.NOTE,
        kind="too late",
        measure=took,
        doubts=("one capture does not tell what the application did meanwhile",),
        fault=Fault.SERVER,
        frames=case.evidence(case.connection.first_frame, left.frame, spoke.frame),
        explanation=f"{server} acknowledged the request of {client} and answered it after "
        f"{span(took)}; the client had closed after {span(waited)}.",
        rivals=(
            ruled_out("the request was lost (D09)", "it was acknowledged"),
            ruled_out("a slow network", "the request and the client's FIN were acknowledged"),
            _means_to_read_on(client, spoke.time_ns + soon),
            *((_ENDED_POLL,) if spoke.time_ns - left.time_ns <= soon else ()),
        ),
        advice=advise(
            f"See what the application behind port {server.port} did at that time, and what it waited for; give the "
            "client no less time than that takes.",
            ss_listen(server),
            on(server, f"ss -tnpi '( sport = :{server.port} )'"),
        ),
    )


def _means_to_read_on(client: End, until_ns: int) -> Rival:
    """Weigh a half-close: who resets the answer within about a round trip reads nothing of it."""
    what, reset = "a client that closes its direction and means to read on", client.fact(Fact.RST_SENT)
    if reset is not None and reset.time_ns <= until_ns:
        return ruled_out(what, "it reset the answer")
    return cause(what, "then it would not reset the answer")


def answer_may_be_lost(case: Case, waited: int, others: int) -> Verdict:
    """Judge a client that left without an answer, where answers of the socket were lost before the tap."""
    client, server = case.client, case.server
    return Verdict(
        grounds=(showing(client, Fact.SENT_DATA, Fact.FIN_SENT, Fact.RST_SENT),),
        severity=Severity.NOTE,
        weak=True,
        kind="or lost",
        measure=waited,
        doubts=("its last number, which tells whether it answered, is not in the capture",),
        fault=Fault.UNDECIDED,
        frames=case.evidence(
            case.connection.first_frame, client.frame(Fact.FIN_SENT), client.frame(Fact.RST_SENT)
        ),
        explanation=f"{server} acknowledged the request of {client}, which left without an answer after "
        f"{span(waited)}; on {some(others, 'other connection')} to this socket the answer was sent and lost before "
        "the tap (D24), and may have been here.",
        rivals=(
            cause("an answer that was lost on the way (D24)", "its numbers tell so on the others"),
            cause("an application that did not answer"),
            ruled_out("the request was lost (D09)", "it was acknowledged"),
        ),
        advice=advise("Capture at the server, and see whether an answer leaves.", capture_at(server)),
    )


def _ended_by_the_close(case: Case, waited: int, others: int) -> Verdict:
    """Judge a server that answers when its client closes, and does so on each connection."""
    client, server = case.client, case.server
    left, spoke = client.fact(Fact.FIN_SENT), server.fact(Fact.DATA_AFTER_PEER_FIN)
    return Verdict(
        grounds=(showing(client, Fact.SENT_DATA, Fact.FIN_SENT), showing(server, Fact.DATA_AFTER_PEER_FIN)),
        severity=Severity.INFO,
        kind="ended by the close",
        doubts=("one capture does not tell what the client asked for",),
        fault=Fault.UNDECIDED,
        frames=case.evidence(
            case.connection.first_frame, left.frame if left else None, spoke.frame if spoke else None
        ),
        explanation=f"{server} acknowledged the request of {client} and said nothing for {span(waited)}; it "
        f"answered when the client closed, as on {some(others, 'other connection')}: the FIN called for the answer.",
        rivals=(
            cause("a long poll that had nothing to tell yet (a worker that waits for a job)"),
            unlikely("an application that was stuck", "it noticed the FIN at once"),
            ruled_out("the request was lost (D09)", "it was acknowledged"),
        ),
        asks_nothing=True,
        advice="Nothing to do where clients wait for news; else see why the server had none for them.",
    )


def goes_on_unasked(end: End, until_ns: int, waited_ns: int) -> bool:
    """Say whether an end that nobody answers sent a little now and then for longer than it waited in the end.

    Protocols of that kind (logs, metrics, the data of an upload as it is made) wait for no answer.
    """
    sent, began = end.record, end.record.first_time_ns
    if began is None or sent.frames < _SEVERAL:
        return False
    sent_for = until_ns - began - waited_ns
    return sent_for > max(waited_ns, _GAVE_UP) and sent.bytes * SECOND < _TRICKLE * sent_for
