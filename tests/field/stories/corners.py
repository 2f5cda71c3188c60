"""Stories of limits that few look for: refusals, ports, marks, windows and timers that run out or go wrong."""

from tests.field.company import Crowd, crowd
from tests.field.story import Ends, Never, Says, story
from tests.field.talk import GREETING, Talk, Wire


@story(
    Says("D02", ("10.34.1.9:8080",), "likely", "note", count=60),
    Says("D01|D02|D34", ("10.34.1.9:8080", "a second|per second|limit"), "possible", "note"),
    Never("D26"),
    Never("D18"),
    Never("D38"),
    Never("D01", severity="error"),
    Never("D49"),
    kept=False,
)
def closed_port_refuses_twenty_times_a_second(wire: Wire) -> None:
    """A service is down; most of its clients hear so at once, and the others after a second, or never.

    True: nothing listens, and the server's kernel (FreeBSD) sends at most so many resets in a second
    (``net.inet.icmp.icmplim``, here 20); it says nothing to whoever asks beyond those. Tap at the server.

    Source: 1sthf.com, "Limiting tcp reset response from 422 to 192 packets/sec".
    """
    asks = []
    for number in range(160):
        asks.append((0.02 * number + 0.001 * (number % 7), number, 0))
    told: dict[int, int] = {}
    talks = {
        number: wire.talk(f"10.34.1.{20 + number % 40}:{41_000 + number}", "10.34.1.9:8080", client_ttl=63)
        for number in range(160)
    }
    while asks:
        at, number, tries = min(asks)
        asks.remove((at, number, tries))
        talks[number].send(at, ">", "S", *(["again"] if tries else []))
        if told.get(int(at), 0) < 20:
            told[int(at)] = told.get(int(at), 0) + 1
            talks[number].send(at + 0.00004, "<", "R.", "seq=0")
        elif tries < 3:
            asks.append((at + (1.01, 2.02, 4.1)[tries], number, tries + 1))
    crowd(wire, Crowd("10.34.1.9:22", "10.34.2", 6, every=1.0, seed=3, share=0.95))


@story(
    Says("D01|D34", ("203.0.113.20:443", "translat|NAT"), "possible", "warning", count=20),
    Says("D01|D34", ("64",), "possible", "note", count=20),
    Never("D26"),
    Never("D02"),
    Never("D22", confidence="likely"),
    Never("D34", words=("is full", "queue is")),
    Ends("10.34.3.20:40010", ("TIME_WAIT|CLOSED", "CLOSED|TIME_WAIT|LAST_ACK")),
    kept=False,
)
def translation_has_sixty_four_ports_for_each_machine(wire: Wire) -> None:
    """A job calls one interface once a second; after a minute it is not answered for a minute, then it is again.

    True: the cloud's translation gives each machine 64 ports, each of which serves one connection to the same
    address and port at a time, and is kept for two minutes after the connection has ended. What goes elsewhere is
    answered all the time. Tap at the machine.

    Source: gitlab-com/gl-infra/production-engineering#10627.
    """
    held: list[float] = []
    talks = [
        wire.talk(f"10.34.3.20:{40_000 + number}", "203.0.113.20:443", server_ttl=52) for number in range(190)
    ]
    asks = [(1.0 * number, number, 0) for number in range(190)]
    while asks:
        at, number, tries = min(asks)
        asks.remove((at, number, tries))
        talks[number].send(at, ">", "S", *(["again"] if tries else []))
        held = [free for free in held if free > at]
        if len(held) < 64:
            held.append(at + 120.3)
            talks[number].play("0.02 < S.\n0.02003 > .\n0.021 > P. 300\n0.06 < P. 900\n0.0601 > .", at=at)
            talks[number].play("0.2 > F.\n0.22 < F.\n0.2201 > .", at=at)
        elif tries < 2:
            asks.append((at + (1.02, 2.03)[tries], number, tries + 1))
    crowd(wire, Crowd("198.51.100.7:443", "10.34.3", 60, clients=1, every=3.0, seed=4, trip=0.012))


