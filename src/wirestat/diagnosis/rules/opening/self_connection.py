"""A socket that is its own peer."""

from wirestat.diagnosis.advice import advise, on, sysctl
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import rule
from wirestat.diagnosis.rivals import ruled_out
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity, State
from wirestat.vocabulary import Fact


@rule("D37", "Connected to itself", Severity.WARNING, replaces={"D05", "D13", "D14", "D15", "D34"})
def connected_to_itself(case: Case) -> Verdict | None:
    """A socket has connected to itself: its own address and port are those that it asked for.

    What it means: a client tried to reach a local port in the range of ephemeral ports while nothing listened
    there, again and again, until the kernel gave it that very port. Its SYN met its own socket, which is a
    simultaneous open (RFC 9293, Figure 7) of one end with itself. Or a host connects to its own service again and
    again, each time while the one before waits: a proxy that asks itself.

    Why it matters: the client believes that it has reached its server, and reads what it wrote. The server cannot
    be started, as its port is in use.

    Rivals: none; the segments name the socket twice. Of a host that asks itself: programs on it that ask the service
    side by side; their requests end in any order, and not each within the one before.

    What to do: keep the ports of services out of the ephemeral range (``net.ipv4.ip_local_reserved_ports``), and
    have the client compare its own address with that of its peer after connect().

    See it: ``wirestat pcaps/field/connected-to-itself/capture.pcap``: on the loopback interface.

    RFC 9293: 3.5, Figure 7 (simultaneous connection synchronization).
    """
    # Both ends being one, one of them never speaks, or both open.
    if not case.has(Fact.ONE_WAY, Fact.SIMULTANEOUS_OPEN, Fact.SELF_CONNECTED):
        return None
    client, server = case.client, case.server
    if (client.address, client.port) != (server.address, server.port):
        return None
    is_lone = case.connection.first_frame == case.connection.last_frame
    if is_lone or not any(_is_there(end) for end in case.ends):
        return None  # SYNs alone ask, and connect nobody: they may be forged, and bear data
    return Verdict(
        grounds=(
            showing(client, Fact.SENT_DATA, Fact.FIN_SENT),
            showing(server, Fact.SENT_DATA, Fact.FIN_SENT),
        ),
        fault=Fault.CLIENT,
        frames=case.evidence(case.connection.first_frame, case.connection.last_frame),
        explanation=f"{client.socket} is connected to itself: one socket, and no listener.",
        rivals=(ruled_out("two sockets of one host", "address and port are the same"),),
        advice=advise(
            "Keep the ports of services out of the ephemeral range.",
            on(client, f"ss -tnp '( sport = :{client.port} )'"),
            sysctl(client, "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports"),
        ),
    )


def _is_there(end: End) -> bool:
    """Say whether it has said anything, or was connected."""
    return end.has(Fact.SENT_DATA, Fact.FIN_SENT) or end.entered(State.ESTABLISHED) is not None
