"""Segments that arrive and are thrown away for what they carry: a checksum, a time stamp."""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from wirestat.diagnosis.advice import advise, capture_at, nstat, on, sysctl
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.rules.path.flaws import SegmentFlaw
from wirestat.diagnosis.rules.path.foreign_echoes import foreign_echo
from wirestat.diagnosis.rules.path.icmp_complaints import TOLD_BY_ICMP
from wirestat.diagnosis.rules.path.wrong_checksums import some_never_pass, wrong_checksums
from wirestat.diagnosis.shown import is_shown
from wirestat.diagnosis.study.common import was_taken_backward
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import times
from wirestat.model import Connection, Fault, Severity, Side, State
from wirestat.vocabulary import Fact
from wirestat.words import some

_SEVERAL = 2
"""Once may be chance."""
_MANY = 4
"""Segments; where all of so many lack what was agreed on, it is no odd one."""
_RATHER = 3
"""SYNs that go backward are ignored so many times as often as those that go forward."""
_UNROUTED = (64, 128, 255)
"""TTLs and hop limits that hosts begin with: no router was passed."""


class Stamps(NamedTuple):
    """The fate of the SYNs of one client to one host, by their time stamps."""

    ignored: int
    """Those with an older time stamp than the one before that had to be sent again."""
    taken: int
    """Those with an older time stamp that were answered at once: whoever answers does not mind."""
    resent_forward: int
    """Those that had to be sent again although their time stamp went forward."""
    taken_forward: int
    """Those whose time stamp went forward, and that were answered at once."""

    @classmethod
    def of(cls, case: Case) -> "Stamps":
        """Count them."""
        kinds = case.between_hosts(_stamped)
        return cls(*(kinds[kind] for kind in ((True, True), (True, False), (False, True), (False, False))))

    @property
    def tells(self) -> bool:
        """Whether being older is what gets a SYN ignored: those that go forward are taken, and no older one is."""
        if self.taken or self.resent_forward * _RATHER >= self.ignored:
            return False  # stacks that make up a clock for each connection go backward all the time
        return self.taken_forward > 0 or self.ignored == 1


def _stamped(connections: list[Connection]) -> Counter[tuple[bool, bool]]:
    """Count the SYNs of a client to a host by whether they went backward, and whether they were ignored."""
    return Counter(
        (
            is_shown(one, Fact.TSVAL_BACKWARD, Side.CLIENT),
            is_shown(one, Fact.SYN_RESENT, Side.CLIENT) and not was_taken_backward(one),
        )
        for one in connections
    )


@rule(
    "D45",
    "Dropped for an option or a checksum",
    Severity.WARNING,
    rests_on={Basis.REPEATS, Basis.SILENCE},
    replaces={"D01", "D04", "D27"},
)
def dropped_for_an_option(case: Case) -> Verdict | None:
    """Segments arrive and are not answered, and they carry what makes a receiver throw them away.

    What it means: the receiver drops in silence what it must not take: a segment with a wrong checksum; one without
    the time stamp that both ends agreed on; a SYN whose time stamp is older than the last one of its address, which
    a Linux before 4.12 with ``tcp_tw_recycle`` ignores, as does a socket in TIME_WAIT (PAWS). The sender, or a device
    on the way that changes options and does not mend the checksum, is at fault, and neither end logs a word.
    Or the same data is sent again in vain, while as much arrived beyond it: something drops or damages just that.

    Why it matters: connections hang or fail for some clients only, and the server seems to ignore what it is shown
    to receive.

    Rivals: a full accept queue and a host firewall drop without regard to options. A tap on the sender's own host
    shows checksums that the adapter has yet to fill in.

    What to do: read the receiver's counters, which tell these drops apart. Then find what changes the option: compare
    the same segment at both ends (``wirestat compare``).

    See it: ``wirestat pcaps/field/ack-without-negotiated-timestamps/capture.pcap``: bare ACKs without time stamps.

    RFC 9293: 3.1 (checksum); RFC 7323, 3.2 (a segment without a negotiated time stamp is dropped) and 5 (PAWS).
    """
    flaw = next((found for look in _FLAWS if (found := look(case))), None)
    if flaw is None:
        return None
    end = flaw.end
    never_connected = end is case.client and end.other.state is State.UNKNOWN and not end.other.record.frames
    if never_connected and flaw.weak:
        return None  # an unanswered SYN (D01), which names this among what may be why
    return Verdict(
        severity=Severity.ERROR if never_connected else flaw.severity,
        grounds=(
            showing(end, flaw.fact, Fact.SYN_RESENT, Fact.DATA_RESENT),
            showing(end.other, Fact.SYN_ACK_RESENT_AFTER_ACK),
        ),
        doubts=flaw.doubts,
        weak=flaw.weak,
        fault=flaw.fault,
        frames=case.evidence(
            case.connection.first_frame, end.frame(flaw.fact), end.frame(Fact.SYN_RESENT, Fact.DATA_RESENT)
        ),
        explanation=flaw.what,
        rivals=flaw.rivals,
        advice=flaw.advice,
    )


