"""Stories of those who stand between, and of connects that a rule or a program takes for something else."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D37|D49|D26|D22", ("10.132.1.5:8888", "itself|its own"), "possible", "note"),
    Never("D26", ("flood",)),
    Never("D01"),
    kept=False,
)
def proxy_asks_itself(wire: Wire) -> None:
    """A proxy is asked for an address that is its own, and asks itself, and asks itself, until its places are taken.

    True: somebody opened the proxy's own page through the proxy. Each request opens a connection to the same socket;
    at the fortieth it is out of places, says so, and all end one after the other.

    Source: tinyproxy/tinyproxy#203, tinyproxy/tinyproxy#413, horaci/node-mitm-proxy#7.
    """
    depth = 40
    for level in range(depth):
        client = "10.132.1.77:51000" if level == 0 else f"10.132.1.5:{33_000 + 7 * level}"
        at = 1 + 0.004 * level
        back = 1 + 0.004 * depth + 0.003 * (depth - level)
        talk = wire.talk(client, "10.132.1.5:8888", at=at)
        talk.play(f"0 > S\n0.0003 < S.\n0.0004 > .\n0.0005 > P. {160 + 21 * level}\n0.0007 < .")
        talk.play(f"0 < P. {700 + 3 * level}\n0.0001 < F.\n0.0004 > .\n0.0006 > F.\n0.0008 < .", at=back - at)
    for number in range(4):
        other = wire.talk(f"10.132.1.{60 + number}:52000", "10.132.1.5:8888", at=4 + number).play(GREETING)
        other.play(FAREWELL, at=0.2)


@story(
    Says("D09", ("203.0.113.77",), "likely", "error", count=4),
    Never("D54", ("everything",)),
    Never("D26"),
    Ends("203.0.113.77:40000", ("ESTABLISHED|UNKNOWN", "ESTABLISHED")),
    kept=False,
)
def line_gets_another_address_each_night(wire: Wire) -> None:
    """Each night at three a shop's tills lose their connections; the head office notices after a quarter of an hour.

    True: the provider gives the line another address once a day. The tills connect anew at once, under the new
    address; the server goes on sending to the old one. The tap is at the server.

    Source: XRPLF/rippled#1924, aarond10/https_dns_proxy#189.
    """
    for number in range(4):
        talk = wire.talk(f"203.0.113.77:{40_000 + number}", "10.132.2.9:9443", at=0.4 * number, client_ttl=52)
        talk.play("0 > S\n0.00003 < S.\n0.03 > .\n0.031 > P. 200\n0.033 < P. 120\n0.063 > .")
        for step in range(1, 5):
            talk.play(
                f"{5 * step} < P. 60\n{5 * step + 0.03} > .\n{5 * step + 0.031} > P. 40\n{5 * step + 0.0311} < ."
            )
        talk.play("25 < P. 60\n25.23 < P. again\n25.7 < P. again\n26.6 < P. again\n28.5 < P. again")
        talk.play("32.2 < P. again\n39.6 < P. again\n54.5 < P. again")
        new = wire.talk(
            f"203.0.113.142:{40_100 + number}", "10.132.2.9:9443", at=24 + 0.3 * number, client_ttl=52
        )
        new.play("0 > S\n0.00003 < S.\n0.03 > .\n0.031 > P. 200\n0.033 < P. 120\n0.063 > .")
        for step in range(1, 7):
            new.play(
                f"{5 * step} < P. 60\n{5 * step + 0.03} > .\n{5 * step + 0.031} > P. 40\n{5 * step + 0.0311} < ."
            )


@story(
    Says("D25", (), "likely", "note", fault="capture"),
    Never("D*", severity="note"),
    Ends("10.132.3.20:40000", ("TIME_WAIT|CLOSED", "CLOSED")),
    kept=False,
)
def container_host_captures_each_packet_four_times(wire: Wire) -> None:
    """A host of containers captures on all interfaces: the card, the bridge and both ends of the pair.

    True: nothing is wrong. Each packet is there four times within some microseconds, the same each time.

    Source: tcpdump -i any on Docker hosts and Kubernetes nodes.
    """
    for number in range(5):
        talk = wire.talk(f"10.132.3.{20 + number}:40000", "10.132.3.9:8080", at=0.8 * number)
        talk.play(GREETING)
        for ask in range(4):
            talk.play(f"{0.1 + 0.2 * ask} > P. 90\n{0.13 + 0.2 * ask} < P. 1400\n{0.1304 + 0.2 * ask} > .")
        talk.play(FAREWELL, at=1.2)
    wire.frames[:] = [
        (time + 4_000 * copy, length, data) for time, length, data in wire.in_order() for copy in range(4)
    ]


@story(
    Never("D45"),
    Never("D*", severity="note"),
    Ends("10.132.4.20:40000", ("TIME_WAIT|CLOSED", "CLOSED")),
    kept=False,
)
def addresses_were_changed_and_checksums_left(wire: Wire) -> None:
    """Before a capture is given away its addresses are changed, and no checksum is right any more.

    True: nothing is wrong with the connections. The tool that changed the addresses did not reckon anew.

    Source: captures made anonymous for forums and courses.
    """
    for number in range(5):
        talk = wire.talk(f"10.132.4.{20 + number}:40000", "10.132.4.9:443", at=0.5 * number)
        talk.play("0 > S bad\n0.001 < S. bad\n0.0012 > . bad\n0.002 > P. 100 bad\n0.004 < P. 300 bad")
        talk.play("0.0041 > . bad\n0.3 > P. 100 bad\n0.33 < P. 900 bad\n0.3304 > . bad")
        talk.play("0.6 > F. bad\n0.601 < F. bad\n0.602 > . bad")


@story(
    Says("D51|D30|D50|D35|D27", ("10.132.5.9:21",), "possible", "note", fault="client|undecided", count=3),
    Never("D49", severity="note"),
    Never("D09"),
    Never("D05"),
    kept=False,
)
def greeting_is_acknowledged_and_never_read(wire: Wire) -> None:
    """A board logs in to a server two times in three; the third time nothing happens until it gives up.

    True: its stack acknowledges what comes before the program has asked for data, and throws it away. Where the
    greeting comes at once the board waits for it for ever; where it takes some milliseconds all is well.

    Source: zephyrproject-rtos/zephyr#58084.
    """
    for number in range(9):
        talk = wire.talk(
            f"10.132.5.80:{40_000 + number}", "10.132.5.9:21", at=12.0 * number, stamps=False, client_ttl=255
        )
        talk.play("0 > S\n0.0003 < S.\n0.0021 > .")
        if number % 3 == 2:
            talk.play("0.0023 < P. 40\n0.0040 > .\n10.01 > F.\n10.0102 < F.\n10.012 > .")
        else:
            talk.play("0.013 < P. 40\n0.0150 > .\n0.02 > P. 16\n0.0202 < .\n0.021 < P. 34\n0.0227 > .")
            talk.play("0.04 > P. 16\n0.0402 < .\n0.041 < P. 34\n0.0427 > .\n5 > F.\n5.0002 < F.\n5.002 > .")


@story(
    Never("D60"),
    Never("D57"),
    Never("D56"),
    Never("D49", severity="note"),
    Never("D23"),
    kept=False,
)
def each_answer_begins_slowly_after_a_pause(wire: Wire) -> None:
    """Answers of 200 KB over a long way take five round trips each, though the connection is an hour old.

    True: after each pause the sender begins with ten segments again (slow start after idle), and doubles them with
    each round trip. Nothing is lost, and the window is wide.

    Source: home-assistant/operating-system#4239, k4yt3x/sysctl#6, shadow/shadow#3085.
    """
    talk = wire.talk("10.132.6.3:42000", "10.132.6.9:443", client_ttl=50)
    talk.client.window = 8000
    talk.play("0 > S\n0.00004 < S.\n0.15 > .\n0.151 > P. 60\n0.1511 < P. 20\n0.301 > .")
    for ask in range(6):
        at = 1 + 12.0 * ask
        talk.play(f"{at} > P. 400\n{at + 0.0001} < .")
        ack = talk.server.next
        for round_, segments in enumerate((10, 20, 40, 70)):
            for part in range(segments // 2):
                talk.play(f"{at + 0.003 + 0.1502 * round_ + 0.00002 * part:.6f} < . 2896")
            for part in range(segments // 2):
                ack += 2896
                talk.play(f"{at + 0.153 + 0.1502 * round_ + 0.00002 * part:.6f} > . ack={ack}")


@story(
    Says("D07|D16|D27|D36|D10", ("10.132.7.5:5432", "10.132.7.9:5432"), "possible", "note", count=3),
    Never("D08", confidence="likely"),
    Never("D18"),
    kept=False,
)
def proxy_keeps_the_client_when_the_server_has_left(wire: Wire) -> None:
    """Each first query after a pause fails, though the pool tests its connections before it lends them.

    True: between pool and database stands a proxy of TCP. The database closes what is idle for a minute; the proxy
    closes that side, keeps the client's open, and resets it when the next query comes. Both sides are in the capture.

    Source: TCP proxies that do not pass on the end of a stream.
    """
    for number in range(3):
        at = 4.0 * number
        front = wire.talk(f"10.132.7.{20 + number}:40000", "10.132.7.5:5432", at=at).play(HANDSHAKE)
        back = wire.talk(f"10.132.7.5:{50_000 + number}", "10.132.7.9:5432", at=at + 0.002).play(HANDSHAKE)
        for ask in range(3):
            when = 0.01 + ask
            front.play(f"{when} > P. 80\n{when + 0.004} < P. 500\n{when + 0.0042} > .")
            back.play(f"{when - 0.0015} > P. 80\n{when + 0.0015} < P. 500\n{when + 0.0016} > .")
        back.play("62.011 < F.\n62.0112 > F.\n62.0116 < .")
        front.play("95 > P. 80\n95.0002 < R.")
        again = wire.talk(f"10.132.7.{20 + number}:40100", "10.132.7.5:5432", at=at + 95.01).play(GREETING)
        new = wire.talk(f"10.132.7.5:{50_100 + number}", "10.132.7.9:5432", at=at + 95.0112)
        new.play("0 > S\n0.0003 < S.\n0.0004 > .\n0.001 > P. 100\n0.0024 < P. 300\n0.0025 > .")
        again.play(FAREWELL, at=0.5)
        new.play(FAREWELL, at=0.501)


@story(
    Says("D01", ("10.132.8.9:443", "MSS", "460"), "likely", "error", count=4),
    Never("D26"),
    Never("D54"),
    kept=False,
)
def syns_with_a_small_mss_are_dropped(wire: Wire) -> None:
    """Clients behind one old tunnel cannot connect any more, since a server was made safe; all others can.

    True: against CVE-2019-11477 a rule drops SYNs that announce an MSS below 500. The tunnel's clients announce 460.

    Source: the workaround for "SACK Panic" (``iptables -m tcpmss --mss 1:500 -j DROP``).
    """
    for number in range(6):
        fine = wire.talk(f"10.132.8.{20 + number}:40000", "10.132.8.9:443", at=3.0 * number, client_ttl=60)
        fine.play(GREETING).play(FAREWELL, at=0.3)
    for number in range(4):
        small = wire.talk(
            f"10.132.8.{40 + number}:41000",
            "10.132.8.9:443",
            at=1 + 4.0 * number,
            client_mss=460,
            client_ttl=60,
        )
        small.play("0 > S\n1.02 > S again\n3.04 > S again\n7.1 > S again")
