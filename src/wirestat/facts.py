"""Every fact that the tracker can set, in words.

A fact is an observation without judgement; rules judge. The core has the same names, and a test checks that the two
lists agree. An endpoint's fact is about the end that *did* it (the end that retransmitted, sent the RST, or went on
talking); a connection's fact is about the connection as a whole.
"""

from wirestat.vocabulary import Fact

CONNECTION_FACTS: dict[Fact, str] = {
    Fact.MID_STREAM: "neither a SYN nor a SYN-ACK of it was captured",
    Fact.SYN_MISSING: "the SYN-ACK was captured, and the SYN that it answers was not",
    Fact.ONE_WAY: "segments of one end only were captured",
    Fact.SIMULTANEOUS_OPEN: "both ends sent a SYN before they had seen the other's",
    Fact.SIMULTANEOUS_CLOSE: "both ends sent a FIN before they had seen the other's",
    Fact.FAST_OPEN: "data travelled with the SYN (RFC 7413)",
    Fact.REUSED_TUPLE: "an earlier incarnation of the same addresses and ports is in the capture",
    Fact.REUSED_IN_TIME_WAIT: "that earlier incarnation was still in TIME_WAIT at one end",
    Fact.FRAMES_DUPLICATED: "the capture holds some of its frames twice",
    Fact.FRAMES_MISSING: "an end acknowledged bytes that were never captured",
    Fact.ONLY_CONTROL: "of all its segments only SYNs, FINs and resets were captured, as by a filter",
    Fact.REORDERED_BY_TAP: "an acknowledgement was captured before what it acknowledges",
    Fact.REPLAYED: "both ends began with the initial sequence numbers of an earlier incarnation",
    Fact.SELF_CONNECTED: "one socket is both ends: source and destination are the same address and port",
    Fact.CLOCK_LEAPT: "by the time stamps of both ends, far less time passed than the capture has it: its clock "
    "was set",
    Fact.NUMBERS_SENSELESS: "sequence and acknowledgement numbers are zero throughout: the flags alone were followed",
}

