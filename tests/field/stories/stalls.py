"""Connections that are open and stand still."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import GREETING, HANDSHAKE, Wire


@story(
    Says("D09", ("10.199.1.1:46316",), "likely", "error"),
    Never("D08"),
)
def path_dies_in_mid_traffic(wire: Wire) -> None:
    """The path dies in mid-traffic: the same data is sent again with pauses of up to two minutes.

    True: the pauses are those of the retransmission timer; there was no silence before, and no idle time-out.

    Source: recorded from a real kernel, and rebuilt.
    """
    talk = wire.talk("10.199.1.1:46316", "10.199.1.2:8080").play(GREETING)
    for second in range(1, 5):
        talk.play("0 > P. 50\n0.0001 < P. 50\n0.0002 > .", at=second)
    talk.play("5.0258 > P. 50")
    for at in (5.232, 5.444, 5.856, 6.688, 8.356, 11.712, 18.368, 31.68, 59.072, 112.32, 218.816, 339.648):
        talk.play(f"{at} > P. again")


@story(
    Says("D24", ("10.148.0.7:443",), "possible", "error", fault="path"),
    Never("D09"),
)
def tunnel_swallows_large_hello(wire: Wire) -> None:
    """A tunnel's MTU is smaller than the ends believe, and no ICMP says so.

    True: the handshake and a small request pass; the server's certificate, in full segments, does not, while the
    remainder of it, a small segment, is acknowledged selectively.

    Source: Start9Labs/start-technologies#3261, modal-labs/vprox#10.
    """
    talk = wire.talk("10.148.0.9:40100", "10.148.0.7:443", stamps=False).play(HANDSHAKE)
    talk.play("0.01 > P. 300\n0.02 < .\n0.021 < P. 90\n0.031 > .\n0.04 > P. 80\n0.05 < .")
    talk.play("0.06 < . 1460\n0.0601 < . 1460\n0.0602 < P. 400\n0.07 > . ack=91")
    for at in (0.3, 0.7, 1.5, 3.1, 6.3, 12.7):
        talk.play(f"{at} < . 1460 seq=91")


@story(
    Says("D09", ("10.149.0.9:1048",), "possible", "warning"),
    Never("D24"),
)
def nothing_smaller_got_through(wire: Wire) -> None:
    """Data of 648 bytes is sent six times in vain, and nothing else is.

    True: nothing smaller got through beside it, so nothing points to the size.

    Source: a public capture.
    """
    talk = wire.talk("10.149.0.9:1048", "10.149.0.7:1043", stamps=False, client_ttl=128)
    talk.client.next, talk.server.next = 1, 1
    talk.play("0 > P. 648")
    for at in (0.206, 0.806, 2.006, 4.406, 9.211):
        talk.play(f"{at} > P. again")


@story(
    Says("D23", ("10.150.0.7:9100", "3 min|180|2 min 5"), "likely", "warning", fault="server"),
    Never("D09"),
    Never("D08"),
    Never("D55"),
)
def printer_out_of_paper(wire: Wire) -> None:
    """A printer runs out of paper and keeps its window shut for three minutes.

    True: each probe of the window is answered with a window of zero. The network is fine.

    Source: raw printing on port 9100.
    """
    talk = wire.talk(
        "10.150.0.9:40100", "10.150.0.7:9100", stamps=False, server_scale=None, server_window=8192
    ).play(GREETING)
    talk.play("0.1 > . 1000\n0.11 < . win=0")
    at = 0.31
    for pause in (0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 60, 20):
        talk.play(f"{at} > . seq=1100\n{at + 0.001} < . win=0")
        at += pause
    talk.play(f"{at} < . win=8192\n{at + 0.001} > P. 500\n{at + 0.002} < .")


@story(
    Says("D20|D25|D05", (), "possible", "info"),
    Says("D25", ("one direction|One direction",)),
    Never("D05", confidence="likely"),
    Never("D09", confidence="likely"),
    Ends("10.74.1.5:45000", ("ESTABLISHED", "SYN_RECV|ESTABLISHED|UNKNOWN")),
)
def direct_return_seen_at_gateway(wire: Wire) -> None:
    """Direct server return: the SYN-ACK takes another way, and the gateway drops the final ACK.

    True: only the client's half crosses the tap. The client sends its request again and again, and acknowledges
    again whenever the server's SYN-ACK comes again beyond the tap: the server is in SYN_RECV.

    Source: reports on stateful gateways with asymmetric routes.
    """
    talk = wire.talk("10.74.1.5:45000", "10.74.9.9:443")
    talk.play("""
        0.00 > S
        0.005 < S. lost
        0.01 > .
        0.011 > P. 517
        0.22 > P. again
        0.64 > P. again
        1.02 > .
        1.49 > P. again
        3.05 > .
        3.19 > P. again
    """)


@story(
    Says("D09", ("10.151.0.9:40100",), "possible", "warning"),
    Never("D08"),
    Ends("10.151.0.9:40100", ("ESTABLISHED", "ESTABLISHED")),
)
def stalled_when_the_capture_ends(wire: Wire) -> None:
    """A host vanishes, and the capture ends four seconds later.

    True: the data was sent four times and nothing has answered; it is not yet given up.

    Source: a live capture that is stopped at the complaint.
    """
    talk = wire.talk("10.151.0.9:40100", "10.151.0.7:22").play(GREETING)
    for second in range(1, 4):
        talk.play("0 > P. 36\n0.002 < P. 36\n0.003 > .", at=second)
    talk.play("4 > P. 36\n4.2 > P. again\n4.6 > P. again\n5.5 > P. again\n7.2 > P. again")
