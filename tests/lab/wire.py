"""The wire between the two machines: it forwards every frame, and does to chosen ones what it is told.

    client -[client-port]- TAP client -[client-side]- TAP middle -[server-side]- TAP server -[server-port]- server

The names in brackets are stages: places where a frame can be dropped, delayed, held or doubled. A frame
dropped at ``client-side`` on its way to the server is in the client's capture and in no other; one
dropped at ``server-port`` is in all three captures and still never reaches the server. At the taps
beside the machines a frame carries the kernel's own time for it; at the middle tap the time at which it passed.
"""

from __future__ import annotations

import heapq
import itertools
import select
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Literal

from . import matching
from .frames import Flag, Frame, parse
from .matching import Matcher
from .pcap import Record
from .port import Port

Side = Literal["client", "server"]
Flow = tuple[str, int, str, int]

TAPS = ("client", "middle", "server")
STAGES = ("client-port", "client-side", "server-side", "server-port")
STAGE_DELAY_NS = 2_000_000
"""The delay of every frame in each of the two inner stages: a round trip takes four times this."""

MIRROR_DELAY_NS = 15_000
"""How much later a mirror port's second copy is."""

TOWARD_SERVER, TOWARD_CLIENT = 1, -1
_STEPS = {"server": TOWARD_SERVER, "client": TOWARD_CLIENT}
_DIRECTIONS = {TOWARD_SERVER: "client-to-server", TOWARD_CLIENT: "server-to-client"}


@dataclass
class Stage:
    name: str
    delay_ns: int = 0


@dataclass
class Tap:
    name: str


@dataclass
class Rule:
    """An action on the frames that match, after letting ``skip`` of them pass and until ``times`` are
    used up."""

    action: Literal["drop", "delay", "duplicate", "hold"]
    match: Matcher
    step: int | None
    stage: str
    skip: int = 0
    times: float = float("inf")
    delay_ns: int = 0
    copies: int = 1
    used: int = 0

    def applies(self, frame: Frame, step: int, stage: str) -> bool:
        if stage != self.stage or self.step not in (None, step) or self.times <= 0 or not self.match(frame):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        self.used += 1
        return True


@dataclass(frozen=True)
class Crossing:
    """A frame that left a machine ("out") or was handed to it ("in"), whether or not a tap recorded it."""

    time_ns: int
    host: str
    way: Literal["in", "out"]
    frame: Frame


@dataclass
class Journal:
    """Everything the wire did."""

    records: dict[str, list[Record]] = field(default_factory=lambda: {tap: [] for tap in TAPS})
    crossings: list[Crossing] = field(default_factory=list)
    actions: list[dict[str, object]] = field(default_factory=list)


@dataclass
class FlowMemory:
    """The last segment of one machine on one connection that passed the wire."""

    last: Frame
    next_seq: int
    fin_end: int | None = None
    """The sequence number after its FIN, once it has sent one."""


