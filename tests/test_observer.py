"""The core against a formula: any two ends that close, in any order, with any numbers."""

from hypothesis import given, strategies as st

from tests.packets import ip, tcp
from tests.quick import some_examples
from tests.reference.observer import End, state
from tests.wirescript.wire import ADDRESSES, BASE_NS
from wirestat.timers import LINUX
from wirestat.tracker import Tracker

STEP_NS = 20_000
"""Between two segments: far less than a round trip, so that what is not acknowledged may be under way."""
PORTS = (40000, 80)

# (sender, FIN, whether it acknowledges all that the other end has sent). No data: they would measure a round trip,
# and what is not acknowledged after that is not under way but lost.
SEGMENTS = st.tuples(st.integers(0, 1), st.booleans(), st.booleans())
BASES = st.tuples(*[st.integers(0, (1 << 32) - 1) | st.integers((1 << 32) - 12, (1 << 32) - 1)] * 2)


class Tap:
    """Builds frames of an open connection, and hands them on."""

    def __init__(self, bases: tuple[int, int]) -> None:
        self.tracker = Tracker(LINUX)
        self.bases = bases
        self.frames = 0
        self.send(0, "S", -1, 0)
        self.send(1, "S.", -1, 0)
        self.send(0, ".", 0, 0)

    def send(self, sender: int, flags: str, seq: int, ack: int) -> None:
        names = "AB" if sender == 0 else "BA"
        header = tcp.Tcp(
            PORTS[sender],
            PORTS[1 - sender],
            flags,
            seq + self.bases[sender],
            ack + self.bases[1 - sender] if "." in flags else 0,
        )
        source, destination = (ADDRESSES[4][name] for name in names)
        frame = ip.ethernet(ip.ipv4(source, destination, header.pack(), id=1000 * sender + self.frames + 1))
        # The handshake is slow, what follows is quick.
        time = BASE_NS + (self.frames * 10_000_000 if self.frames < 3 else 10**9 + self.frames * STEP_NS)
        self.frames += 1
        self.tracker.feed(1, [(time, len(frame), frame)])

    def states(self) -> tuple[str, str]:
        connection = next(self.tracker.connections())
        return connection.client.state.value, connection.server.state.value


@given(st.lists(SEGMENTS, max_size=12), BASES)
@some_examples(400)
def test_the_core_agrees_with_the_formula(
    segments: list[tuple[int, bool, bool]], bases: tuple[int, int]
) -> None:
    ends = (End(0, 0), End(0, 0))
    tap = Tap(bases)
    for sender, wants_fin, acknowledges in segments:
        this, other = ends[sender], ends[1 - sender]
        fin = wants_fin and this.fin is None
        ack = other.next if acknowledges else this.acked
        seq = this.next
        this.sends(fin, ack)
        tap.send(sender, "F." if fin else ".", seq, ack)
        assert tap.states() == (state(*ends), state(*reversed(ends)))
