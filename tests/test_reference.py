"""The core against two kernels that know their own states."""

from hypothesis import given, strategies as st

from tests.quick import some_examples
from tests.reference.tap import Tap
from tests.reference.world import PORTS, Action, Fate, World
from tests.wirescript.play import ARP
from wirestat.model import Connection, Endpoint, Evidence
from wirestat.timers import LINUX
from wirestat.tracker import Tracker

EXAMPLES = some_examples(250)

BASES = st.tuples(*[st.sampled_from([0, (1 << 32) - 1001, (1 << 32) - 5001, (1 << 31) - 1001])] * 2)
DELAYS = st.sampled_from([(0.001, 0.020), (0.020, 0.001), (0.010, 0.010), (0.0001, 0.0002)])
LOSSES = st.sampled_from([Fate.ARRIVES] * 3 + [Fate.LOST_BEFORE, Fate.LOST_BEHIND])
TROUBLES = st.sampled_from([Fate.ARRIVES, *Fate])


TAPS = st.builds(
    Tap, st.integers(0, 12), st.sampled_from(["AB", "AB", "A", "B"]), st.booleans(), st.booleans()
)
FAULTLESS = Tap()
DEEDS = ("write", "write", "close", "abort", "vanish", "probe", "forge")


@st.composite
def dialogues(draw: st.DrawFn, whats: tuple[str, ...] = ("write", "close", "abort")) -> list[Action]:
    """Actions of two applications: one connects, and then anything."""
    actions = [Action(0, "A", "connect")]
    for _ in range(draw(st.integers(0, 6))):
        what = draw(st.sampled_from(whats))
        size = draw(st.integers(1, 100)) if what == "write" else 0
        delay = draw(st.sampled_from([0, 1, 15, 30, 60, 250, 900]))
        actions.append(Action(delay, draw(st.sampled_from("AB")), what, size))
    return actions


def observe(world: World, tap: Tap = FAULTLESS) -> Connection | None:
    tracker = Tracker(LINUX)
    tracker.feed(1, tap.capture(world.frames))
    tracker.settle()
    return next(tracker.connections(), None)


def ends(connection: Connection) -> dict[str, tuple[Endpoint, list[tuple[str, str]]]]:
    """Each end with its believed transitions, by its name in the world."""
    found = {}
    for name, role in roles(connection).items():
        believed = [t for t in connection.transitions if t.endpoint == role and t.retracted_by is None]
        end = connection.client if role == "client" else connection.server
        found[name] = (end, [(t.from_state.value, t.to.value) for t in believed])
    return found


def roles(connection: Connection) -> dict[str, str]:
    """The role of each end, by its name in the world."""
    a_is_client = connection.client.port == PORTS["A"]
    return dict(zip("AB", ("client", "server") if a_is_client else ("server", "client"), strict=True))


@given(dialogues(whats=("write", "close")), DELAYS, BASES)
@EXAMPLES
def test_without_loss_the_core_knows_every_transition(
    actions: list[Action], delays: tuple[float, float], bases: tuple[int, int]
) -> None:
    world = World(delays=delays, bases=bases)
    world.play(actions)
    connection = observe(world)
    assert connection is not None
    for name, (_, moves) in ends(connection).items():
        truth = world.history(name)
        assert moves == truth, f"{name}: {moves} is believed, {truth} is true"


@given(dialogues(), DELAYS, BASES)
@EXAMPLES
def test_without_loss_the_core_knows_every_state(
    actions: list[Action], delays: tuple[float, float], bases: tuple[int, int]
) -> None:
    world = World(delays=delays, bases=bases)
    world.play(actions)
    connection = observe(world)
    assert connection is not None
    for name, (end, moves) in ends(connection).items():
        truth = world.history(name)
        assert not truth or end.state == truth[-1][1], f"{name}: {moves} is believed, {truth} is true"


@given(dialogues(), DELAYS, BASES, st.lists(TROUBLES, max_size=25))
@EXAMPLES
def test_a_proven_state_is_true(
    actions: list[Action], delays: tuple[float, float], bases: tuple[int, int], fates: list[Fate]
) -> None:
    world = World(fates, delays, bases)
    world.play(actions)
    connection = observe(world)
    if connection is None:
        return
    for name, role in roles(connection).items():
        entered = {state for _, _, state in world.ends[name].history}
        for t in connection.transitions:
            proven = t.evidence is Evidence.SEEN or t.confirmed_by is not None
            if t.endpoint == role and t.retracted_by is None and proven:
                assert t.to in entered, f"{name} was never in {t.to}: {t}"


WORLDS = st.builds(World, st.lists(TROUBLES, max_size=25), DELAYS, BASES, st.booleans(), st.booleans())


@given(dialogues(DEEDS), WORLDS, TAPS)
@EXAMPLES
def test_a_proven_state_is_true_at_any_tap(actions: list[Action], world: World, tap: Tap) -> None:
    world.play(actions)
    captured = tap.capture(world.frames)
    connection = observe(world, tap)
    if connection is None:
        return
    for name, role in roles(connection).items():
        # A captured segment may have left its sender earlier.
        since = world.states_since(name, captured[0][0] - round(1e9 * sum(world.delays)))
        for t in connection.transitions:
            proven = t.evidence is Evidence.SEEN or t.confirmed_by is not None
            if t.endpoint == role and t.retracted_by is None and proven:
                assert t.to in since, f"{name} was in {since} only: {t}"


@given(dialogues(whats=("write", "close")), DELAYS, BASES, st.lists(LOSSES, max_size=12))
@EXAMPLES
def test_retransmissions_lead_back_to_the_true_state(
    actions: list[Action], delays: tuple[float, float], bases: tuple[int, int], fates: list[Fate]
) -> None:
    world = World(fates, delays, bases)
    world.play(actions)
    if any(end.tries > 5 for end in world.ends.values()) or not world.frames:
        return
    # Silence, but less than TIME_WAIT, says that nothing more is resent.
    last = world.frames[-1][0]
    world.frames.append((last + 20_000_000_000, len(ARP), ARP))
    connection = observe(world)
    assert connection is not None
    for name, (end, moves) in ends(connection).items():
        truth = world.history(name)
        state = truth[-1][1] if truth else None
        assert state is None or state in (end.state, *end.or_since), (
            f"{name}: {moves} is believed, {truth} is true"
        )
