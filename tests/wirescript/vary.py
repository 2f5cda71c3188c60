"""Makes variations of wire scripts: a line is left out or sent twice, time passes, numbers are off.

Nobody says what is true in them. They show whether two versions of the tracker infer the same.
"""

import dataclasses
import random
from collections.abc import Callable, Iterator, Sequence

from tests.wirescript.script import Line, Script, Sent
from wirestat.tracker import machine
from wirestat.witness import Unit

NS = 1e-9
THRESHOLDS = tuple(one.value * NS for one in machine().thresholds if one.unit is Unit.NS)
PAUSES = (0.0005, 0.001, 0.3, 3.0, 61.0, 130.0, 700.0, *THRESHOLDS, *(one + NS for one in THRESHOLDS))
"""Seconds between two lines, among them values on both sides of the tracker's thresholds."""

STEPS = (1, 1, -1, -1, 40, -40, 1000, 70_000)
"""Offsets of numbers: an octet, a segment, more than a window."""

FLAGS = (".", "P.", "F.", "R.", "S.")

Change = Callable[[list[Line], int, random.Random], None]
"""Changes the dialogue at the line with this index."""


def variations(scripts: Sequence[Script], count: int, seed: int) -> Iterator[Script]:
    """Yield a number of dialogues, the same for the same seed; each is a script with one to three changes."""
    chance = random.Random(seed)
    while count:
        script = chance.choice(scripts)
        lines = [_without_truths(line) for line in script.lines]
        for _ in range(chance.choice((1, 1, 2, 3))):
            chance.choice(CHANGES)(lines, chance.randrange(len(lines)), chance)
        if _is_possible(script, lines):
            count -= 1
            yield dataclasses.replace(script, lines=lines)


def _is_possible(script: Script, lines: list[Line]) -> bool:
    """Whether time goes forward, and a copy and an ICMP error come after the segment that they repeat."""
    sent = {"A", "B"} if script.opened else set[str]()
    is_captured = False
    before = 0.0
    for line in lines:
        if line.time < before or (line.is_copy and not is_captured):
            return False
        if line.icmp is not None and line.icmp[1] not in sent:
            return False
        before = line.time
        if line.sent is not None:
            sent.add(line.sent.sender)
            is_captured |= line.sent.is_seen
    return True


def _without_truths(line: Line) -> Line:
    return Line(line.number, line.text, line.time, _copied(line.sent), line.icmp, line.is_copy)


def _copied(sent: Sent | None) -> Sent | None:
    return None if sent is None else dataclasses.replace(sent, is_lost=False)


def _leave_out(lines: list[Line], at: int, _: random.Random) -> None:
    if len(lines) > 1:
        del lines[at]


def _send_twice(lines: list[Line], at: int, chance: random.Random) -> None:
    line = lines[at]
    following = lines[at + 1].time if at + 1 < len(lines) else line.time + 1
    time = line.time + (following - line.time) * chance.choice((0.1, 0.5, 0.9))
    lines.insert(at + 1, dataclasses.replace(line, time=time, sent=_copied(line.sent)))


def _wait(lines: list[Line], at: int, chance: random.Random) -> None:
    """Let another time pass between the line and one before it."""
    before = lines[max(at - chance.choice((1, 1, 1, 2, 3)), 0)].time if at else 0.0
    shift = before + chance.choice(PAUSES) - lines[at].time
    for line in lines[at:]:
        line.time = max(line.time + shift, 0.0)


def _acknowledge(lines: list[Line], at: int, chance: random.Random) -> None:
    sent = lines[at].sent
    if sent is not None and sent.ack is not None:
        sent.ack = max(0, sent.ack + chance.choice(STEPS))


def _renumber(lines: list[Line], at: int, chance: random.Random) -> None:
    sent = lines[at].sent
    if sent is not None:
        sent.seq = max(0, sent.seq + chance.choice(STEPS))


def _resize(lines: list[Line], at: int, chance: random.Random) -> None:
    sent = lines[at].sent
    if sent is not None:
        sent.payload = min(max(0, sent.payload + chance.choice(STEPS)), 1460)


def _reflag(lines: list[Line], at: int, chance: random.Random) -> None:
    sent = lines[at].sent
    if sent is not None and sent.ack is not None:
        sent.flags = chance.choice(FLAGS)


def _reopen(lines: list[Line], at: int, chance: random.Random) -> None:
    """Advertise another window."""
    sent = lines[at].sent
    if sent is not None:
        sent.window = chance.choice((0, 1, 500, 65_535))


def _disguise(lines: list[Line], at: int, chance: random.Random) -> None:
    """Let the packet look as if another host had sent it."""
    sent = lines[at].sent
    if sent is not None:
        sent.ttl, sent.id, sent.label = chance.choice(((250, None, 7), (63, 0, 0), (64, 0, 7), (64, None, 0)))


def _recount(lines: list[Line], at: int, chance: random.Random) -> None:
    """Give the packet another identification: one that its sender reaches a few packets later."""
    sent = lines[at].sent
    if sent is not None:
        sent.id = chance.choice((1, 2, 3, 5, 20, 1000))


def _restamp(lines: list[Line], at: int, chance: random.Random) -> None:
    """Change the time stamp, or add one if there was none."""
    sent = lines[at].sent
    if sent is None:
        return
    value, echo = 1000, 900
    others = []
    for option in sent.options:
        match option.split():
            case ["TS", written, answered]:
                value, echo = int(written), int(answered)
            case _:
                others.append(option)
    value = max(0, value + chance.choice((-1000, -2, -1, 0, 1, 2, 1000)))
    sent.options = (*others, f"TS {value} {echo}")


def _hide(lines: list[Line], at: int, _: random.Random) -> None:
    """Leave the segment out of the capture."""
    sent = lines[at].sent
    if sent is not None:
        sent.is_seen = False


def _strip(lines: list[Line], at: int, _: random.Random) -> None:
    sent = lines[at].sent
    if sent is not None:
        sent.options = ()


CHANGES: tuple[Change, ...] = (
    _leave_out, _send_twice, _wait, _acknowledge, _renumber, _resize, _reflag, _reopen, _disguise, _hide, _strip,
    _recount, _restamp, _send_twice, _wait, _acknowledge, _renumber,
)  # fmt: skip
"""Changes that meet more thresholds are listed twice."""
