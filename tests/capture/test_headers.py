"""The filter by which the kernel hands over only headers: results are the same with it."""

import pytest
from hypothesis import assume, given, strategies as st

from tests.quick import some_quick
from wirestat.capture.filters import Program, compiled
from wirestat.capture.headers import PLAIN, cut_to_headers
from wirestat.timers import LINUX
from wirestat.tracker import Tracker

from . import made

PAYLOAD = bytes(range(256)) * 5
LONG = [
    made.ethernet(made.tcp(a, b, 1001, 5001, made.ACK, PAYLOAD[:size], options=made.TIMESTAMPS))
    for a, b in ((made.A, made.B), (made.A6, made.B6))
    for size in (10, 60, 1200)
]
OTHERS = [frame + PAYLOAD[:50] for make in made.ETHERNET.values() for frame in make()]
FRAMES = LONG + OTHERS[::5]


def run(program: Program, frame: bytes) -> int:
    """Run a program as the kernel does; return how many bytes of the frame pass."""
    at, value = 0, 0
    while True:
        code, jt, jf, k = program[at]
        at += 1
        match code:
            case 0x80:
                value = len(frame)
            case 0x28 | 0x30:
                size = 2 if code == 0x28 else 1
                if k + size > len(frame):
                    return 0
                value = int.from_bytes(frame[k : k + size], "big")
            case 0x05:
                at += k
            case 0x15:
                at += jt if value == k else jf
            case 0x35:
                at += jt if value >= k else jf
            case 0x45:
                at += jt if value & k else jf
            case 0x54:
                value &= k
            case 0x74:
                value >>= k
            case 0x04:
                value += k
            case 0x06:
                return min(k, len(frame))
            case 0x16:
                return min(value, len(frame))
            case _:
                raise AssertionError(f"instruction {code:#x}")


def tracked(frame: bytes, length: int) -> tuple[object, ...]:
    tracker = Tracker(LINUX)
    tracker.feed(1, [(made.START * 10**9, length, frame)])
    return list(tracker.connections()), tracker.summary()


def test_a_plain_segment_is_cut_to_its_headers() -> None:
    program = cut_to_headers(compiled(""))
    syn = made.ETHERNET["normal"]()[0]
    assert run(program, syn) == len(syn)
    assert [run(program, frame) for frame in LONG] == [76, 66, 66, 96, 86, 86]


FLAGS = (47, 51, 67, 71)
"""Offsets of the control bits: of IPv4 and IPv6 in Ethernet, and below a VLAN tag."""
SYN = 2


@pytest.mark.parametrize("frame", some_quick(FRAMES, each=3))
@given(at=st.integers(0, 80), value=st.integers(0, 255))
def test_a_frame_cut_to_its_headers_is_tracked_as_if_it_were_whole(frame: bytes, at: int, value: int) -> None:
    changed = frame[:at] + bytes([value]) + frame[at + 1 :]
    assume(
        at not in FLAGS or not value & SYN
    )  # of a SYN that bears data the checksum is judged, in the whole
    passed = run(cut_to_headers(compiled("")), changed)
    assert passed == len(changed) or 54 <= passed <= PLAIN
    assert tracked(changed[:passed], len(changed)) == tracked(changed, len(changed))


@pytest.mark.parametrize(
    "expression", ["tcp port 80", "host 10.0.0.1 and not port 22", "tcp[tcpflags] & tcp-syn != 0"]
)
def test_a_filter_lets_the_same_frames_pass(expression: str) -> None:
    pytest.importorskip("scapy")
    program = compiled(expression)
    assert any(code == 0x06 and k == 0 for code, _, _, k in program)
    for frame in FRAMES:
        try:
            wanted = run(program, frame) > 0
        except AssertionError:  # an instruction that only filters have
            continue
        assert (run(cut_to_headers(program), frame) > 0) == wanted
