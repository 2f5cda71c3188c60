"""Where segments were lost, as captures from several points tell."""

from types import SimpleNamespace
from typing import cast

from wirestat.crossing import Comparison, Crossing, Fate, Passage
from wirestat.diagnosis.compared.whereabouts import Whereabouts
from wirestat.model import Side

POINTS = SimpleNamespace(points=[SimpleNamespace(name=name) for name in ("client", "router", "server")])


def lost(before: int) -> Passage:
    """A segment that the point ``before`` holds, and the next one does not."""
    return Passage(
        sender=Side.CLIENT,
        fate=Fate.LOST,
        before=before,
        behind=before + 1,
        kind="data",
        flags=0x18,
        seq=1,
        ack=1,
        payload=1000,
        in_pieces=False,
        sights=(),
        legs=(),
    )


def test_losses_in_two_stages_are_not_placed_in_the_first() -> None:
    witness = Whereabouts(cast("Crossing", None), cast("Comparison", POINTS))
    assert witness.stages([lost(0), lost(0)]) == "between client and router"
    assert (
        witness.stages([lost(0), lost(1), lost(0)])
        == "between client and router and between router and server"
    )
