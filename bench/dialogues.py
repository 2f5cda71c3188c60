"""Dialogues of one connection: scripts, each made once and spoken by many connections.

A script knows neither addresses nor initial sequence numbers nor times: numbers count from each end's SYN, and waits
are in round trips, or in seconds where a timer sets them.
"""

from collections.abc import Callable
from typing import NamedTuple

CLIENT, SERVER = 0, 1
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16

FULL = 1448
"""Payload of a full segment on Ethernet, with timestamps."""
WINDOW = 502


class Step(NamedTuple):
    """One segment."""

    sender: int
    flags: int
    seq: int
    ack: int
    length: int
    window: int
    trips: float
    """Round trips since the segment before."""
    seconds: float
    """Seconds since the segment before, on top of that."""


Script = tuple[Step, ...]


class Dialogue:
    """Writes a script, segment by segment, keeping both ends' sequence numbers."""

    def __init__(self) -> None:
        """Begin with silence."""
        self.steps: list[Step] = []
        self._sent = [0, 0]
        self._heard = [0, 0]

    def say(
        self,
        who: int,
        flags: int,
        length: int = 0,
        trips: float = 0.02,
        seconds: float = 0.0,
        window: int = WINDOW,
    ) -> Step:
        """Send a segment that arrives."""
        step = self._step(who, flags, length, trips, seconds, window)
        self.steps.append(step)
        self._sent[who] = step.seq + length + bool(flags & SYN) + bool(flags & FIN)
        self._heard[1 - who] = self._sent[who]
        return step

    def again(self, step: Step, trips: float = 0.0, seconds: float = 0.2) -> None:
        """Send a segment once more, with the acknowledgement of now."""
        ack = self._heard[step.sender] if step.flags & ACK else 0
        self.steps.append(step._replace(ack=ack, trips=trips, seconds=seconds))

    def swap(self) -> None:
        """Let the last two segments of a burst overtake one another."""
        late, early = self.steps[-2:]
        self.steps[-2:] = [early._replace(trips=late.trips), late._replace(trips=early.trips)]

    def _step(self, who: int, flags: int, length: int, trips: float, seconds: float, window: int) -> Step:
        ack = self._heard[who] if flags & ACK else 0
        return Step(who, flags, self._sent[who], ack, length, window, trips, seconds)


def handshake(d: Dialogue) -> None:
    """Open, the tap being nearer to the server."""
    d.say(CLIENT, SYN)
    d.say(SERVER, SYN | ACK, trips=0.1)
    d.say(CLIENT, ACK, trips=0.9)


def exchange(d: Dialogue, segments: int = 2) -> None:
    """Ask and answer; every second segment of the answer is acknowledged."""
    d.say(CLIENT, PSH | ACK, 350, trips=0.1)
    for number in range(segments):
        d.say(SERVER, ACK, FULL if number < segments - 1 else 700, trips=0.3 if number == 0 else 0.01)
        if number % 2:
            d.say(CLIENT, ACK, trips=0.9)


def close(d: Dialogue, first: int = CLIENT) -> None:
    """Close from one side and then from the other."""
    d.say(first, FIN | ACK, trips=0.5)
    d.say(1 - first, ACK, trips=0.5)
    d.say(1 - first, FIN | ACK, trips=0.2)
    d.say(first, ACK, trips=0.5)


def closed_by_client(d: Dialogue, exchanges: int) -> None:
    """Ordinary: the client has all it wanted."""
    handshake(d)
    for _ in range(exchanges):
        exchange(d)
    close(d, CLIENT)


def closed_by_server(d: Dialogue, exchanges: int) -> None:
    """Ordinary: the server has said all."""
    handshake(d)
    for _ in range(exchanges):
        exchange(d)
    close(d, SERVER)


def upload(d: Dialogue, exchanges: int) -> None:
    """Most data go from the client to the server."""
    handshake(d)
    for number in range(exchanges * 2):
        d.say(CLIENT, ACK, FULL, trips=0.01)
        if number % 2:
            d.say(SERVER, ACK, trips=0.1)
    close(d, CLIENT)


def download(d: Dialogue, exchanges: int) -> None:
    """The server sends a file at each request."""
    handshake(d)
    for _ in range(exchanges):
        exchange(d, 24)
    close(d, SERVER)


def closed_at_once(d: Dialogue, exchanges: int) -> None:
    """Both ends close, and their FINs cross."""
    handshake(d)
    for _ in range(exchanges):
        exchange(d)
    fin = d.say(CLIENT, FIN | ACK, trips=0.4)
    crossing = d.say(SERVER, FIN | ACK)
    d.steps[-1] = crossing._replace(ack=fin.seq)
    d.say(SERVER, ACK)
    d.say(CLIENT, ACK, trips=0.9)


