"""A SYN on addresses and ports that one end still has in use."""

from wirestat.diagnosis.advice import advise, nstat, on, ss_state, sysctl
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import cause, ruled_out, unlikely
from wirestat.diagnosis.rules.opening.lockouts import locked_out, resets_in_vain
from wirestat.diagnosis.rules.opening.unseen_before import met_another
from wirestat.diagnosis.shown import is_shown
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity, State
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_SLOW = 500 * MILLISECOND
"""A connect that took longer needed a retransmission timer."""
_REBOOT = 5 * SECOND
"""No host is back from a reboot sooner than this after its last word; small virtual machines need some seconds."""


@rule(
    "D20",
    "Port reused in TIME_WAIT",
    Severity.WARNING,
    rests_on={Basis.ORDER},
    replaces={"D07", "D14", "D18", "D21", "D27"},
)
def reused_in_time_wait(case: Case) -> Verdict | None:
    """A client took the same port again while the server still had the closed connection in TIME_WAIT.

    What it means: the new SYN met the remains of the old connection. Its sequence number is not above the old one's
    (or the timestamps do not help), so the server answers with an ACK for the *old* connection. The client resets
    that, and tries again.

    Why it matters: each such connection takes a second longer, or fails if the reset is filtered.

    Rivals: a client that was rebooted (D21): then the old connection was never closed. Where the old connection is
    another host's behind the same address, a capture before the NAT does not have it: there only the acknowledgement
    of other numbers, and the reset of that, tell.

    What to do: give the client more ports or fewer connections (keep them open), turn timestamps on at both ends,
    and let a NAT on the way not reuse ports so soon.

    See it: ``wirestat pcaps/time-wait-old-syn/server.pcap``: the new SYN's number is not above the old ones.

    RFC 9293: 3.6.1 (a SYN in TIME-WAIT, MAY-2), 3.10.7.4 (challenge ACK); RFC 6191 (timestamps reduce TIME-WAIT).
    """
    caller = _caller(case)
    if caller and caller.other.has(Fact.CHALLENGE_ACK) and caller.other.has(Fact.FIN_SENT):
        strays = (
            caller.frame(Fact.STRAY_SYN),
            caller.other.frame(Fact.CHALLENGE_ACK),
            caller.frame(Fact.RST_SENT),
        )
        return _reused(caller, case.evidence(*strays), (), _in_the_end(case, caller))
    if case.client.has(Fact.RST_TURNS_AWAY):
        return met_another(case)
    if case.has(Fact.REUSED_IN_TIME_WAIT) and case.client.has(Fact.SYN_RESENT):
        frames = case.evidence(case.connection.first_frame, case.client.frame(Fact.SYN_RESENT))
        lost = ("a SYN that was lost on the way would look the same",)
        return _reused(case.client, frames, () if _was_reset(case) else lost)
    return None


def _was_reset(case: Case) -> bool:
    """Say whether the incarnation before ended by a reset of the client: its answer to the ACK of the old one."""
    before = case.before
    return before is not None and is_shown(before, Fact.RST_NO_SOCKET, case.client.side)


def _took(case: Case, caller: End) -> int:
    """Return how long it took from the SYN that met the old connection until the next one was open, in ns; 0 if
    never."""
    asked = caller.fact(Fact.STRAY_SYN)
    if asked is None or case.after is None:
        return 0
    opened = (
        step.time_ns
        for step in case.after.transitions
        if step.endpoint == "client" and step.to is State.ESTABLISHED and step.retracted_by is None
    )
    return max(0, next(opened, 0) - asked.time_ns)


def _in_the_end(case: Case, caller: End) -> str:
    """Say how long the connect took in the end."""
    took = _took(case, caller)
    if took:
        return f": the connect took {span(took)}" if took >= _SLOW else ""
    after = case.after
    if after is None or after.server.state is not State.UNKNOWN or not after.syn_copies:
        return ""
    resets = caller.has(Fact.RST_NO_SOCKET)
    return (
        f", nor after {some(after.syn_copies, 'further copy')}: {caller.other} answers for the old connection"
        + (
            " each time, and ignores the client's reset (RFC 1337)"
            if resets
            else ", and no reset of the client, which that answer calls for, was captured"
        )
    )


