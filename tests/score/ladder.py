"""A connection line by line: what the tap captured, what became of it, and the true and told moves between."""

from __future__ import annotations

from wirestat.model import Connection

from .journeys import Journey, Travels
from .replay import MARKS, claim
from .truth import TrueConnection


def ladder(true: TrueConnection, told: Connection | None, travels: Travels, tap: str) -> str:
    """Times in seconds since its first captured frame; sequence numbers relative to the first of each end."""
    captured = [j for j in travels.at(tap) if true.is_between(j.source(tap), j.destination(tap), tap)]
    if not captured:
        return ""
    start_ns = captured[0].passed[tap][0]
    last_ns = captured[-1].passed[tap][0]
    first: dict[str, int] = {}
    lines: list[tuple[int, int, str]] = []
    for journey in captured:
        lines.append((journey.passed[tap][0], 1, _frame(journey, tap, first)))
    for end in true.ends:
        for move in end.moves:
            if start_ns - 10**9 <= move.time_ns <= last_ns + 10**9:
                lines.append((move.time_ns, 0, f"{'':34}{end.side} is {move.after}"))
    if told is not None:
        sides = {
            (end.address, end.port): side for side, end in (("client", told.client), ("server", told.server))
        }
        for transition in told.transitions:
            said = claim(told, transition)
            fate = "" if said.is_believed else f", taken back at frame {transition.retracted_by}"
            words = f"{sides[said.address]} told {said.to}{MARKS[said.kind]} by frame {said.frame}{fate}"
            lines.append((said.time_ns, 2, f"{'':62}{words}"))
    return "\n".join(f"    {(time_ns - start_ns) / 1e9:9.4f} {text}" for time_ns, _, text in sorted(lines))


def _frame(journey: Journey, tap: str, first: dict[str, int]) -> str:
    frame = journey.frame
    arrow = ">" if journey.toward == "server" else "<"
    other = "client" if journey.toward == "server" else "server"
    number = journey.passed[tap][1]
    if not frame.is_tcp:
        return f"{number:5} {arrow} not TCP"
    seq = (frame.seq - first.setdefault(journey.toward, frame.seq)) % 2**32
    ack = (frame.ack - first.setdefault(other, frame.ack)) % 2**32 if "." in frame.flag_letters else 0
    fate = "" if journey.delivered_ns is not None else " lost"
    fate += " forged" if journey.sent_ns is None else ""
    return f"{number:5} {arrow} {frame.flag_letters:4} {seq}:{frame.length} ack {ack}{fate}"