@story(
    Says("D57|D60|D63|D64", ("10.34.4.20", "ECN|ECE|congestion"), "possible", "note"),
    Never("D24"),
    Never("D49"),
    Never("D60", words=("offers", "buffer")),
    Never("D53"),
    Ends("10.34.4.20:43000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def each_packet_of_a_download_is_marked(wire: Wire) -> None:
    """Downloads are slow on machines that speak ECN, and fast on the others; no packet is lost.

    True: a device on the way writes 3 into the two bits of ECN of whatever passes, where it should have changed the
    class of service. Each packet says "congestion", each acknowledgement echoes it, and the server never has more
    than two segments under way. Tap at the client.

    Source: quicwg/base-drafts#3455, RFC 3168, 6.1.
    """
    slow = wire.talk("10.34.4.20:43000", "203.0.113.44:443", server_ttl=51)
    slow.play("0 > SEW\n0.03 < S.E tos=3\n0.03003 > .\n0.031 > P. 300 tos=2")
    at = 0.062
    for round_ in range(90):
        flags = ".W" if round_ else "."
        slow.play(f"{at:.4f} < {flags} 1448 tos=3\n{at + 0.0001:.4f} < . 1448 tos=3")
        slow.play(f"{at + 0.00015:.5f} > .E")
        at += 0.0302
    plain = wire.talk("10.34.4.21:43001", "203.0.113.44:443", at=0.5, server_ttl=51)
    plain.play("0 > S\n0.03 < S. tos=3\n0.03003 > .\n0.031 > P. 300")
    at, much = 0.062, 10
    for _ in range(5):
        _burst(plain, at, much)
        at, much = at + 0.0302, min(much * 2, 60)


def _burst(talk: Talk, at: float, count: int) -> None:
    for step in range(count):
        now = at + 0.00012 * step
        talk.play(f"{now:.6f} < . 1448 tos=3")
        if step % 2:
            talk.play(f"{now + 0.00004:.6f} > .")


@story(
    Says("D02|D06|D07|D27", ("10.34.5.9:443", "handshake"), "possible", "warning", count=5),
    Says("D02|D06|D07|D27", ("listen", "at one instant|within|at the same moment|at one moment"), count=5),
    Never("D05"),
    Never("D26"),
    Never("D18"),
    Never("D16"),
    Ends("10.34.5.20:44160", ("CLOSED", "CLOSED")),
    kept=False,
)
def worker_leaves_and_takes_handshakes_along(wire: Wire) -> None:
    """Each time a server gives up one of its workers, a handful of connects is reset in the midst of the handshake.

    True: four workers listen on sockets of their own at one port (SO_REUSEPORT). One closes its socket; whose SYN it
    had answered sends the last ACK to a socket that is no more. The round trip is 80 ms, so five are under way at
    that moment; handshakes with the other workers end well. Tap at the server.

    Source: libp2p/go-reuseport#6, lwn.net/Articles/542629.
    """
    for number in range(120):
        start = 0.004 * number
        talk = wire.talk(
            f"10.34.5.{20 + number % 30}:{44_100 + number}", "10.34.5.9:443", at=start, client_ttl=49
        )
        talk.play("0 > S\n0.00004 < S.")
        if number % 4 == 0 and start <= 0.31 < start + 0.08:
            talk.play("0.08 > .\n0.08004 < R seq=1\n0.0803 > P. 517\n0.08034 < R seq=1")
            continue
        talk.play("0.08 > .\n0.0803 > P. 517\n0.084 < P. 1400\n0.164 > .\n0.3 > F.\n0.3001 < F.\n0.38 > .")


@story(
    Says("D08|D09|D52", ("10.34.6.9:22",), "possible", "warning", count=3),
    Says("D08|D09|D52", ("40 min|2,400 s|lived|came through|survived",), count=3),
    Never("D08", confidence="certain"),
    Never("D07"),
    Never("D13"),
    Ends("10.34.6.20:45000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def firewall_forgets_the_sooner_the_fuller_it_is(wire: Wire) -> None:
    """In the morning idle sessions live for an hour; at noon those that were idle for eight minutes are dead.

    True: the firewall (pf) scales its time-outs down as its table fills (``adaptive.start``, ``adaptive.end``). At
    noon many short connections fill it, and a session that was silent for eight minutes is forgotten, whereas
    silences of forty minutes were none too long before.

    Source: benzedrine.ch, "Adaptive state timeouts"; pf@benzedrine.cx, message 2184.
    """
    for number, silence in enumerate((2400, 1900, 2100)):
        talk = wire.talk(f"10.34.6.{20 + number}:{45_000 + number}", "10.34.6.9:22", at=10.0 * number)
        talk.play(GREETING)
        talk.play(f"{silence} > P. 60\n{silence + 0.02} < P. 80\n{silence + 0.0201} > .")
        talk.play(f"{silence + 200} > P. 60\n{silence + 200.02} < P. 80\n{silence + 200.0201} > .")
    for number, silence in enumerate((480, 540, 610)):
        talk = wire.talk(f"10.34.6.{30 + number}:{45_100 + number}", "10.34.6.9:22", at=3600 + 10.0 * number)
        talk.play(GREETING)
        talk.play(f"{silence} > P. 60")
        for wait in (0.21, 0.63, 1.47, 3.2, 6.6, 13.4, 27, 54):
            talk.play(f"{silence + wait} > P. again")
    busy = wire.talk("10.34.6.40:45200", "10.34.6.9:22", at=3600).play(GREETING)
    for step in range(1, 9):
        busy.play(f"{100 * step} > P. 60\n{100 * step + 0.02} < P. 80\n{100 * step + 0.0201} > .")
    crowd(wire, Crowd("10.34.6.9:443", "10.34.7", 120, clients=60, at=3560, every=4.5, seed=5))


@story(
    Says(
        "D09|D33|D45|D46|D55|D57",
        ("198.51.100.21:21", "length|changed|rewr|device on the way|numbers"),
        "possible",
        "warning",
    ),
    Never("D24"),
    Never("D49"),
    Never("D51"),
    Never("D08"),
    Ends("10.34.8.20:50000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def gateway_makes_a_reply_longer_and_does_not_count_on(wire: Wire) -> None:
    """Logging in over FTP works; at the list of files all stands still, and both ends send the same over and over.

    True: the server names its private address in 47 bytes, and the translation on the way writes the public one, in
    51, but does not shift the numbers that follow. The client acknowledges four bytes that the server never sent, so
    the server takes no notice of whatever it says, and repeats. Tap at the client.

    Source: vyos/vyos-build#1065 (T6788).
    """
    talk = wire.talk("10.34.8.20:50000", "198.51.100.21:21", server_ttl=52)
    talk.play(
        "0 > S\n0.02 < S.\n0.02003 > .\n0.04 < P. 20\n0.0401 > .\n0.05 > P. 11\n0.07 < P. 34\n0.0701 > ."
    )
    talk.play("0.08 > P. 12\n0.11 < P. 23\n0.1101 > .\n0.12 > P. 6")
    said = talk.server.next
    talk.play("0.141 < P. 51\n0.1411 > .")
    asked, known = talk.client.next, said + 47
    talk.play(f"0.1611 < . seq={known}")
    talk.play("0.17 > P. 6")
    talk.play(f"0.19 < . seq={known} ack={asked}")
    wait, at = 0.22, 0.4
    for _ in range(7):
        talk.play(f"{at:.4f} < P. 51 seq={said} ack={asked}\n{at + 0.0001:.4f} > .")
        talk.play(f"{at + 0.0201:.4f} < . seq={known} ack={asked}")
        talk.play(f"{at + 0.03:.4f} > P. again\n{at + 0.05:.4f} < . seq={known} ack={asked}")
        at, wait = at + wait, wait * 2
    data = wire.talk("10.34.8.20:50001", "198.51.100.21:40111", at=0.15, server_ttl=52)
    data.play("0 > S\n0.02 < S.\n0.02003 > .")


@story(
    Says("D10|D31", ("10.34.9.9:27334",), "possible", "note", count=5),
    Says("D51", ("10.34.9.9:27334",), "possible", "warning", count=5),
    Never("D09"),
    Never("D05"),
    Never("D24"),
    Never("D31", severity="error"),
    Ends("10.34.9.21:46001", ("FIN_WAIT2|CLOSED", "CLOSE_WAIT")),
    kept=False,
)
def node_takes_connections_before_there_is_a_service(wire: Wire) -> None:
    """A service's port answers nobody for half a minute, then everybody; some sockets stay in CLOSE_WAIT for ever.

    True: the cluster's proxy holds the port so that nobody else takes it, and never accepts. Until the service has
    its first pod the node's kernel completes each handshake and takes what comes; from then on rules lead new
    connections to the pod, two hops away. What the kernel took stays where it is. Tap at the clients.

    Source: kubernetes/kubernetes#106713.
    """
    for number in range(6):
        talk = wire.talk(f"10.34.9.{20 + number % 3}:{46_000 + number}", "10.34.9.9:27334", at=5.0 * number)
        talk.play("0 > S\n0.0003 < S.\n0.00033 > .\n0.0005 > P. 120\n0.0008 < .\n3.0 > F.\n3.0401 < .")
    for number in range(24):
        talk = wire.talk(
            f"10.34.9.{20 + number % 3}:{46_100 + number}",
            "10.34.9.9:27334",
            at=30 + 5.0 * number,
            server_ttl=62,
        )
        talk.play("0 > S\n0.0006 < S.\n0.00063 > .\n0.0008 > P. 120\n0.003 < P. 400\n0.0031 > .")
        talk.play("0.01 > F.\n0.011 < F.\n0.0111 > .")


@story(
    Says("D23", ("10.34.10.9:7",), "likely", "warning", fault="server"),
    Says("D23", ("50 bytes|50 segments|small",), "likely", "warning"),
    Never("D24"),
    Never("D49"),
    Never("D60", severity="warning"),
    kept=False,
)
def board_shuts_its_window_after_fifty_small_segments(wire: Wire) -> None:
    """A board that is sent single bytes shuts its window of four kilobytes after fifty of them, and falls silent.

    True: each segment takes one of its fifty buffers, however small it is, and the program reads slowly. The board
    says that it has no room with 4046 of 4096 bytes free, and for two minutes it answers no probe either.

    Source: tass-belgium/picotcp#47.
    """
    talk = wire.talk("10.34.10.20:47000", "10.34.10.9:7", stamps=False, server_scale=None, client_scale=None)
    talk.client.window = 64_240
    talk.play("0 > S\n0.001 < S. win=4096\n0.00103 > .")
    for step in range(50):
        at = 0.01 * (step + 1)
        talk.play(f"{at:.3f} > P. 1\n{at + 0.001:.3f} < . win={4095 - step if step < 49 else 0}")
    at, wait = 0.72, 0.22
    for _ in range(9):
        talk.play(f"{at:.3f} > . seq={talk.client.next - 1}")
        at, wait = at + wait, wait * 2
    talk.play(f"{at:.3f} > . seq={talk.client.next - 1}\n{at + 0.001:.3f} < . win=4096")
    talk.play(f"{at + 0.002:.3f} > P. 1\n{at + 0.003:.3f} < . win=4095")


@story(
    Says("D49|D54|D56|D57|D64", ("10.34.11.9:9000",), "likely", "warning", fault="server|undecided"),
    Says("D49|D54|D56|D57|D64", ("30 s|120 s", "retransmi|missing|again"), "possible", "note"),
    Never("D08"),
    Never("D30"),
    Never("D49", severity="warning"),
    Never("D23"),
    Ends("10.34.11.20:48000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def sender_repeats_only_when_its_program_speaks_again(wire: Wire) -> None:
    """Updates come in bursts each half minute; now and then the end of one comes with the next, half a minute late.

    True: the server's stack in user space takes the lost segment from its list to send it again, cannot split it
    while the card still holds it, and forgets its timer. The client asks for what is missing by eight duplicates, in
    vain; all is sent when the program writes the next burst.

    Source: Mellanox/libxlio#611.
    """
    talk = wire.talk("10.34.11.20:48000", "10.34.11.9:9000", server_ttl=64).play(GREETING)
    for burst in range(1, 9):
        at = 30.0 * burst
        began = talk.server.next
        hole = began + 2 * 1448
        for step in range(9):
            now, is_holed = at + 0.0001 * step, burst % 2 == 1
            lost = " lost" if is_holed and step == 2 else ""
            talk.play(f"{now:.4f} < {'P.' if step == 8 else '.'} 1448{lost}")
            if is_holed and step > 2:
                end = began + (step + 1) * 1448
                talk.play(f"{now + 0.00003:.5f} > . ack={hole} sack={hole + 1448}-{end}")
            elif not lost:
                talk.play(f"{now + 0.00003:.5f} > .")
        if burst % 2:
            talk.play(f"{at + 29.9995:.4f} < . 1448 seq={hole}\n{at + 29.9996:.4f} > .")


@story(
    Says("D49|D51|D56|D57|D63|D65", ("10.34.12.9:102", "32,767|32767|32,768|32768"), "possible", "note"),
    Never("D23"),
    Never("D24"),
    Never("D60", words=("10.34.12.9:102 offers",)),
    Ends("10.34.12.20:49000", ("ESTABLISHED|CLOSED|FIN_WAIT1|FIN_WAIT2", "ESTABLISHED|CLOSE_WAIT|CLOSED")),
    kept=False,
)
def old_stack_takes_large_windows_for_negative(wire: Wire) -> None:
    """An old controller answers some hosts at once, and others one byte at a time, a second and a half apart.

    True: its stack reads the window as a signed number. Who offers 32,768 bytes or more offers less than nothing, so
    the controller probes that window with one byte at a time; who offers 8,192 is served. No end uses window scaling.

    Source: Linux, Documentation/networking/ip-sysctl, ``tcp_workaround_signed_windows``.
    """
    for number in range(6):
        window = 64_240 if number % 2 == 0 else 8192
        talk = wire.talk(
            f"10.34.12.{20 + number}:{49_000 + number}",
            "10.34.12.9:102",
            at=4.0 * number,
            stamps=False,
            client_scale=None,
            server_scale=None,
            client_window=window,
            server_window=4096,
        )
        talk.play(f"0 > S win={window}\n0.002 < S. win=4096\n0.00203 > .")
        for ask in range(3):
            at = 0.1 + ask * 20.0
            talk.play(f"{at} > P. 22\n{at + 0.003} < .")
            if window == 8192:
                talk.play(f"{at + 0.02} < P. 12\n{at + 0.0203} > .")
                continue
            for byte in range(12):
                talk.play(f"{at + 1.5 * (byte + 1):.3f} < P. 1\n{at + 1.5 * (byte + 1) + 0.0003:.4f} > .")
