"""Filter expressions: compiled and run by the core."""

import pytest

from wirestat.capture import filters
from wirestat.errors import UsageError
from wirestat.timers import LINUX
from wirestat.tracker import Tracker

from . import made


def passing(expression: str, frames: list[bytes], link_type: int = 1) -> int:
    tracker = Tracker(LINUX)
    tracker.core.filter(filters.by_link_type(expression))
    tracker.feed(link_type, [(number, len(frame), frame) for number, frame in enumerate(frames)])
    frames_taken: int = tracker.core.intake().frames
    return frames_taken


@pytest.mark.parametrize(
    ("expression", "frames"),
    [
        ("tcp", 8),
        ("udp", 2),
        ("icmp", 1),
        ("tcp port 80 and src host 10.0.0.1", 5),
        ("tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", 4),
        ("not tcp", 3),
        ("greater 2000", 0),
        ("", 11),
    ],
)
def test_expressions_mean_the_same_as_in_tcpdump(expression: str, frames: int) -> None:
    assert passing(expression, made.ETHERNET["others"]()) == frames


def test_each_link_type_has_a_program_of_its_own() -> None:
    assert passing("tcp port 80", made.conversation(), link_type=101) == 8
    assert passing("tcp port 80", made.conversation(), link_type=228) == 8
    null = [b"\2\0\0\0" + packet for packet in made.conversation()]
    assert passing("tcp port 80", null, link_type=0) == 8


def test_addresses_of_every_size_can_be_asked_for() -> None:
    frames = [made.ethernet(packet) for packet in made.conversation(a=("192.0.2.7", 40_000))]
    assert passing("host 192.0.2.7", frames) == 8
    assert passing("src host 192.0.2.7 and tcp port 80", frames) == 5
    assert passing("host 255.255.255.255", frames) == 0


def test_expressions_match_vlan_tags_and_are_known_to_test_them() -> None:
    assert passing("vlan 5 and vlan 6 and tcp", made.ETHERNET["tagged"]()) == 8
    assert filters.sees_tags("vlan 5 and tcp")
    assert filters.sees_tags("ether [12:2] = 0x8100")
    assert not filters.sees_tags("tcp port 80")


def test_a_program_cuts_frames_to_the_snaplen() -> None:
    assert {row[3] for row in filters.compiled("tcp", snaplen=96) if row[0] == 6} == {0, 96}
    assert filters.compiled("", snaplen=96) == [(6, 0, 0, 96)]


def test_nonsense_is_refused_before_anything_is_read() -> None:
    with pytest.raises(UsageError, match=r"'porty'$") as refused:
        filters.by_link_type("tcp porty")
    assert refused.value.excerpt == ("tcp porty", "    ^~~~~")
