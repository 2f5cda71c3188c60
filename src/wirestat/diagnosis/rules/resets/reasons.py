"""Reasons that a reset gives for itself (a number in its options, a text), and whether its TTL is its end's."""

from wirestat.diagnosis.case import End
from wirestat.diagnosis.rivals import Rival, still_open, unlikely
from wirestat.model import Side
from wirestat.vocabulary import Fact

_REASONS = {
    0: "unspecified",
    1: "an error of Multipath TCP",
    2: "lack of resources",
    3: "administratively prohibited",
    4: "too much outstanding data",
    5: "unacceptable performance",
    6: "interference of a middlebox",
}
"""The reasons of MP_TCPRST (RFC 8684, 3.6)."""

_NO_STAMP = (
    "it lacks the time stamp that both ends had agreed on: Linux sends resets of an open socket with it, some stacks "
    "do not"
)


def was_asked_for(end: End) -> bool:
    """Say whether the other end had ended a Multipath connection at once, which asks for a reset."""
    return end.other.has(Fact.ASKED_FOR_RESET)


def in_its_own_words(end: End) -> str:
    """Say what the reset of an end gives as its reason, and where its text is; nothing where it says nothing."""
    said = ""
    if end.has(Fact.RST_WITH_REASON):
        number = end.figure(Fact.RST_WITH_REASON) or 0
        said += f" The reset gives its reason (MP_TCPRST): {_REASONS.get(number, f'number {number}')}."
    if end.has(Fact.RST_WITH_TEXT):
        frame = end.frame(Fact.RST_WITH_TEXT)
        said += (
            f" The reset carries {end.figure(Fact.RST_WITH_TEXT)} bytes of text, which may say why: tcp.reset_cause "
            f"of frame {frame} in Wireshark."
        )
    if was_asked_for(end):
        said += (
            f" {end.other.subject} had ended the Multipath connection at once and asked for this reset "
            "(MP_FASTCLOSE; RFC 8684, 3.5)."
        )
    return said


def may_be_a_devices(end: End) -> Rival:
    """Weigh by its TTL whether a device on the way sent the reset."""
    device = "a device on the way (D18)"
    if end.has(Fact.RST_TTL_DIFFERS):
        return still_open(device, "its TTL differs")
    if lacks_stamp(end):
        return still_open(device, _NO_STAMP)
    if end.record.frames <= 1:
        return still_open(
            device, "nothing else of this end was captured, which its TTL could be compared with"
        )
    return unlikely(device, "its TTL is that of the host's other packets")


def lacks_stamp(end: End) -> bool:
    """Say whether a server's abort lacks the time stamp that its other segments bear: with clients that is usual."""
    return (
        end.side is Side.SERVER and end.has(Fact.RST_LEFT_OUT_STAMPS) and not end.has(Fact.TIMESTAMPS_MISSING)
    )


def may_be_injected(end: End) -> Rival:
    """Weigh whether somebody else sent a reset in the name of an end, where its TTL is no other than before."""
    injected = "an injected reset (D18)"
    if end.record.frames <= 1:
        return still_open(injected, "nothing else of this end was captured")
    return unlikely(injected, "its TTL does not differ")
