"""One conversation in many copies, each with one forged segment in it: what is said of each, against the original."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.score.replay import Claim, claim
from tests.score.strict import PROVEN, denied
from tests.score.truth import End
from wirestat.model import Connection, Endpoint
from wirestat.timers import LINUX
from wirestat.tracker import Tracker

from .conversation import Conversation
from .copies import copier, number_of
from .forgery import Forged

ETHERNET = 1
SIDES = ("client", "server")


@dataclass(frozen=True)
class Told:
    """The statement about one end at the end of the capture."""

    claims: tuple[Claim, ...]
    """The believed transitions."""
    state: str
    others: frozenset[str]
    is_proven: bool

    @property
    def states(self) -> frozenset[str]:
        return self.others | {self.state}

    def __str__(self) -> str:
        alternatives = "".join(f"|{other}" for other in sorted(self.others))
        return f"{self.state}{alternatives}{'+' if self.is_proven else ''}"


@dataclass(frozen=True)
class Harm:
    """The harm of one forged segment to the statement about one end."""

    kind: str
    """``proven``: something proven is wrong. ``astray``: the final state is another, and not hedged."""
    side: str
    told: str
    """The statement in few words, so that equal harms compare equal."""
    conversation: Conversation
    forged: Forged
    truth: str


def play(conversation: Conversation, forgeries: list[Forged]) -> Iterator[Harm]:
    """Play the conversation once as it was, and once with each of these in it; yield the harm they do."""
    told = _tell(conversation, forgeries)
    for number, forged in enumerate(forgeries, 1):
        for side in SIDES:
            if (number, side) in told:
                yield from _compare(conversation, forged, side, (told[0, side], told[number, side]))


def _tell(conversation: Conversation, forgeries: list[Forged]) -> dict[tuple[int, str], Told]:
    """The statements about both ends of every copy; copy 0 is the original."""
    tracker = Tracker(LINUX)
    tracker.feed(ETHERNET, list(_frames(conversation, forgeries)))
    tracker.settle()
    original = conversation.address("client")[0]
    copies: dict[int, list[Connection]] = {}
    for connection in tracker.connections():
        address = _address_of_client(conversation, connection)
        copies.setdefault(number_of(address, original), []).append(connection)
    told = {}
    for number, connections in copies.items():
        if number:
            forged = forgeries[number - 1]
            connections = [c for c in connections if not _is_of_forged_alone(c, forged)] or connections
        for side in SIDES:
            told[number, side] = _told(conversation, side, connections)
    return told


def _frames(conversation: Conversation, forgeries: list[Forged]) -> Iterator[tuple[int, int, bytes]]:
    """All copies at once, in order of time."""
    at: dict[int, list[tuple[int, Forged]]] = {}
    for number, forged in enumerate(forgeries, 1):
        at.setdefault(forged.position, []).append((number, forged))
    captured = conversation.captured
    for position in range(len(captured) + 1):
        for number, forged in at.get(position, ()):
            yield forged.time_ns, len(forged.frame), copier(forged.frame)(number)
        if position < len(captured):
            raw = captured[position].frames[conversation.tap].raw
            make, time_ns = copier(raw), conversation.times[position]
            for number in range(len(forgeries) + 1):
                yield time_ns, len(raw), make(number)


def _address_of_client(conversation: Conversation, connection: Connection) -> str:
    """The address of the end that was the client in truth; the forged segment may have turned them round."""
    port = conversation.address("client")[1]
    return connection.client.address if connection.client.port == port else connection.server.address


def _is_of_forged_alone(connection: Connection, forged: Forged) -> bool:
    """Whether the forged segment is the whole connection: a report of such an attempt harms nobody."""
    frames = connection.client.frames + connection.server.frames
    return frames <= 1 and connection.first_time_ns == forged.time_ns


def _told(conversation: Conversation, side: str, connections: list[Connection]) -> Told:
    port = conversation.address(side)[1]

    def end_of(connection: Connection) -> Endpoint:
        return connection.client if connection.client.port == port else connection.server

    claims = tuple(
        replace(made, frame=0)
        for connection in connections
        for transition in connection.transitions
        if (made := claim(connection, transition)).is_believed and made.address[1] == port
    )
    last = end_of(connections[-1])
    return Told(claims, str(last.state), frozenset(map(str, last.or_since)), last.confirmed)


def _compare(
    conversation: Conversation, forged: Forged, side: str, pair: tuple[Told, Told]
) -> Iterator[Harm]:
    before, after = pair
    moves = tuple(move for life in conversation.lives for move in life[side == "server"].moves)
    end = conversation.lives[0][side == "server"]
    whole = End(side, end.address, end.translated, end.initial, moves)
    truth = " ".join([whole.initial, *(move.after for move in moves)])
    end_state = moves[-1].after if moves else end.initial
    same = {(each.to, each.time_ns) for each in before.claims}
    proven = [each for each in after.claims if each.kind in PROVEN]
    wrong = [each for each in denied(whole, proven, 0) if (each.to, each.time_ns) not in same]

    def harm(kind: str, told: str) -> Harm:
        return Harm(kind, side, told, conversation, forged, truth)

    if wrong:
        yield harm("proven", f"{wrong[0].from_state} to {wrong[0].to}, {wrong[0].kind}")
    elif after.state == end_state:
        return  # the forged segment led to the true state, which was not told before
    elif (
        after.is_proven and after.state != "UNKNOWN" and not after.others and after.state not in before.states
    ):
        yield harm("proven", f"ends as {after}, without it {before}")
    elif before.state not in after.states and after.state != "UNKNOWN":
        yield harm("astray", f"ends as {after}, without it {before}")