def _wrong_syn_checksum(case: Case) -> SegmentFlaw | None:
    end = next((end for end in case.ends if end.has(Fact.SYN_CHECKSUM_WRONG)), None)
    if end is None or case.tap is end.side or not _was_ignored(end):
        return None
    here = end.record.ttl in _UNROUTED
    segment = "SYN" if end is case.client else "SYN-ACK"
    return SegmentFlaw(
        end,
        Fact.SYN_CHECKSUM_WRONG,
        f"The {segment} of {end} arrives at the tap with a wrong checksum, {times(_copies(end))}: {end.other} drops "
        "it in silence. Something on the way changes it and does not mend the checksum.",
        Fault.PATH,
        (
            cause("a device that rewrites options (MSS, window scale) or addresses"),
            cause("a damaged link or adapter"),
            cause("a stack in user space that computes it wrong"),
            still_open("checksum offload at the sender's own host", "its TTL is one that hosts begin with")
            if here
            else ruled_out("checksum offload at the sender's own host", "the TTL shows that it was routed"),
        ),
        advise(
            f"Compare the {segment} at both ends (wirestat compare): what differs names the device's doing.",
            nstat(end.other, "TcpInCsumErrors", "TcpInErrs"),
            capture_at(end),
        ),
        doubts=(
            "the tap may be at the sender, whose adapter fills the checksum in later"
            if here
            else "one capture does not tell where it was damaged",
        ),
        weak=here,
    )


def _was_ignored(end: End) -> bool:
    """Say whether its SYN, or SYN-ACK, was sent again and never answered."""
    if end.side is Side.CLIENT:
        return end.has(Fact.SYN_RESENT) and end.other.state is State.UNKNOWN
    return end.has(Fact.SYN_ACK_RESENT) and end.state in (State.SYN_RECV, State.CLOSED)


def _copies(end: End) -> int:
    copies = end.figure(Fact.SYN_RESENT if end.side is Side.CLIENT else Fact.SYN_ACK_RESENT)
    return end.record.frames if copies is None else copies + 1


