"""Harm in words: a table of kinds, and of each an example as a wire script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.lab.frames import Frame

from .numbers import ETHERNET_LENGTH, options, time_stamps
from .said import Slip
from .survey import Insertions
from .trial import Harm

FIRST = {"client": 100, "server": 300}
"""The number of each end's first octet in a script."""


def report(tally: Insertions, most: int) -> Iterator[str]:
    proven, astray = len(tally.of("proven")), len(tally.of("astray"))
    yield f"{tally.inserted} inserted, {tally.taken} left out as the receiver might have taken them"
    yield f"{proven} proven and wrong, {astray} led astray and not hedged"
    said, unsaid = len(tally.slipped("said")), len(tally.slipped("unsaid"))
    yield f"of {tally.judged} judged, findings firm and wrong after {said}, gone though right after {unsaid}"
    for group in tally.groups()[:most]:
        yield ""
        yield from _group(group)
    named = Counter(slip.named for slip in tally.slips)
    for what, times in named.most_common(most):
        slip = next(slip for slip in tally.slips if slip.named == what)
        yield ""
        yield f"## {times} {what}, e.g. {slip.conversation.name}: {slip.finding.explanation}"
        yield from (f"    {line}" for line in script(slip))


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


def script(harm: Harm | Slip) -> Iterator[str]:
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
    return f"{text} win {frame.window}{_identification(frame.raw)}{_options(frame.raw)}"


def _identification(raw: bytes) -> str:
    """The IPv4 identification, where there is one: by that packets of one socket are told from those of others."""
    is_ipv4 = raw[ETHERNET_LENGTH] >> 4 == 4
    return f" id {int.from_bytes(raw[ETHERNET_LENGTH + 4 : ETHERNET_LENGTH + 6], 'big')}" if is_ipv4 else ""


def _options(raw: bytes) -> str:
    known = options(raw)
    stamps = time_stamps(raw)
    written = [
        f"{word} {int.from_bytes(known[kind], 'big')}"
        for kind, word in ((2, "mss"), (3, "wscale"))
        if kind in known
    ]
    written += [f"TS {stamps[0]} {stamps[1]}"] if stamps else []
    return f" <{','.join(written)}>" if written else ""


def _forged_line(harm: Harm | Slip, bases: dict[str, int], time_ns: int) -> str:
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
