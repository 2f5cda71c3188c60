"""Wireshark's ``tcp.completeness``: which kinds of segment a conversation has had.

1 is SYN, 2 SYN,ACK, 4 ACK, 8 data, 16 FIN and 32 RST.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from .claims import NOTHING, OVER, PeerClaim, both

SYN, SYN_ACK, ACK, FIN, RST = 1, 2, 4, 16, 32
HANDSHAKE = SYN | SYN_ACK | ACK
FROM, TO = ("ip.src", "ipv6.src", "tcp.srcport"), ("ip.dst", "ipv6.dst", "tcp.dstport")
FIELDS = ("tcp.stream", "frame.time_epoch", *FROM, *TO, "tcp.completeness")


def claims(capture: Path) -> list[PeerClaim]:
    """The word of each conversation, in two passes: in one a reset counts only from the next segment on."""
    command = ["tshark", "-2", "-r", str(capture), "-Y", "tcp && !icmp && !icmpv6", "-T", "fields"]
    command += [word for field in FIELDS for word in ("-e", field)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, PeerClaim] = {}
    for line in told.splitlines():
        stream, time_s, v4, v6, port, to_v4, to_v6, to_port, value = line.split("\t")
        opener, answerer = (v4 or v6, int(port)), (to_v4 or to_v6, int(to_port))
        seconds, fraction = time_s.split(".")
        first_ns = int(seconds) * 10**9 + int(fraction.ljust(9, "0"))
        if stream in found:
            earlier = found[stream]
            opener, answerer, first_ns = earlier.opener, earlier.answerer, earlier.first_ns
        found[stream] = PeerClaim(opener, answerer, first_ns, value, meaning(int(value)))
    return list(found.values())


def meaning(value: int) -> tuple[frozenset[str], frozenset[str]]:
    """By its documentation: "SYN_SENT", "CLIENT_ESTABLISHED", "ESTABLISHED", "Complete", or a reset."""
    if value & RST:
        return both({"CLOSED"})
    if value & HANDSHAKE == HANDSHAKE:
        return both(OVER) if value & FIN else both({"ESTABLISHED"})
    if value & (SYN | SYN_ACK) == SYN | SYN_ACK:
        return frozenset({"ESTABLISHED"}), NOTHING
    return (frozenset({"SYN_SENT"}) if value & SYN else NOTHING), NOTHING
