"""SYN-ACKs that echo a time stamp which is not their client's."""

from wirestat.diagnosis.advice import advise, capture_at, nstat, sysctl
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.rivals import cause, unlikely
from wirestat.diagnosis.rules.path.flaws import SegmentFlaw
from wirestat.diagnosis.shown import is_shown
from wirestat.model import Connection, Fault, Side, State
from wirestat.spans import span
from wirestat.vocabulary import Fact


def foreign_echo(case: Case) -> SegmentFlaw | None:
    """Find a SYN-ACK that the client refuses for its time stamp, where no device on the way changes that back."""
    client, server = case.client, case.server
    if not server.has(Fact.SYN_ACK_ECHO_WRONG) or not client.has(Fact.RST_ANSWERS_SYN_ACK, Fact.SYN_RESENT):
        return None
    if case.of_client(_is_changed_back) or case.of_socket(_is_changed_back):
        return None  # a way that changes time stamps changes them back
    asked, opened = client.entered(State.SYN_SENT), client.entered(State.ESTABLISHED)
    echo = server.figure(Fact.SYN_ACK_ECHO_WRONG) or 0
    return SegmentFlaw(
        server,
        Fact.SYN_ACK_ECHO_WRONG,
        f"The SYN-ACK of {server} echoes a time stamp ({echo:,}) that no SYN of {client} had, so the client refuses "
        f"it{' by a reset' if client.has(Fact.RST_ANSWERS_SYN_ACK) else ''} and asks again"
        + (f"; it connects after {span(opened.time_ns - asked.time_ns)}." if opened and asked else "."),
        Fault.PATH,
        (
            cause("a balancer or a SYN proxy that mixes up the time stamps of its clients"),
            cause("an answer to another SYN of the same ports", "an older incarnation behind a translation"),
            unlikely("a client that never asked", "its SYN is captured"),
        ),
        advise(
            "See what answers in the server's name: a balancer's SYN proxy or its session table. Without time stamps "
            "such connects succeed.",
            nstat(client, "TcpExtPAWSActive", "TcpExtTSEcrRejected"),
            sysctl(client, "net.ipv4.tcp_timestamps"),
            capture_at(server),
        ),
        doubts=("one capture does not tell who wrote that time stamp",),
    )


def _is_changed_back(connections: list[Connection]) -> bool:
    return any(map(_took_foreign_echo, connections))


def _took_foreign_echo(one: Connection) -> bool:
    """Say whether a client went on with a SYN-ACK that echoed another time stamp than its own."""
    wrong = is_shown(one, Fact.SYN_ACK_ECHO_WRONG)
    opened = next(
        (step for step in one.transitions if step.to is State.ESTABLISHED and step.endpoint is Side.CLIENT),
        None,
    )
    refused = {Fact.RST_ANSWERS_SYN_ACK, Fact.SYN_RESENT_AFTER_SYN_ACK} & {seen.fact for seen in one.facts}
    return wrong and opened is not None and not refused and bool(one.client.bytes)
