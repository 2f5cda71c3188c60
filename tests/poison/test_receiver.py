"""The reference receiver takes what RFC 9293, RFC 5961 and RFC 7323 let it take."""

import pytest

from tests.lab.frames import Address, Flag, Frame, parse, tcp
from tests.packets.tcp import timestamps, window_scale

from .receiver import Receiver, Segment

ACK, FIN, PSH, RST, SYN = Flag.ACK, Flag.FIN, Flag.PSH, Flag.RST, Flag.SYN
CLIENT = Address(b"\2\0\0\0\0\1", "10.0.0.1", 40001)
SERVER = Address(b"\2\0\0\0\0\2", "10.0.0.2", 80)
NONE = Flag(0)


def frame(source: Address, flags: Flag, seq: int, ack: int = 0, options: bytes = b"") -> Frame:
    other = SERVER if source is CLIENT else CLIENT
    return parse(tcp(source, other, flags=flags, seq=seq, ack=ack, window=1000, options=options))


def server() -> Receiver:
    """A server that has got 100:200 and sent 300:400, of which 300:350 are acknowledged. Its window is 1000 << 2."""
    receiver = Receiver()
    receiver.receive(frame(CLIENT, SYN, 99, 0, window_scale(2)))
    receiver.send(frame(SERVER, SYN | ACK, 299, 100, window_scale(2)))
    receiver.receive(frame(CLIENT, ACK, 200, 350, timestamps(5000, 1)))
    receiver.send(frame(SERVER, ACK, 400, 200))
    receiver.receive(frame(CLIENT, ACK, 200, 350, timestamps(5000, 1)))
    return receiver


def segment(flags: Flag, seq: int, ack: int = 0, length: int = 0, stamp: int | None = None) -> Segment:
    return Segment(flags, seq % 2**32, ack % 2**32, length, None if stamp is None else (stamp, 1))


TAKEN = {
    "the next data": segment(ACK | PSH, 200, 400, 10),
    "data ahead of a hole": segment(ACK | PSH, 300, 400, 10),
    "data of which a part is new": segment(ACK | PSH, 195, 400, 10),
    "a FIN at the next number": segment(ACK | FIN, 200, 400),
    "a FIN with an acknowledgement a little old": segment(ACK | FIN, 200, 340),
    "an acknowledgement of what was not acknowledged yet": segment(ACK, 200, 400),
    "a reset at the next number": segment(RST, 200),
    "the next data with a later time stamp": segment(ACK | PSH, 200, 400, 10, 5001),
    "nothing new with a later time stamp": segment(ACK, 200, 350, 0, 5001),
    "data in the last octet of the window": segment(ACK | PSH, 4199, 400, 1),
}
DROPPED = {
    "data without the ACK bit": segment(PSH, 200, 0, 10),
    "no flags at all": segment(NONE, 200),
    "a FIN without the ACK bit": segment(FIN, 200),
    "a FIN behind the next number": segment(ACK | FIN, 199, 350),
    "data that were all received": segment(ACK | PSH, 150, 350, 50),
    "data beyond the window": segment(ACK | PSH, 4201, 350, 10),
    "data that acknowledge what was never sent": segment(ACK | PSH, 200, 401, 10),
    "a FIN that acknowledges far too little (RFC 5961, 5.2)": segment(ACK | FIN, 200, 350 - 70_000),
    "a FIN with an older time stamp (PAWS)": segment(ACK | FIN, 200, 400, 0, 4999),
    "a reset in the window, not at the next number (RFC 5961, 3.2)": segment(RST, 201),
    "a SYN in the window (RFC 5961, 4.2)": segment(SYN, 250),
    "a SYN-ACK": segment(SYN | ACK, 200, 400),
    "an acknowledgement that says nothing new": segment(ACK, 200, 350),
}


@pytest.mark.parametrize("what", TAKEN)
def test_a_receiver_takes(what: str) -> None:
    assert server().takes(TAKEN[what], "ESTABLISHED")


@pytest.mark.parametrize("what", DROPPED)
def test_a_receiver_drops(what: str) -> None:
    assert not server().takes(DROPPED[what], "ESTABLISHED")


def test_a_wrong_checksum_is_never_taken() -> None:
    whole = TAKEN["a FIN at the next number"]
    broken = Segment(whole.flags, whole.seq, whole.ack, whole.length, None, has_right_checksum=False)
    assert not server().takes(broken, "ESTABLISHED")


def test_without_a_socket_nothing_is_taken_and_a_listener_takes_a_syn() -> None:
    assert not server().takes(segment(SYN, 9000), "CLOSED")
    assert server().takes(segment(SYN, 9000), "LISTEN")
    assert not server().takes(segment(ACK, 9000, 1), "LISTEN")
    assert not server().takes(segment(SYN | FIN, 9000), "LISTEN")


@pytest.mark.parametrize(
    ("what", "taken"),
    [
        (segment(ACK, 100, 300), True),
        (segment(FIN | ACK | PSH, 100, 300, 7), True),
        (segment(ACK, 100, 301), False),
        (segment(RST, 100), True),
    ],
)
def test_a_listener_that_has_answered_takes_what_acknowledges_that(what: Segment, taken: bool) -> None:
    listener = Receiver()
    listener.receive(frame(CLIENT, SYN, 99))
    listener.send(frame(SERVER, SYN | ACK, 299, 100))
    assert listener.takes(what, "LISTEN") is taken


@pytest.mark.parametrize(
    ("what", "taken"),
    [
        (segment(SYN | ACK, 7000, 100), True),
        (segment(SYN | ACK, 7000, 101), False),
        (segment(SYN, 7000), True),
        (segment(RST | ACK, 0, 100), True),
        (segment(RST | ACK, 0, 99), False),
        (segment(RST, 0), False),
        (segment(ACK, 7000, 100), False),
    ],
)
def test_in_syn_sent_the_acknowledgement_decides(what: Segment, taken: bool) -> None:
    client = Receiver()
    client.send(frame(CLIENT, SYN, 99))
    assert client.takes(what, "SYN_SENT") is taken


@pytest.mark.parametrize(
    ("what", "taken"),
    [
        (segment(SYN, 9000), True),
        (segment(SYN, 150), False),
        (segment(SYN, 150, 0, 0, 5001), True),
        (segment(SYN | ACK, 9000, 400), False),
        (segment(RST, 200), True),
        (segment(RST, 199), False),
        (segment(ACK | PSH, 200, 400, 10), False),
    ],
)
def test_in_time_wait_a_later_syn_begins_anew_and_an_exact_reset_ends_it(what: Segment, taken: bool) -> None:
    assert server().takes(what, "TIME_WAIT") is taken


@pytest.mark.parametrize(("state", "taken"), [("CLOSE_WAIT", True), ("ESTABLISHED", False)])
def test_a_reset_with_the_number_of_the_fin_is_taken_only_after_that_fin(state: str, taken: bool) -> None:
    assert server().takes(segment(RST, 199), state) is taken
