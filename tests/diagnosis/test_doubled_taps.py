"""A tap that holds everything twice: what still comes again was sent again."""

from pathlib import Path

from tests.diagnosis.played import told
from tests.field.company import on_both_sides
from tests.field.talk import Wire
from wirestat.model import Confidence


def slow(wire: Wire) -> None:
    """Connect at the second try, and talk for a while."""
    talk = wire.talk("10.0.0.1:40000", "10.0.0.9:80")
    talk.play("0 > S\n1 > S again\n1.02 < S.\n1.0201 > .\n1.03 > P. 90\n1.06 < P. 300\n1.0601 > .")
    talk.play("2 > F.\n2.02 < F.\n2.0201 > .")


def both_sides(wire: Wire) -> None:
    """See the same on both sides of a router."""
    slow(wire)
    on_both_sides(wire)


def a_few_twice(wire: Wire) -> None:
    """Hold two of the frames twice."""
    slow(wire)
    wire.again(2)


def test_a_router_s_two_sides_take_no_certainty(tmp_path: Path) -> None:
    assert told(tmp_path, slow)["D34"].confidence is Confidence.LIKELY
    assert told(tmp_path, both_sides)["D34"].confidence is Confidence.LIKELY
    assert told(tmp_path, a_few_twice)["D34"].confidence is Confidence.POSSIBLE
