"""The diagnoses that each tap of each scenario must show: those of its truth, except for the tables below.

A truth names what happened. The tables below list what a tap cannot know of it, what is said under a wider name, and
what is rightly said beside it, each with its taps and its reason. Whoever reads the matrix of rules and captures
reads it here.
"""

from collections.abc import Collection
from typing import NamedTuple

TAPS = ("client", "middle", "server")
_CLIENT, _MIDDLE, _SERVER = ({tap} for tap in TAPS)
_ALL = set(TAPS)


class Cell(NamedTuple):
    """One cell, or a few, in which the truth's word alone would be wrong."""

    diagnosis: str
    taps: set[str]
    why: str


BEYOND: dict[str, tuple[Cell, ...]] = {
    "blind-rst-exact": (Cell("D18", _CLIENT, "the forged reset does not pass here"),),
    "defer-accept": (
        Cell("D05", _ALL, "the request came before a SYN-ACK had to be sent again: nothing shows"),
    ),
    "filtered": (Cell("D01", _SERVER, "no SYN comes so far"),),
    "filtered-still-trying": (Cell("D01", _SERVER, "no SYN comes so far"),),
    "fin-lost-for-good": (Cell("D13", _SERVER, "no FIN comes so far"),),
    "fin-lost-gives-up": (Cell("D13", _SERVER, "no FIN comes so far"),),
    "icmp-admin-prohibited": (Cell("D03", _SERVER, "the SYN is answered before it comes here"),),
    "icmp-host-unreachable": (Cell("D03", _SERVER, "the SYN is answered before it comes here"),),
    "icmp-port-unreachable": (Cell("D03", _SERVER, "the SYN is answered before it comes here"),),
    "idle-timeout-in-path": (Cell("D08", _SERVER, "the gateway drops what breaks the silence"),),
    "injected-reset-while-data-flows": (
        Cell("D18", _SERVER, "the forged reset passes at the client's side alone"),
    ),
    "ipv6-icmp-admin-prohibited": (Cell("D03", _SERVER, "the SYN is answered before it comes here"),),
    "ipv6-reset-in-last-ack": (Cell("D18", _CLIENT, "the forged reset does not pass here"),),
    "keepalive-to-a-dead-path": (Cell("D09", _SERVER, "no probe comes so far"),),
    "keepalive-unanswered": (Cell("D09", _SERVER, "no probe comes so far"),),
    "last-ack-lost-once": (Cell("D14", _SERVER, "the FIN may as well have been lost behind this tap"),),
    "last-ack-lost-several-times": (
        Cell("D14", _SERVER, "the FIN may as well have been lost behind this tap"),
    ),
    "mtu-black-hole": (
        Cell("D24", _CLIENT | _MIDDLE, "the full segments never come so far; a hole may be any loss"),
    ),
    "nat-forgets-and-drops": (Cell("D09", _SERVER, "the gateway drops the request"),),
    "nat-forgets-and-leaks": (
        Cell("D19", _ALL, "the server itself answers, and its reset bears no marks of a stranger"),
    ),
    "nat-forgets-and-resets": (Cell("D07", _SERVER, "the gateway answers, nothing comes here"),),
    "nat-forgets-server-speaks": (
        Cell("D07", _CLIENT | _MIDDLE, "the gateway answers the server, nothing comes here"),
    ),
    "reset-in-closing": (Cell("D18", _SERVER, "the forged reset does not pass here"),),
    "reset-in-fin-wait1": (Cell("D18", _SERVER, "the forged reset does not pass here"),),
    "reset-in-fin-wait2": (Cell("D18", _SERVER, "the forged reset does not pass here"),),
    "reset-in-last-ack": (Cell("D18", _CLIENT, "the forged reset does not pass here"),),
    "reset-in-syn-recv": (Cell("D18", _CLIENT, "the forged reset does not pass here"),),
    "reset-in-time-wait": (Cell("D18", _SERVER, "the forged reset does not pass here"),),
    "reset-linger-zero-by-server": (
        Cell("D16", _ALL, "the server had answered all it was sent, so nothing need be unread: D27"),
    ),
    "retransmission-gives-up": (Cell("D09", _SERVER, "none of the copies comes so far"),),
    "syn-ack-never-arrives": (
        Cell("D01", _MIDDLE | _SERVER, "the SYN-ACK passes here: D04, and that it does not arrive"),
    ),
    "third-ack-lost": (Cell("D05", _SERVER, "the SYN-ACK may as well have been lost behind this tap"),),
    "third-ack-never-arrives": (Cell("D05", _SERVER, "no ACK comes so far: D04"),),
    "user-timeout": (Cell("D09", _SERVER, "none of the copies comes so far"),),
}
"""Deserved, but not knowable at these taps."""

WITHIN: dict[str, tuple[tuple[str, str], ...]] = {
    "accept-queue-full-client-closes": (("D13", "D05"),),
    "accept-queue-full-data-ignored": (("D05", "D06"),),
    "close-wait-leak": (("D11", "D10"),),
    "syn-scan": (("D02", "D26"),),
}
"""Deserved, but reported as part of another diagnosis that includes it: one event is one finding."""

