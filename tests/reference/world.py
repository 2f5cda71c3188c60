"""Two kernels, a wire, and a tap along it."""

import heapq
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum

from tests.packets import ip, tcp
from tests.reference.kernel import Kernel, Segment
from tests.wirescript.wire import ADDRESSES, BASE_NS

PORTS = {"A": 40000, "B": 80}


class Fate(Enum):
    """The fate of one packet."""

    ARRIVES = "arrives"
    LOST_BEFORE = "lost before the tap"
    LOST_BEHIND = "lost behind the tap"
    UNSEEN = "missed by the capture"
    DOUBLED = "doubled by the network"
    LATE = "overtaken on its way to the receiver"


@dataclass(frozen=True, slots=True)
class Action:
    """An action of an application, and how long after the one before, in ms."""

    delay_ms: int
    end: str
    what: str
    size: int = 0


@dataclass(slots=True)
class World:
    """Everything that happens, in the order of time."""

    fates: Iterable[Fate] = ()
    delays: tuple[float, float] = (0.001, 0.020)
    """The delays from A to the tap and from the tap to B, in seconds, in both directions."""
    bases: tuple[int, int] = (0, 0)
    """The initial numbers of A and B on the wire."""
    counts: bool = True
    """Whether a socket counts its packets in the IPv4 identification; else that is zero."""
    stamps: bool = False
    """Whether segments have time stamps."""
    clock: float = 0.0
    frames: list[tuple[int, int, bytes]] = field(default_factory=list)
    ends: dict[str, Kernel] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=lambda: {"A": 100, "B": 900})
    used: list[Fate] = field(default_factory=list)
    stamp: dict[str, int] = field(default_factory=lambda: {"A": 0, "B": 0})
    """The last time stamp of each end."""
    _queue: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _order: "itertools.count[int]" = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.fates = iter(self.fates)
        for name, iss in (("A", 1000), ("B", 5000)):
            self.ends[name] = Kernel(iss, self._sender(name), lambda: self.clock, self._at)
        self.ends["B"].listen()

    def play(self, actions: Iterable[Action]) -> None:
        """Let applications act, and run until only TIME_WAIT is left."""
        when = 0.0
        for action in actions:
            when += action.delay_ms / 1000
            self._at(when, lambda action=action: self._act(action))  # type: ignore[misc]  # mypy infers no lambda with defaults
        while self._queue:
            time, _, event = heapq.heappop(self._queue)
            self.clock = time
            event()

    def states_since(self, end: str, time_ns: int) -> set[str]:
        """Every state that one end was in from a frame's time on."""
        kernel = self.ends[end]
        state = kernel.history[0][1] if kernel.history else kernel.state
        since = (time_ns - BASE_NS) / 1e9
        found = {entered for time, _, entered in kernel.history if time >= since}
        for time, _, entered in kernel.history:
            state = entered if time < since else state
        return found | {state}

    def history(self, end: str) -> list[tuple[str, str]]:
        """The transitions of one end until the last frame; TIME_WAIT may end after that."""
        last = (self.frames[-1][0] - BASE_NS) / 1e9 if self.frames else 0.0
        # The effects of the last frame come a little later.
        return [
            (left, entered)
            for time, left, entered in self.ends[end].history
            if time < last + sum(self.delays) + 0.1
        ]

    def _act(self, action: Action) -> None:
        kernel = self.ends[action.end]
        match action.what:
            case "connect":
                kernel.connect()
            case "write":
                kernel.write(action.size)
            case "close":
                kernel.close()
            case "abort":
                kernel.abort()
            case "vanish":
                kernel.vanish()
            case "probe":
                kernel.probe()
            case "forge":
                self._forge(action.end)

    def _forge(self, victim: str) -> None:
        """Reset one end from the tap in the other's name, with the exact number."""
        other = "B" if victim == "A" else "A"
        reset = Segment("R", self.ends[victim].rcv_nxt)
        self._tap(self._packet(other, reset))
        _, far = self.delays if other == "A" else self.delays[::-1]
        self._at(far, lambda: self.ends[victim].receive(reset))

    def _at(self, delay: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (self.clock + delay, next(self._order), event))

    def _sender(self, name: str) -> Callable[[Segment], None]:
        other = "B" if name == "A" else "A"
        near, far = self.delays if name == "A" else self.delays[::-1]

        def send(segment: Segment) -> None:
            fate = next(self.fates, Fate.ARRIVES)  # type: ignore[call-overload]  # fates is any iterator
            self.used.append(fate)
            packet = self._packet(name, segment)
            if fate not in (Fate.LOST_BEFORE, Fate.UNSEEN):
                self._at(near, lambda: self._tap(packet))
            if fate in (Fate.LOST_BEFORE, Fate.LOST_BEHIND):
                return
            late = 0.015 if fate is Fate.LATE else 0.0
            self._at(near + far + late, lambda: self.ends[other].receive(segment))
            if fate is Fate.DOUBLED:
                self._at(near + far + 0.001, lambda: self.ends[other].receive(segment))

        return send

    def _tap(self, packet: bytes) -> None:
        frame = ip.ethernet(packet)
        self.frames.append((BASE_NS + round(self.clock * 1e9), len(frame), frame))

    def _packet(self, name: str, segment: Segment) -> bytes:
        other = "B" if name == "A" else "A"
        base = dict(zip("AB", self.bases, strict=True))
        has_number = not (segment.flags == "R." and segment.seq == 0)
        header = tcp.Tcp(
            PORTS[name],
            PORTS[other],
            segment.flags,
            segment.seq + base[name] * has_number,
            0 if segment.ack is None else segment.ack + base[other],
            window=0 if "R" in segment.flags else 64240,
            options=self._stamped(name) if "R" not in segment.flags else b"",
            payload=segment.payload,
        )
        number = 0
        if self.counts and segment.flags not in ("S.", "R") and has_number:
            self.ids[name] += 1
            number = self.ids[name]
        return ip.ipv4(ADDRESSES[4][name], ADDRESSES[4][other], header.pack(), id=number)

    def _stamped(self, name: str) -> bytes:
        if not self.stamps:
            return b""
        other = "B" if name == "A" else "A"
        self.stamp[name] = 1000 + round(self.clock * 1000)
        return tcp.timestamps(self.stamp[name], self.stamp[other])
