"""Requests that never end: one client keeps many connections busy with a little at a time, and none is answered."""

from wirestat.diagnosis.advice import advise, at, ss_address, ss_listen
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import being, showing
from wirestat.diagnosis.rivals import cause, ruled_out, unlikely
from wirestat.diagnosis.study.counts import count_answered
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity, State
from wirestat.spans import span
from wirestat.vocabulary import Fact
from wirestat.words import some

_MANY = 10
"""One client hardly waits for so many answers of one socket, and goes on asking for each."""
_ANSWERED = {80: "HTTP", 443: "HTTPS", 3128: "HTTP", 8000: "HTTP", 8080: "HTTP", 8443: "HTTPS"}
"""Ports of protocols in which every request is answered."""


def never_ends(case: Case) -> Verdict | None:
    """Judge a connection that is open still, on which the client goes on asking and nothing was answered."""
    client, server = case.client, case.server
    if not client.has(Fact.SENT_DATA) or server.has(Fact.SENT_DATA, Fact.FIN_SENT, Fact.RST_SENT):
        return None
    if client.has(Fact.FIN_SENT, Fact.RST_SENT, Fact.DATA_RESENT) or State.ESTABLISHED is not client.state:
        return None
    if case.has(Fact.ONE_WAY, Fact.FRAMES_MISSING):
        return None
    count = case.trickles
    if count < _MANY:
        return None
    took = span((client.record.last_time_ns or case.now_ns) - case.connection.first_time_ns)
    answers = case.of_socket(count_answered)
    protocol = _ANSWERED.get(server.port)
    is_due = bool(answers or protocol)
    return Verdict(
        grounds=(being(client, State.ESTABLISHED), showing(client, Fact.SENT_DATA)),
        severity=Severity.WARNING if is_due else Severity.NOTE,
        weak=not is_due or case.has(Fact.MID_STREAM),
        kind="never ends",
        doubts=(
            "one capture does not tell whether the client means it",
            *(("an answer may have come before the capture began",) if case.has(Fact.MID_STREAM) else ()),
        )
        if is_due
        else ("this socket answers nobody in the capture: clients may be all that speak",),
        fault=Fault.CLIENT,
        frames=case.evidence(case.connection.first_frame, case.connection.last_frame),
        explanation=f"{client} has sent {client.record.bytes:,} bytes in {took}, a little at a time; {server} "
        f"has acknowledged them and answered nothing. {client.address} holds {some(count, 'connection')} like this.",
        rivals=(
            cause("requests that are never finished, on purpose (slowloris)"),
            unlikely(
                "a protocol in which only clients speak",
                f"the port is that of {protocol}"
                if protocol
                else f"it answered on {some(answers, 'connection')}",
            )
            if is_due
            else cause("a protocol in which only clients speak"),
            ruled_out("a server that is stuck (D51)", "the client goes on sending its request")
            if is_due
            else cause("a server that is stuck"),
        ),
        advice=advise(
            "Have the server, or a proxy before it, give a request that is not finished little time, and an address "
            "few connections.",
            at(
                server.address,
                server.system,
                f"ss -tn state established '( sport = :{server.port} and dst {ss_address(client.address)} )' | wc -l",
            ),
            "  nginx: client_header_timeout, client_body_timeout, limit_conn; Apache: mod_reqtimeout; "
            "HAProxy: timeout http-request",
            ss_listen(server),
        ),
    )