ENDPOINT_FACTS: dict[Fact, str] = {
    # opening
    Fact.SYN_RESENT: "sent its SYN again",
    Fact.SYN_RESENT_AFTER_SYN_ACK: "sent its SYN again although a SYN-ACK had been captured on its way to it",
    Fact.SYN_RETRIES_USED_UP: "stopped resending its SYN",
    Fact.SYN_ACK_RESENT: "sent its SYN-ACK again, with no acknowledgement captured",
    Fact.SYN_ACK_RESENT_AFTER_ACK: "sent its SYN-ACK again after the acknowledgement of it was captured",
    Fact.SYN_ACK_RETRIES_USED_UP: "stopped resending its SYN-ACK",
    Fact.RST_ANSWERS_HANDSHAKE_ACK: "answered the final ACK of the handshake, or the first data, with a reset, "
    "having sent nothing but its SYN-ACK",
    Fact.REFUSED: "answered the SYN with a reset",
    Fact.RST_ANSWERS_SYN_ACK: "answered a SYN-ACK with a reset",
    Fact.ICMP_UNREACHABLE: "was told by ICMP that the other end cannot be reached",
    Fact.ICMP_PORT_UNREACHABLE: "was told by ICMP that the port cannot be reached",
    Fact.ICMP_PROHIBITED: "was told by ICMP that the traffic is prohibited",
    Fact.ICMP_TOO_BIG: "was told by ICMP that a segment is too big for the path",
    Fact.ICMP_TIME_EXCEEDED: "was told by ICMP that a packet ran out of hops on its way",
    Fact.OVERSIZED_SEGMENTS: "sent segments larger than the other end's MSS, before its adapter cut them (offload)",
    Fact.STRAY_SYN: "sent a SYN in the middle of the connection",
    Fact.SPOKE_AFTER_OWN_SYN: "went on with the connection after a SYN in its name",
    Fact.CHALLENGE_ACK: "answered an unacceptable SYN or RST with an acknowledgement (RFC 5961)",
    # data
    Fact.SENT_DATA: "sent payload",
    Fact.DATA_RESENT: "sent some data again",
    Fact.DATA_RESENT_UNANSWERED: "sent the same data five times or more, and nothing acknowledged it",
    Fact.UNANSWERED_AFTER_IDLE: "broke a long silence of both ends with data that nothing answered, resent or not",
    Fact.FULL_SIZE_RESENT_ONLY: "resent full-sized segments only, while smaller ones got through",
    Fact.KEEPALIVE_SENT: "sent a keepalive probe",
    Fact.KEEPALIVE_UNANSWERED: "sent a keepalive probe that nothing answered",
    Fact.ZERO_WINDOW: "advertised a receive window of zero",
    Fact.ZERO_WINDOW_HELD: "kept its receive window at zero for longer than the profile's patience",
    Fact.WINDOW_PROBE_SENT: "probed a zero window",
    Fact.IDLE_GAP: "broke a silence of both ends longer than the profile's idle limit",
    # closing
    Fact.FIN_SENT: "sent a FIN",
    Fact.FIN_AFTER_IDLE: "sent its FIN after a silence of both ends of half a second or more",
    Fact.CLOSE_CROSSED_REQUEST: "ended such a silence by a FIN or a reset while data from the other end was on "
    "its way: neither had seen the other's",
    Fact.FIN_RESENT: "sent its FIN again, with no acknowledgement of it captured",
    Fact.FIN_RESENT_AFTER_ACK: "sent its FIN again after the acknowledgement of it was captured",
    Fact.FIN_RETRIES_USED_UP: "stopped resending its FIN, which nothing acknowledged",
    Fact.DATA_AFTER_PEER_FIN: "sent data after the other's FIN had come, as its acknowledgement says (half-close)",
    Fact.CLOSE_WAIT_HELD: "stayed in CLOSE_WAIT for longer than the profile's patience",
    Fact.FIN_WAIT2_HELD: "stayed in FIN_WAIT2 for longer than the profile's fin_timeout",
    # resets
    Fact.RST_SENT: "sent a reset",
    Fact.RST_ABORTS: "sent a reset of its own accord (RST,ACK at its next sequence number)",
    Fact.RST_NO_SOCKET: "sent a reset in answer to a segment, as a host without such a connection does",
    Fact.RST_RIGHT_AFTER_WORDS: "sent a reset without ACK within a round trip of its last words",
    Fact.RST_AFTER_UNREAD_DATA: "sent a reset of its own accord with data from the other end just in, and no FIN "
    "before",
    Fact.RST_AFTER_IDLE: "sent a reset in answer to the first segment after a long silence",
    Fact.RST_ANSWERS_LATE_SEGMENT: "sent a reset in answer to a segment that lay outside its window or was "
    "acknowledged already",
    Fact.RST_IN_WINDOW: "sent a reset that is in the window but not exact: a challenge ACK is due (RFC 5961)",
    Fact.RST_OUT_OF_WINDOW: "sent a reset outside the window: to be ignored",
    Fact.RST_LOOKS_FOREIGN: "a reset in its name does not carry on its count of packets, or is of a form that "
    "no host without the connection gives it",
    Fact.RST_TTL_DIFFERS: "its reset's TTL is not that of its other segments",
    Fact.SPOKE_AFTER_OWN_RST: "went on talking after a reset in its name",
    Fact.SPOKE_AFTER_RST: "went on talking after a reset that it should have accepted",
    Fact.TWO_SYN_ACKS: "answered one SYN by two SYN-ACKs with different initial sequence numbers",
    # segments that the receiver drops
    Fact.NO_ACK_BIT: "sent a segment without the ACK bit: to be dropped (RFC 9293, 3.10.7.4)",
    Fact.OLD_SEGMENT: "sent a segment that lies below what was acknowledged: to be answered and dropped",
    Fact.BEYOND_WINDOW: "sent a segment beyond the other end's window, or, where that is not known, a mebibyte ahead "
    "and unlike its others: to be answered and dropped",
    Fact.SPOKE_BEFORE_OPENING: "sent data or a FIN before its SYN-ACK was acknowledged, ahead of what comes next or "
    "unlike its others: somebody else's",
    Fact.ACK_TOO_OLD: "acknowledged far less than before, or not even the SYN-ACK: to be dropped (RFC 5961, 5.2)",
    Fact.ACK_BEYOND: "acknowledged what the other end had not sent: to be answered and dropped (RFC 9293, 3.10.7.4)",
    Fact.PAWS_DROPPED: "sent a segment with an older time stamp than the last: to be dropped (RFC 7323, 5.3)",
    Fact.BAD_CHECKSUM: "sent a segment with a wrong checksum, its own or the IPv4 header's, while its others are "
    "right: to be dropped in silence",
    Fact.FRAGMENTS_DIFFER: "sent a segment in IP fragments that overlap and differ: which copy counted is open",
    Fact.UNASKED_SYN_ACK: "sent a SYN-ACK that answers no SYN of this connection: to be answered and dropped",
    Fact.COPIED_LATER: "a packet of it came once more, later than a tap would show it twice: as the network copies "
    "packets, or who joins two captures",
    # options that may decide whether a SYN is answered
    Fact.SYN_WITH_ECN: "asked for ECN in its SYN (ECE and CWR, RFC 3168)",
    Fact.SYN_WITH_FAST_OPEN: "sent a SYN with the option of TCP Fast Open (RFC 7413)",
    Fact.SYN_WITH_MULTIPATH: "asked for Multipath TCP in its SYN, or agreed to it in its SYN-ACK (RFC 8684)",
    Fact.SYN_LEFT_OUT_STAMPS: "sent its SYN again without the time stamps that those before bore (RFC 7323)",
    Fact.SYN_ASKS_TO_JOIN: "asked in its SYN to join a connection of Multipath TCP (MP_JOIN of RFC 8684, 3.2)",
    Fact.SYN_CHECKSUM_WRONG: "sent a SYN or SYN-ACK with a wrong checksum, and not as offload leaves it",
    Fact.WRONG_CHECKSUM_ACKED: "sent a segment with a wrong checksum that was acknowledged, and no copy of it was "
    "captured: its checksums tell nothing",
    Fact.SYN_CAME_AS_ACK: "sent a SYN with the number of an acknowledgement that was reset just before",
    Fact.SYN_SIGNED: "signed its SYN or SYN-ACK (TCP-MD5, RFC 2385, or TCP-AO, RFC 5925)",
    Fact.SYN_ACK_ECHO_WRONG: "echoed in its SYN-ACK a time stamp that no SYN of the other end had (RFC 7323, 3.2)",
    Fact.SYN_ACK_OF_EARLIER_SYN: "answered a SYN before the last one, by the time stamp that its SYN-ACK echoes",
    Fact.TSVAL_BACKWARD: "began with an older time stamp than the last SYN of its address to that host had, "
    "a minute ago at most",
    Fact.SYN_ACK_WINDOW_ZERO: "sent a SYN-ACK with a window of zero, and opened that by a bare acknowledgement "
    "before any data",
    Fact.SYN_ACK_TTL_DIFFERS: "went on with another TTL than that of its SYN-ACK",
    Fact.ACK_OF_EARLIER_SYN_ACK: "acknowledged, by the time stamp that it echoes, a SYN-ACK before the last copy",
    Fact.SYN_ACK_ECHOES_ACK: "sent its SYN-ACK again, with the time stamp of the acknowledgement that it had drawn: "
    "that had arrived",
    Fact.SYN_ACK_TTL_AGAIN: "data of it came with the TTL of its SYN-ACK, and what lies between with another",
    Fact.ACKS_FROM_ELSEWHERE: "its bare acknowledgements come with one TTL and its data with another, in turn",
    Fact.TTL_TAKES_TURNS: "packets of one kind come with one TTL and with another, to and fro",
    Fact.RST_LEFT_OUT_STAMPS: "aborted by a reset without the time stamp that both ends had agreed on, which a reset "
    "should bear as well (RFC 7323, 3.2)",
    Fact.PROBE_UNHEARD: "probed again with the echo of an older time stamp than the answer to its last probe bore: "
    "that did not arrive",
    Fact.TIMESTAMPS_MISSING: "sent a segment, no reset, without the time stamp that both ends had agreed on "
    "(RFC 7323, 3.2)",
    Fact.RESET_LOOP: "sent the same reset, an acknowledgement that is thrown away, or acknowledged data, "
    "five times or more, and the other end answered each time",
    Fact.RESET_AGAIN: "sent the same reset three times or more, each a while after the one before, with other "
    "segments between, if the other end is captured at all",
    Fact.PROBE_LOST_AFTER_IDLE: "broke a long silence with a segment that was answered only when it came again",
    Fact.SURVIVED_GAP: "broke a long silence with a segment that was answered",
    Fact.ZERO_WINDOW_OFTEN: "kept its window at zero for more than five seconds in all, and opened it between",
    Fact.OVERTAKEN: "sent segments that later ones overtook on the way to the tap: each fills a hole before its "
    "sender can have learnt of one",
    Fact.WORDS_UNANSWERED: "had spoken last, and was acknowledged, before the silence that its FIN or probe broke",
    Fact.WAITED_FOR_ACK: "went on, time and again, in the moment in which a late acknowledgement came",
    Fact.WINDOW_TAKEN_BACK: "took back room in its receive window in which data were under way",
    Fact.OPENED_BY_LITTLE: "opened its receive window, which was zero, by less than a segment, again and again",
    Fact.WAITED_FOR_WINDOW: "waited, time and again, with less than a segment of room in the other end's window, and "
    "then filled just that",
    Fact.WINDOW_COLLAPSED: "answered a SYN that offered a window scale without one, and at once advertised a small "
    "part of the window of its SYN-ACK, with next to nothing received",
    Fact.WINDOW_READ_SMALL: "had what its windows are without their scale filled time and again, after a wait each "
    "time",
    Fact.SPOKE_PAST_FIN: "sent data beyond its own FIN, or in its place",
    Fact.RESENT_SMALLER: "sent in smaller segments what it had sent in full ones in vain",
    Fact.HOLE_NOT_FILLED: "sent what neither the capture nor the other end has, and said no more for seconds",
    Fact.STALLED: "sent the same data three times or more, for seconds, and then the other end went on or closed",
    Fact.STALLED_BRIEFLY: "sent the same data three times or more, for a second, and then the other end answered",
    Fact.BACKS_OFF_LONGER: "noticed each loss later than the one before, four times or more, though all was "
    "acknowledged in between",
    Fact.COPIED_LATE: "sent data again once or twice, ten seconds later or more, and then they were acknowledged; or "
    "sent only then what was missing and asked for",
    Fact.CONGESTION_ECHOED: "echoed marks of congestion in twenty segments or more (ECE of RFC 3168)",
    Fact.HELD_BACK: "sent the rest of its messages about 200 ms after full segments, though those were acknowledged "
    "at once",
    Fact.COPIES_TOGETHER: "copies of one segment of its data came together, three or more within "
    "milliseconds of each other, as what was held up on the way",
    Fact.GOT_TWICE: "reported octets that it had got twice (D-SACK, RFC 2883)",
    Fact.GOT_LARGE: "reported that it has as much as a full-sized segment holds, beyond a hole (SACK, RFC 2018)",
    Fact.URGENT_RESENT: "sent urgent data again (URG)",
    Fact.SPOKE_UNASKED: "went on of its own accord, a second or more after its last words, which were acknowledged "
    "and not answered",
    Fact.HEARTBEATS: "spoke at steady intervals, as many bytes each time",
    Fact.ICMP_REDIRECT: "was told by ICMP of a router that is nearer",
    # properties of resets
    Fact.RST_COPIES_PACKET: "a reset in its name bears the IPv4 identification of the other end's last packet",
    Fact.STRAY_RST_LOOKS_FOREIGN: "a reset in its name that the other end throws away does not look like its own",
    Fact.RST_TURNS_AWAY: "reset what acknowledged something else than its SYN (RFC 9293, 3.5.1)",
    Fact.RST_WITH_TEXT: "its reset carries a text (RFC 1122, 4.2.2.12)",
    Fact.ASKED_FOR_RESET: "ended Multipath TCP at once, and asked for a reset (MP_FASTCLOSE of RFC 8684, 3.5)",
    Fact.RST_WITH_CODE: "its reset has a window that may be a load balancer's code for the reason",
    Fact.RST_WITH_REASON: "its reset carries a reason (MP_TCPRST of RFC 8684, 3.6)",
}