def lossy(d: Dialogue, exchanges: int) -> None:
    """A segment is lost behind the tap, and sent again."""
    handshake(d)
    for number in range(exchanges):
        exchange(d)
        if number == exchanges // 2:
            d.again(next(step for step in reversed(d.steps) if step.length == FULL))
            d.say(CLIENT, ACK, trips=0.9)
    close(d, CLIENT)


def reordered(d: Dialogue, exchanges: int) -> None:
    """Two segments arrive in the wrong order."""
    handshake(d)
    for _ in range(exchanges):
        exchange(d)
    d.say(SERVER, ACK, FULL, trips=0.1)
    d.say(SERVER, ACK, FULL, trips=0.01)
    d.swap()
    d.say(CLIENT, ACK, trips=0.9)
    close(d, SERVER)


def aborted(d: Dialogue, exchanges: int) -> None:
    """The client resets what it does not need any more."""
    handshake(d)
    for _ in range(exchanges):
        exchange(d)
    d.say(CLIENT, RST | ACK, trips=0.1)


def refused(d: Dialogue, _exchanges: int) -> None:
    """Nobody listens."""
    d.say(CLIENT, SYN)
    d.say(SERVER, RST | ACK, trips=0.1)


def unanswered(d: Dialogue, _exchanges: int) -> None:
    """Nobody is there, or a firewall says nothing."""
    syn = d.say(CLIENT, SYN)
    for seconds in (1.0, 2.0, 4.0):
        d.again(syn, seconds=seconds)


def unaccepted(d: Dialogue, _exchanges: int) -> None:
    """The server's accept queue is full: it repeats its SYN-ACK until there is room."""
    d.say(CLIENT, SYN)
    answer = d.say(SERVER, SYN | ACK, trips=0.1)
    ack = d.say(CLIENT, ACK, trips=0.9)
    d.again(answer, seconds=1.0)
    d.again(ack, trips=0.9, seconds=0.0)
    exchange(d)
    close(d, SERVER)


def not_closed(d: Dialogue, exchanges: int) -> None:
    """The server closes, the client's application forgets to."""
    handshake(d)
    for _ in range(exchanges):
        exchange(d)
    d.say(SERVER, FIN | ACK, trips=0.5)
    d.say(CLIENT, ACK, trips=0.5)


def left_open(d: Dialogue, exchanges: int) -> None:
    """The capture ends, or both ends think, before anybody closes."""
    handshake(d)
    for _ in range(exchanges):
        exchange(d)


def unheard(d: Dialogue, exchanges: int) -> None:
    """The client is gone: the server's FIN is sent again and again."""
    handshake(d)
    for _ in range(exchanges):
        exchange(d)
    fin = d.say(SERVER, FIN | ACK, trips=0.5)
    for seconds in (0.2, 0.4, 0.8, 1.6, 3.2):
        d.again(fin, seconds=seconds)


def throttled(d: Dialogue, exchanges: int) -> None:
    """The client's window closes for a while."""
    handshake(d)
    for _ in range(exchanges):
        exchange(d)
    d.say(SERVER, ACK, FULL, trips=0.1)
    d.say(CLIENT, ACK, trips=0.9, window=0)
    d.say(CLIENT, ACK, seconds=0.6)
    close(d, CLIENT)


def idle(d: Dialogue, exchanges: int) -> None:
    """Both ends pause, and keep the connection alive."""
    handshake(d)
    exchange(d)
    probe = d.steps[-1]
    for _ in range(2):
        d.steps.append(probe._replace(seq=probe.seq - 1, trips=0.0, seconds=15.0))
        d.say(SERVER, ACK, trips=0.1)
    for _ in range(exchanges):
        exchange(d)
    close(d, CLIENT)


def half_open(d: Dialogue, _exchanges: int) -> None:
    """A flood: the client never answers."""
    d.say(CLIENT, SYN)
    d.say(SERVER, SYN | ACK, trips=0.1)


def alive(d: Dialogue, _exchanges: int) -> None:
    """Opened, used once, and held."""
    handshake(d)
    d.say(CLIENT, PSH | ACK, 350)


Kind = Callable[[Dialogue, int], None]


def script(kind: Kind, exchanges: int) -> Script:
    """Write a dialogue down."""
    dialogue = Dialogue()
    kind(dialogue, exchanges)
    return tuple(dialogue.steps)
