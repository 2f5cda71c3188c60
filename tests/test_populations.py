"""The history of sockets, clients and paths, on stories of which it is known."""

from pathlib import Path

import pytest

import wirestat
from wirestat.summary import Summary
from wirestat.timers import MILLISECOND, SECOND

FIELD = Path(__file__).parent.parent / "pcaps" / "field"


def summary(story: str) -> Summary:
    return wirestat.analyze(FIELD / story / "capture.pcap").summary


@pytest.mark.parametrize(
    ("story", "limit_s"),
    [("ipvs-forgets-after-900-seconds", 900), ("nlb-forgets-after-350-seconds", 350)],
)
def test_a_time_out_lies_between_what_lived_and_what_died(story: str, limit_s: int) -> None:
    [path] = (path for path in summary(story).paths if path.talk and path.talk.deaths)
    assert path.talk
    assert path.talk.survived[0].ns < limit_s * SECOND <= path.talk.died[0].ns
    assert path.talk.deaths >= len(path.talk.died) > 0


def test_a_restart_ends_the_peak_of_close_wait_at_one_instant() -> None:
    [listener] = summary("leak-then-restart").listeners
    waits = listener.close_waits
    assert waits
    assert waits.peak_ns is not None
    assert waits.leaving_ns is not None
    assert waits.peak == waits.leaving_peak == waits.by_fin + waits.by_reset == listener.connections
    assert waits.peak_ns < waits.leaving_ns


def test_a_peak_of_close_wait_is_seen_without_the_openings(tmp_path: Path) -> None:
    whole = (FIELD / "leak-then-restart" / "capture.pcap").read_bytes()
    path = tmp_path / "begun-later.pcap"
    path.write_bytes(_without_syns(whole))
    [listener] = wirestat.analyze(path).summary.listeners
    assert listener.close_waits
    assert listener.close_waits.leaving_peak == listener.connections


def _without_syns(capture: bytes) -> bytes:
    """Leave out the frames with a SYN of a pcap in little-endian order, Ethernet and IPv4 without options."""
    kept, at = bytearray(capture[:24]), 24
    while at < len(capture):
        end = at + 16 + int.from_bytes(capture[at + 8 : at + 12], "little")
        if not capture[at + 16 + 14 + 20 + 13] & 2:
            kept += capture[at:end]
        at = end
    return bytes(kept)


def test_refusals_are_dated_between_answers() -> None:
    [listener] = summary("server-restarts-and-refuses").listeners
    answers, refusals = listener.answers, listener.refusals
    assert answers
    assert refusals
    assert answers.first_ns < refusals.first_ns <= refusals.last_ns
    assert listener.refused > 1


def test_health_checks_have_a_rhythm_and_no_words() -> None:
    clients = summary("health-checks-of-a-load-balancer").clients
    rhythms = [client.wordless_period for client in clients if client.wordless == client.connections]
    assert any(rhythm and rhythm.alike == rhythm.gaps and rhythm.ns >= SECOND for rhythm in rhythms)


def test_a_listener_that_hangs_up_is_told() -> None:
    listener = max(summary("hangs-up-without-a-word").listeners, key=lambda one: one.hung_up)
    assert 0 < listener.hung_up <= listener.opened
    assert listener.wordless_examples


def test_ages_at_reset_stand_close_together_where_there_is_a_limit() -> None:
    talks = [path.talk for path in summary("maximum-age-of-twelve-hours").paths if path.talk]
    ages = [age.ns for talk in talks for age in talk.reset]
    assert len(ages) >= 3
    assert max(ages) - min(ages) < max(ages) // 100


def test_the_halves_of_the_handshake_add_up() -> None:
    for path in summary("leak-then-restart").paths:
        assert path.talk
        assert path.talk.syn_to_syn_ack
        assert path.talk.syn_ack_to_ack
        assert path.talk.handshake
        halves = path.talk.syn_to_syn_ack.least_ns + path.talk.syn_ack_to_ack.least_ns
        assert halves <= path.talk.handshake.least_ns
        assert path.talk.syn_to_syn_ack.least_ns == MILLISECOND
        assert sum(path.talk.handshake.counts.values()) == path.talk.handshake.count
