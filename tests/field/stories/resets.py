"""Connections that end at once, and who ended them."""

from tests.field.story import Never, Says, story
from tests.field.talk import GREETING, HANDSHAKE, Wire


@story(
    Says("D41", ("172.17.0.2", "10.91.0.1"), "likely", "warning"),
    Never("D06"),
    Never("D27", ("10.91.0.7:50300",)),
)
def reset_leaves_untranslated(wire: Wire) -> None:
    """A container's reset leaves its host with the container's own address.

    True: the client ignores it, as it knows of no such connection, and sends into nothing four seconds later. What
    looks like a second connection is the first one behind a translation.

    Source: moby/moby and kubernetes reports on ``MASQUERADE`` that skips INVALID packets.
    """
    talk = wire.talk("10.91.0.7:50300", "10.91.0.1:12345", server_ttl=63).play(HANDSHAKE)
    inner = wire.talk("10.91.0.7:50300", "172.17.0.2:12345", server_ttl=63)
    inner.client.isn, inner.server.isn = talk.client.isn, talk.server.isn
    inner.client.next, inner.server.next = 1, 1
    inner.play("0.0015 < R.")
    talk.play("4 > P. 6\n4.0006 < R")


@story(
    Says("D41", ("10.144.1.77", "10.144.1.4"), "likely", "error", fault="path"),
    Never("D07"),
)
def untranslated_segment_is_reset(wire: Wire) -> None:
    """One segment of the real server arrives untranslated, and the client resets it.

    True: connection tracking called the segment INVALID and let it pass as it was; the client knows no such socket
    and resets it, and that reset ends the connection at the server. Both 4-tuples belong into the finding.

    Source: kubernetes/kubernetes#74839 and #117924, moby/libnetwork#1090.
    """
    talk = (
        wire.talk("10.144.0.9:39000", "10.144.1.4:8080", server_ttl=63).play(HANDSHAKE).play("0.002 > P. 199")
    )
    for number in range(10):
        at = 0.003 + number * 0.0005
        talk.play(f"{at} < . 1448\n{at + 0.0001} > .")
    inner = wire.talk("10.144.0.9:39000", "10.144.1.77:8080", server_ttl=63)
    inner.client.isn, inner.server.isn = talk.client.isn + 199, talk.server.isn + 5 * 1448
    inner.client.next, inner.server.next = 1, 1
    inner.play("0.02 < . 1448\n0.02002 > R seq=1")
    talk.play("0.3 > P. 60\n0.3004 < R")


@story(
    Says("D46", ("40|39", "10.86.0.1"), "likely", "warning"),
    Never("D25"),
    Never("D07"),
)
def reset_and_challenge_ack_loop(wire: Wire) -> None:
    """A reset with a wrong number draws a challenge ACK, which draws the same reset, for ever.

    True: 40 rounds in 80 ms; neither end gets out of it.

    Source: RFC 5961 stacks against an old one that answers a challenge with the number it was told.
    """
    talk = wire.talk("10.86.0.1:52000", "10.86.0.2:5000", stamps=False, client_scale=None, server_scale=None)
    talk.play("0 > S\n0.001 < S.\n0.0011 > .\n0.1 > P. 10\n0.101 < .")
    for number in range(40):
        talk.play(f"{29 + number * 0.002} > R seq=21\n{29.001 + number * 0.002} < . ack=21")


@story(
    Says("D27", ("10.145.1.102:1828",), "possible", "note"),
    Never("D07"),
)
def abort_some_seconds_after_the_last_words(wire: Wire) -> None:
    """A client falls silent for three seconds and aborts.

    True: its reset answers nothing: the last segment before it is its own ACK, 2.7 s old.

    Source: a public capture of a worm.
    """
    wire.talk("10.145.1.102:1828", "10.145.1.11:445", client_ttl=113, stamps=False).play(GREETING).play("""
        1.671 > P. 400
        1.672 < .
        2.000 < P. 108
        2.245 > .
        4.938 > R
    """)


@story(
    Says("D27", ("10.146.0.2:80",), "possible", "info"),
    Never("D18"),
)
def front_end_resets_as_it_answered(wire: Wire) -> None:
    """A front end answers the SYN, its backend sends the data, and the front end resets an idle connection.

    True: SYN-ACK and reset have a TTL of 244, data of 245: the reset comes from whoever answered the SYN.

    Source: a public capture.
    """
    wire.talk("10.146.0.1:49186", "10.146.0.2:80", client_ttl=128, server_ttl=245, stamps=False).play("""
        0.0000 > S
        0.0527 < S. ttl=244 id=54488
        0.0528 > .
        0.0534 > P. 144
        0.1526 < .
        0.15261 < . 274
        0.15262 < P. 1194
        0.1527 > .
        34.939 < R. ttl=244 id=1077
    """)


@story(
    Says("D16", ("10.147.0.2:8080",), "possible", "warning", fault="server", count=4),
    Never("D07"),
)
def killed_with_requests_unread(wire: Wire) -> None:
    """A process is killed while requests wait in its sockets.

    True: four requests were acknowledged by the kernel and never read; at the kill each connection is reset at once.

    Source: out-of-memory kills of containers.
    """
    for number in range(4):
        talk = wire.talk(f"10.147.0.{10 + number}:40100", "10.147.0.2:8080", at=number * 0.2).play(GREETING)
        left = 3 + number * 0.0001 - talk.start
        talk.play("1 > P. 700\n1.001 < .").play("0 < R.", at=left)