def _backward_time_stamp(case: Case) -> SegmentFlaw | None:
    client, server = case.client, case.server
    if not client.has(Fact.TSVAL_BACKWARD) or not client.has(Fact.SYN_RESENT) or client.has(*TOLD_BY_ICMP):
        return None
    tried = Stamps.of(case)
    if not tried.tells:
        return None
    ticks, (answers, _) = client.figure(Fact.TSVAL_BACKWARD), case.answers
    back = f" by {ticks:,} ticks" if ticks else ""
    at_server = case.tap is Side.SERVER
    return SegmentFlaw(
        client,
        Fact.TSVAL_BACKWARD,
        f"The time stamp in the SYN of {client} goes backward{back}: it is older than that of the SYN before, from "
        f"the same address to {server.address}. {server.subject} ignored it, so it had to be sent again; of those "
        f"whose time stamps went forward {tried.resent_forward or 'none'} had to. Several hosts seem to share that "
        "address (NAT, a load balancer), each with a clock of its own."
        + (" The tap is at the server: the SYN arrives, and the server ignores it." if at_server else ""),
        Fault.SERVER if at_server else Fault.UNDECIDED,
        (
            cause("tcp_tw_recycle at the server", "Linux before 4.12; it is gone since"),
            cause("PAWS against a connection of the same ports in TIME_WAIT"),
            unlikely(
                "a full accept queue",
                f"it answered {some(answers, 'other SYN')}, whose time stamps were newer",
            )
            if answers
            else still_open("a full accept queue or a filter", "no SYN is answered"),
        ),
        advise(
            "See which of these drops SYNs at the server. tcp_tw_recycle must be off behind NAT (Linux 4.12 removed "
            "it); else let the hosts behind the NAT go without time stamps, or the NAT rewrite them.",
            nstat(server, "TcpExtPAWSPassive", "TcpExtPAWSActive", "TcpExtPAWSEstab", "TcpExtPAWSTimewait"),
            on(server, "uname -r; sysctl net.ipv4.tcp_tw_recycle net.ipv4.tcp_timestamps"),
        ),
        doubts=("other things that drop a SYN now and then would look the same",),
        weak=not answers or tried.ignored < _SEVERAL,
    )


def lack_stamps(case: Case, end: End) -> bool:
    """Say whether probes or data that nothing answered lack the time stamps that both ends had agreed on."""
    if case.has(Fact.MID_STREAM) or not end.has(Fact.TIMESTAMPS_MISSING):
        return False
    probes, missing = end.figure(Fact.KEEPALIVE_UNANSWERED) or 0, end.figure(Fact.TIMESTAMPS_MISSING) or 0
    if end.has(Fact.DATA_RESENT_UNANSWERED) and end.record.unacknowledged_bytes:
        return missing >= _SEVERAL and missing > end.record.retransmitted_frames
    return probes >= _SEVERAL and missing >= probes


def _missing_time_stamps(case: Case) -> SegmentFlaw | None:
    end = next((end for end in case.ends if end.has(Fact.TIMESTAMPS_MISSING)), None)
    if end is None or case.has(Fact.MID_STREAM):
        return None  # what was agreed on is not known
    count = end.figure(Fact.TIMESTAMPS_MISSING) or 1
    if _lack_all_the_same(end, count):
        return _taken_without_stamps(case, end, count)
    ignored = (
        end.other.has(Fact.SYN_ACK_RESENT_AFTER_ACK)
        or (end.has(Fact.DATA_RESENT) and end.record.unacknowledged_bytes > 0)
        or lack_stamps(case, end)
    )
    if not ignored:
        return None
    return SegmentFlaw(
        end,
        Fact.TIMESTAMPS_MISSING,
        f"{end.subject} sent {some(count, 'segment')} without the time stamp that both ends had agreed on, and "
        f"{end.other} goes on as if they had not come: RFC 7323 has it drop them.",
        end.fault,
        (
            cause("a stack that leaves its time stamps out"),
            cause("a device on the way that takes options out, or answers in that end's name"),
            unlikely("a full accept queue", "the missing time stamp is enough"),
        ),
        advise(
            f"See what sends in the name of {end.address}, and whether a device on the way strips options. Until "
            "then connections without time stamps get through.",
            sysctl(end.other, "net.ipv4.tcp_timestamps"),
            nstat(end.other, "TcpExtTCPACKSkippedSynRecv", "TcpExtPAWSEstab"),
            capture_at(end),
        ),
        doubts=("one capture does not tell why the other end ignores it",),
    )


def _lack_all_the_same(end: End, count: int) -> bool:
    """Say whether all that it sent after its opening lacks them, and the other end takes it."""
    is_taken = end.has(Fact.SENT_DATA) and not end.record.unacknowledged_bytes
    is_well = not end.has(Fact.RST_SENT, Fact.DATA_RESENT) and not end.other.has(
        Fact.RST_SENT, Fact.SYN_ACK_RESENT_AFTER_ACK
    )
    return is_taken and is_well and count >= _MANY and count >= end.record.frames - len(("SYN",))


