"""Whether an end would have accepted a segment, by the segments it had sent and received, and the kernel's own state.

The rules are those of RFC 9293, 3.10.7, with RFC 5961 (blind attacks), RFC 7323, 5 (PAWS), and where these leave a
choice, Linux's. A segment is taken if it changes anything of what the end knows: its state, what it has received,
what it knows to be acknowledged. One that only draws an answer is not taken.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.lab.frames import Flag, Frame

from .numbers import ahead, furthest, time_stamps, window_scale

LARGEST_SCALE = 14
"""RFC 7323, 2.3."""
KEEP = Flag.FIN | Flag.SYN | Flag.RST | Flag.ACK


@dataclass(frozen=True)
class Segment:
    """The fields of a segment that a receiver checks."""

    flags: Flag
    seq: int
    ack: int
    length: int
    time_stamps: tuple[int, int] | None
    has_right_checksum: bool = True

    @property
    def end(self) -> int:
        return (self.seq + self.length + bool(self.flags & Flag.FIN) + bool(self.flags & Flag.SYN)) % 2**32


@dataclass
class Receiver:
    """The sequence space of one end (RFC 9293, 3.3.1), by its own frames and those that reached it."""

    snd_una: int | None = None
    snd_nxt: int | None = None
    rcv_nxt: int | None = None
    right_edge: int | None = None
    """The furthest right edge of the windows that the end has offered."""
    ts_recent: int | None = None
    greatest_window: int = 65535
    """The greatest window that the other end has offered (RFC 5961, 5.2: MAX.SND.WND)."""
    has_only_answered: bool = True
    """Whether the end has sent only SYN-ACKs: from a request socket (Linux: its listener's), or as a SYN cookie."""
    _ahead_of_hole: list[tuple[int, int]] = field(default_factory=list)
    _scales: dict[bool, int] = field(default_factory=dict)
    """The window scale of this end (``True``) and of the other, from their SYNs."""

    def send(self, frame: Frame) -> None:
        """Take note of a frame that the end sent."""
        if frame.flags & Flag.SYN:
            self._scales[True] = window_scale(frame.raw)
        if not frame.flags & Flag.RST:
            self.has_only_answered &= frame.flags & KEEP == Flag.SYN | Flag.ACK
            self.snd_nxt = furthest(self.snd_nxt, frame.next_seq)
            if self.snd_una is None:
                self.snd_una = frame.seq
        if frame.flags & Flag.ACK and not frame.flags & Flag.RST:
            # The end's own acknowledgement says what it has received: it outweighs what should have arrived.
            self.rcv_nxt = furthest(self.rcv_nxt, frame.ack)
            scale = 0 if frame.flags & Flag.SYN else self._scale(own=True)
            self.right_edge = furthest(self.right_edge, (frame.ack + (frame.window << scale)) % 2**32)

    def receive(self, frame: Frame) -> None:
        """Take note of a frame that reached the end."""
        if frame.flags & Flag.RST:
            return
        if frame.flags & Flag.SYN:
            self._scales[False] = window_scale(frame.raw)
        if self.rcv_nxt is None:
            self.rcv_nxt = frame.seq
        stamps = time_stamps(frame.raw)
        if stamps and ahead(frame.seq, self.rcv_nxt) <= 0 and self._is_newer(stamps[0]):
            self.ts_recent = stamps[0]
        self._ahead_of_hole.append((frame.seq, frame.next_seq))
        for seq, end in sorted(self._ahead_of_hole, key=lambda each: ahead(each[0], self.rcv_nxt or 0)):
            if ahead(seq, self.rcv_nxt) <= 0:
                self.rcv_nxt = furthest(self.rcv_nxt, end)
        self._ahead_of_hole = [each for each in self._ahead_of_hole if ahead(each[1], self.rcv_nxt) > 0]
        if frame.flags & Flag.ACK:
            scale = 0 if frame.flags & Flag.SYN else self._scale(own=False)
            self.greatest_window = max(self.greatest_window, frame.window << scale)
            if self.snd_nxt is not None and ahead(frame.ack, self.snd_nxt) <= 0:
                self.snd_una = furthest(self.snd_una, frame.ack)

    def _scale(self, *, own: bool) -> int:
        """The scale of one end: 0 unless both ends scale (RFC 7323, 2.2), the largest if neither SYN is known."""
        if not self._scales:
            return LARGEST_SCALE
        return self._scales[own] if all(self._scales.get(each) for each in (True, False)) else 0

    def _is_newer(self, value: int) -> bool:
        return self.ts_recent is None or ahead(value, self.ts_recent) >= 0

    def takes(self, segment: Segment, state: str) -> bool:
        """Whether the segment would change anything in this state of the kernel."""
        if not segment.has_right_checksum:
            return False
        match state:
            case "CLOSED":
                return False
            case "LISTEN":
                if self.snd_nxt is not None and self.has_only_answered:
                    return self._takes_in_sequence(
                        segment, "SYN_RECV"
                    )  # the kernel records no state of a request
                return segment.flags & KEEP == Flag.SYN  # Linux drops one with FIN
            case "SYN_SENT":
                return self._takes_in_syn_sent(segment)
            case "TIME_WAIT":
                return self._takes_in_time_wait(segment)
            case _:
                return self._takes_in_sequence(segment, state)

    def _takes_in_syn_sent(self, segment: Segment) -> bool:
        """RFC 9293, 3.10.7.3."""
        if segment.flags & Flag.ACK and (self.snd_nxt is None or segment.ack != self.snd_nxt):
            return False
        if segment.flags & Flag.RST:
            return bool(segment.flags & Flag.ACK)
        return bool(segment.flags & Flag.SYN)

    def _takes_in_time_wait(self, segment: Segment) -> bool:
        """A SYN beyond the old numbers, or with a later time stamp, begins the next connection (RFC 9293, 3.10.7.4;
        RFC 6191), and Linux lets a reset at the next number end the state.
        """
        if self.rcv_nxt is None:
            return True
        if segment.flags & Flag.RST:
            return segment.seq == self.rcv_nxt
        if segment.flags & KEEP != Flag.SYN:
            return False
        is_later = segment.time_stamps is not None and self._is_newer(segment.time_stamps[0])
        return is_later or ahead(segment.seq, self.rcv_nxt) > 0

    def _takes_in_sequence(self, segment: Segment, state: str) -> bool:
        """RFC 9293, 3.10.7.4, in its order: number, reset, SYN, ACK, data and FIN."""
        if self.rcv_nxt is None or self.snd_nxt is None or self.snd_una is None:
            return True
        is_reset = bool(segment.flags & Flag.RST)
        if segment.time_stamps and not is_reset and not self._is_newer(segment.time_stamps[0]):
            return False
        if state == "SYN_RECV" and segment.flags & (Flag.RST | Flag.SYN) and self._begins_in_window(segment):
            return True  # Linux, tcp_check_req: a listener drops the request
        if is_reset:
            return self._takes_reset(segment, state)
        if not self._fits(segment) or segment.flags & Flag.SYN or not segment.flags & Flag.ACK:
            return False
        is_beyond = ahead(segment.ack, self.snd_nxt) > 0
        is_too_old = ahead(segment.ack, (self.snd_una - self.greatest_window) % 2**32) < 0
        if is_beyond or (is_too_old and state != "SYN_RECV"):
            return False
        if state == "SYN_RECV":
            return ahead(segment.ack, self.snd_una) > 0
        acknowledges = ahead(segment.ack, self.snd_una) > 0
        brings = ahead(segment.end, self.rcv_nxt) > 0
        return acknowledges or brings or self._renews_time_stamp(segment)

    def _renews_time_stamp(self, segment: Segment) -> bool:
        """Whether later segments would be measured by this one's time stamp (RFC 7323, 4.3)."""
        assert self.rcv_nxt is not None
        if self.ts_recent is None or segment.time_stamps is None:
            return False
        return ahead(segment.seq, self.rcv_nxt) <= 0 and ahead(segment.time_stamps[0], self.ts_recent) > 0

    def _takes_reset(self, segment: Segment, state: str) -> bool:
        """RFC 5961, 3.2: the number must be RCV.NXT. Linux also takes the end of a block that it named in SACK, and
        the number of a FIN that it has received.
        """
        assert self.rcv_nxt is not None
        exact = {self.rcv_nxt, *(end for _, end in self._ahead_of_hole)}
        if state in {"CLOSE_WAIT", "LAST_ACK", "CLOSING"}:
            exact.add((self.rcv_nxt - 1) % 2**32)
        return segment.seq in exact

    def _begins_in_window(self, segment: Segment) -> bool:
        """Whether the segment begins in the window."""
        assert self.rcv_nxt is not None
        edge = self.right_edge if self.right_edge is not None else (self.rcv_nxt + 65535) % 2**32
        return 0 <= ahead(segment.seq, self.rcv_nxt) < ahead(edge, self.rcv_nxt)

    def _fits(self, segment: Segment) -> bool:
        """Whether any of the segment lies in the window; for Linux it may just touch an edge."""
        if self.rcv_nxt is None:
            return True
        edge = self.right_edge if self.right_edge is not None else (self.rcv_nxt + 65535) % 2**32
        return ahead(segment.end, self.rcv_nxt) >= 0 and ahead(segment.seq, edge) <= 0
