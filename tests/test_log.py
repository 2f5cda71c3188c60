"""The log stays a history for any traffic: its changes are chained, counted and bounded."""

from itertools import pairwise

from hypothesis import given, strategies as st

from tests.packets import ip, tcp
from tests.quick import some_examples
from tests.wirescript.wire import ADDRESSES, BASE_NS
from wirestat.model import Connection, Evidence, Side, State
from wirestat.timers import LINUX
from wirestat.tracker import Tracker

LONGEST = 200
"""Entries that one connection's log may have (``log.rs``), facts that are read off the ends not counted."""

FLAGS = st.sampled_from(["S", "S.", ".", "P.", "F.", "FP.", "R", "R.", "SF", "", "SR", "F", "FR."])
NUMBERS = st.integers(0, 12)
GAPS = st.sampled_from([0, 1_000, 1_000_000, 300_000_000, 5_000_000_000, 70_000_000_000, -1_000_000])
# (from the client, flags, sequence number, acknowledgement, payload, window, time since the one before)
SEGMENTS = st.tuples(
    st.booleans(),
    FLAGS,
    NUMBERS,
    NUMBERS,
    st.sampled_from([0, 0, 1, 3]),
    st.sampled_from([0, 5, 60000]),
    GAPS,
)
BASES = st.sampled_from([0, (1 << 32) - 6, (1 << 31) - 6, 0x1234_5678])
Packet = tuple[bool, str, int, int, int, int, int]


def frames(packets: list[Packet], base: int = 0, hosts: str = "AB") -> list[tuple[int, int, bytes]]:
    """Return the frames of any segments at all between two ends."""
    made = []
    time = BASE_NS
    for number, (forth, flags, seq, ack, payload, window, gap) in enumerate(packets):
        time += gap
        ports = (40000, 80) if forth else (80, 40000)
        source, destination = list(hosts if forth else hosts[::-1])
        header = tcp.Tcp(*ports, flags, seq + base, ack + base, window, b"", payload)
        packet = ip.ipv4(ADDRESSES[4][source], ADDRESSES[4][destination], header.pack(), id=number + 1)
        frame = ip.ethernet(packet)
        made.append((time, len(frame), frame))
    return made


def track(fed: list[tuple[int, int, bytes]]) -> Tracker:
    tracker = Tracker(LINUX)
    tracker.feed(1, fed)
    tracker.settle()
    return tracker


@given(st.lists(SEGMENTS, max_size=60), BASES)
@some_examples(300)
def test_the_log_is_a_history(packets: list[Packet], base: int) -> None:
    fed = frames(packets, base)
    tracker = track(fed)
    times = [time for time, _, _ in fed]
    for connection in tracker.connections():
        check_chains(connection)
        check_verdicts(connection)
        # A timer's transition lies between frames; what a frame shows, at its own time or where it ran out before.
        assert all(min(times) <= t.time_ns <= max(times) for t in connection.transitions)
        assert all(1 <= t.frame <= len(fed) for t in connection.transitions)
        assert len(connection.transitions) <= LONGEST
    summary = tracker.summary()
    connections = list(tracker.connections())
    assert summary.frames == summary.tcp_segments == len(fed)
    assert summary.connections == len(connections)
    counted = sum(end.frames + end.duplicate_frames for c in connections for end in (c.client, c.server))
    assert counted == len(fed)
    believed = [t for c in connections for t in c.transitions if t.retracted_by is None]
    assert sum(move.count for move in summary.transitions) == len(believed)
    for side in Side:
        assert sum(summary.states[side].values()) == len(connections)


def check_chains(connection: Connection) -> None:
    """The believed transitions of each end follow upon one another, up to its state."""
    for side, end in ((Side.CLIENT, connection.client), (Side.SERVER, connection.server)):
        believed = [t for t in connection.transitions if t.endpoint is side and t.retracted_by is None]
        assert all(earlier.to == later.from_state for earlier, later in pairwise(believed))
        if believed:
            assert believed[0].from_state == end.first_state
            assert believed[-1].to == end.state
            assert (end.evidence, end.since_ns) == (believed[-1].evidence, believed[-1].time_ns)
        else:
            assert end.state in (end.first_state, State.UNKNOWN)


def check_verdicts(connection: Connection) -> None:
    """Nothing that is proven is retracted."""
    for t in connection.transitions:
        assert t.confirmed_by is None or t.retracted_by is None
        assert t.evidence is not Evidence.SEEN or t.retracted_by is None


@given(st.lists(SEGMENTS, max_size=40), BASES)
@some_examples(200)
def test_sequence_numbers_have_no_origin(packets: list[Packet], base: int) -> None:
    """The same dialogue with other initial numbers, around 2^31 or 2^32 too, has the same history."""
    assert history(track(frames(packets))) == history(track(frames(packets, base)))


@given(st.lists(SEGMENTS, max_size=40))
@some_examples(200)
def test_neither_address_is_favoured(packets: list[Packet]) -> None:
    """The history does not depend on which address is the lower."""
    assert history(track(frames(packets))) == history(track(frames(packets, hosts="BA")))


@given(st.lists(SEGMENTS, max_size=30), st.integers(1, 30))
@some_examples(150)
def test_batches_make_no_difference(packets: list[Packet], size: int) -> None:
    fed = frames(packets)
    whole, parts = Tracker(LINUX), Tracker(LINUX)
    whole.feed(1, fed)
    for start in range(0, len(fed), size):
        parts.feed(1, fed[start : start + size])
    assert history(whole) == history(parts)


def history(tracker: Tracker) -> list[tuple[object, ...]]:
    # Transitions by two timers at one instant come in the order of addresses.
    return [
        (c.client.state, c.server.state, c.client.port, frozenset(c.transitions), frozenset(c.facts))
        for c in tracker.connections()
    ]
