"""Certainty is computed: from proof, witnesses, rivals and doubts."""

import pytest

from tests.diagnosis.builders import Look, found, look, step
from wirestat.model import Confidence, Evidence, Side, State, Transition

FIN = step(Side.SERVER, State.ESTABLISHED, State.CLOSE_WAIT, 5, evidence=Evidence.PRESUMED)
PROVEN = step(Side.SERVER, State.ESTABLISHED, State.CLOSE_WAIT, 5)


def leak(*steps: Transition, confirmed: bool = True, or_since: tuple[State, ...] = ()) -> Look:
    return look(
        "client:fin-sent",
        "server:close-wait-held",
        client=State.FIN_WAIT2,
        server=State.CLOSE_WAIT,
        steps=steps,
        server_end={"confirmed": confirmed, "or_since": or_since},
    )


def test_a_proven_state_can_be_certain() -> None:
    assert found(leak(PROVEN))["D10"].confidence is Confidence.CERTAIN


def test_a_presumed_state_never_is() -> None:
    finding = found(leak(FIN, confirmed=False))["D10"]
    assert finding.confidence is Confidence.LIKELY
    assert "that the server was in CLOSE_WAIT is presumed" in finding.doubts


def test_nor_is_one_beside_which_another_fits() -> None:
    finding = found(leak(PROVEN, or_since=(State.CLOSED,)))["D10"]
    assert finding.confidence is Confidence.LIKELY
    assert "it may be CLOSED as well" in finding.doubts[0]


def test_a_refuted_state_is_no_ground_at_all() -> None:
    refuted = step(Side.SERVER, State.ESTABLISHED, State.CLOSE_WAIT, 5, retracted_by=9)
    gone = leak(refuted)._replace(server=State.ESTABLISHED)
    assert "D10" not in found(gone)


def test_one_witness_is_not_enough() -> None:
    lone = found(look("client:rst-sent", "client:rst-aborts", "client:sent-data"))["D27"]
    assert (lone.confidence, lone.doubts) == (Confidence.LIKELY, ("one frame is all that shows it",))


def test_an_open_rival_is_named_as_a_doubt() -> None:
    aborted = look("client:rst-sent", "client:rst-aborts", "client:rst-ttl-differs", "client:rst-no-socket")
    finding = found(aborted.also("client:fin-sent"))["D27"]
    assert "a device on the way (D18) would look the same" in finding.doubts


@pytest.mark.parametrize("flaw", ["one-way", "frames-missing", "client:fragments-differ"])
def test_defects_of_the_capture_lower_it(flaw: str) -> None:
    assert found(leak(PROVEN).also(flaw))["D10"].confidence is not Confidence.CERTAIN