def _taken_without_stamps(case: Case, end: End, count: int) -> SegmentFlaw:
    """Judge an end whose time stamps are lost after the opening, and whom the other end hears all the same."""
    return SegmentFlaw(
        end,
        Fact.TIMESTAMPS_MISSING,
        f"{end.subject} sent {some(count, 'segment')} without the time stamp that both ends had agreed on, all after "
        f"its opening. {end.other.subject} takes them; hosts that keep to RFC 7323 drop them.",
        Fault.UNDECIDED,
        (
            cause("a device on the way that takes options out of all but the opening"),
            cause("a stack that leaves its time stamps out"),
        ),
        advise(
            f"Compare the segments at both ends (wirestat compare): where the option is there at {end.address}, a "
            "device on the way strips it.",
            capture_at(end),
        ),
        doubts=("one capture does not tell who leaves it out",),
        severity=Severity.NOTE,
    )


def _is_often_old(end: End) -> bool:
    return (end.figure(Fact.PAWS_DROPPED) or 0) >= _SEVERAL


def _is_taken_since(end: End) -> bool:
    """Say whether other segments of it were taken after the first that was not: one odd time stamp does no harm."""
    dropped, taken = end.fact(Fact.PAWS_DROPPED), end.record.last_time_ns
    return dropped is not None and taken is not None and taken > dropped.time_ns


def _clock_set_back(case: Case) -> SegmentFlaw | None:
    end = next((end for end in case.ends if end.has(Fact.PAWS_DROPPED) and _is_often_old(end)), None)
    if end is None or _is_taken_since(end):
        return None
    count = end.figure(Fact.PAWS_DROPPED) or _SEVERAL
    return SegmentFlaw(
        end,
        Fact.PAWS_DROPPED,
        f"{end.subject} sent {some(count, 'segment')} whose time stamps (TSval) are older than those it sent before. "
        f"{end.other.subject} takes them for old copies and asks each time for what it has not got (PAWS): both ends "
        "are alive, and nothing gets through.",
        end.fault,
        (
            cause("a host that was moved, restored or resumed with another clock (CRIU, a virtual machine)"),
            cause("a device on the way that makes up time stamps"),
            unlikely("a forged segment", "it comes again and again"),
            ruled_out("a dead end or path (D09)", "each of them is answered"),
        ),
        advise(
            "End the connection: it cannot recover before its clock has caught up. Where hosts are moved with their "
            "connections, have the time stamps go on from where they were.",
            nstat(end.other, "TcpExtPAWSEstab"),
            sysctl(end, "net.ipv4.tcp_timestamps"),
        ),
    )


def _unsigned_answer(case: Case) -> SegmentFlaw | None:
    client, server = case.client, case.server
    if not client.has(Fact.SYN_SIGNED) or server.has(Fact.SYN_SIGNED):
        return None
    if not client.has(Fact.SYN_RESENT_AFTER_SYN_ACK):
        return None
    return SegmentFlaw(
        client,
        Fact.SYN_SIGNED,
        f"{client.subject} signed its SYN (TCP-MD5 or TCP-AO), and the SYN-ACK of {server} bears no signature: the "
        "client drops it in silence and asks again.",
        server.fault,
        (
            cause(
                "a server that has no password for this client", "the listening socket, or the peer's address"
            ),
            cause(
                "a device on the way that takes the signature out",
                "then the MSS or other options differ, too",
            ),
            unlikely("answers that are lost on the way (D04)", "the missing signature is enough"),
        ),
        advise(
            f"Give the listener on {server.socket} the password for {client.address}, before it answers.",
            nstat(client, "TcpExtTCPMD5NotFound", "TcpExtTCPMD5Unexpected", "TcpExtTCPMD5Failure"),
            capture_at(server),
        ),
        doubts=("one capture does not tell whether the SYN-ACK arrives",),
    )


_FLAWS: tuple[Callable[[Case], SegmentFlaw | None], ...] = (
    _unsigned_answer,
    foreign_echo,
    _wrong_syn_checksum,
    _backward_time_stamp,
    _missing_time_stamps,
    wrong_checksums,
    some_never_pass,
    _clock_set_back,
)
"""The flaws that are looked for, the most telling first."""
