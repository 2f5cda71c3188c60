"""Wirestat's statements compared with the kernels' record alone: the strict figure.

The fair one asks what a tap could know, takes a close as it was or as the wire shows it, and lets SYN_RECV of no
socket pass. This one asks whether what was said is true.

* A believed transition that is called seen or confirmed must be one of the kernel's, in the kernel's order.
* The final state, or one of its alternatives, must be the kernel's when the last frame passed the tap, or what the
  kernel moved to while that frame was under way. UNKNOWN claims nothing: it is counted by itself.

An end that no kernel stands behind is not judged: all its segments were forged, or a scanner made them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from tests.lab.frames import Flag
from wirestat.model import Connection, Side

from .incarnations import Incarnations
from .journeys import Travels
from .pairing import pair
from .replay import MARKS, Claim, end_of, told_of
from .tally import Ratio
from .truth import Address, End, Move, TrueConnection, Truth
from .witnesses import NOISE_NS

PROVEN = ("seen", "confirmed")
LONG_FLIGHT_NS = 10_000_000
"""The assumed delay if no frame went all the way, so that the delay is unknown."""
NO_SOCKET = {"CLOSED", "LISTEN"}
"""Equal states for an end that never had a socket for the connection."""


@dataclass(frozen=True)
class Wrong:
    """One wrong statement."""

    kind: str
    """``proven`` or ``final``."""
    connection: str
    side: str
    said: str
    """In few words, without times, so that equal errors compare equal."""
    truth: str
    told: str


@dataclass
class Verdict:
    """The number of statements, and the wrong ones."""

    proven: Ratio = field(default_factory=Ratio)
    final: Ratio = field(default_factory=Ratio)
    unknown: int = 0
    """Ends of which no final state is claimed."""
    named: int = 0
    """The states named as final, with alternatives: counted, as naming all states would never be wrong."""
    silent: int = 0
    """Ends whose final state is wrong because the kernel moved without a packet, and no packet told of it since."""
    wrong: list[Wrong] = field(default_factory=list)

    def __iadd__(self, other: Verdict) -> Verdict:
        self.proven += other.proven
        self.final += other.final
        self.unknown += other.unknown
        self.named += other.named
        self.silent += other.silent
        self.wrong += other.wrong
        return self


@dataclass(frozen=True)
class View:
    """From where, and until when, a case was seen."""

    truth: Truth
    travels: Travels
    incarnations: Incarnations
    tap: str
    ends_ns: int
    """When the last frame was recorded."""
    late_ns: int = 0
    """How late the tap may have recorded it."""


def judge(view: View, told: Iterable[Connection]) -> Verdict:
    """Hold all that was said of one capture against the truth."""
    verdict = Verdict()
    paired = pair(view.truth.connections, told, view.tap, view.incarnations)
    real, made = _senders(view), _makers_of_syns(view)
    for true, speaking in paired.items():
        for end in true.ends:
            at = end.at(view.tap)
            if end.moves or end.initial == "LISTEN" or (at in real and at not in made):
                verdict += _judge_end(view, true, end, speaking)
    return verdict


def _senders(view: View) -> set[Address]:
    """The ends that sent anything that was not forged in their name."""
    tap = view.tap
    return {j.source(tap) for j in view.travels.at(tap) if j.frame.is_tcp and j.sent_ns is not None}


def _makers_of_syns(view: View) -> set[Address]:
    """The ends in whose name a SYN was sent. One that never left CLOSED did not send it: a scanner did."""
    both = Flag.SYN | Flag.ACK
    return {j.source(view.tap) for j in view.travels.at(view.tap) if j.frame.flags & both == Flag.SYN}


def _judge_end(view: View, true: TrueConnection, end: End, speaking: list[Connection]) -> Verdict:
    verdict = Verdict()
    address = end.at(view.tap)
    claims = [claim for connection in speaking for claim in told_of(connection, address)]
    sequence = " ".join([end.initial, *(move.after for move in end.moves)])
    words = " ".join(f"{c.to}{MARKS[c.kind]}{c.frame}" for c in claims)
    cues = {
        (t.frame, str(t.to)): t.cue
        for c in speaking
        for t in c.transitions
        if end_of(c, t.endpoint).port == address[1]
    }
    proven = [claim for claim in claims if claim.kind in PROVEN]
    wrong = denied(end, proven, _slack(view, end))
    for claim in proven:
        verdict.proven.count(claim not in wrong)
    for claim in wrong:
        said = f"{claim.from_state} to {claim.to}, {claim.kind}, by {cues.get((claim.frame, claim.to), '?')}"
        verdict.wrong.append(Wrong("proven", true.label, end.side, said, sequence, words))
    last = speaking[-1]
    final = end_of(last, Side.CLIENT if _is_at(last, address) else Side.SERVER)
    states = {str(state) for state in (final.state, *final.or_since)}
    if states == {"UNKNOWN"}:
        verdict.unknown += 1
        return verdict
    verdict.named += len(states)
    right = _right(view, end)
    verdict.final.count(bool(states & right))
    if not states & right:
        verdict.silent += _moved_in_silence(view, end)
        said = f"{'|'.join([final.state, *final.or_since])}, is {'|'.join(sorted(right))}"
        verdict.wrong.append(Wrong("final", true.label, end.side, said, sequence, words))
    return verdict


def _is_at(connection: Connection, address: Address) -> bool:
    return (connection.client.address, connection.client.port) == address


def _slack(view: View, end: End) -> int:
    flight_ns = view.travels.flight_from(view.tap, end.side) if view.travels.flight_ns else LONG_FLIGHT_NS
    return flight_ns + NOISE_NS + view.late_ns


def _right(view: View, end: End) -> set[str]:
    """The states that the kernel was in, or about to be in, when the last frame passed."""
    slack = _slack(view, end)
    right = set(end.states(view.ends_ns - slack, view.ends_ns + slack))
    if not end.moves and right & NO_SOCKET:
        right |= NO_SOCKET
    return right


def _moved_in_silence(view: View, end: End) -> bool:
    """Tell whether the kernel's last move was without a packet, as by a power cut, and no packet has told of it."""
    until_ns = view.ends_ns + _slack(view, end)
    last = [move for move in end.moves if move.time_ns <= until_ns][-1:]
    return any(move.silent and (move.shown_ns is None or move.shown_ns > until_ns) for move in last)


def denied(end: End, claims: list[Claim], slack_ns: int) -> list[Claim]:
    """The claims that are none of the kernel's moves, so few as the order allows."""
    moves: tuple[Move, ...] = end.moves

    @cache
    def best(i: int, j: int) -> tuple[int, tuple[int, ...]]:
        """The most claims from the j-th on that fit moves from the i-th on, and which."""
        if i == len(moves) or j == len(claims):
            return 0, ()
        options = [best(i + 1, j), best(i, j + 1)]
        if moves[i].after == claims[j].to:
            value, found = best(i + 1, j + 1)
            options.append((value + 1, (j, *found)))
        return max(options, key=lambda option: option[0])

    right = set(best(0, 0)[1])
    return [
        claim
        for j, claim in enumerate(claims)
        if j not in right
        and not (
            claim.from_state == "UNKNOWN"
            and claim.to in end.states(claim.time_ns - slack_ns, claim.time_ns + slack_ns)
        )
    ]
