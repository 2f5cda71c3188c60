"""One connection as a tap captured it, with the segments that its ends had sent and received at any time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.score.incarnations import Incarnations
from tests.score.journeys import Journey, Travels, follow
from tests.score.strict import LONG_FLIGHT_NS
from tests.score.truth import TAPS, Address, End, Truth, load
from tests.score.witnesses import NOISE_NS

from .receiver import Receiver, Segment


@dataclass(frozen=True)
class Case:
    """A case of the lab."""

    truth: Truth
    travels: Travels
    incarnations: Incarnations

    @classmethod
    def of(cls, folder: Path) -> Case:
        truth = load(folder)
        travels = follow(folder, truth)
        return cls(truth, travels, Incarnations(truth, travels))

    def conversations(self, least: int = 3, most: int = 150) -> Iterator[Conversation]:
        """Yield conversations of ``least`` to ``most`` captured frames."""
        for tap in TAPS:
            frames: dict[frozenset[Address], list[Journey]] = {}
            for journey in self.travels.at(tap):
                if journey.frame.is_tcp:
                    ends = frozenset({journey.source(tap), journey.destination(tap)})
                    frames.setdefault(ends, []).append(journey)
            for ends, captured in frames.items():
                told = [c for c in self.truth.connections if {end.at(tap) for end in c.ends} == ends]
                if told and least <= len(captured) <= most and len(ends) == 2:
                    yield Conversation(self, tap, tuple(captured), tuple(c.ends for c in told))


@dataclass(frozen=True)
class Conversation:
    """Everything that was captured between two addresses and ports, of one incarnation or several."""

    case: Case
    tap: str
    captured: tuple[Journey, ...]
    lives: tuple[tuple[End, End], ...]
    """Client and server of each incarnation."""

    @property
    def name(self) -> str:
        return f"{self.case.truth.name}/{self.tap} port {self.lives[0][0].address[1]}"

    @cached_property
    def times(self) -> tuple[int, ...]:
        """The time at which each frame passed the tap."""
        return tuple(journey.passed[self.tap][0] for journey in self.captured)

    def address(self, side: str) -> Address:
        return self.lives[0][side == "server"].at(self.tap)

    def flight_to(self, side: str) -> int:
        travels = self.case.travels
        return travels.flight_from(self.tap, side) if travels.flight_ns else LONG_FLIGHT_NS

    def might_take(self, side: str, segment: Segment, time_ns: int) -> bool:
        """Whether the end might have accepted a segment that passed the tap then, at any moment about its arrival."""
        arrival_ns = time_ns + self.flight_to(side)
        moments = {arrival_ns - NOISE_NS, arrival_ns + NOISE_NS}
        moments |= {at for at, _, _ in self._events[side] if abs(at - arrival_ns) <= NOISE_NS}
        states = {
            state
            for life in self.lives
            for state in life[side == "server"].states(arrival_ns - NOISE_NS, arrival_ns + NOISE_NS)
        }
        if "CLOSED" in states and self.lives[0][side == "server"].initial == "LISTEN":
            states |= {"LISTEN"}  # its listener goes on
        return any(
            self._receiver(side, moment).takes(segment, state) for moment in moments for state in states
        )

    def _receiver(self, side: str, moment_ns: int) -> Receiver:
        receiver = Receiver()
        for at, is_sent, journey in self._events[side]:
            if at > moment_ns:
                break
            if is_sent:
                receiver.send(journey.frame)
            else:
                receiver.receive(journey.frame)
        return receiver

    @cached_property
    def _events(self) -> dict[str, list[tuple[int, bool, Journey]]]:
        """The segments that each end sent and received, captured here or not, in order of time."""
        found: dict[str, list[tuple[int, bool, Journey]]] = {}
        client, server = self.lives[0]
        # A NAT on the way may have given the client another port.
        pairs = [{each[1], server.address[1]} for each in (client.address, client.translated)]
        mine = [
            j
            for j in self.case.travels.journeys
            if j.frame.is_tcp and {j.frame.source_port, j.frame.destination_port} in pairs
        ]
        for side in ("client", "server"):
            sent = [(j.sent_ns, True, j) for j in mine if j.toward != side and j.sent_ns is not None]
            got = [
                (j.delivered_ns, False, j) for j in mine if j.toward == side and j.delivered_ns is not None
            ]
            found[side] = sorted([*sent, *got], key=lambda event: event[0])
        return found