class Wire(threading.Thread):
    """Forwards frames along ``path`` until stopped."""

    def __init__(self, path: list[Port | Stage | Tap]) -> None:
        super().__init__(name="wire", daemon=True)
        self.path = path
        self.journal = Journal()
        self.flows: dict[Flow, FlowMemory] = {}
        self.recording: set[tuple[str, int]] = {(tap, step) for tap in TAPS for step in _DIRECTIONS}
        self.capture_start_ns = time.time_ns()
        self.recorded_copies = 1
        self._rules: list[Rule] = []
        self._held: list[tuple[Frame, int, int]] = []
        self._due: list[tuple[int, int, Frame, int, int]] = []
        self._ticket = itertools.count()
        self._lock = threading.RLock()
        self._stopped = False
        self._bell, self._ear = socket.socketpair()
        self.last_activity_ns = time.time_ns()

    # Orders, from the scenario's thread.

    def _rule(
        self,
        action: Literal["drop", "delay", "duplicate", "hold"],
        match: Matcher,
        toward: Side | None,
        at: str,
        **limits: float,
    ) -> Rule:
        if at not in STAGES:
            raise ValueError(f"no stage {at!r}; there are {', '.join(STAGES)}")
        rule = Rule(action, match, _STEPS[toward] if toward else None, at, **limits)  # type: ignore[arg-type]  # Rule checks them
        with self._lock:
            self._rules.append(rule)
        return rule

    def drop(
        self,
        match: Matcher = matching.anything,
        *,
        toward: Side | None = None,
        at: str = "server-side",
        skip: int = 0,
        times: float = float("inf"),
    ) -> Rule:
        return self._rule("drop", match, toward, at, skip=skip, times=times)

    def delay(
        self,
        match: Matcher,
        *,
        by_ns: int,
        toward: Side | None = None,
        at: str = "server-side",
        skip: int = 0,
        times: float = float("inf"),
    ) -> Rule:
        """Let the frame arrive ``by_ns`` later; what follows it overtakes."""
        return self._rule("delay", match, toward, at, skip=skip, times=times, delay_ns=by_ns)

    def duplicate(
        self,
        match: Matcher,
        *,
        after_ns: int = 0,
        copies: int = 1,
        toward: Side | None = None,
        at: str = "server-side",
        skip: int = 0,
        times: float = float("inf"),
    ) -> Rule:
        """Send copies after the original, each ``after_ns`` later than the one before."""
        return self._rule(
            "duplicate", match, toward, at, skip=skip, times=times, delay_ns=after_ns, copies=copies
        )

    def hold(
        self,
        match: Matcher,
        *,
        toward: Side | None = None,
        at: str = "server-side",
        skip: int = 0,
        times: float = float("inf"),
    ) -> Rule:
        """Keep the frame back until ``release``."""
        return self._rule("hold", match, toward, at, skip=skip, times=times)

    def cancel(self, *rules: Rule) -> None:
        """Forget these rules; without any named, all of them."""
        with self._lock:
            self._rules = [rule for rule in self._rules if rules and rule not in rules]

    def release(self, *, backwards: bool = False, rules: tuple[Rule, ...] = ()) -> None:
        """Let all held frames go on, in the order they came or backwards.

        The rules that hold end here, or only those named.
        """
        with self._lock:
            self._rules = [r for r in self._rules if r.action != "hold" or (rules and r not in rules)]
            held, self._held = self._held, []
            for frame, index, step in reversed(held) if backwards else held:
                self._log("release", frame, step, self.path[index])
                self._schedule(time.time_ns(), frame, index + step, step)
        self._ring()

    def held(self) -> int:
        with self._lock:
            return len(self._held)

    def inject(self, raw: bytes, *, toward: Side, at: str = "middle") -> None:
        """Put a frame on the wire just before the tap ``at``, from where it travels on toward that side."""
        step = _STEPS[toward]
        frame = parse(raw)
        with self._lock:
            index = next(
                i for i, place in enumerate(self.path) if isinstance(place, Tap) and place.name == at
            )
            self._log("inject", frame, step, self.path[index])
            self._schedule(time.time_ns(), frame, index, step)
        self._ring()

    def capture_from_now(self) -> None:
        """Forget what the taps recorded so far: the captures start mid-stream."""
        with self._lock:
            self.capture_start_ns = time.time_ns()
            for records in self.journal.records.values():
                records.clear()

    def capture_only(self, toward: Side) -> None:
        """From now on the taps see one direction only."""
        with self._lock:
            self.recording = {(tap, _STEPS[toward]) for tap in TAPS}

    def capture_twice(self) -> None:
        """From now on every tap records each frame twice, as a mirror port does that copies both of a
        switch's ports."""
        self.recorded_copies = 2

    def acks_fin(self, frame: Frame) -> bool:
        """A matcher: does this segment acknowledge the FIN of the machine it goes to?"""
        peer = self.flows.get(frame.reverse_flow)
        return (
            peer is not None
            and peer.fin_end is not None
            and bool(frame.flags & Flag.ACK)
            and frame.ack == peer.fin_end
        )

    def wait_until_quiet(self, quiet_ns: int = 60_000_000) -> None:
        """Return when no frame has moved for that long."""
        while time.time_ns() - self.last_activity_ns < quiet_ns:
            time.sleep(0.005)

    def stop(self) -> int:
        """Forward nothing more; return the moment the captures end."""
        with self._lock:
            self._stopped = True
            end_ns = time.time_ns()
        self._ring()
        self.join()
        return end_ns

    # The wire's own thread.

    def run(self) -> None:
        ports = {port.socket: index for index, port in enumerate(self.path) if isinstance(port, Port)}
        while True:
            with self._lock:
                now = time.time_ns()
                while self._due and self._due[0][0] <= now:
                    _, _, frame, index, step = heapq.heappop(self._due)
                    self._travel(frame, index, step, time.time_ns())
                patience = (self._due[0][0] - time.time_ns()) / 1e9 if self._due else None
            ready, _, _ = select.select(
                [*ports, self._ear], [], [], patience if patience is None else max(0.0, patience)
            )
            if self._ear in ready:
                self._ear.recv(4096)
            with self._lock:
                if self._stopped:
                    return
                for port_socket in ready:
                    if port_socket is not self._ear:
                        self._collect(ports[port_socket])

    def _ring(self) -> None:
        self._bell.send(b"!")

    def _collect(self, index: int) -> None:
        port = self.path[index]
        assert isinstance(port, Port)
        while (received := port.receive()) is not None:
            time_ns, raw = received
            frame = parse(raw)
            self.journal.crossings.append(Crossing(time_ns, port.host, "out", frame))
            if frame.is_tcp:
                self._remember(frame)
            self._travel(frame, index + port.step, port.step, time_ns)

    def _remember(self, frame: Frame) -> None:
        memory = self.flows.get(frame.flow)
        if memory is None or frame.flags & Flag.SYN:
            memory = self.flows[frame.flow] = FlowMemory(frame, frame.next_seq)
        memory.last = frame
        if not frame.flags & Flag.RST and (frame.next_seq - memory.next_seq) % 2**32 < 2**31:
            memory.next_seq = frame.next_seq
        if frame.flags & Flag.FIN:
            memory.fin_end = frame.next_seq

    def _schedule(self, due_ns: int, frame: Frame, index: int, step: int) -> None:
        heapq.heappush(self._due, (due_ns, next(self._ticket), frame, index, step))

    def _travel(self, frame: Frame, index: int, step: int, now_ns: int) -> None:
        """Move a frame from place to place until it is delivered, delayed, held or dropped."""
        self.last_activity_ns = now_ns
        passed: list[Tap] = []
        while True:
            place = self.path[index]
            if isinstance(place, Tap):
                passed.append(place)
            elif isinstance(place, Port):
                now_ns = place.send(frame.raw)
                self.journal.crossings.append(Crossing(now_ns, place.host, "in", frame))
                break
            elif not self._pass_stage(place, frame, index, step, now_ns):
                break
            index += step
        for tap in passed:
            if (tap.name, step) in self.recording:
                for copy in range(self.recorded_copies):
                    self.journal.records[tap.name].append((now_ns + copy * MIRROR_DELAY_NS, frame.raw))

    def _pass_stage(self, stage: Stage, frame: Frame, index: int, step: int, now_ns: int) -> bool:
        """Apply the first rule that fits; True when the frame goes on at once."""
        due_ns = now_ns + stage.delay_ns
        rule = next((rule for rule in self._rules if rule.applies(frame, step, stage.name)), None)
        if rule is not None:
            self._log(rule.action, frame, step, stage, delay_ns=rule.delay_ns)
            if rule.action == "drop":
                return False
            if rule.action == "hold":
                self._held.append((frame, index, step))
                return False
            if rule.action == "delay":
                due_ns += rule.delay_ns
            else:
                for copy in range(1, rule.copies + 1):
                    self._schedule(due_ns + copy * rule.delay_ns, frame, index + step, step)
        if due_ns == now_ns:
            return True
        self._schedule(due_ns, frame, index + step, step)
        return False

    def _log(
        self, action: str, frame: Frame, step: int, place: Port | Stage | Tap, delay_ns: int = 0
    ) -> None:
        entry: dict[str, object] = {
            "time_ns": time.time_ns(),
            "action": action,
            "direction": _DIRECTIONS[step],
            "stage": place.host if isinstance(place, Port) else place.name,
            "source": f"{frame.source}:{frame.source_port}",
            "destination": f"{frame.destination}:{frame.destination_port}",
            "flags": frame.flag_letters,
            "seq": frame.seq,
            "ack": frame.ack,
            "length": frame.length,
        }
        if delay_ns:
            entry["delay_ns"] = delay_ns
        self.journal.actions.append(entry)