FIGURES: dict[Fact, str] = {
    Fact.RST_TTL_DIFFERS: "how many TTLs its resets bore that none of its other segments had, up to four",
    Fact.SYN_RESENT: "how many copies followed the first",
    Fact.SYN_ACK_RESENT: "how many copies followed the first",
    Fact.SYN_ACK_RESENT_AFTER_ACK: "how many copies followed the first",
    Fact.SYN_WITH_ECN: "how many of its SYNs, the first among them, asked for it; nothing where one was enough",
    Fact.SYN_WITH_FAST_OPEN: "how many of its SYNs, the first among them, had it; nothing where one was enough",
    Fact.SYN_WITH_MULTIPATH: "how many of its SYNs, the first among them, asked for it; nothing where one was enough",
    Fact.SYN_LEFT_OUT_STAMPS: "how many of its SYNs before bore one",
    Fact.ICMP_PROHIBITED: "the IPv4 address of who said so, as a number",
    Fact.ICMP_PORT_UNREACHABLE: "the IPv4 address of who said so, as a number",
    Fact.ICMP_UNREACHABLE: "the IPv4 address of who said so, as a number",
    Fact.ICMP_TOO_BIG: "the IPv4 address of who said so, as a number",
    Fact.ICMP_TIME_EXCEEDED: "the IPv4 address of who said so, as a number",
    Fact.ICMP_REDIRECT: "the IPv4 address of who said so, as a number",
    Fact.RST_WITH_TEXT: "bytes of text",
    Fact.RST_WITH_CODE: "the window",
    Fact.RST_WITH_REASON: "the reason's number",
    Fact.RST_COPIES_PACKET: "1 if other packets in its name do so too",
    Fact.WAITED_FOR_ACK: "nanoseconds that it waited for those, in all",
    Fact.OPENED_BY_LITTLE: "how often",
    Fact.WINDOW_TAKEN_BACK: "how often",
    Fact.WAITED_FOR_WINDOW: "nanoseconds that it waited for room, in all",
    Fact.RESENT_SMALLER: "bytes of the first of them",
    Fact.SPOKE_UNASKED: "how often",
    Fact.HEARTBEATS: "nanoseconds of the interval, the longest",
    Fact.HOLE_NOT_FILLED: "bytes that are missing",
    Fact.BACKS_OFF_LONGER: "nanoseconds from the data to their first copies, in all",
    Fact.COPIED_LATE: "nanoseconds from the data to the answer, in all",
    Fact.CONGESTION_ECHOED: "how many segments",
    Fact.HELD_BACK: "how many times",
    Fact.NO_ACK_BIT: "how many FINs without ACK came where the next one was due; 0 where none did",
    Fact.COPIES_TOGETHER: "how many copies, the most",
    Fact.STALLED: "nanoseconds from the first copy to the answer, the longest time",
    Fact.STALLED_BRIEFLY: "nanoseconds from the first copy to the answer, the longest time",
    Fact.ZERO_WINDOW_OFTEN: "nanoseconds for which the window was zero, in all",
    Fact.TSVAL_BACKWARD: "by how many ticks, where the SYN came again",
    Fact.STRAY_SYN: "ns since its last word before, where the capture tells",
    Fact.ACK_OF_EARLIER_SYN_ACK: "nanoseconds since that SYN-ACK, if the server's time stamps count milliseconds",
    Fact.SYN_ACK_TTL_DIFFERS: "the TTL of the SYN-ACK",
    Fact.ACKS_FROM_ELSEWHERE: "the TTL of the bare acknowledgements",
    Fact.TIMESTAMPS_MISSING: "how many such segments",
    Fact.SYN_ACK_ECHO_WRONG: "the time stamp that it echoed",
    Fact.SYN_ACK_OF_EARLIER_SYN: "ticks by which the SYN that it answered is older, where the capture lacks that",
    Fact.WORDS_UNANSWERED: "nanoseconds of that silence",
    Fact.FIN_RESENT_AFTER_ACK: "how many copies",
    Fact.OVERTAKEN: "how many such segments",
    Fact.GOT_TWICE: "how many segments report so",
    Fact.PAWS_DROPPED: "how many such segments",
    Fact.BAD_CHECKSUM: "how many such segments",
    Fact.RESET_LOOP: "how often it sent it",
    Fact.RESET_AGAIN: "how often",
    Fact.PROBE_LOST_AFTER_IDLE: "how often",
    Fact.SURVIVED_GAP: "nanoseconds of the longest such silence",
    Fact.CLOCK_LEAPT: "nanoseconds of what looked like a silence",
    Fact.WINDOW_COLLAPSED: "bytes of that window, as it stands in the header",
    Fact.WINDOW_READ_SMALL: "bytes of the last of those windows, as it stands in the header",
    Fact.RST_AFTER_UNREAD_DATA: "nanoseconds of silence that this data had broken; nothing where none came before",
    Fact.REFUSED: "the TTL of the reset",
    Fact.RST_SENT: "the TTL of the first reset",
    Fact.RST_NO_SOCKET: "nanoseconds since the segment that the first such reset answers, where it is known",
    Fact.TWO_SYN_ACKS: "the higher initial sequence number of those after the first",
    Fact.IDLE_GAP: "nanoseconds of the longest silence that it broke",
    Fact.RST_AFTER_IDLE: "nanoseconds of silence before the segment that the reset answers",
    Fact.UNANSWERED_AFTER_IDLE: "nanoseconds of silence before the data",
    Fact.FIN_AFTER_IDLE: "nanoseconds of silence before the FIN",
    Fact.CLOSE_CROSSED_REQUEST: "nanoseconds of silence before the two crossed",
    Fact.KEEPALIVE_SENT: "nanoseconds of silence before a first probe, the shortest",
    Fact.KEEPALIVE_UNANSWERED: "probes in a row, up to the last, that nothing answered",
    Fact.DATA_RESENT_UNANSWERED: "how often the same data was resent",
    Fact.ZERO_WINDOW_HELD: "nanoseconds for which the window stayed at zero, the longest time",
}
"""Facts that carry a number (``Sighting.figure``), and the meaning of the number."""
