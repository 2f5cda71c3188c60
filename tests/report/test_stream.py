"""The events of a live capture, for programs."""

import json

from wirestat.model import Event, Side, Sighting, State
from wirestat.report import ndjson
from wirestat.report.layout import View
from wirestat.vocabulary import Fact


def test_a_fact_is_told_with_the_fields_of_the_contract() -> None:
    fact = Sighting(Fact.FIN_RESENT, Side.SERVER, frame=7, time_ns=5)
    event = Event(1, fact, ("10.0.0.1", 40_000), ("10.0.0.2", 80), State.FIN_WAIT2, State.LAST_ACK, place=0)
    line = ndjson.tell(event, View())
    assert line is not None
    assert json.loads(line) == {
        "type": "fact",
        "connection": 1,
        "client": {"address": "10.0.0.1", "port": 40_000, "state": "FIN_WAIT2"},
        "server": {"address": "10.0.0.2", "port": 80, "state": "LAST_ACK"},
        "name": "fin-resent",
        "endpoint": "server",
        "frame": 7,
        "time_ns": 5,
        "figure": None,
    }
