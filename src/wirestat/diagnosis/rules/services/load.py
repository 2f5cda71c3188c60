"""Events that strike a server, an address or a port range as a whole: floods, scans, exhaustion, listeners."""

from collections.abc import Iterator

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise, at, ss_address
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.places import place_of_listener
from wirestat.diagnosis.registry import capture_rule
from wirestat.diagnosis.rivals import still_open
from wirestat.diagnosis.rules.attacks.scans import answered_by_nobody
from wirestat.diagnosis.rules.opening.few_ports import short_of_ports
from wirestat.diagnosis.verdict import Overall
from wirestat.diagnosis.words import percent
from wirestat.model import Fault, Severity
from wirestat.spans import span
from wirestat.summary import MOST_CLIENTS, Listener
from wirestat.words import socket, some

LINUX_PORTS = 28_232
"""Ports 32768 to 60999: what Linux picks client ports from by default, for each server address and port."""

_WORTH_A_MAP = 20
"""With fewer connections than this everyone can see who listens."""
_LISTED = 3
"""So many are named; the report lists all."""
_LEFT = 10
"""Where less than one port in so many is left, the next connection may find none."""


@capture_rule("D22", "TIME_WAIT uses up the ports", Severity.WARNING)
def time_wait_pressure(analysis: Analysis) -> Iterator[Overall]:
    """One client opens so many connections to one server port that it runs out of its own.

    What it means: each closed connection blocks its pair of ports for 2MSL (60 s on Linux) at the end that closed
    first. Linux has 28,232 client ports for each server address and port by default, so about 470 new connections
    a second are the most that last.

    Why it matters: beyond that connect() fails with EADDRNOTAVAIL, or ports are reused too early (D20). A NAT that
    hides many clients is one client in this respect. A client with a narrow range comes to its end with a handful of
    connections: it opens none for as long as TIME_WAIT lasts, and then uses the same ports again.

    Rivals: many TIME_WAITs spread over many clients or servers do no harm.

    What to do: keep connections open and share them; spread them over several server addresses or ports; let the
    other end close first; enlarge the range; turn on ``tcp_tw_reuse`` at the client.

    See it: no capture of it is kept; it takes more than 14,000 connections.

    RFC 9293: 3.6.1 (TIME-WAIT lasts 2MSL), 3.4.2 (MSL); RFC 6191.
    """
    yield from short_of_ports(analysis)
    for listener in analysis.summary.listeners:
        used = listener.time_wait_peak
        if used * 2 < LINUX_PORTS or listener.time_wait_client is None:
            continue
        wait = span(analysis.timers.time_wait_ns)
        yield Overall(
            severity=Severity.ERROR if (LINUX_PORTS - used) * _LEFT < LINUX_PORTS else None,
            doubts=("the client's port range is not in the capture; 28,232 is the default of Linux",),
            fault=Fault.CLIENT,
            frames=(listener.first_frame,),
            explanation=f"{listener.time_wait_client} had {used:,} connections to {_socket(listener)} in "
            f"TIME_WAIT at one time: {percent(used, LINUX_PORTS)} of the {LINUX_PORTS:,} ports that it has "
            f"for them, each blocked for {wait}.",
            rivals=(still_open("a NAT that hides many clients", "it is short of ports all the same"),),
            advice=advise(
                "Share long-lived connections, spread them over more server addresses, or widen the range.",
                *(
                    at(str(listener.time_wait_client), analysis.timers.name, command)
                    for command in (
                        f"ss -tn state time-wait '( dport = :{listener.port} )' dst "
                        f"{ss_address(listener.address)} | wc -l",
                        "sysctl net.ipv4.ip_local_port_range net.ipv4.tcp_tw_reuse",
                    )
                ),
            ),
            display_filter=filters.of_server(listener.address, listener.port) + " && tcp.flags.syn==1",
            count=used,
            examples=listener.examples,
            place=place_of_listener(listener),
        )


@capture_rule("D32", "Listening sockets", Severity.INFO)
def listening_sockets(analysis: Analysis) -> Iterator[Overall]:
    """Which sockets answered connections: ``netstat -l`` from the wire, with the load of each.

    What it means: each socket that answered a SYN listens. The finding gives its connections and clients, how many
    connects it refused or left unanswered, how many connections were over within a second, and how full its backlog
    of unfinished handshakes was.

    Why it matters: it is the map of what serves here. Connections that live for less than a second cost more to
    open than to use. A backlog that grows is the first sign of a flood or of a slow accept().

    Rivals: none.

    What to do: nothing.

    See it: ``wirestat pcaps/random-loss-1/server.pcap``: two hundred connections to one server.

    RFC 9293: 3.3.2 (LISTEN).
    """
    bounced = answered_by_nobody(analysis)
    answering = [
        listener
        for listener in analysis.summary.listeners
        if listener.answered and not (listener.address in bounced and listener.connections == 1)
    ]
    if sum(listener.connections for listener in answering) < _WORTH_A_MAP:
        return
    lines = "; ".join(_described(listener) for listener in answering[:_LISTED])
    more = (
        f"; and {len(answering) - _LISTED} more, which the JSON report lists"
        if len(answering) > _LISTED
        else ""
    )
    yield Overall(
        fault=Fault.UNDECIDED,
        frames=tuple(listener.first_frame for listener in answering[:_LISTED]),
        explanation=f"{some(len(answering), 'socket')} answered connections: {lines}{more}.",
        asks_nothing=True,
        advice="Nothing to do.",
        display_filter="tcp.flags.syn==1",
        count=sum(listener.answered for listener in answering),
    )


def _described(listener: Listener) -> str:
    short = (
        f", {percent(listener.short_lived, listener.connections)} over within a second"
        if listener.short_lived
        else ""
    )
    backlog = f", backlog up to {listener.embryonic_peak:,}" if listener.embryonic_peak > 1 else ""
    bound = "at least " if listener.clients >= MOST_CLIENTS else ""
    clients = f"{bound}{some(listener.clients, 'client')}"
    lacking = _lacking(listener)
    asked = some(listener.connections, "connect" if lacking else "connection")
    return f"{_socket(listener)} ({asked} of {clients}{lacking}{short}{backlog})"


def _lacking(listener: Listener) -> str:
    """Say how many it did not answer with a SYN-ACK, and how many of those it refused."""
    counts = {"refused": listener.refused, "unanswered": listener.unanswered}
    told = " and ".join(f"{count:,} {fate}" for fate, count in counts.items() if count)
    return f", {told}" if told else ""


def _socket(listener: Listener) -> str:
    return socket(listener.address, listener.port)
