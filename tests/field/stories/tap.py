"""Stories of the tap: its own doing to the traffic, and things that only look like it."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D48", ("3",), "likely", "note"),
    Ends("10.125.0.1:40001", ("TIME_WAIT|CLOSED", "CLOSED|TIME_WAIT"), 3),
    Never("D05"),
)
def replayed_three_times(wire: Wire) -> None:
    """The same conversation is replayed three times, 100 s apart.

    True: three connections with the same numbers: equal copies, by a replay.

    Source: tcpreplay in a loop.
    """
    talks = [
        wire.talk("10.125.0.1:40001", "10.125.0.2:443", at=100.0 * number, stamps=False)
        for number in range(3)
    ]
    for talk in talks:
        talk.client.isn, talk.server.isn = talks[0].client.isn, talks[0].server.isn
        talk.play(GREETING).play(FAREWELL, at=0.05)


@story(
    Says("D37", ("127.0.0.1:56064",), "likely", "note"),
    Never("D25"),
    Ends("127.0.0.1:56064", ("TIME_WAIT|CLOSED|CLOSING", "TIME_WAIT|CLOSED|CLOSING")),
)
def connected_to_itself(wire: Wire) -> None:
    """A socket connects to itself: the ephemeral port is the one that it asks for.

    True: a simultaneous open of one socket, and then its close. No listener is there.

    Source: "TCP self-connect", met by whoever retries connects to a local port without a listener.
    """
    talk = wire.talk("127.0.0.1:56064", "127.0.0.1:56064")
    talk.server.isn = talk.client.isn
    talk.play("0 > S\n0.00001 > S. seq=0 ack=1")
    talk.server.next = talk.client.next
    talk.play("0.000014 > . ack=1\n0.1 > P. 8 ack=1")
    talk.play("0.100005 > . ack=9\n4.0 > F. ack=9\n4.000005 > . ack=10")


@story(
    Never("D25", ("twice",)),
    Ends("10.152.0.1:20394", ("ESTABLISHED", "ESTABLISHED")),
)
def same_id_is_a_retransmission(wire: Wire) -> None:
    """A load balancer sends its data again with the same IPv4 identification.

    True: the copies are 0.31 and 0.61 s apart: a retransmission timer, not a tap that sees packets twice.

    Source: a public capture.
    """
    wire.talk("10.152.0.1:20394", "10.152.0.2:443", server_ttl=239, stamps=False).play(GREETING).play("""
        1.0000 > P. 400
        1.0002 < P. 522 id=7468
        1.3080 < P. again id=7468
        1.9183 < P. again id=7468
        1.9206 > .
    """)


@story(
    Never("D25", ("twice",)),
    Says("D27|D12|D07", ("10.153.0.1:56611",), "possible", "info"),
)
def ten_resets_for_ten_segments(wire: Wire) -> None:
    """A client is gone, and answers each of ten segments under way with a reset.

    True: ten resets, each an answer. No frame is there twice.

    Source: a public capture.
    """
    talk = wire.talk("10.153.0.1:56611", "10.153.0.2:30303", server_ttl=35, stamps=False).play(GREETING)
    talk.play("0.5 > F.")
    for number in range(10):
        talk.play(f"{0.55 + number * 0.00002} < . 1000 ack=101")
    for number in range(10):
        talk.play(f"{0.5511 + number * 0.00001} > R seq=102 id=0")


@story(
    Says("D25", ("direction",)),
    Never("D11", confidence="likely"),
    Never("D10", confidence="likely"),
    Never("D31"),
)
def one_way_and_closed_long_ago(wire: Wire) -> None:
    """One direction only: a client opens, works, and closes; the capture goes on for a day.

    True: nothing is known of the server's half; "FIN_WAIT2 for a day" is not proven by anything.

    Source: a public capture.
    """
    for number, at in enumerate((0.0, 86_000.0)):
        wire.talk(f"10.154.1.31:{52_294 + number}", "10.154.1.1:22", at=at).play("""
            0.000 > S
            0.001 < S. lost
            0.0011 > .
            0.0066 > P. 21
            0.0100 < P. 300 lost
            0.0110 > .
            0.0155 > . 1448
            0.0170 < P. 520 lost
            0.0286 > .
            0.0300 < F. lost
            0.0310 > F.
            0.0320 < . lost
        """)


@story(
    Says("D40", ("10.155.0.9", "192.0.2.1"), "possible", "info"),
    Never("D02"),
    Never("D09"),
)
def both_sides_of_a_translation(wire: Wire) -> None:
    """``-i any`` on a gateway that translates: each connection is there twice.

    True: two rows are one connection before and behind a translation, with the same numbers; nothing is wrong.

    Source: captures on routers.
    """
    for number in range(2):
        inside = wire.talk(f"10.155.0.9:{40_000 + number}", "203.0.113.7:443", at=number * 1.0)
        outside = wire.talk(
            f"192.0.2.1:{61_000 + number}",
            "203.0.113.7:443",
            at=number * 1.0 + 0.00002,
            client_ttl=63,
            server_ttl=56,
        )
        inside.server.ttl = 55
        outside.client.isn, outside.server.isn = inside.client.isn, inside.server.isn
        for talk in (inside, outside):
            talk.play(GREETING).play(FAREWELL, at=0.05)


@story(
    Says("D25", ("twice",)),
    Never("D25", severity="warning"),
    Never("D05"),
    Never("D14"),
    Never("D01"),
)
def mirrored_twice(wire: Wire) -> None:
    """A mirror port sees each packet go in and come out.

    True: each frame is there twice within 20 µs, with the same identification. The connections are sound.

    Source: SPAN of a VLAN in both directions.
    """
    talk = wire.talk("10.156.0.9:40000", "10.156.0.7:443")
    for line in (GREETING.strip() + "\n0.05 > F.\n0.051 < F.\n0.052 > .").splitlines():
        talk.play(line)
        wire.again()


@story(Never("D*", severity="note"))
def opened_after_the_first_word(wire: Wire) -> None:
    """A connection that is sound, beside one that began before the capture and goes on.

    True: nothing is wrong.

    Source: any capture that is started in the middle of the day.
    """
    talk = wire.talk("10.157.0.9:40000", "10.157.0.7:443")
    talk.client.next, talk.server.next = 5000, 9000
    for second in range(1, 9):
        talk.play("0 > P. 60\n0.002 < P. 120\n0.0021 > .", at=second)
    wire.talk("10.157.0.9:40001", "10.157.0.7:443", at=3).play(HANDSHAKE).play(
        "0.01 > P. 9\n0.011 < P. 9"
    ).play(FAREWELL, at=0.1)
