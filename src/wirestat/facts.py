"""Every fact that the tracker can set, in words.

A fact is an observation without judgement; rules judge. The core knows the same names, and a test holds the two
lists to equality. An endpoint's fact is about the end that *did* it (the end that resent, that sent the RST, that
went on talking); a connection's fact is about the connection as a whole.
"""

CONNECTION_FACTS: dict[str, str] = {
    "mid-stream": "neither a SYN nor a SYN-ACK of it was captured",
    "syn-missing": "the SYN-ACK was captured, and the SYN that it answers was not",
    "one-way": "segments of one end only were captured",
    "simultaneous-open": "both ends sent a SYN before they had seen the other's",
    "simultaneous-close": "both ends sent a FIN before they had seen the other's",
    "fast-open": "data travelled with the SYN (RFC 7413)",
    "reused-tuple": "an earlier incarnation of the same addresses and ports is in the capture",
    "reused-in-time-wait": "that earlier incarnation was still in TIME_WAIT at one end",
    "frames-duplicated": "the capture holds some of its frames twice",
    "frames-missing": "an end acknowledged bytes that were never captured",
    "only-control": "of all its segments only SYNs, FINs and resets were captured, as by a filter",
    "reordered-by-tap": "an acknowledgement was captured before what it acknowledges",
}

ENDPOINT_FACTS: dict[str, str] = {
    # opening
    "syn-resent": "sent its SYN again",
    "syn-resent-after-syn-ack": "sent its SYN again although a SYN-ACK had been captured on its way to it",
    "syn-retries-used-up": "stopped resending its SYN",
    "syn-ack-resent": "sent its SYN-ACK again, with no acknowledgement captured",
    "syn-ack-resent-after-ack": "sent its SYN-ACK again after the acknowledgement of it was captured",
    "syn-ack-retries-used-up": "stopped resending its SYN-ACK",
    "rst-answers-handshake-ack": "answered the final ACK of the handshake, or the first data, with a reset, "
    "having sent nothing but its SYN-ACK",
    "refused": "answered the SYN with a reset",
    "rst-answers-syn-ack": "answered a SYN-ACK with a reset",
    "icmp-unreachable": "was told by ICMP that the other end cannot be reached",
    "icmp-port-unreachable": "was told by ICMP that the port cannot be reached",
    "icmp-prohibited": "was told by ICMP that the traffic is prohibited",
    "icmp-too-big": "was told by ICMP that a segment is too big for the path",
    "oversized-segments": "sent segments larger than the other end's MSS, before its adapter cut them (offload)",
    "stray-syn": "sent a SYN in the middle of the connection",
    "spoke-after-own-syn": "went on with the connection after a SYN in its name",
    "challenge-ack": "answered an unacceptable SYN or RST with an acknowledgement (RFC 5961)",
    # data
    "sent-data": "sent payload",
    "data-resent": "sent some data again",
    "data-resent-unanswered": "sent the same data five times or more, and nothing acknowledged it",
    "unanswered-after-idle": "broke a long silence of both ends with data that nothing answered, resent or not",
    "full-size-resent-only": "resent full-sized segments only, while smaller ones got through",
    "keepalive-sent": "sent a keepalive probe",
    "keepalive-unanswered": "sent a keepalive probe that nothing answered",
    "zero-window": "advertised a receive window of zero",
    "zero-window-held": "kept its receive window at zero for longer than the profile's patience",
    "window-probe-sent": "probed a zero window",
    "idle-gap": "broke a silence of both ends longer than the profile's idle limit",
    # closing
    "fin-sent": "sent a FIN",
    "fin-after-idle": "sent its FIN after a silence of both ends of half a second or more",
    "close-crossed-request": "ended such a silence by a FIN or a reset while data from the other end was on its way: "
    "neither had seen the other's",
    "fin-resent": "sent its FIN again, with no acknowledgement of it captured",
    "fin-resent-after-ack": "sent its FIN again after the acknowledgement of it was captured",
    "fin-retries-used-up": "stopped resending its FIN, which nothing acknowledged",
    "data-after-peer-fin": "sent data after it had acknowledged the other's FIN (half-close)",
    "close-wait-held": "stayed in CLOSE_WAIT for longer than the profile's patience",
    "fin-wait2-held": "stayed in FIN_WAIT2 for longer than the profile's fin_timeout",
    # resets
    "rst-sent": "sent a reset",
    "rst-aborts": "sent a reset of its own accord (RST,ACK at its next sequence number)",
    "rst-no-socket": "sent a reset in answer to a segment, as a host without such a connection does",
    "rst-right-after-words": "sent a reset without ACK within a round trip of its last words",
    "rst-after-unread-data": "sent a reset of its own accord with data from the other end just in, and no FIN before",
    "rst-after-idle": "sent a reset in answer to the first segment after a long silence",
    "rst-answers-late-segment": "sent a reset in answer to a segment that lay outside its window or was acknowledged "
    "already",
    "rst-in-window": "sent a reset that is in the window but not exact: a challenge ACK is due (RFC 5961)",
    "rst-out-of-window": "sent a reset outside the window: to be ignored",
    "rst-looks-foreign": "a reset in its name does not carry on its count of packets, or is of a form that no host "
    "without the connection gives it",
    "rst-ttl-differs": "its reset's TTL is not that of its other segments",
    "spoke-after-own-rst": "went on talking after a reset in its name",
    "spoke-after-rst": "went on talking after a reset that it should have accepted",
}

FIGURES: dict[str, str] = {
    "idle-gap": "nanoseconds of the longest silence that it broke",
    "rst-after-idle": "nanoseconds of silence before the segment that the reset answers",
    "unanswered-after-idle": "nanoseconds of silence before the data",
    "fin-after-idle": "nanoseconds of silence before the FIN",
    "close-crossed-request": "nanoseconds of silence before the two crossed",
    "keepalive-sent": "nanoseconds of silence before the first probe",
    "keepalive-unanswered": "probes in a row, up to the last, that nothing answered",
    "data-resent-unanswered": "how often the same data was resent",
    "zero-window-held": "nanoseconds for which the window stayed at zero, the longest time",
}
"""Facts that carry a number (``Fact.figure``), and what it counts."""
