"""truth.json as records."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

TAPS = ("client", "middle", "server")
Address = tuple[str, int]


@dataclass(frozen=True)
class Move:
    """One true transition of one end."""

    before: str
    after: str
    time_ns: int
    uncertainty_ns: int
    silent: bool = False
    """It happened without a packet: the lab calls it unknowable."""
    shown_ns: int | None = None
    """When a later packet showed a silent move; ``None`` if none did."""


@dataclass(frozen=True)
class End:
    """One end of one connection."""

    side: str
    address: Address
    translated: Address
    """The address that a gateway gives it, as the server and its tap see it."""
    initial: str
    moves: tuple[Move, ...]

    def as_shown(self) -> End:
        """The same life as the wire shows it.

        A close is at once FIN_WAIT1 for the kernel, but its FIN may have to wait for the window. Where the FIN of the
        other end comes meanwhile, the wire shows the order of the FINs: this end closes second, or, if it is reset
        first, not at all.
        """
        for index, (close, after) in enumerate(pairwise(self.moves)):
            sent_ns = close.shown_ns
            waits = close.silent and (sent_ns is None or after.time_ns <= sent_ns)
            if close.after == "FIN_WAIT1" and after.after == "CLOSING" and waits:
                shown = [*self.moves[:index], replace(after, before=close.before, after="CLOSE_WAIT")]
                left = "CLOSE_WAIT"
                if sent_ns is not None:
                    shown.append(Move(left, "LAST_ACK", sent_ns, close.uncertainty_ns))
                    left = "LAST_ACK"
                last = self.moves[index + 2 : index + 3]
                return replace(self, moves=(*shown, *(replace(m, before=left, after="CLOSED") for m in last)))
        return self

    def at(self, tap: str) -> Address:
        """The address that it has at a tap: a gateway stands on the server's side of the middle."""
        return self.translated if tap == "server" else self.address

    def states(self, since_ns: int, until_ns: int) -> list[str]:
        """Every state that it was in between the two instants, in order."""
        state, found = self.initial, []
        for move in self.moves:
            if move.time_ns > until_ns:
                break
            if move.time_ns >= since_ns:
                found.append(state)
            state = move.after
        return [*found, state]


@dataclass(frozen=True)
class TrueConnection:
    """One incarnation."""

    ends: tuple[End, End]
    incarnation: int
    begins_ns: int | None
    """When the first of its moves happened; ``None`` where no machine had a socket."""

    @property
    def label(self) -> str:
        client, server = (end.address for end in self.ends)
        return f"{client[0]}:{client[1]} > {server[0]}:{server[1]} #{self.incarnation}"

    def is_between(self, one: Address, other: Address, tap: str) -> bool:
        """Whether it is between these addresses at the tap."""
        return {one, other} == {end.at(tap) for end in self.ends}


@dataclass(frozen=True)
class Deed:
    """Something that the wire did to a frame."""

    time_ns: int
    action: str
    stage: str
    identity: tuple[str, str, str, int, int, int]
    """Source, destination, flag letters, seq, ack, payload length."""
    delay_ns: int


@dataclass(frozen=True)
class Truth:
    """A whole case."""

    name: str
    connections: tuple[TrueConnection, ...]
    diagnoses: frozenset[str]
    deeds: tuple[Deed, ...]
    start_ns: int
    end_ns: int


def load(folder: Path) -> Truth:
    told = json.loads((folder / "truth.json").read_text())
    taps = told["taps"].values()
    return Truth(
        told["scenario"],
        tuple(_connection(each) for each in told["connections"]),
        frozenset(told["diagnoses"]),
        tuple(_deed(each) for each in told["wire"]),
        min(tap["start_ns"] for tap in taps),
        max(tap["end_ns"] for tap in taps),
    )


def _address(told: dict[str, object]) -> Address:
    return str(told["address"]), int(str(told["port"]))


def _connection(told: dict) -> TrueConnection:  # type: ignore[type-arg]  # JSON, as it comes
    times = [move["time_ns"] for move in told["transitions"]]
    ends = tuple(
        End(
            side,
            _address(told[side]),
            _address(told.get(f"{side}_seen_by_server", told[side])),
            told["initial"][side],
            tuple(_move(m, told["unknowable"]) for m in told["transitions"] if m["endpoint"] == side),
        )
        for side in ("client", "server")
    )
    return TrueConnection((ends[0], ends[1]), told["incarnation"], min(times, default=None))


def _move(told: dict, unknowable: list) -> Move:  # type: ignore[type-arg]  # JSON, as it comes
    for each in unknowable:
        if each["endpoint"] == told["endpoint"] and each["from_time_ns"] == told["time_ns"]:
            shown = each.get("until_time_ns")
            return Move(told["from"], told["to"], told["time_ns"], told["uncertainty_ns"], True, shown)
    return Move(told["from"], told["to"], told["time_ns"], told["uncertainty_ns"])


def _deed(told: dict) -> Deed:  # type: ignore[type-arg]  # JSON, as it comes
    identity = (told["source"], told["destination"], told["flags"], told["seq"], told["ack"], told["length"])
    return Deed(told["time_ns"], told["action"], told["stage"], identity, told.get("delay_ns", 0))
