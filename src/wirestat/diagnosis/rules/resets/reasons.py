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

_CODES = {
    8201: "something came for a connection that it had closed or reset before",
    8202: "data came for a connection that it does not have",
    8204: "a SYN came again with another number",
    8205: "the last acknowledgement of the handshake was wrong",
    8206: "something other than an answer came for its SYN, as from an old connection",
    8207: "a SYN came within the window of an open connection",
    8208: "the same data came again too often",
    8209: "it has no memory left",
    8211: "an idle connection was cleaned up",
    8212: "nothing listens for this SYN, or its cookie is wrong",
}
"""The reasons that a NetScaler gives by the window of a reset (Citrix, CTX200852)."""

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
    if meaning := _CODES.get(end.figure(Fact.RST_WITH_CODE) or 0):
        said += (
            f" The reset has a window of {end.figure(Fact.RST_WITH_CODE)}, where most hosts write zero: a NetScaler "
            f"(Citrix ADC) writes that where {meaning}."
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
    if _is_all_of(end):
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
    if _is_all_of(end):
        return still_open(injected, "nothing else of this end was captured")
    return unlikely(injected, "its TTL does not differ")


def _is_all_of(end: End) -> bool:
    """Say whether nothing but resets was captured of an end."""
    reset, first_ns = end.fact(Fact.RST_SENT), end.record.first_time_ns
    if end.record.frames <= 1:
        return True
    if reset is None or first_ns is None or end.record.isn is not None or end.has(Fact.SPOKE_AFTER_OWN_RST):
        return False
    return reset.time_ns <= first_ns
