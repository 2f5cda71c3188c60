"""Small devices and their stacks: few sockets, no timers, and answers that others do not expect."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D09|D29", ("10.201.0.5", "probe", "spoke"), "possible", "warning"),
    Never("D47"),
    Never("D09", ("silent for 1 ms",)),
    Never("D09", confidence="certain"),
    Never("D18"),
    Never("D08"),
)
def living_device_answers_no_probe(wire: Wire) -> None:
    """A device ignores keepalive probes, so its server resets a connection whose other end is alive.

    True: the device's stack drops segments that take no sequence space below what it expects. Five seconds after the
    server gave up the device sends its next reading and is reset.

    Source: zephyrproject-rtos/zephyr#93350.
    """
    talk = wire.talk("10.201.0.5:41000", "10.201.0.9:1883", stamps=False).play(GREETING)
    for at in (10, 20, 30):
        talk.play(f"{at} > P. 40\n{at + 0.001} < P. 4\n{at + 0.002} > .")
    for at in (60, 65, 70, 75):
        talk.play(f"{at} < . seq=312")
    talk.play("80 < R. seq=313\n85 > P. 40\n85.001 < R seq=313")


@story(
    Says("D02", ("10.202.0.2:502",), "possible", "note", count=3),
    Never("D02", ("nothing listens on that port, or",)),
    Never("D02", confidence="certain"),
    Never("D26"),
)
def no_socket_is_free_and_the_syn_is_refused(wire: Wire) -> None:
    """A device with three sockets refuses whoever comes fourth, and accepts when one is free again.

    True: something listens. The refusals fall into the time in which three connections are open.

    Source: smoltcp-rs/smoltcp#1120.
    """
    for number in range(3):
        talk = wire.talk(f"10.202.0.1:{42_000 + number}", "10.202.0.2:502", at=number * 0.5, stamps=False)
        talk.play(GREETING).play(FAREWELL, at=20 + number)
    for number in range(3):
        wire.talk(f"10.202.0.1:{42_010 + number}", "10.202.0.2:502", at=5.0 + 3 * number, stamps=False).play(
            "0 > S\n0.001 < R. seq=0"
        )
    late = wire.talk("10.202.0.1:42020", "10.202.0.2:502", at=24.0, stamps=False)
    late.play(GREETING).play(FAREWELL, at=1.0)


@story(
    Says("D34", ("10.203.0.2:80", "3 of 5"), "possible", "warning", count=3),
    Never("D01", severity="warning"),
    Never("D26"),
)
def no_socket_is_free_and_the_syn_waits(wire: Wire) -> None:
    """A device with two sockets lets SYNs go unanswered until one of them is free.

    True: the third, fourth and fifth connect take 3 s, 3 s and 1 s, and all of them are served in the end.

    Source: smoltcp-rs/smoltcp#1120 and sysgrok/edge-net, which rely on the client's retries.
    """
    for number in range(2):
        talk = wire.talk(f"10.203.0.1:{43_000 + number}", "10.203.0.2:80", at=number * 0.1, stamps=False)
        talk.play(GREETING).play(FAREWELL, at=3.0)
    for number, wait in enumerate((3.0, 3.0, 1.0)):
        talk = wire.talk(f"10.203.0.1:{43_010 + number}", "10.203.0.2:80", at=0.5 + number, stamps=False)
        talk.play("0 > S\n1 > S again" if wait == 3.0 else "0 > S")
        talk.play("0 > S again\n0.001 < S.\n0.0011 > .\n0.002 > P. 100\n0.004 < P. 300\n0.0041 > .", at=wait)
        talk.play(FAREWELL, at=wait + 0.5)


@story(
    Says("D04", ("10.204.0.2:8081",), "possible", "warning"),
    Never("D01"),
    Never("D26"),
    Ends("10.204.0.1:39182", ("SYN_SENT|CLOSED|UNKNOWN", "SYN_RECV")),
)
def syn_ack_is_never_repeated(wire: Wire) -> None:
    """A stack answers the first SYN, the answer is lost, and no copy of the SYN is answered.

    True: the tap is at the server. Its stack repeats segments with data only, so the connection stays in SYN_RECV
    though the client asks five times.

    Source: includeos/IncludeOS#542.
    """
    talk = wire.talk("10.204.0.1:39182", "10.204.0.2:8081", server_scale=None, stamps=False)
    talk.play("0 > S\n0.00005 < S.")
    for at in (1.0, 3.0, 7.0, 15.0):
        talk.play(f"{at} > S again")


@story(
    Never("D*", severity="note"),
    Ends("10.205.0.1:44000", ("ESTABLISHED", "ESTABLISHED")),
)
def syn_is_sent_twice_at_once(wire: Wire) -> None:
    """A stack sends its first SYN twice within a millisecond, because it waited for an ARP answer.

    True: nothing is wrong, and nobody waited: both SYNs are answered by the same SYN-ACK.

    Source: tass-belgium/picotcp#249.
    """
    talk = wire.talk("10.205.0.1:44000", "10.205.0.2:7", stamps=False)
    talk.play("0 > S\n0.0004 > S again\n0.0006 < S.\n0.0008 < S. again\n0.001 > .\n0.0012 > .")
    talk.play("0.01 > P. 60\n0.012 < P. 60\n0.0121 > .")


@story(
    Says("D27", ("10.206.0.2:502", "another connection"), "possible", "note", count=3),
    Never("D18"),
    Never("D16"),
    Never("D08"),
    Never("D07", ("restarted",), confidence="likely"),
)
def newcomer_costs_the_first_its_connection(wire: Wire) -> None:
    """A device keeps one connection: each new one that it accepts has it reset the one before.

    True: two masters take the device from each other, over and over. Each reset leaves within milliseconds of another
    connection's handshake.

    Source: NModbus4/NModbus4#152, brainelectronics/micropython-modbus#11.
    """
    before = None
    for number in range(4):
        at = 10.0 * number
        client = f"10.206.0.{10 + number % 2}:{45_000 + number}"
        talk = wire.talk(client, "10.206.0.2:502", at=at, stamps=False).play(HANDSHAKE)
        if before is not None:
            before.play("10.0015 < R.")
        for later in (0.1, 2.1, 4.1, 6.1):
            talk.play(f"{later} > P. 12\n{later + 0.01} < P. 29\n{later + 0.02} > .")
        before = talk


@story(
    Never("D24"),
    Never("D*", severity="warning"),
)
def no_mss_option_and_small_segments(wire: Wire) -> None:
    """A stack sends no MSS option, so all its data comes in segments of 536 bytes.

    True: nothing is lost and nothing hangs; it is slower than it could be (RFC 9293, 3.7.1, MUST-15).

    Source: mirage/mirage-tcpip#249.
    """
    talk = wire.talk(
        "10.207.0.1:10863",
        "10.207.0.2:5001",
        stamps=False,
        client_mss=None,
        server_mss=None,
        client_scale=None,
        server_scale=None,
    )
    talk.play(HANDSHAKE)
    for number in range(12):
        at = 0.01 + number * 0.0004
        talk.play(f"{at} > P. 536\n{at + 0.0002} < .")
    talk.play(FAREWELL, at=0.2)


@story(
    Says("D24", ("10.208.0.2:5683", "536"), "possible", "error", fault="server"),
    Never("D09"),
    Never("D25"),
    Never("D08"),
    Never("D18"),
)
def sender_ignores_the_mss_of_its_peer(wire: Wire) -> None:
    """A device asks for segments of 536 bytes at most, and its peer sends 1,400 at a time.

    True: the device has no room for such a packet and drops it; what is smaller is acknowledged. The peer breaks its
    word (RFC 9293, 3.7.1).

    Source: contiki-ng/contiki-ng#287, and appliances that drop what "exceeds the MSS".
    """
    talk = wire.talk("10.208.0.5:40100", "10.208.0.2:5683", stamps=False, client_mss=536, client_scale=None)
    talk.play(HANDSHAKE).play("0.01 > P. 90\n0.011 < P. 200\n0.0115 > .\n0.1 > P. 90\n0.101 < .")
    talk.play("0.11 < . 1400")
    for at in (0.31, 0.71, 1.51, 3.11, 6.31, 12.71):
        talk.play(f"{at} < . 1400 seq=201")


@story(
    Says("D02|D27|D18|D43", ("10.209.0.7:80", "TTL"), "possible", "warning"),
    Never("D07", confidence="likely"),
    Never("D16"),
)
def two_devices_have_one_address(wire: Wire) -> None:
    """Two devices were given the same address, and the one that was not asked resets the connection.

    True: the reset comes with a TTL of 128, the server's own segments with 64; the server goes on answering.

    Source: reports of duplicate addresses after a lease was given out twice.
    """
    for number in range(3):
        talk = wire.talk(f"10.209.0.1:{46_000 + number}", "10.209.0.7:80", at=6.0 * number, server_ttl=64)
        talk.play("0 > S\n0.0006 < S.\n0.0007 > .\n0.001 > P. 180")
        talk.play("0.0013 < R ttl=128 seq=1\n0.004 < P. 400 seq=1\n0.0041 > R seq=181")
