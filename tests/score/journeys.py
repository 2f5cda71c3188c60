"""The origin and fate of each captured frame, by the three captures and the wire's journal."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab import pcap
from tests.lab.frames import ETHERNET_LENGTH, Frame, parse

from .truth import TAPS, Address, Deed, Truth

NEAR_NS = 50_000_000
"""An entry in the wire's journal is about a frame captured this close to it; copies are further apart."""


@dataclass
class Journey:
    """One captured frame and its way from end to end. Times in Unix ns."""

    frame: Frame
    """The frame as the first tap captured it."""
    toward: str
    """``client`` or ``server``."""
    passed: dict[str, tuple[int, int]]
    """For each tap that captured it: the time, and its frame number."""
    frames: dict[str, Frame] = field(default_factory=dict)
    """For each tap that captured it: the frame as captured there."""
    sent_ns: int | None = None
    """When its sender sent it; ``None`` if forged or unknown."""
    delivered_ns: int | None = None
    """When its receiver got it; ``None`` if never."""

    def source(self, tap: str) -> Address:
        """The sender's address at the tap: a gateway may change addresses."""
        return self.frames[tap].source, self.frames[tap].source_port

    def destination(self, tap: str) -> Address:
        """The receiver's address at the tap."""
        return self.frames[tap].destination, self.frames[tap].destination_port

    def is_notice_to(self, address: Address, tap: str) -> bool:
        """Whether the frame is an ICMP error for this machine, not TCP."""
        return not self.frame.is_tcp and self.frames[tap].destination == address[0]


@dataclass(frozen=True)
class Travels:
    """All journeys of a case."""

    journeys: tuple[Journey, ...]
    records: dict[str, list[pcap.Record]]
    flight_ns: int
    """The minimum time of a frame from one machine to the other."""
    ends_ns: int
    """When the captures ended."""

    def at(self, tap: str) -> list[Journey]:
        """The segments that a tap captured, in the order of its frames."""
        return sorted((j for j in self.journeys if tap in j.passed), key=lambda j: j.passed[tap][1])

    def ends_at(self, tap: str) -> int:
        """When the last frame passed the tap."""
        return max(time_ns for time_ns, _ in self.records[tap])

    def flight_from(self, tap: str, side: str) -> int:
        """The time of a frame from the tap to the machine, in ns."""
        steps = TAPS.index(tap) if side == "client" else len(TAPS) - 1 - TAPS.index(tap)
        return self.flight_ns * steps // (len(TAPS) - 1)


def follow(folder: Path, truth: Truth) -> Travels:
    """Match every captured frame at the other taps."""
    records = {tap: pcap.read(folder / f"{tap}.pcap") for tap in TAPS}
    servers = {connection.ends[1].address[0] for connection in truth.connections}
    journeys: list[Journey] = []
    for toward in ("server", "client"):
        order = TAPS if toward == "server" else TAPS[::-1]
        under_way: dict[bytes, list[Journey]] = defaultdict(list)
        for position, tap in enumerate(order):
            for number, (time_ns, raw) in enumerate(records[tap], 1):
                frame = parse(raw)
                if (frame.destination in servers) != (toward == "server"):
                    continue
                journey = _same(under_way[_identity(frame)], order[:position], tap, time_ns)
                if journey is None:
                    journey = Journey(frame, toward, {})
                    under_way[_identity(frame)].append(journey)
                    journeys.append(journey)
                journey.passed[tap] = (time_ns, number)
                journey.frames[tap] = frame
    flight = min((_crossing(j) for j in journeys if len(j.passed) == len(TAPS)), default=0)
    for journey in journeys:
        _tell_ends(journey, truth.deeds)
    return Travels(tuple(journeys), records, flight, truth.end_ns + 1)


def _crossing(journey: Journey) -> int:
    times = [time_ns for time_ns, _ in journey.passed.values()]
    return max(times) - min(times)


def _same(candidates: list[Journey], earlier: tuple[str, ...], tap: str, time_ns: int) -> Journey | None:
    for journey in candidates:
        if tap not in journey.passed and all(
            time_ns >= journey.passed[t][0] for t in earlier if t in journey.passed
        ):
            return journey
    return None


def _identity(frame: Frame) -> bytes:
    """The key of a frame: equal at all taps, even behind a gateway that rewrites addresses and ports."""
    packet = frame.raw[ETHERNET_LENGTH:]
    if not frame.is_tcp:
        return packet
    version = packet[0] >> 4
    header = (packet[0] & 15) * 4 if version == 4 else 40
    segment = packet[header:]
    return packet[4:6] * (version == 4) + segment[4:16] + segment[18:]


def _tell_ends(journey: Journey, deeds: tuple[Deed, ...]) -> None:
    """Set when it was sent and when delivered."""
    frame = journey.frame
    letters, source = frame.flag_letters, f"{frame.source}:{frame.source_port}"
    identity = (
        source,
        f"{frame.destination}:{frame.destination_port}",
        letters,
        frame.seq,
        frame.ack,
        frame.length,
    )
    mine = [deed for deed in deeds if deed.identity == identity]
    departure, arrival = ("client", "server") if journey.toward == "server" else ("server", "client")
    if departure in journey.passed:
        sent_ns = journey.passed[departure][0]
        forged = any(
            d.action == "inject" and d.stage == departure and _near(sent_ns, d.time_ns) for d in mine
        )
        journey.sent_ns = None if forged else sent_ns
    if arrival in journey.passed:
        journey.delivered_ns = _delivered(journey.passed[arrival][0], f"{arrival}-port", mine)


def _near(one_ns: int, other_ns: int) -> bool:
    return abs(one_ns - other_ns) <= NEAR_NS


def _delivered(arrived_ns: int, stage: str, deeds: list[Deed]) -> int | None:
    """The action of the last stage before the machine."""
    here = [deed for deed in deeds if deed.stage == stage]
    for deed in here:
        if deed.action in ("drop", "hold", "delay") and _near(arrived_ns, deed.time_ns):
            if deed.action == "delay":
                return arrived_ns + deed.delay_ns
            later = [d.time_ns for d in here if d.action == "release" and d.time_ns >= deed.time_ns]
            return min(later, default=None) if deed.action == "hold" else None
    return arrived_ns