def _reused(caller: End, frames: tuple[int, ...], lost: tuple[str, ...], in_the_end: str = "") -> Verdict:
    host = caller.other
    waits = " in TIME_WAIT" if host.state is State.TIME_WAIT or host.entered(State.TIME_WAIT) else ""
    return Verdict(
        grounds=(
            showing(caller, Fact.STRAY_SYN, Fact.SYN_RESENT, Fact.RST_SENT),
            showing(host, Fact.CHALLENGE_ACK),
        ),
        weak=bool(lost),
        doubts=("a NAT that chose the port would look like the client", *lost),
        fault=caller.fault,
        frames=frames,
        explanation=f"{caller} sent a new SYN while {host} still held the old connection of the same "
        f"ports{waits}; it was not accepted at once{in_the_end}.",
        rivals=(ruled_out("the client was rebooted (D21)", "the old connection was closed"),),
        advice=advise(
            "Use more client ports or longer-lived connections; turn timestamps on at both ends.",
            sysctl(
                caller, "net.ipv4.ip_local_port_range", "net.ipv4.tcp_timestamps", "net.ipv4.tcp_tw_reuse"
            ),
            ss_state(host, "fin-wait-2" if host.state is State.FIN_WAIT2 else "time-wait"),
            nstat(host, "TcpExtTCPChallengeACK", "TcpExtPAWSEstab", "TcpExtTWRecycled"),
        ),
    )


@rule(
    "D21",
    "Client came back from a reboot",
    Severity.INFO,
    rests_on={Basis.ORDER},
    replaces={"D07", "D27"},
)
def client_rebooted(case: Case) -> Verdict | None:
    """A SYN arrived on a connection that the other end still believes to be open.

    What it means: one end has lost the connection (a reboot, a crash, a NAT that gave its port to someone else) and
    opens a new one from the same port. The end that remembers answers with a challenge ACK, the end that forgot
    resets that, and the next SYN succeeds. RFC 9293 describes this recovery from a half-open connection.

    Why it matters: it does not, if the new connection comes about. If it does not, a firewall drops the challenge
    ACK or the reset, and the client is locked out until the old connection times out.

    Rivals: a port that is reused while the old connection is in TIME_WAIT (D20). A client whose reset of the old
    connection was lost on the way: no host is rebooted within seconds. A SYN that somebody else made up: the end in
    whose name it came goes on with the old connection (D33).

    What to do: nothing if it recovers.

    See it: ``wirestat pcaps/client-reboot/server.pcap``: the client's host came back and uses the port again.

    RFC 9293: 3.5.1 Figure 9 (old connection still open), 3.10.7.4; RFC 5961, 4.2.
    """
    caller = _caller(case)
    if caller is None or caller.other.has(Fact.FIN_SENT) or not caller.other.has(Fact.CHALLENGE_ACK):
        return None
    recovered = caller.has(Fact.RST_SENT)
    if not recovered and (asked_for := _asks_in_vain(case, caller)):
        return locked_out(case, caller, asked_for)
    if caller.has(Fact.RESET_AGAIN) and not _is_open_after(case):
        return resets_in_vain(case, caller)
    is_slow = _took(case, caller) >= _SLOW
    silent_ns = caller.figure(Fact.STRAY_SYN)
    is_soon = silent_ns is not None and 0 < silent_ns < _REBOOT
    return Verdict(
        severity=None if recovered and not is_slow else Severity.NOTE,
        grounds=(showing(caller, Fact.STRAY_SYN, Fact.RST_SENT), showing(caller.other, Fact.CHALLENGE_ACK)),
        weak=not recovered or is_soon,
        kind="at once" if is_soon else "",
        doubts=("a NAT that gave the port to another client would look the same",)
        + (() if recovered else ("no reset followed the challenge ACK: a blind SYN, or a filter",)),
        fault=caller.fault,
        frames=case.evidence(
            caller.frame(Fact.STRAY_SYN), caller.other.frame(Fact.CHALLENGE_ACK), caller.frame(Fact.RST_SENT)
        ),
        explanation=f"{caller} sent a SYN on a connection that {caller.other} still had open; "
        + (
            f"it had forgotten it, and reset the old one{_in_the_end(case, caller)}."
            if recovered
            else "it was answered by a challenge ACK."
        )
        + (
            f" It had spoken {span(silent_ns)} before: no host is rebooted so soon."
            if silent_ns and is_soon
            else ""
        ),
        rivals=(
            unlikely("a reboot", "it spoke just before") if is_soon else cause("a reboot, or a crash"),
            cause(
                "it had reset the old connection, and the reset was lost",
                "" if is_soon else "then it spoke just before",
            ),
            ruled_out("the port was reused in TIME_WAIT (D20)", "the old connection was never closed"),
        ),
        asks_nothing=True,
        advice=advise("Nothing to do if the next SYN is answered.", on(caller, "uptime")),
    )


