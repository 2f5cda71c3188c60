"""Stories in which what fails differs from what passes, or a receiver is unlike all others."""

from tests.field.company import Crowd, crowd
from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D45|D56|D57", ("ECN", "10.140.1.9:443"), "possible", "note", fault="path|", count=3),
    Never("D09"),
    Never("D24"),
    Never("D54"),
    Never("D49"),
    Ends("10.140.1.20:42000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def data_with_the_mark_of_ecn_passes_as_a_copy_only(wire: Wire) -> None:
    """Each request of one host is sent twice, and is answered the second time; other hosts are answered at once.

    True: both ends agreed on ECN, and a device on the way drops what is marked as capable of it. Copies are not so
    marked (RFC 3168, 6.1.5), so they pass. Handshake and bare acknowledgements bear no mark either.

    Source: mozilla/neqo#1925 (a path that drops all marked packets), and measurements of ECN that it names.
    """
    for number in range(3):
        talk = wire.talk(f"10.140.1.20:{42_000 + number}", "10.140.1.9:443", at=3.0 * number, server_ttl=52)
        talk.play("0 > SEW\n0.02 < S.E\n0.0201 > .")
        for step in range(8):
            at = 0.03 + 1.1 * step
            talk.play(f"{at} > P. {180 + 40 * step} tos=2\n{at + 0.23} > P. again")
            talk.play(f"{at + 0.251} < P. 900\n{at + 0.2511} > .")
        other = wire.talk(f"10.140.1.30:{43_000 + number}", "10.140.1.9:443", at=3.0 * number, server_ttl=52)
        other.play("0 > S\n0.02 < S.\n0.0201 > .")
        for step in range(8):
            at = 0.03 + 1.1 * step
            other.play(f"{at} > P. {180 + 40 * step}\n{at + 0.021} < P. 900\n{at + 0.0211} > .")


@story(
    Says("D01|D34", ("source port", "10.140.2.9:443"), "likely", "warning", count=6),
    Never("D26"),
    Never("D54"),
    Never("D43"),
    Ends("198.51.100.20:50122", ("CLOSED|TIME_WAIT", "CLOSED")),
    Ends("198.51.100.20:4711", ("SYN_SENT|CLOSED", "UNKNOWN|LISTEN|CLOSED")),
    kept=False,
)
def answers_pass_to_high_ports_only(wire: Wire) -> None:
    """Half of a cluster's connects to one address time out, at random as it seems; a copy fares as its first.

    True: the cluster's translation takes source ports from 1024 on, and a filter without memory lets answers to ports
    from 32768 on pass. Connects from lower ports get no answer, each of those from higher ones does.

    Source: canonical/microk8s#3909 ("ephemeral port mismatch").
    """
    ports = (50122, 4711, 61003, 18933, 33110, 29004, 9020, 44871, 57230, 31990, 12345, 40100, 2050, 60911)
    for number, port in enumerate(ports):
        talk = wire.talk(f"198.51.100.20:{port}", "10.140.2.9:443", at=4.0 * number, client_ttl=63)
        if port < 32768:
            talk.play("0 > S\n1.02 > S again\n3.04 > S again")
        else:
            talk.play("0 > S\n0.011 < S.\n0.0112 > .\n0.012 > P. 517\n0.03 < P. 1400\n0.031 > .")
            talk.play(FAREWELL, at=0.4)


@story(
    Says("D60|D63", ("SO_SNDBUF|send buffer",), "possible", "note"),
    Never("D49"),
    Never("D57"),
    Never("D23"),
    Never("D24"),
    Never("D60", ("receive window of", "window of the client")),
    kept=False,
)
def server_keeps_eight_kilobytes_under_way(wire: Wire) -> None:
    """A download over a long way runs at 80 kB/s, whatever the line; the client offers half a megabyte.

    True: the server sends six segments, waits a round trip for their acknowledgement, and sends six more. No byte
    is lost, and no window is full: its program's send buffer (``SO_SNDBUF``) holds no more.

    Source: ndt-project/ndt#17 ("send buffer is not considered"), plantegg/programmer_case#6.
    """
    talk = wire.talk("10.140.3.20:44000", "203.0.113.40:443", client_window=4000, server_ttl=49)
    talk.play("0 > S\n0.09 < S.\n0.0901 > .\n0.091 > P. 180")
    for step in range(60):
        at = 0.185 + 0.0905 * step
        for part in range(6):
            talk.play(f"{at + 0.0001 * part} < {'P.' if part == 5 else '.'} {952 if part == 5 else 1448}")
            if part % 2:
                talk.play(f"{at + 0.0001 * part + 0.00004} > .")
    talk.play(FAREWELL, at=6)
    crowd(wire, Crowd("203.0.113.40:443", "10.140.4", 4, every=1.4, trip=0.09, seed=5))


@story(
    Says("D60|D23", ("silly|few bytes",), "possible", "note"),
    Never("D49"),
    Never("D53"),
    Never("D57"),
    Never("D55"),
    Ends("10.140.5.20:45000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def device_tells_of_each_byte_that_it_has_freed(wire: Wire) -> None:
    """Printing a page of 6 kB takes four seconds, in segments of 40 bytes.

    True: the device's buffer is full, and it tells of each few bytes that it has read. The sender fills them at once:
    the silly window syndrome. A receiver must not do so (RFC 9293, 3.8.6.2.2).

    Source: ghaerr/elks#1022, zephyrproject-rtos/zephyr#46584.
    """
    talk = wire.talk("10.140.5.20:45000", "10.140.5.9:9100", stamps=False, server_window=1460)
    talk.server.scale = None
    talk.play("0 > S\n0.001 < S. win=1460\n0.0011 > .\n0.002 > P. 1460\n0.004 < . win=0")
    for step in range(110):
        at = 0.02 + 0.036 * step
        free = 32 + 8 * (step % 3)
        talk.play(f"{at} < . win={free}\n{at + 0.0002} > . {free}\n{at + 0.002} < . win=0")


@story(
    Says("D57", ("out of order|behind the gap|behind a gap",), "possible", "note"),
    Never("D54"),
    Never("D09"),
    Never("D24"),
    Never("D61"),
    kept=False,
)
def board_keeps_nothing_that_comes_behind_a_gap(wire: Wire) -> None:
    """A board gets its firmware over radio in a minute, at one time in three, where it takes ten seconds.

    True: one segment in forty is lost, and the board's stack throws away whatever comes behind a gap. So all that
    was under way has to be sent again, each time. The tap is at the server.

    Source: ARMmbed/mbed-os#6882 (``TCP_QUEUE_OOSEQ`` off), pandax381/microps#17.
    """
    talk = wire.talk("10.140.6.20:46000", "10.140.6.9:80", stamps=False, client_ttl=255, client_window=8760)
    talk.client.scale = None
    talk.play("0 > S win=8760\n0.00003 < S.\n0.012 > .\n0.013 > P. 90")
    sent, at = 1, 0.0135
    for flight in range(24):
        is_bad = flight % 6 == 3
        for part in range(6):
            talk.play(f"{at + 0.0001 * part} < . 1460")
        if not is_bad:
            for part in range(6):
                talk.play(f"{at + 0.012 + 0.0012 * part} > . ack={sent + 1460 * (part + 1)}")
            sent, at = sent + 8760, at + 0.0205
            continue
        # the second of six is lost: an acknowledgement of the first, and one more for each that came behind
        talk.play("\n".join(f"{at + 0.012 + 0.0012 * part} > . ack={sent + 1460}" for part in range(5)))
        for part in range(1, 6):
            now = at + 0.016 + (0.0134 if part > 1 else 0) + 0.3 * (part > 1) + 0.014 * max(part - 2, 0)
            talk.play(f"{now} < . 1460 seq={sent + 1460 * part}")
            talk.play(f"{now + 0.012} > . ack={sent + 1460 * (part + 1)}")
        sent, at = sent + 8760, at + 0.016 + 0.0134 + 0.3 + 0.042 + 0.0125
    talk.play(FAREWELL, at=at + 0.1)


@story(
    Says("D35|D51", ("30 s|30.0 s|30.1 s|30.2 s|30.5 s", "10.140.7.9:8000"), "possible", "note", count=4),
    Never("D30"),
    Never("D17"),
    Never("D59"),
    Never("D08"),
    Never("D49", severity="note"),
    kept=False,
)
def worker_is_killed_after_thirty_seconds(wire: Wire) -> None:
    """A proxy says "upstream prematurely closed connection": some requests end after thirty seconds, without a byte.

    True: a request that takes longer than thirty seconds has its worker killed, and the kernel closes for it. The
    request was acknowledged at once. Other requests are answered within two seconds.

    Source: benoitc/gunicorn#2025, tiangolo/meinheld-gunicorn-flask-docker#24.
    """
    for number in range(16):
        talk = wire.talk(f"10.140.7.3:{47_000 + number}", "10.140.7.9:8000", at=9.0 * number).play(HANDSHAKE)
        talk.play("0.002 > P. 420\n0.0022 < .")
        if number % 4 == 2:
            over = 30.1 + 0.17 * (number // 4)
            talk.play(f"{over} < F.\n{over + 0.0002} > F.\n{over + 0.0004} < .")
        else:
            done = 0.08 + 0.23 * (number % 5)
            talk.play(f"{done} < P. 800\n{done + 0.0001} > .\n{done + 0.0003} < F.")
            talk.play(f"{done + 0.0005} > F.\n{done + 0.0007} < .")


@story(
    Says("D06|D27|D35", ("tcp_abort_on_overflow", "10.140.8.9:8080"), "possible", "note", count=4),
    Never("D18"),
    Never("D42"),
    Never("D26"),
    Never("D07"),
    Ends("10.140.8.22:48006", ("CLOSED", "CLOSED")),
    kept=False,
)
def burst_is_reset_at_the_last_step_of_the_handshake(wire: Wire) -> None:
    """Of ten connects at once five are reset as soon as they are made; who comes alone is served. Tap at the server.

    True: the accept queue is full, and the kernel is told to reset such clients (``tcp_abort_on_overflow``): its
    reset answers the last ACK within some microseconds.

    Source: reports on ``tcp_abort_on_overflow``, as in several write-ups of accept queues that overflow.
    """
    for number in range(16):
        is_burst = 3 <= number < 13
        at = 20 + 0.0007 * number if is_burst else 5.0 * number
        talk = wire.talk(
            f"10.140.8.{20 + number % 4}:{48_000 + number}", "10.140.8.9:8080", at=at, client_ttl=62
        )
        talk.play("0 > S\n0.00004 < S.\n0.0021 > .")
        if is_burst and number >= 6 and number != 9 and number != 11:
            talk.play("0.00213 < R seq=1")
            continue
        wait = 0.3 * (number - 2) if is_burst else 0.02
        talk.play(f"0.0024 > P. 140\n0.00245 < .\n{wait + 0.01} < P. 500\n{wait + 0.0122} > .")
        talk.play(FAREWELL, at=wait + 0.02)


@story(
    Says("D26|D38", ("10.140.9.9:443",), "possible", "note"),
    Never("D07"),
    Never("D08"),
    Never("D54"),
    Never("D17"),
    Never("D27", severity="warning"),
    Ends("10.140.10.20:49000", ("CLOSED|TIME_WAIT", "CLOSED|TIME_WAIT")),
    kept=False,
)
def acknowledgements_flood_a_server(wire: Wire) -> None:
    """Bare acknowledgements from 120 addresses come to one port within two seconds; each is reset.

    True: a flood with forged sources, which slips past filters that count SYNs. No such connection was ever open, and
    the server did not restart: three real clients are served meanwhile.

    Source: descriptions of ACK floods with captures (kb.mazebolt.com, docs.ircnow.org).
    """
    for number in range(120):
        source = (
            f"{11 + 7 * (number % 23)}.{(37 * number) % 251}.{(91 * number) % 249}.{1 + (53 * number) % 250}"
        )
        talk = wire.talk(
            f"{source}:{1025 + (7919 * number) % 60_000}",
            "10.140.9.9:443",
            at=10 + 0.017 * number,
            stamps=False,
            client_ttl=232 + number % 14,
        )
        talk.play("0 > . win=16440\n0.00006 < R")
    for number in range(3):
        talk = wire.talk(f"10.140.10.{20 + number}:49000", "10.140.9.9:443", at=4.0 * number).play(GREETING)
        talk.play("3 > P. 200\n3.02 < P. 600\n3.021 > .\n7 > P. 210\n7.02 < P. 700\n7.021 > .")
        talk.play(FAREWELL, at=9)
