"""One end of a connection by RFC 9293, 3.10; where that leaves a choice, as Linux does.

No reassembly: what comes out of order is thrown away, and acknowledged again. No windows: what is sent fits.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

SYN_TIMEOUT = 1.0
TIMEOUT = 0.2
RETRIES = 6
WINDOW = 64240
TWO_MSL = 60.0


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment of one end: flags as tcpdump writes them."""

    flags: str
    seq: int
    ack: int | None = None
    payload: int = 0

    @property
    def length(self) -> int:
        """The number of sequence numbers that it occupies."""
        return self.payload + ("S" in self.flags) + ("F" in self.flags)


@dataclass(slots=True)
class Kernel:
    """One endpoint. ``send`` puts a segment on the wire; ``now`` tells the time; ``wake`` asks to be called later."""

    iss: int
    send: Callable[[Segment], None]
    now: Callable[[], float]
    wake: Callable[[float, Callable[[], None]], None]
    state: str = "CLOSED"
    history: list[tuple[float, str, str]] = field(default_factory=list)
    una: int = 0
    nxt: int = 0
    rcv_nxt: int = 0
    unacked: list[Segment] = field(default_factory=list)
    tries: int = 0
    alarm: int = 0
    """Counts the timers that were set; only the last one counts."""

    def __post_init__(self) -> None:
        self.una = self.nxt = self.iss

    def enter(self, state: str) -> None:
        self.history.append((self.now(), self.state, state))
        self.state = state
        if state == "CLOSED":
            self.unacked.clear()
        if state == "TIME_WAIT":
            self._set_alarm(TWO_MSL, self._two_msl_over)

    # Calls of the application. A call that is invalid in a state does nothing.

    def listen(self) -> None:
        self.state = "LISTEN"

    def connect(self) -> None:
        if self.state in ("CLOSED", "LISTEN") and not self.history:
            self.state = "CLOSED"
            self.enter("SYN_SENT")
            self._queue("S")

    def write(self, size: int) -> None:
        if self.state in ("ESTABLISHED", "CLOSE_WAIT"):
            self._queue("P.", size)

    def close(self) -> None:
        after = {"ESTABLISHED": "FIN_WAIT1", "CLOSE_WAIT": "LAST_ACK"}.get(self.state)
        if after is not None:
            self.enter(after)
            self._queue("F.")

    def abort(self) -> None:
        if self.state in ("ESTABLISHED", "CLOSE_WAIT", "FIN_WAIT1", "FIN_WAIT2"):
            self.send(Segment("R.", self.nxt, self.rcv_nxt))
            self.enter("CLOSED")
        elif self.state == "SYN_SENT":
            self.enter("CLOSED")

    def vanish(self) -> None:
        """Lose power: all state is lost, and no packet is sent."""
        if self.state not in ("CLOSED", "LISTEN"):
            self.enter("CLOSED")

    def probe(self) -> None:
        """Ask whether the other end is still there (RFC 9293, 3.8.4)."""
        if self.state in ("ESTABLISHED", "CLOSE_WAIT") and not self.unacked:
            self.send(Segment(".", self.nxt - 1, self.rcv_nxt))

    # Segments from the wire.

    def receive(self, segment: Segment) -> None:
        if self.state in ("CLOSED", "LISTEN"):
            self._receive_unconnected(segment)
        elif self.state == "SYN_SENT":
            self._receive_in_syn_sent(segment)
        elif self._is_acceptable(segment):
            self._receive_acceptable(segment)

    def _receive_unconnected(self, segment: Segment) -> None:
        if "R" in segment.flags:
            return
        if self.state == "LISTEN" and segment.flags == "S":
            self.rcv_nxt = segment.seq + 1
            self.enter("SYN_RECV")
            self._queue("S.")
        elif segment.ack is not None:
            self.send(Segment("R", segment.ack))
        else:
            self.send(Segment("R.", 0, segment.seq + segment.length))

    def _receive_in_syn_sent(self, segment: Segment) -> None:
        if segment.ack is not None and not self.una < segment.ack <= self.nxt:
            if "R" not in segment.flags:
                self.send(Segment("R", segment.ack))
        elif "R" in segment.flags:
            if segment.ack is not None:
                self.enter("CLOSED")
        elif "S" in segment.flags:
            self.rcv_nxt = segment.seq + 1
            if segment.ack is not None:
                self._acknowledged(segment.ack)
                self.enter("ESTABLISHED")
                self._acknowledge()
            else:
                self.enter("SYN_RECV")
                self.unacked.clear()
                self.nxt = self.iss
                self._queue("S.")

    def _is_acceptable(self, segment: Segment) -> bool:
        """Check sequence, RST and SYN (RFC 9293, 3.10.7.4; RFC 5961). Failing ones may draw an acknowledgement."""
        if self.state == "SYN_RECV" and "S" in segment.flags and segment.seq == self.rcv_nxt - 1:
            if segment.ack == self.nxt:
                # The other's SYN-ACK of a simultaneous open.
                self._acknowledged(segment.ack)
                self.enter("ESTABLISHED")
                self._acknowledge()
            elif segment.ack is None and self.unacked:
                self._resend()
            return False
        end = segment.seq + segment.length
        is_old = (end <= self.rcv_nxt and segment.length > 0) or (
            segment.seq < self.rcv_nxt and not segment.length
        )
        in_window = not is_old and segment.seq < self.rcv_nxt + WINDOW
        if "R" in segment.flags:
            if segment.seq == self.rcv_nxt:
                self.enter("CLOSED")
            elif in_window:
                self._acknowledge()
            return False
        if not in_window or "S" in segment.flags:
            if self.state == "TIME_WAIT":
                self._set_alarm(TWO_MSL, self._two_msl_over)
            self._acknowledge()
            return False
        return segment.ack is not None

    def _receive_acceptable(self, segment: Segment) -> None:
        ack = segment.ack or 0
        if self.state == "SYN_RECV":
            if not self.una < ack <= self.nxt:
                self.send(Segment("R", ack))
                return
            self._acknowledged(ack)
            self.enter("ESTABLISHED")
        if ack > self.nxt:
            self._acknowledge()
            return
        self._acknowledged(ack)
        if self.state == "CLOSED" or not segment.length:
            return
        if segment.seq <= self.rcv_nxt and self.state != "TIME_WAIT":
            self.rcv_nxt = segment.seq + segment.length
            if "F" in segment.flags:
                after = {"ESTABLISHED": "CLOSE_WAIT", "FIN_WAIT1": "CLOSING", "FIN_WAIT2": "TIME_WAIT"}
                self.enter(after[self.state])
        self._acknowledge()

    def _acknowledged(self, ack: int) -> None:
        if ack <= self.una:
            return
        self.una = ack
        self.unacked = [kept for kept in self.unacked if kept.seq + kept.length > ack]
        self.tries = 0
        self._set_retransmission()
        fin_is_acked = ack == self.nxt and not self.unacked
        after = {"FIN_WAIT1": "FIN_WAIT2", "CLOSING": "TIME_WAIT", "LAST_ACK": "CLOSED"}.get(self.state)
        if fin_is_acked and after is not None:
            self.enter(after)

    def _acknowledge(self) -> None:
        self.send(Segment(".", self.nxt, self.rcv_nxt))

    # Sending, and retransmitting.

    def _queue(self, flags: str, payload: int = 0) -> None:
        segment = Segment(flags, self.nxt, self.rcv_nxt if "." in flags else None, payload)
        self.nxt += segment.length
        self.unacked.append(segment)
        if len(self.unacked) == 1:
            self.tries = 0
            self._set_retransmission()
        self.send(segment)

    def _set_retransmission(self) -> None:
        if self.unacked:
            first = SYN_TIMEOUT if "S" in self.unacked[0].flags else TIMEOUT
            self._set_alarm(first * 2**self.tries, self._timed_out)

    def _timed_out(self) -> None:
        if not self.unacked:
            return
        self.tries += 1
        if self.tries > RETRIES:
            self.enter("CLOSED")
            return
        self._resend()
        self._set_retransmission()

    def _resend(self) -> None:
        head = self.unacked[0]
        ack = self.rcv_nxt if "." in head.flags else None
        self.send(Segment(head.flags, head.seq, ack, head.payload))

    def _two_msl_over(self) -> None:
        if self.state == "TIME_WAIT":
            self.enter("CLOSED")

    def _set_alarm(self, delay: float, action: Callable[[], None]) -> None:
        self.alarm += 1
        mine = self.alarm
        self.wake(delay, lambda: action() if mine == self.alarm else None)
