"""Windows that are read in other units than they are meant in: a scale that one end applies, and the other not."""

from wirestat.diagnosis.advice import advise, capture_at, ss_this, sysctl
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import cause, unlikely
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity
from wirestat.vocabulary import Fact

_SHARE = 4
"""Who sends a few windows' worth has been held up by it."""


@rule("D55", "Window scale lost on the way", Severity.WARNING, rests_on={Basis.ORDER, Basis.OPENING})
def window_scale_lost(case: Case) -> Verdict | None:
    """A server means its windows to be scaled, and its SYN-ACK says nothing of it.

    What it means: the client offered a window scale, the SYN-ACK came back without one, and the windows after it are
    a small part of the one that the SYN-ACK told, though next to nothing had been received. A host does not shrink
    its window so; one that scales writes a small number and means 64, 128 or more times as much. Something between
    the server and the tap took the option off the SYN-ACK. At the server the option is there still: then the other
    end has no more under way than the number in the header, follows it as it changes, and waits each time.

    Why it matters: the client takes the number for bytes, and has no more than that under way: some hundred bytes a
    round trip. Uploads crawl, downloads do not.

    Rivals: a server that runs out of memory in the very moment of the handshake.

    What to do: compare the SYN-ACK at both ends (``wirestat compare``); a firewall or normalizer that strips options
    has to let window scale pass. Until then turn window scaling off at the server.

    See it: ``wirestat pcaps/field/window-scale-is-taken-off-the-answer/capture.pcap``: 229 bytes a round trip.

    RFC 9293: 3.8.6 (a window must not shrink); RFC 7323, 2.2 and 2.3 (window scale).
    """
    client, server = case.client, case.server
    misread = next((end for end in case.ends if end.has(Fact.WINDOW_READ_SMALL)), None)
    if misread is not None:
        return _read_as_bytes(case, misread)
    if not server.has(Fact.WINDOW_COLLAPSED) or case.has(Fact.SYN_MISSING, Fact.ONE_WAY):
        return None
    window = server.figure(Fact.WINDOW_COLLAPSED) or 0
    held_up = client.record.bytes > _SHARE * window
    return Verdict(
        severity=None if held_up else Severity.NOTE,
        grounds=(showing(server, Fact.WINDOW_COLLAPSED), showing(client, Fact.SENT_DATA)),
        doubts=("only a capture at the server shows the SYN-ACK as it left",),
        fault=Fault.PATH,
        frames=case.evidence(case.connection.first_frame, server.frame(Fact.WINDOW_COLLAPSED)),
        explanation=f"The SYN-ACK of {server} carries no window scale, though {client} offered one; the windows "
        f"after it are {window:,} where the SYN-ACK told at least eight times as much. They seem to be meant scaled"
        + (
            f": {client.address} takes them for bytes, and has no more under way."
            if held_up
            else f", and {client.address} takes them for bytes."
        ),
        rivals=(
            cause("a firewall or normalizer that takes the option off the SYN-ACK"),
            unlikely("a server that is short of memory", "it would have had none when it accepted"),
        ),
        advice=advise(
            "Compare the SYN-ACK at both ends (wirestat compare), and let window scale pass on what strips it. Until "
            "then turn window scaling off at the server.",
            ss_this(server),
            capture_at(server),
            sysctl(server, "net.ipv4.tcp_window_scaling"),
        ),
    )


def _read_as_bytes(case: Case, end: End) -> Verdict:
    """Judge an end whose windows are scaled, and which the other end fills as if they were not."""
    sender, window = end.other, end.figure(Fact.WINDOW_READ_SMALL) or 0
    scaled = window << (end.record.window_scale or 0)
    return Verdict(
        kind="read as bytes",
        grounds=(showing(end, Fact.WINDOW_READ_SMALL), showing(sender, Fact.SENT_DATA)),
        doubts=(f"only a capture at {sender.address} shows the handshake as it came there",),
        fault=Fault.PATH,
        frames=case.evidence(case.connection.first_frame, end.frame(Fact.WINDOW_READ_SMALL)),
        explanation=f"{sender} fills the windows of {end} as they stand in the header, {window:,} bytes where "
        f"{scaled:,} are meant, and waits each time until its timer lets it send so little. Both ends offered a "
        f"window scale at the tap; {sender.address} seems to know of none.",
        rivals=(
            cause("a firewall or normalizer beyond the tap that takes the option off the handshake"),
            cause("a stack that ignores the scale"),
            unlikely("messages that have these sizes by chance", "they change as the windows do"),
        ),
        advice=advise(
            "Compare the handshake at both ends (wirestat compare), and let window scale pass on what strips it. "
            f"Until then turn window scaling off at {end}.",
            ss_this(end),
            capture_at(sender),
            sysctl(end, "net.ipv4.tcp_window_scaling"),
        ),
    )
