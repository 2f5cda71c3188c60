"""The moments of a ladder."""

from pathlib import Path

from msgspec.structs import replace

import wirestat
from wirestat.report.moments import moments

CAPTURE = Path(__file__).parents[2] / "pcaps" / "normal-close-by-client" / "client.pcap"


def test_a_step_that_its_own_frame_disproves_is_left_out() -> None:
    """The FIN that comes again retracts a reset, and with it the effect of an ACK, which then takes effect again."""
    connection = wirestat.analyze(CAPTURE).analysis.connection(1)
    *steps, last = connection.transitions
    undone = replace(last, retracted_by=last.frame)
    every = moments(replace(connection, transitions=(*steps, undone)), ())
    assert not any(undone in (*one.made, *one.disproved) for one in every)
    assert all(any(step in one.made for one in every) for step in steps)
