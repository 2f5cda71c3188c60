"""Harm in words: a table of kinds, and of each an example as a wire script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.lab.frames import Frame

from .numbers import time_stamps
from .survey import Tally
from .trial import Harm

FIRST = {"client": 100, "server": 300}
"""The number of each end's first octet in a script."""


def report(tally: Tally, most: int) -> Iterator[str]:
    proven, astray = len(tally.of("proven")), len(tally.of("astray"))
    yield f"{tally.inserted} inserted, {tally.taken} left out as the receiver might have taken them"
    yield f"{proven} proven and wrong, {astray} led astray and not hedged"
    for group in tally.groups()[:most]:
        yield ""
        yield from _group(group)


def _group(group: list[Harm]) -> Iterator[str]:
    shortest = min(group, key=lambda harm: (len(harm.conversation.captured), harm.forged.position))
    recipe = shortest.forged.recipe
    yield f"## {len(group)} {group[0].kind}: flags {recipe.flags or 'none'}"
    for field in ("seq", "ack", "stamp", "ttl", "checksum"):
        values = Counter(getattr(harm.forged.recipe, field) for harm in group).most_common()
        yield f"      {field}: " + ", ".join(f"{value} {times}" for value, times in values)
    for what, times in Counter(f"{harm.side} {harm.told}" for harm in group).most_common(8):
        yield f"   {times:5} {what}"
    stories = Counter(harm.conversation.case.truth.name for harm in group).most_common(5)
    yield "         in " + ", ".join(f"{story} {times}" for story, times in stories)
    yield f"   e.g. {shortest.conversation.name}, before frame {shortest.forged.position + 1}: {recipe}"
    yield f"        {shortest.side} {shortest.told}; the kernel: {shortest.truth}"
    yield from (f"    {line}" for line in script(shortest))


def script(harm: Harm) -> Iterator[str]:
    """The conversation as a wire script, with the forged segment as one that was lost; A is the client."""
    conversation, forged = harm.conversation, harm.forged
    tap = conversation.tap
    start_ns = conversation.times[0]
    bases: dict[str, int] = {}
    for journey in conversation.captured:
        side = "server" if journey.toward == "client" else "client"
        frame = journey.frames[tap]
        bases.setdefault(side, (frame.seq - FIRST[side] + 1) % 2**32)
        other = "client" if side == "server" else "server"
        if "." in frame.flag_letters:
            bases.setdefault(other, (frame.ack - FIRST[other]) % 2**32)
    for position in range(len(conversation.captured) + 1):
        if position == forged.position:
            yield _forged_line(harm, bases, forged.time_ns - start_ns)
        if position < len(conversation.captured):
            journey = conversation.captured[position]
            fate = "" if journey.delivered_ns is not None else " lost"
            time_ns = conversation.times[position] - start_ns
            yield _line(journey.frames[tap], journey.toward, bases, time_ns) + fate


def _line(frame: Frame, toward: str, bases: dict[str, int], time_ns: int) -> str:
    side, other = ("client", "server") if toward == "server" else ("server", "client")
    arrow = "A > B" if toward == "server" else "B > A"
    letters = "".join(each for each in frame.flag_letters if each in "SFRPU.") or "none"
    seq = (frame.seq - bases.get(side, 0)) % 2**32
    text = f"{time_ns / 1e9:.4f}  {arrow}  {letters:3} {_span(seq, frame.length)}"
    if "." in frame.flag_letters:
        text += f" ack {(frame.ack - bases.get(other, 0)) % 2**32}"
    stamps = time_stamps(frame.raw)
    return text + f" win {frame.window}" + (f" <TS {stamps[0]} {stamps[1]}>" if stamps else "")


def _forged_line(harm: Harm, bases: dict[str, int], time_ns: int) -> str:
    forged, segment = harm.forged, harm.forged.segment
    side, other = ("client", "server") if forged.toward == "server" else ("server", "client")
    arrow = "A > B" if forged.toward == "server" else "B > A"
    seq = (segment.seq - bases.get(side, 0)) % 2**32
    text = f"{time_ns / 1e9:.4f}  {arrow}  {forged.recipe.flags or 'none':3} {_span(seq, segment.length)}"
    if "." in forged.recipe.flags:
        text += f" ack {(segment.ack - bases.get(other, 0)) % 2**32}"
    stamps = segment.time_stamps
    text += f" win {forged.window}" + (f" <TS {stamps[0]} {stamps[1]}>" if stamps else "")
    text += f" ttl {forged.ttl} id {forged.id}" + " badsum" * (not segment.has_right_checksum)
    return text + " lost   # forged"


def _span(seq: int, length: int) -> str:
    return f"{seq}:{seq + length}({length})" if length else str(seq)
