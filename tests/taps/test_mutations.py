"""Each mutation does what its name says, and the same every time."""

from random import Random

import pytest

from tests.lab.pcap import Record

from .mutations import MILLISECOND, MUTATIONS, SNAPLEN

RECORDS: list[Record] = [(number * MILLISECOND, bytes([number]) * 100) for number in range(200)]
CLIENTS = frozenset(range(0, 200, 2))
BY_NAME = {mutation.name: mutation for mutation in MUTATIONS}


def frames(name: str, seed: int = 1) -> list[tuple[int, int, bytes]]:
    return BY_NAME[name].change(RECORDS, CLIENTS, Random(seed))


@pytest.mark.parametrize("name", BY_NAME)
def test_times_never_run_backward(name: str) -> None:
    times = [time_ns for time_ns, _, _ in frames(name)]
    assert times == sorted(times)


@pytest.mark.parametrize("name", BY_NAME)
def test_the_same_seed_gives_the_same_frames(name: str) -> None:
    assert frames(name) == frames(name)


def test_reordering_keeps_all_frames_and_changes_their_order() -> None:
    made = [raw for _, _, raw in frames("reordered up to 5 ms")]
    assert sorted(made) == sorted(raw for _, raw in RECORDS)
    assert made != [raw for _, raw in RECORDS]


def test_reordering_records_no_frame_later_than_it_says() -> None:
    sent = {raw: time_ns for time_ns, raw in RECORDS}
    late = [time_ns - sent[raw] for time_ns, _, raw in frames("reordered up to 5 ms")]
    assert 0 <= min(late) <= max(late) < 5 * MILLISECOND


def test_loss_leaves_out_about_its_share() -> None:
    assert 140 <= len(frames("20 % lost")) <= 180
    assert frames("20 % lost", 1) != frames("20 % lost", 2)


def test_the_two_directions_are_the_whole() -> None:
    one, other = frames("client's direction"), frames("server's direction")
    assert sorted([*one, *other]) == [(time_ns, len(raw), raw) for time_ns, raw in RECORDS]


def test_a_late_beginning_leaves_out_the_head() -> None:
    assert frames("begun at 75 %")[0][2] == RECORDS[150][1]


def test_doubling_records_each_frame_twice() -> None:
    assert [raw for _, _, raw in frames("doubled")] == [raw for _, raw in RECORDS for _ in range(2)]


def test_snapping_keeps_the_length_on_the_wire() -> None:
    assert {(length, len(raw)) for _, length, raw in frames("snaplen 54")} == {(100, SNAPLEN)}
