"""Where the time of a connection went: connecting with its parts, and who was waited for."""

from pathlib import Path

import pytest

import wirestat
from wirestat.model import Connection
from wirestat.timers import MILLISECOND, SECOND

FIELD = Path(__file__).parents[1] / "pcaps" / "field"


def first(story: str) -> Connection:
    return next(wirestat.analyze(str(FIELD / story / "capture.pcap")).connections())


def test_connecting_takes_as_long_as_all_copies_of_the_syn_together() -> None:
    connection = first("ecn-syn-dropped")
    assert connection.connect_ns == 3_050_100_000
    assert (connection.syn_copies, connection.syn_ack_copies) == (2, 0)
    assert connection.syn_to_syn_ack_ns == 20 * MILLISECOND
    assert connection.syn_ack_to_ack_ns == MILLISECOND // 10
    assert connection.first_byte_ns == pytest.approx(20 * MILLISECOND, abs=1000)


def test_think_time_of_an_end_excludes_the_network() -> None:
    """The server of a long poll answers after a minute or so, and its client asks again after a second."""
    connection = first("long-poll")
    assert (connection.client.turns, connection.server.turns) == (5, 5)
    assert connection.server.think_ns == pytest.approx(220 * SECOND, rel=0.001)
    assert connection.client.think_ns == pytest.approx(4 * SECOND, rel=0.01)
    assert connection.network_ns < 10 * MILLISECOND


def test_a_connection_without_a_word_has_no_first_byte() -> None:
    connection = first("lone-syn-ack")
    assert connection.connect_ns is None
    assert connection.first_byte_ns is None
    assert (connection.client.turns, connection.client.think_ns, connection.network_ns) == (0, 0, 0)
