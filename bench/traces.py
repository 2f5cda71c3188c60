"""Traces: hundreds of thousands of dialogues, interleaved in time. The same name always gives the same bytes."""

from collections import deque
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import NamedTuple

from bench import dialogues as say
from bench.dialogues import ACK, Kind, Script, script
from bench.frames import CAPTURE_HEADER, Header, record, sender

BEGIN_US = 1_750_000_000_000_000
_SLICE_US = 100_000
"""Frames are put in order of time slice by slice."""
_LENGTHS = (1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 8, 11, 16, 40, 120)
"""Exchanges of one connection: most are short, a few are long."""


class Mix(NamedTuple):
    """The make-up of a trace."""

    kinds: dict[Kind, int]
    """Kinds of dialogues, and their shares."""
    frames_each: float
    """Frames of a connection, on average, where the kinds leave a choice."""
    per_second: float
    """Connections that begin in a second."""


_ENDING: dict[Kind, int] = {
    say.closed_by_client: 36,
    say.closed_by_server: 24,
    say.upload: 5,
    say.closed_at_once: 2,
    say.lossy: 7,
    say.reordered: 2,
    say.aborted: 6,
    say.refused: 4,
    say.throttled: 2,
    say.idle: 1,
}
_STUCK: dict[Kind, int] = {
    say.unanswered: 3,
    say.unaccepted: 2,
    say.not_closed: 2,
    say.left_open: 3,
    say.unheard: 1,
}

ORDINARY = Mix({**_ENDING, **_STUCK}, frames_each=16, per_second=1000)
"""Mostly web traffic, and one connection in ten gets stuck or fails."""
ENDING = Mix(_ENDING, frames_each=16, per_second=1000)
"""The same without those that never end, which could not be forgotten either."""
DOWNLOADS = Mix({**ORDINARY.kinds, say.download: 40}, frames_each=100, per_second=300)
"""Ordinary, with more data."""
ALIVE = Mix({say.alive: 100}, frames_each=4, per_second=5000)
"""Nothing but open connections."""
CLOSED = Mix({say.closed_by_client: 60, say.closed_by_server: 40}, frames_each=10, per_second=20_000)
"""Nothing but closed connections: the first of half a million are still in TIME_WAIT when the last one closes."""
FLOOD = Mix({say.half_open: 100}, frames_each=2, per_second=10_000)
"""Nothing but half-open connections."""


def trace(mix: Mix, connections: int | None, *, payload: bool, seed: int = 793) -> Iterator[bytes]:
    """Yield a capture in chunks of some 100 ms; with no number of connections, for ever."""
    yield CAPTURE_HEADER
    pending: deque[list[tuple[int, bytes]]] = deque()
    first_slice = 0
    frames = 0
    for number, speaker in enumerate(speakers(mix, connections, Random(seed))):
        while first_slice < speaker.begin_us // _SLICE_US:
            yield _in_order(pending.popleft()) if pending else b""
            first_slice += 1
        owed = mix.frames_each * number - frames
        for time_us, bytes_ in speaker.frames(owed > 0, payload):
            place = time_us // _SLICE_US - first_slice
            while place >= len(pending):
                pending.append([])
            pending[place].append((time_us, bytes_))
            frames += 1
    while pending:
        yield _in_order(pending.popleft())


def _in_order(frames: list[tuple[int, bytes]]) -> bytes:
    frames.sort()
    return b"".join(bytes_ for _, bytes_ in frames)


class Speaker(NamedTuple):
    """One connection: a script, and who speaks it when."""

    kind: Kind
    begin_us: int
    gap_us: float
    """How long a segment waits on average for no reason, on top of what the script says."""
    client: int
    port: int
    server: int
    server_port: int
    random: Random

    def frames(self, at_length: bool, payload: bool) -> Iterator[tuple[int, bytes]]:
        """Yield the time of each segment, in µs since 1970, and its record."""
        draw = self.random.random
        steps = _script(self.kind, _LENGTHS[int(draw() * len(_LENGTHS))] if at_length else 1)
        ends = (
            sender(self.client, self.port, self.server, self.server_port),
            sender(self.server, self.server_port, self.client, self.port),
        )
        trip_us = 300 + 80_000 * draw() ** 3
        isns = int(draw() * 2**32), int(draw() * 2**32)
        clocks = int(draw() * 2**31), int(draw() * 2**31)
        packets = [int(draw() * 2**16), int(draw() * 2**16)]
        stamps = [0, 0]
        after_us = 0.0
        for who, flags, seq, ack, length, window, trips, seconds in steps:
            after_us += trips * trip_us + seconds * 1e6 + 7
            if self.gap_us:
                after_us += self.random.expovariate(1 / self.gap_us)
            stamps[who] = clocks[who] + int(after_us) // 1000
            packets[who] = (packets[who] + 1) & 0xFFFF
            time_us = self.begin_us + int(after_us)
            header = Header(
                packets[who],
                (isns[who] + seq) & 0xFFFFFFFF,
                (isns[1 - who] + ack) & 0xFFFFFFFF,
                flags,
                window,
                length,
                stamps[who],
                stamps[1 - who] if flags & ACK else 0,
            )
            yield time_us, record(BEGIN_US + time_us, ends[who], header, payload=payload)


@cache
def _script(kind: Kind, exchanges: int) -> Script:
    return script(kind, exchanges)


_CLIENTS, _SERVERS = 4000, 120
_PORTS = (443, 443, 443, 443, 80, 80, 8080, 22, 5432, 25)
_REUSED_AFTER_US = 70_000_000
"""When a client may use a port again: TIME_WAIT is over."""


def speakers(mix: Mix, connections: int | None, random: Random) -> Iterator[Speaker]:
    """Yield the connections in the order of their beginnings; one in fifty has addresses and ports used before."""
    draw = random.random
    kinds = [kind for kind, share in mix.kinds.items() for _ in range(share)]
    next_port = [32_768 + int(draw() * 28_000) for _ in range(_CLIENTS)]
    used: deque[tuple[int, tuple[int, int, int, int]]] = deque()
    begin_us = 0.0
    number = 0
    while connections is None or number < connections:
        number += 1
        begin_us += random.expovariate(mix.per_second) * 1e6
        if used and draw() < 0.02 and used[0][0] + _REUSED_AFTER_US < begin_us:
            tuple_ = used.popleft()[1]
        else:
            client, server = int(draw() * _CLIENTS), int(draw() ** 2 * _SERVERS)
            next_port[client] = 32_768 + (next_port[client] + 1) % 28_232
            tuple_ = (
                0x0A01_0000 + client,
                next_port[client],
                0xC633_6400 + server,
                _PORTS[server % len(_PORTS)],
            )
            if number % 40 == 0:
                used.append((int(begin_us), tuple_))
        yield Speaker(kinds[int(draw() * len(kinds))], int(begin_us), 0, *tuple_, random)
