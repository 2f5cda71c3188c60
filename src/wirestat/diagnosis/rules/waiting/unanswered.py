"""Connections on which an end waits for a word and gets none: hung up on, not greeted, not answered."""

from bisect import bisect_right

from wirestat.diagnosis.advice import advise, on, ss_listen, ss_state
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import being, showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import Rival, cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.rules.attacks.trickles import never_ends
from wirestat.diagnosis.rules.opening.fallbacks import answered_next
from wirestat.diagnosis.rules.waiting.half_close_hangups import hung_up_on_half_close
from wirestat.diagnosis.rules.waiting.hangup_reasons import reason_of
from wirestat.diagnosis.rules.waiting.last_words import (
    answer_may_be_lost,
    answered_too_late,
    goes_on_unasked,
    left_unanswered,
    taken_nearby,
)
from wirestat.diagnosis.rules.waiting.redials import dials_again
from wirestat.diagnosis.rules.waiting.served_meanwhile import served_meanwhile
from wirestat.diagnosis.rules.waiting.unread_greetings import greeting_unread
from wirestat.diagnosis.shown import figure, is_shown
from wirestat.diagnosis.study.closes import resets_in_vain, waits_in_vain
from wirestat.diagnosis.study.counts import count_answered
from wirestat.diagnosis.study.instants import those_near
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Connection, Fault, Severity, Side, State
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_CLIENT_CLOSED = "the client closed first"
_AT_ONCE = SECOND
"""A server that closes sooner has not waited for a request."""
_PATIENT = 2 * SECOND
"""Health checks leave sooner."""
_GAVE_UP = 5 * SECOND
"""Few clients give a request less time."""
_NOTICED = SECOND
"""Nor does one that gives several the same."""
_SEVERAL = 3
_EQUAL = 20
"""Waits that differ by one part in so many are of one length."""
_GREETERS = {
    21: "FTP",
    22: "SSH",
    25: "SMTP",
    110: "POP3",
    119: "NNTP",
    143: "IMAP",
    587: "SMTP",
    3306: "MySQL",
    5900: "VNC",
}
"""Ports of protocols in which the server speaks first."""
_REQUEST = 65_536
"""A first request is hardly longer than this, in bytes; an upload is."""


@rule(
    "D35",
    "Accepted and hung up",
    Severity.NOTE,
    rests_on={Basis.SILENCE, Basis.OPENING},
    replaces={"D12", "D16", "D17", "D27", "D30"},
)
def accepted_and_hung_up(case: Case) -> Verdict | None:
    """A server accepted the connection and closed it without having sent one byte.

    What it means: something listens, and it is not willing or not able to serve: an access list that is asked after
    accept() (TCP wrappers, an ACL of the application), a proxy that found no backend, a service at its limit of
    connections, a service that expects TLS, or none.

    Why it matters: connect() succeeds, so monitoring that only connects sees nothing wrong, and the client reads an
    end of file where it waits for an answer.

    Rivals: a client that closed first: then there is nothing to answer. A health check, which says nothing either.
    A client that never finishes its request (slowloris): the server's time-out for a request closes each after the
    same silence. A proxy's time-out for a backend that does not answer does so as well. A connection that a browser
    or a pool opened ahead of need and did not use, beside others that served it.

    What to do: read the log of what listens there; of a proxy, ask for the state of its backends.

    See it: ``wirestat pcaps/field/hangs-up-without-a-word/capture.pcap``: an FTP server denies its client.

    RFC 9293: 3.10.4 (CLOSE).
    """
    client, server = case.client, case.server
    if not server.has(Fact.FIN_SENT) or server.has(Fact.SENT_DATA):
        return None
    if case.has(Fact.MID_STREAM, Fact.ONE_WAY, Fact.SIMULTANEOUS_OPEN, Fact.FRAMES_MISSING):
        return None
    opened, closed = client.entered(State.ESTABLISHED), server.fact(Fact.FIN_SENT)
    own = client.fact(Fact.FIN_SENT, Fact.RST_SENT)
    if opened is None or closed is None or (own is not None and own.moment < closed.moment):
        return None
    is_turned_away, goes_on = server.has(Fact.RST_SENT), client.has(Fact.DATA_AFTER_PEER_FIN)
    if goes_on and not is_turned_away:
        return None  # the server still reads
    if is_turned_away and closed.time_ns - opened.time_ns >= _AT_ONCE:
        return None  # an idle connection that was closed, and used after that
    if client.record.bytes > _REQUEST:
        return None  # who takes so much reads it, and need not say anything
    if goes_on_unasked(client, closed.time_ns, server.figure(Fact.FIN_AFTER_IDLE) or 0):
        return None
    asked = (
        f"{client} {'sent' if is_turned_away else 'had sent'} {client.record.bytes} bytes"
        if client.has(Fact.SENT_DATA)
        else f"{client} had not asked"
    )
    reason = reason_of(case)
    after_ns = closed.time_ns - _accepted_ns(server, opened.time_ns)
    return Verdict(
        grounds=(being(client, State.ESTABLISHED), showing(server, Fact.FIN_SENT)),
        severity=Severity.INFO
        if reason.is_usual
        else Severity.WARNING
        if client.has(Fact.SENT_DATA)
        else None,
        kind=reason.kind,
        doubts=("only its log tells why it said nothing",)
        if client.has(Fact.SENT_DATA)
        else ("the client asked for nothing, so none may have been due",),
        fault=reason.fault,
        frames=case.evidence(opened.frame, client.frame(Fact.SENT_DATA), closed.frame),
        explanation=f"{server} accepted, sent nothing, and closed after {span(after_ns)}"
        f"{', and reset it as well' if is_turned_away else ''}; {asked}."
        f"{reason.told}{dials_again(case)}",
        rivals=(
            *reason.rivals,
            *_why_it_closed(case, after_ns, closed.time_ns),
            still_open(_CLIENT_CLOSED, "the FINs crossed")
            if case.has(Fact.SIMULTANEOUS_CLOSE)
            else ruled_out(_CLIENT_CLOSED, "the server's FIN came before"),
        ),
        asks_nothing=reason.is_usual,
        advice=advise(reason.step, ss_listen(server), *reason.commands),
    )


