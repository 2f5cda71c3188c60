"""The metrics of a live capture: states, findings, transitions, losses. No address is a label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from wirestat.export.openmetrics import Family, Sample
from wirestat.model import Side, State

if TYPE_CHECKING:
    from wirestat._core import Intake
    from wirestat.model import Finding
    from wirestat.report.build import Report
    from wirestat.summary import Listener, Spread

_SECOND = 1e9
_STEPS = range(14, 36)
"""Steps of a histogram, as powers of 2 in ns: from 16 microseconds to 34 seconds."""
Opened = Mapping[tuple[str, str], int]
"""How many findings were opened so far, by diagnosis and severity."""


def families(report: Report, intake: Intake, opened: Opened, *, sockets: int = 0) -> Iterator[Family]:
    """Yield the metrics as of a report.

    Args:
        report: the last report.
        intake: the counts of packets that the tracker took in so far.
        opened: the counts of findings that were opened so far.
        sockets: how many of the busiest listening sockets get metrics of their own, with addresses as labels.
    """
    yield _info(report)
    yield from _traffic(report, intake)
    yield from _states(report)
    yield from _findings(report.findings, opened)
    yield from _handshakes(report.summary.listeners)
    yield from _capture(report)
    if sockets:
        yield _sockets(report.summary.listeners[:sockets])


def _info(report: Report) -> Family:
    from wirestat.version import __version__

    labels = {"version": __version__, "timers": report.timers.name}
    return Family("wirestat_build", "info", "Which wirestat this is.", (Sample(1, labels),))


def _counter(name: str, help: str, value: int, unit: str = "") -> Family:
    return Family(name, "counter", help, (Sample(value),), unit)


def _traffic(report: Report, intake: Intake) -> Iterator[Family]:
    summary = report.summary
    yield _counter("wirestat_packets", "Packets taken in.", intake.frames)
    yield _counter("wirestat_captured_bytes", "Bytes captured of them.", intake.bytes, "bytes")
    yield _counter("wirestat_tcp_segments", "TCP segments.", summary.tcp_segments)
    yield _counter("wirestat_udp_datagrams", "UDP datagrams.", summary.udp_datagrams)
    yield _counter("wirestat_connections", "Connections that were opened or tried.", summary.connections)
    yield _counter(
        "wirestat_retransmitted_segments",
        "Segments of which all had been sent before.",
        intake.retransmissions,
    )
    yield _counter(
        "wirestat_duplicate_packets", "Packets that were captured twice.", summary.duplicate_frames
    )
    last = Sample((summary.last_time_ns or 0) / _SECOND)
    help = "When the last packet was captured, since the Unix epoch."
    yield Family("wirestat_last_packet_timestamp_seconds", "gauge", help, (last,), "seconds")


def _states(report: Report) -> Iterator[Family]:
    states = report.summary.states
    samples = tuple(
        Sample(states.get(side, {}).get(state, 0), {"side": side.value, "state": state.value})
        for side in Side
        for state in State
    )
    yield Family("wirestat_endpoint_states", "gauge", "Ends of connections that are in a state now.", samples)
    made: Counter[tuple[str, str, str]] = Counter()
    undone: Counter[tuple[str, str, str]] = Counter()
    for one in report.summary.transitions:
        key = one.endpoint.value, one.from_state.value, one.to.value
        made[key] += one.count + one.retracted
        undone[key] += one.retracted
    names = ("side", "from", "to")
    for name, help, counts in (
        ("wirestat_transitions", "Changes of state, those included that were disproved later.", made),
        ("wirestat_retracted_transitions", "Changes of state that were disproved.", undone),
    ):
        of_each = tuple(
            Sample(count, dict(zip(names, key, strict=True))) for key, count in sorted(counts.items())
        )
        yield Family(name, "counter", help, of_each)


def _findings(findings: Iterable[Finding], opened: Opened) -> Iterator[Family]:
    now: Counter[tuple[str, str, str]] = Counter()
    connections: Counter[tuple[str, str, str]] = Counter()
    for finding in findings:
        key = finding.id, finding.severity.value, finding.fault.value
        now[key] += 1
        connections[key] += finding.count
    for name, help, counts in (
        ("wirestat_findings", "Findings that hold now.", now),
        ("wirestat_finding_connections", "Connections that findings speak of now.", connections),
    ):
        samples = tuple(
            Sample(count, {"id": id, "severity": severity, "fault": fault})
            for (id, severity, fault), count in sorted(counts.items())
        )
        yield Family(name, "gauge", help, samples)
    told = tuple(
        Sample(count, {"id": id, "severity": severity}) for (id, severity), count in sorted(opened.items())
    )
    yield Family("wirestat_findings_opened", "counter", "Findings that were opened so far.", told)


def _handshakes(listeners: Iterable[Listener]) -> Iterator[Family]:
    """Yield histograms of both halves of the handshake, as timed at the tap."""
    known = tuple(listeners)
    for name, half, spreads in (
        ("answer", "From SYN to SYN-ACK", [one.syn_to_syn_ack for one in known]),
        ("acknowledgement", "From SYN-ACK to the client's ACK", [one.syn_ack_to_ack for one in known]),
    ):
        help = f"{half}, at the tap, of openings in which nothing was resent."
        samples = tuple(_buckets([spread for spread in spreads if spread is not None]))
        yield Family(f"wirestat_handshake_{name}_seconds", "histogram", help, samples, "seconds")


def _buckets(spreads: list[Spread]) -> Iterator[Sample]:
    """Add up histograms. They have no ``_sum``, as the total time is not kept."""
    counts: Counter[int] = Counter()
    for spread in spreads:
        counts.update(spread.counts)
    for step in _STEPS:
        bound = 1 << step
        below = sum(count for edge, count in counts.items() if edge <= bound)
        yield Sample(below, {"le": repr(bound / _SECOND)}, "_bucket")
    yield Sample(sum(counts.values()), {"le": "+Inf"}, "_bucket")


def _capture(report: Report) -> Iterator[Family]:
    interfaces = [one for capture in report.captures for one in capture.interfaces]
    for name, help, read in (
        ("received", "Packets that the kernel saw, dropped ones included.", "received"),
        ("dropped", "Packets that the kernel had to drop.", "dropped"),
    ):
        values = [(one.name, getattr(one, read)) for one in interfaces]
        samples = tuple(
            Sample(value, {"interface": interface or ""}) for interface, value in values if value is not None
        )
        yield Family(f"wirestat_capture_{name}_packets", "counter", help, samples)
    lost = tuple(Sample(count, {"kind": kind}) for kind, count in sorted(report.summary.evicted.items()))
    yield Family("wirestat_evicted_connections", "counter", "Connections let go for want of room.", lost)
    reasons: Counter[tuple[str, str]] = Counter()
    for case in report.summary.undecoded:
        reasons[case.layer, case.reason] += case.frames
    undecoded = tuple(
        Sample(count, {"layer": layer, "reason": reason})
        for (layer, reason), count in sorted(reasons.items())
    )
    yield Family("wirestat_undecoded_packets", "counter", "Packets that were not understood.", undecoded)


def _sockets(listeners: Iterable[Listener]) -> Family:
    samples = tuple(
        Sample(count, {"address": one.address, "port": str(one.port), "state": state.value})
        for one in listeners
        for state, count in one.states.items()
    )
    help = "Server ends of the busiest listening sockets, by state."
    return Family("wirestat_socket_states", "gauge", help, samples)
