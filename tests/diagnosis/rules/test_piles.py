"""D31: sockets that pile up in CLOSE_WAIT, at the end or before."""

import pytest
from msgspec.structs import replace

from tests.diagnosis.builders import T0, found, listener
from wirestat.model import Confidence, State
from wirestat.summary import CloseWaits
from wirestat.timers import SECOND

GONE = CloseWaits(
    peak=120,
    peak_ns=T0,
    by_fin=0,
    by_reset=120,
    leaving_peak=118,
    leaving_ns=T0 + 9 * SECOND,
    examples=(),
)


def test_sockets_pile_up() -> None:
    piled = listener(states={State.CLOSE_WAIT: 900, State.ESTABLISHED: 100})
    finding = found(listeners=(piled,))["D31"]
    assert (finding.count, finding.confidence) == (900, Confidence.LIKELY)
    assert (finding.where, finding.of) == ("10.0.0.2:80", 100)


def test_a_few_sockets_in_close_wait_are_no_pile() -> None:
    assert "D31" not in found(
        listeners=(listener(states={State.CLOSE_WAIT: 900, State.ESTABLISHED: 10_000}),)
    )


def test_a_pile_that_vanished_at_once_is_told_from_its_peak() -> None:
    finding = found(listeners=(listener(close_waits=GONE),))["D31"]
    assert finding.count == 120
    assert "118 of them were reset within one second at 22:13:29.000Z" in finding.explanation
    assert "exit or restart" in finding.explanation


@pytest.mark.parametrize("waits", [replace(GONE, leaving_peak=20, by_fin=120), replace(GONE, peak=60)])
def test_sockets_that_are_closed_one_by_one_or_are_few_were_no_pile(waits: CloseWaits) -> None:
    assert "D31" not in found(listeners=(listener(close_waits=waits),))