def _accepted_ns(server: End, opened_ns: int) -> int:
    """Return when a server accepted: by the answer to its last SYN-ACK, where it had ignored an earlier one."""
    accepted = server.entered(State.ESTABLISHED)
    if accepted is None or not server.has(Fact.SYN_ACK_RESENT_AFTER_ACK):
        return opened_ns
    return max(accepted.time_ns, opened_ns)


def _why_it_closed(case: Case, after_ns: int, at_ns: int) -> tuple[Rival, ...]:
    """Name what else makes a server close: a silence of its client, or its own end."""
    if not case.client.has(Fact.SENT_DATA):
        return (cause("its time-out for clients that say nothing"),) if after_ns >= _GAVE_UP else ()
    connects = case.of_socket(_connects)
    following = bisect_right(connects, (at_ns, True))
    refused_next = following < len(connects) and connects[following][1]
    return (
        cause(
            "a program that ended, by what it was asked or by a signal",
            "the next connect was refused" if refused_next else "",
        ),
    )


def _connects(connections: list[Connection]) -> list[tuple[int, bool]]:
    """Return when connects to a socket began, in order, in Unix ns, and whether each was refused."""
    return sorted(
        (one.first_time_ns, one.syn_to_syn_ack_ns is None and is_shown(one, Fact.REFUSED))
        for one in connections
    )


