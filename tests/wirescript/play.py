"""Feeds a script to a tracker, line by line, and compares the inferred states with the true ones."""

from dataclasses import dataclass, field

from tests.packets import ip
from tests.wirescript.script import ENDS, MARKS, Expected, Line, Script
from tests.wirescript.wire import BASE_NS, Variant, Wire
from wirestat.model import Connection, Endpoint, Transition
from wirestat.timers import LINUX
from wirestat.tracker import Tracker

ETHERNET = 1
ARP = (b"\xff" * 6 + b"\x02\0\0\0\0\x01" + b"\x08\x06").ljust(60, b"\0")
"""Time comes only from frames: this one of other traffic lets it pass."""


@dataclass(slots=True)
class Played:
    """One line as played: the inferred states after it, and their differences from the true ones."""

    line: Line
    got: dict[str, str]
    differences: list[str] = field(default_factory=list)


def play(script: Script, variant: Variant) -> list[Played]:
    """Play a script; the result has a difference wherever the tracker is wrong."""
    return list(Player(script, variant).play())


class Player:
    """Plays one script; its tracker can be queried afterwards."""

    def __init__(self, script: Script, variant: Variant) -> None:
        self.script = script
        self.wire = Wire(script, variant)
        self.tracker = Tracker(LINUX)
        self.frame = b""
        self.frames = 0
        self.expected = {end: Expected("UNKNOWN") for end in ENDS}
        self.connections = 0
        self.facts: set[str] = set()
        self.denied: set[str] = set()
        self.retracted: dict[str, int] = {}
        self.lost: list[tuple[int, str]] = []
        """Lost frames, each with the end that it was meant for."""
        self.arrived: list[tuple[int, str]] = []

    def play(self) -> list[Played]:
        if self.script.opened:
            for frame in self.wire.handshake():
                self._feed(self.frames * 1_000_000 - 5_000_000_000, frame)
            self.expected = {end: Expected("ESTABLISHED") for end in ENDS}
            self.connections = 1
            self._look_back()
        return [self._step(line) for line in self.script.lines]

    def _look_back(self) -> None:
        """Note the states before the first line."""
        connection = next(self.tracker.connections())
        self.facts = _facts(connection, self._roles(connection))

    def _step(self, line: Line) -> Played:
        now = round(line.time * 1e9)
        if line.sent is not None:
            frame = self.wire.segment(line.sent)
            if line.sent.is_seen:
                self.frame = frame
                for one in ip.disputed(frame) if line.sent.is_disputed else [frame]:
                    self._feed(now, one)
                arrival = (self.frames, "B" if line.sent.sender == "A" else "A")
                (self.lost if line.sent.is_lost else self.arrived).append(arrival)
        elif line.icmp is not None:
            self._feed(now, self.wire.icmp(*line.icmp))
        elif line.is_copy:
            self._feed(now, self.frame)
        else:
            self._feed(now, ARP)
        self.tracker.settle()
        return self._compare(line)

    def _feed(self, now: int, frame: bytes) -> None:
        self.tracker.feed(ETHERNET, [(BASE_NS + now, len(frame), frame)])
        self.frames += 1

    def _roles(self, connection: Connection) -> dict[str, Endpoint]:
        """The two ends by the names that the script gives them."""
        a_is_client = connection.client.port == self.script.ports["A"]
        ends = (connection.client, connection.server)
        return dict(zip(ENDS, ends if a_is_client else ends[::-1], strict=True))

    def _compare(self, line: Line) -> Played:
        self.connections += line.begins or (not self.connections and self.frames > 0)
        self.denied.update(line.denied)
        connections = list(self.tracker.connections())
        played = Played(line, {})
        if len(connections) != self.connections:
            played.differences.append(f"{len(connections)} connections, not {self.connections}")
        if not connections:
            return played
        if line.begins:
            self.facts, self.retracted = set(), {}
        now = connections[-1]
        roles = self._roles(now)
        self._compare_states(line, now, roles, played)
        self._compare_facts(line, now, roles, played)
        self._compare_old(line, connections, played)
        if line.client and now.client.port != self.script.ports[line.client]:
            played.differences.append(f"client {line.client}: the other end is, by {now.direction_reason}")
        if line is self.script.lines[-1]:
            played.differences += self._check_lost(now, roles)
        return played

    def _compare_states(
        self, line: Line, now: Connection, roles: dict[str, Endpoint], played: Played
    ) -> None:
        for end in ENDS:
            expected = line.states.get(end)
            if expected is None:
                # The end keeps its state; the script does not say how that is known.
                expected = Expected(self.expected[end].state)
            self.expected[end] = expected
            got = roles[end]
            retracted = self._retracted(now, roles, end)
            played.got[end] = _written(got, retracted)
            if got.state != expected.state:
                played.differences.append(f"{end} {got.state}, not {expected.state}")
            elif expected.mark and expected.mark != _mark(got):
                played.differences.append(f"{end} is {_evidence(got)}, not {MARKS[expected.mark]}")
            if not expected.fits(tuple(got.or_since)):
                played.differences.append(f"{end} or {_listed(got.or_since)}, not {_listed(expected.others)}")
            if sorted(retracted) != sorted(expected.retracts):
                played.differences.append(
                    f"{end} retracts {_listed(retracted)}, not {_listed(expected.retracts)}"
                )

    def _retracted(self, now: Connection, roles: dict[str, Endpoint], end: str) -> tuple[str, ...]:
        """The states whose entry this line has disproved."""
        ours = [t for t in now.transitions if _is_of(t, roles[end], now) and t.retracted_by is not None]
        before, self.retracted[end] = self.retracted.get(end, 0), len(ours)
        last = max((t.retracted_by or 0 for t in ours), default=0)
        return tuple(t.to.value for t in ours if t.retracted_by == last) if len(ours) > before else ()

    def _compare_facts(self, line: Line, now: Connection, roles: dict[str, Endpoint], played: Played) -> None:
        facts = _facts(now, roles)
        fresh = facts - self.facts
        names = {fact.split(":")[-1] for fact in fresh}
        for fact in line.facts:
            if fact not in fresh and fact not in names:
                played.differences.append(f"no fact {fact}; new are: {_listed(sorted(fresh))}")
        for fact in sorted(self.denied):
            if fact in facts or any(known.endswith(f":{fact}") for known in facts):
                played.differences.append(f"fact {fact}, which is denied")
        self.facts = facts

    def _compare_old(self, line: Line, connections: list[Connection], played: Played) -> None:
        for end, state in line.old.items():
            got = self._roles(connections[-2])[end].state if len(connections) > 1 else "none"
            if got != state:
                played.differences.append(f"old {end} {got}, not {state}")

    def _check_lost(self, now: Connection, roles: dict[str, Endpoint]) -> list[str]:
        """Check that a lost segment had no effect: nothing may be proven before the next one arrives."""
        return [
            f"{end} {t.to} is called proven by frame {t.confirmed_by or frame}, but frame {frame} was lost"
            for frame, end in self.lost
            for t in now.transitions
            if t.frame == frame and _is_of(t, roles[end], now) and self._is_proven_too_soon(t, end)
        ]

    def _is_proven_too_soon(self, transition: Transition, end: str) -> bool:
        arrived = min(
            (frame for frame, to in self.arrived if to == end and frame > transition.frame), default=1 << 60
        )
        proven = transition.frame if transition.evidence == "seen" else transition.confirmed_by
        return proven is not None and proven < arrived


def _is_of(transition: Transition, end: Endpoint, connection: Connection) -> bool:
    return (transition.endpoint == "client") == (end is connection.client)


def _facts(connection: Connection, roles: dict[str, Endpoint]) -> set[str]:
    names = {"client" if roles[end] is connection.client else "server": end for end in ENDS}
    return {
        f"{names[fact.endpoint]}:{fact.fact}" if fact.endpoint else fact.fact for fact in connection.facts
    }


def _evidence(end: Endpoint) -> str:
    if end.evidence is None:
        return "not known"
    return "confirmed" if end.confirmed and end.evidence != "seen" else end.evidence.value


def _mark(end: Endpoint) -> str:
    return next((mark for mark, word in MARKS.items() if word == _evidence(end)), "")


def _written(end: Endpoint, retracted: tuple[str, ...]) -> str:
    text = "|".join([end.state, *end.or_since]) + _mark(end)
    return f"{text} retracts {','.join(retracted)}" if retracted else text


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return ",".join(names) or "nothing"
