"""After which silences an end closed its connections: the same as by going through all of them each time."""

from itertools import pairwise

from hypothesis import given, strategies as st

from wirestat.diagnosis.study.idling import Idling
from wirestat.model import Side, Sighting
from wirestat.vocabulary import Fact

CLOSES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), st.booleans()), max_size=12)


def _idling(closes: list[tuple[int, int, bool]]) -> Idling:
    """Take closes of one connection each: when, after how long a silence, and whether it counts as idle."""
    seen = [
        (id, Sighting(fact, Side.SERVER, id + 1, time_ns, length_ns if fact is Fact.FIN_AFTER_IDLE else None))
        for id, (time_ns, length_ns, is_idle) in enumerate(closes)
        for fact in (Fact.FIN_RESENT, *([Fact.FIN_AFTER_IDLE] if is_idle else []))
    ]
    return Idling(seen)


@given(CLOSES, st.integers(0, 60), st.integers(0, 9))
def test_it_is_as_by_going_through_all(closes: list[tuple[int, int, bool]], asked: int, margin: int) -> None:
    idling = _idling(closes)
    idle = [(time_ns, length_ns) for time_ns, length_ns, is_idle in closes if is_idle]
    alike = sorted(time_ns for time_ns, length_ns in idle if abs(length_ns - asked) <= margin)
    together = sum(after - before <= 3 for before, after in pairwise(alike))
    assert (idling.connections, idling.idle) == (len(closes), len(idle))
    assert idling.alike(asked, margin) == len(alike)
    assert idling.instants(asked, margin, 3) == len(alike) - together
    then = [length_ns * is_idle for time_ns, length_ns, is_idle in closes if abs(time_ns - asked) <= margin]
    about = idling.about(asked, margin)
    assert (about.count, about.shortest_ns, about.longest_ns) == (
        len(then),
        min(then, default=0),
        max(then, default=0),
    )


def test_of_very_many_a_part_is_counted() -> None:
    apart = _idling([(10 * number, 1000, True) for number in range(5_000)])
    assert apart.alike(1000, 50) == 5_000
    assert 3 < apart.instants(1000, 50, 3) < 1_000
    assert _idling([(5, 1000, True)] * 5_000).instants(1000, 50, 3) == 1