@rule("D50", "Nobody spoke", Severity.NOTE, rests_on={Basis.SILENCE, Basis.OPENING}, replaces={"D30"})
def nobody_spoke(case: Case) -> Verdict | None:
    """A client connected, waited for the server to speak first, and left without a word from either.

    What it means: the protocol has the server greet (SSH, SMTP, FTP, IMAP, POP3, MySQL, VNC), and this server did
    not. Its kernel finished the handshake; its application has not accepted the connection, is busy with the one
    before, or looks the client's name up first.

    Why it matters: connect() succeeds, so monitoring that only connects sees nothing wrong, and the client's error
    speaks of a time-out while it waited for the greeting.

    Rivals: a health check or a client that connects ahead of need, which say nothing either: they leave at once, or
    are of protocols in which the client speaks first. A proxy without a backend (D35) closes by itself.

    What to do: see whether the server's application accepts (Recv-Q of the listening socket), and what its threads
    do; for SSH and MySQL see whether name look-ups of the client's address take long.

    See it: ``wirestat pcaps/field/greeting-never-comes/capture.pcap``: a database that greets nobody.

    RFC 9293: 3.5 (the handshake needs no application); RFC 4253, 4.2 (the server of SSH may greet at once).
    """
    client, server = case.client, case.server
    if case.has(Fact.MID_STREAM, Fact.ONE_WAY, Fact.FRAMES_MISSING):
        return None
    if not client.has(Fact.FIN_AFTER_IDLE, Fact.RST_ABORTS):
        return None
    if any(end.has(Fact.SENT_DATA, Fact.SYN_ACK_RESENT_AFTER_ACK, Fact.KEEPALIVE_SENT) for end in case.ends):
        return None
    opened, left = client.entered(State.ESTABLISHED), client.fact(Fact.FIN_SENT, Fact.RST_SENT)
    if opened is None or left is None or left.time_ns - opened.time_ns < _PATIENT:
        return None
    own = server.fact(Fact.FIN_SENT, Fact.RST_SENT)
    greets = _greets(case)
    if not greets or (own is not None and own.moment < left.moment):
        return None
    stuck = (
        "" if own else f" {server.subject} has not closed since: its application does not seem to know of it."
    )
    return Verdict(
        grounds=(being(client, State.ESTABLISHED), showing(client, Fact.FIN_SENT, Fact.RST_SENT)),
        doubts=("one capture does not tell what the application does",),
        fault=Fault.SERVER,
        frames=case.evidence(opened.frame, left.frame),
        explanation=f"{client} connected to {server}, where the server speaks first ({greets}), waited "
        f"{span(left.time_ns - opened.time_ns)} for a word, and left.{stuck}",
        rivals=(
            cause("the application does not call accept(), or is busy"),
            cause("it looks the client's name up first", "a resolver that times out takes 5 s and more"),
            cause("a proxy or firewall that opened the connection in the server's name"),
            unlikely("a health check", "it would have left at once"),
        ),
        advice=advise(
            f"See whether the application behind port {server.port} accepts: Recv-Q of its listening socket.",
            ss_listen(server),
            ss_state(server, "close-wait"),
            on(server, f"getent hosts {client.address}"),
        ),
    )


def _count_greeted(connections: list[Connection]) -> int:
    """Count those on which the server spoke and the client did not."""
    return sum(bool(one.server.bytes and not one.client.bytes) for one in connections)


def _greets(case: Case) -> str:
    """Say why the server is to speak first: others of its socket did, or its port is that of such a protocol."""
    if greeted := case.of_socket(_count_greeted):
        return f"as in {some(greeted, 'other connection')}"
    return _GREETERS.get(case.server.port, "")


@rule(
    "D51",
    "Request never answered",
    Severity.WARNING,
    rests_on={Basis.SILENCE, Basis.OPENING},
    replaces={"D12", "D27", "D30", "D42"},
)
def request_never_answered(case: Case) -> Verdict | None:
    """A server's kernel took a request, its application never answered, and the client gave up.

    What it means: the request was acknowledged, so it arrived; nothing came back until the client closed or reset the
    connection some seconds later. The application is stuck, overloaded, or waits for something behind it; or a proxy
    took the request and could not hand it on. Or it answered all but the client's last words, or only when the
    client had given up. Where one client keeps ten connections and more open, and goes on sending a little on each,
    it is the client that never finishes its requests. It is the client, too, that takes a greeting and does not
    answer it, where it answers others. A server that closes right after its client's FIN, and answers who sends none
    before the answer, may take a half-close for a client that has gone.

    Why it matters: the network is fine, and the client's log speaks of a time-out. An idle connection that is
    closed, as it seems, is a request that failed.

    Rivals: a protocol in which only clients speak (logs, metrics), which closes when it is done. A long poll with
    nothing to tell. Data that nobody acknowledged (D09).

    What to do: look at the server's application for that time: threads, queue, what it waits for.

    See it: ``wirestat pcaps/field/hello-is-taken-and-never-answered/capture.pcap``: three times after 30 s.

    RFC 9293: 3.8.6 (an acknowledgement says that the data arrived, not that anybody read them).
    """
    client, server = case.client, case.server
    if client.has(Fact.WORDS_UNANSWERED) and server.has(Fact.SENT_DATA):
        return left_unanswered(case) or answered_too_late(case)
    if not client.has(Fact.FIN_AFTER_IDLE, Fact.RST_ABORTS) or not client.has(Fact.SENT_DATA):
        return greeting_unread(case) or never_ends(case) or hung_up_on_half_close(case)
    if server.has(Fact.SENT_DATA) or case.has(Fact.ONE_WAY, Fact.FRAMES_MISSING):
        return None
    if client.has(Fact.DATA_AFTER_PEER_FIN, Fact.KEEPALIVE_SENT) or server.has(
        Fact.ZERO_WINDOW, Fact.HOLE_NOT_FILLED
    ):
        return None
    return _left_without(case)