def _asks_in_vain(case: Case, caller: End) -> int:
    """Return for how long its SYNs drew the numbers of the old connection, with no reset of it, in ns; 0 if they did
    not."""
    asked, answered = caller.fact(Fact.STRAY_SYN), caller.other.record.last_time_ns
    if asked is None or answered is None or _is_open_after(case):
        return 0
    quiet = (caller.record.last_time_ns or 0) < asked.time_ns
    return answered - asked.time_ns if quiet and answered - asked.time_ns >= _SLOW else 0


def _is_open_after(case: Case) -> bool:
    """Say whether the server answered the next connection of these ports."""
    return case.after is not None and case.after.server.state is not State.UNKNOWN


def _caller(case: Case) -> End | None:
    """Find the end that sent a SYN on the open connection, and meant it."""
    return next(
        (end for end in case.ends if end.has(Fact.STRAY_SYN) and not end.has(Fact.SPOKE_AFTER_OWN_SYN)), None
    )


@rule("D33", "SYN without effect", Severity.NOTE, rests_on={Basis.ORDER})
def syn_without_effect(case: Case) -> Verdict | None:
    """A SYN came on an open connection, and the end in whose name it came went on as before.

    What it means: the end never sent that SYN, or sent it long ago: a host that had lost the connection would not go
    on with it. Somebody on the network made it up (a blind attack), or an old copy arrived late. The receiver answers
    with a challenge ACK and changes nothing.

    Why it matters: nothing is broken. Stacks from before RFC 5961 would have dropped the connection, and some
    firewalls on the way still begin a new one in their tables.

    Rivals: a client that was rebooted (D21): then the old connection is not gone on with.

    What to do: nothing for one of them; of many, find out where they come from by their TTL.

    See it: ``wirestat pcaps/blind-syn-in-window/server.pcap``: a forged SYN in the window.

    RFC 9293: 3.10.7.4 (fourth, check the SYN bit); RFC 5961, 4.
    """
    named = next(
        (end for end in case.ends if end.has(Fact.STRAY_SYN) and end.has(Fact.SPOKE_AFTER_OWN_SYN)), None
    )
    if named is None or _was_answered(named):
        return None
    challenged = named.other.has(Fact.CHALLENGE_ACK)
    answer = "answered with a challenge ACK" if challenged else "did not heed it"
    return Verdict(
        grounds=(
            showing(named, Fact.STRAY_SYN, Fact.SPOKE_AFTER_OWN_SYN),
            showing(named.other, Fact.CHALLENGE_ACK),
        ),
        doubts=() if challenged else ("no challenge ACK was captured",),
        fault=Fault.PATH,
        frames=case.evidence(
            named.frame(Fact.STRAY_SYN),
            named.other.frame(Fact.CHALLENGE_ACK),
            named.frame(Fact.SPOKE_AFTER_OWN_SYN),
        ),
        explanation=f"A SYN in the name of {named} came on its open connection with {named.other}, which {answer}; "
        f"the {named.side} itself went on: the SYN is forged, or an old copy.",
        rivals=(ruled_out("the client was rebooted (D21)", "it went on with the connection"),),
        asks_nothing=True,
        advice=advise(
            "Nothing to do for one of them; compare the SYN's TTL with that of other packets of this end.",
            nstat(named.other, "TcpExtTCPSYNChallenge", "TcpExtTCPChallengeACK"),
        ),
    )


def _was_answered(named: End) -> bool:
    """Say whether the SYN drew a SYN-ACK after all: then the conversation began once more."""
    if not named.other.has(Fact.SYN_ACK_RESENT_AFTER_ACK):
        return False
    syn, answer = named.fact(Fact.STRAY_SYN), named.other.fact(Fact.SYN_ACK_RESENT_AFTER_ACK)
    return syn is not None and answer is not None and syn.moment < answer.moment