_A_RETRY = "the connect took a retry of the SYN"
_UNREAD = "two of the ten sorts of connections reset with data unread"
_IT_DOES = "the host does reset, and nothing else is wrong"

ALSO: dict[str, tuple[Cell, ...]] = {
    "blind-rst-both-ends-in-window": (Cell("D28", _ALL, "a reset that its receiver must not accept"),),
    "blind-rst-exact": (Cell("D07", _CLIENT, "the server's host knows nothing any more"),),
    "blind-rst-in-window": (Cell("D28", _MIDDLE | _SERVER, "a reset that its receiver must not accept"),),
    "blind-rst-out-of-window": (Cell("D28", _MIDDLE | _SERVER, "a reset that its receiver must not accept"),),
    "blind-syn-in-window": (Cell("D33", _MIDDLE | _SERVER, "a SYN that changes nothing"),),
    "blind-syn-out-of-window": (Cell("D33", _MIDDLE | _SERVER, "a SYN that changes nothing"),),
    "connect-cancelled": (Cell("D27", _ALL, _IT_DOES),),
    "duplicated-frames": (Cell("D25", _MIDDLE | _SERVER, "the frames are in the capture twice"),),
    "half-open-scan-and-connection": (Cell("D27", _ALL, _IT_DOES),),
    "injected-reset-while-data-flows": (Cell("D07", _SERVER, "the client's host knows nothing any more"),),
    "listener-closes": (Cell("D27", _ALL, _IT_DOES),),
    "fast-open-refused-by-path": (Cell("D34", _CLIENT | _MIDDLE, _A_RETRY),),
    "random-loss-1": (Cell("D16", _ALL, _UNREAD), Cell("D34", _ALL, _A_RETRY)),
    "random-loss-2": (Cell("D16", _ALL, _UNREAD), Cell("D34", _ALL, _A_RETRY)),
    "random-loss-3": (Cell("D16", _ALL, _UNREAD), Cell("D34", _ALL, _A_RETRY)),
    "reset-in-close-wait": (Cell("D27", _ALL, _IT_DOES),),
    "reset-in-fin-wait1": (Cell("D27", _SERVER, "the client's answer, without what it answers"),),
    "reset-in-syn-recv": (Cell("D06", _CLIENT, "the late ACK is answered by a reset"),),
    "reset-in-syn-sent-wrong-ack": (
        Cell("D28", _CLIENT | _MIDDLE, "a reset that its receiver must not accept"),
    ),
    "reset-linger-zero-by-server": (Cell("D27", _ALL, _IT_DOES),),
    "reset-with-unsent-data": (Cell("D27", _ALL, _IT_DOES),),
    "retried-syn-while-path-dead": (Cell("D34", _CLIENT | _MIDDLE, _A_RETRY),),
    "stray-syn-to-time-wait": (
        Cell("D20", _MIDDLE | _SERVER, "it cannot be told from a client that uses the port again"),
    ),
    "syn-ack-from-nowhere": (Cell("D27", _ALL, _IT_DOES),),
    "syn-ack-lost": (Cell("D34", _ALL, _A_RETRY),),
    "syn-ack-lost-several-times": (Cell("D34", _ALL, _A_RETRY),),
    "syn-ack-of-the-server-s-timer": (Cell("D34", _CLIENT | _MIDDLE, _A_RETRY),),
    "syn-lost": (Cell("D34", _CLIENT | _MIDDLE, _A_RETRY),),
    "syn-lost-behind-all-taps": (Cell("D34", _ALL, _A_RETRY),),
    "syn-ack-never-arrives": (
        Cell("D04", _MIDDLE | _SERVER, "beyond the loss it is the SYN-ACK that nobody answers"),
    ),
    "third-ack-never-arrives": (Cell("D04", _SERVER, "beyond the loss it is the ACK that is missing"),),
}
"""Rightly reported, above mere information, though not listed as deserved."""


def beyond(scenario: str, tap: str) -> set[str]:
    """The diagnoses that are deserved, but not knowable at a tap."""
    return {one.diagnosis for one in BEYOND.get(scenario, ()) if tap in one.taps}


def also(scenario: str, tap: str) -> set[str]:
    """The diagnoses that a tap shows in addition to the deserved ones."""
    return {one.diagnosis for one in ALSO.get(scenario, ()) if tap in one.taps}


def expected(scenario: str, tap: str, deserved: set[str]) -> set[str]:
    """The diagnoses that a tap must show: exactly these, apart from mere information."""
    within = dict(WITHIN.get(scenario, ()))
    named = {within.get(diagnosis, diagnosis) for diagnosis in deserved - beyond(scenario, tap)}
    return named | also(scenario, tap)


def excused(scenarios: Collection[str]) -> dict[str, int]:
    """Count the cells of these tables, one for each diagnosis at each tap, by the reason that they have in common."""

    def cells(table: dict[str, tuple[Cell, ...]]) -> int:
        return sum(len(one.taps) for scenario in scenarios for one in table.get(scenario, ()))

    within = sum(len(TAPS) * len(WITHIN.get(scenario, ())) for scenario in scenarios)
    return {
        "cannot be known at that tap": cells(BEYOND),
        "are said under a wider name": within,
        "are said beside what is deserved": cells(ALSO),
    }