def _left_without(case: Case) -> Verdict | None:
    """Judge a client that asked, was acknowledged, and left before the server said a word."""
    client, server = case.client, case.server
    left, own = (end.fact(Fact.FIN_SENT, Fact.RST_SENT) for end in case.ends)
    asked = client.record
    is_answered = max(asked.turns, 1) <= server.record.turns  # what a capture begins with is no turn
    if left is None or is_answered or asked.unacknowledged_bytes or (own and own.moment < left.moment):
        return None
    if server.unseen_answer:
        return None  # its numbers tell that it did answer, and that was lost before the tap (D24)
    waited = client.figure(Fact.FIN_AFTER_IDLE) or 0
    if client.has(Fact.RST_ABORTS):
        waited = max(waited, left.time_ns - (server.record.last_time_ns or left.time_ns))
    is_time_out = _gives_up_after(case, waited)
    if not (waited >= _GAVE_UP or is_time_out) or goes_on_unasked(client, left.time_ns, waited):
        return None
    answers = case.of_socket(count_answered)
    if not answers and (client.figure(Fact.SPOKE_UNASKED) or 0) >= _SEVERAL:
        return None  # it waits for no answer, and nobody of this socket is given one
    if case.has_stand_in:
        return taken_nearby(case, waited)
    if lost := case.of_socket(_count_lost_answers):
        return answer_may_be_lost(case, waited, lost)
    began_before = case.has(Fact.MID_STREAM)
    other = None if answers else answered_next(case, left.time_ns)
    has_answers = bool(answers or other)
    return Verdict(
        grounds=(showing(client, Fact.SENT_DATA, Fact.FIN_SENT, Fact.RST_SENT),),
        severity=None if has_answers else Severity.NOTE,
        weak=not has_answers or began_before,
        measure=waited,
        doubts=(
            "one capture does not tell what the application does",
            *(
                ("it may have been answered before the capture began, and have said thanks",)
                if began_before
                else ()
            ),
        )
        if has_answers
        else ("this socket answers nobody in the capture: clients may be all that speak",),
        fault=Fault.SERVER,
        frames=case.evidence(case.connection.first_frame, left.frame),
        explanation=f"{server} acknowledged the request of {client} and never answered it; the client gave up after "
        f"{span(waited)}{', as on others: its time-out' if is_time_out else ''}."
        + (f" It asked {other} next, and was answered there." if other else "")
        + served_meanwhile(case, waited, left.time_ns),
        rivals=(
            _only_clients_speak(answers, other),
            ruled_out("the request was lost (D09)", "it was acknowledged"),
            cause("a long poll that had nothing to tell"),
        ),
        advice=advise(
            f"See what the application behind port {server.port} did at that time, and what it waited for.",
            ss_listen(server),
            on(server, f"ss -tnpi '( sport = :{server.port} )'"),
        ),
    )


def _only_clients_speak(answers: int, other: str | None) -> Rival:
    what = "a protocol in which only clients speak"
    if answers:
        return unlikely(what, f"it answered on {some(answers, 'connection')}")
    return unlikely(what, f"{other} answers") if other else cause(what)


def _count_lost_answers(connections: list[Connection]) -> int:
    """Count those on which the server's numbers tell of an answer that was neither captured nor acknowledged."""
    return sum(
        bool(one.client.bytes and not one.server.bytes and one.server.unacknowledged_bytes)
        for one in connections
    )


def _gives_up_after(case: Case, waited: int) -> bool:
    """Say whether the client left others of the socket without an answer after as long: that is its time-out.

    One that leaves as long after an answer, too, closes what is idle.
    """
    waits, idle = case.of_socket(waits_in_vain), case.of_socket(_idle_before_leaving)
    resets = [each for each in case.of_socket(resets_in_vain) if each >= _NOTICED]
    near, reset, closed = (len(those_near(many, waited, waited // _EQUAL)) for many in (waits, resets, idle))
    alike = near + reset
    is_habit = alike >= _SEVERAL and 2 * alike > len(waits) + len(resets)
    return waited >= _NOTICED and is_habit and closed < alike


def _idle_before_leaving(connections: list[Connection]) -> list[int]:
    """Return how long clients that waited for no answer were idle before they closed, in order, in ns."""
    return sorted(
        figure(one, Fact.FIN_AFTER_IDLE, Side.CLIENT) or 0
        for one in connections
        if is_shown(one, Fact.FIN_AFTER_IDLE, Side.CLIENT)
        and not is_shown(one, Fact.WORDS_UNANSWERED, Side.CLIENT)
    )
