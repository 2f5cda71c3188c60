"""Stories of what is let through by its port, its number or its time to live, and of what comes too often."""

from tests.field.company import Crowd, crowd
from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D35", ("10.131.1.9:515", "1023|1024|reserved"), "possible", "note", fault="server|client", count=4),
    Never("D18"),
    Never("D26"),
    kept=False,
)
def print_server_takes_reserved_ports_only(wire: Wire) -> None:
    """A print server serves old machines and hangs up on new ones, each time at once.

    True: it takes jobs only from source ports below 1024, as the old protocol asks; the new machines use others.

    Source: RFC 1179, 3.1; NFS servers without the option "insecure".
    """
    for number in range(8):
        talk = wire.talk(f"10.131.1.{20 + number % 2}:{721 + number}", "10.131.1.9:515", at=3.0 * number)
        talk.play(HANDSHAKE).play(
            "0.002 > P. 20\n0.004 < P. 1\n0.0042 > .\n0.005 > P. 900\n0.02 < P. 1\n0.0202 > ."
        )
        talk.play(FAREWELL, at=0.1)
    for number in range(5):
        talk = wire.talk(
            f"10.131.1.{30 + number % 3}:{49_700 + 11 * number}", "10.131.1.9:515", at=1.4 + 5 * number
        )
        talk.play(HANDSHAKE).play("0.0016 < F.\n0.002 > F.\n0.0024 < .")


@story(
    Says("D04", ("10.131.2.1:179", "TTL", "255", "64"), "possible", "warning", count=2),
    Never("D01"),
    Never("D43"),
    kept=False,
)
def router_takes_only_packets_with_a_ttl_of_255(wire: Wire) -> None:
    """A router calls its neighbour, is answered, and takes no notice of the answers; other neighbours talk.

    True: it drops whatever comes with a TTL below 255 (RFC 5082), and the neighbour's listening socket answers
    with 64. The tap is at the router that calls.

    Source: lance0/rustbgpd#1525.
    """
    for number in range(2):
        talk = wire.talk(
            f"10.131.2.2:{50_000 + number}", "10.131.2.1:179", at=40.0 * number, client_ttl=255, server_ttl=64
        )
        talk.play("0 > S\n0.0006 < S.\n1.02 > S again\n1.0206 < S. again\n2.04 < S. again\n3.04 > S again")
        talk.play("3.0406 < S. again\n7.2 > S again\n7.2006 < S. again\n15.4 > S again\n15.4006 < S. again")
    sound = wire.talk("10.131.2.2:50100", "10.131.2.3:179", at=5, client_ttl=255, server_ttl=255).play(
        GREETING
    )
    for step in range(1, 4):
        sound.play(f"{20 * step} > P. 19\n{20 * step + 0.001} < P. 19\n{20 * step + 0.0012} > .")


@story(
    Says("D28|D07", ("TTL", "RFC 5082"), "possible", "note"),
    Never("D18", confidence="certain"),
    Never("D18", severity="error"),
    Ends("10.131.3.2:50000", ("ESTABLISHED", "CLOSED")),
    kept=False,
)
def resets_with_a_low_ttl_are_dropped(wire: Wire) -> None:
    """A router restarts its session; its neighbour goes on as if nothing had been, until its hold time ends.

    True: the neighbour takes only packets with a TTL of 255 (RFC 5082). The session had that; the resets of a kernel
    without a socket for it leave with 64, and are dropped.

    Source: zebra-rs/zebra-rs#1268 ("9 RSTs at TTL 64 on the wire").
    """
    talk = wire.talk("10.131.3.2:50000", "10.131.3.1:179", client_ttl=255, server_ttl=255).play(GREETING)
    talk.play("20 > P. 19\n20.001 < P. 19\n20.0012 > .\n40 > P. 19")
    talk.play("40.0005 < R seq=320 ttl=64\n40.21 > P. again\n40.2105 < R seq=320 ttl=64")
    for at in (40.63, 41.47, 43.1, 46.5, 53.2, 66.7):
        talk.play(f"{at} > P. again\n{at + 0.0005} < R seq=320 ttl=64")


@story(
    Says("D25|D57|D46|D61", ("twice|two copies|each copy", "network|way|receiver"), "possible"),
    Never("D25", ("mirror",), "certain"),
    Never("D57", ("lost",)),
    Never("D45"),
    Ends("10.131.4.20:40000", ("TIME_WAIT|CLOSED", "CLOSED")),
    kept=False,
)
def network_delivers_each_packet_twice(wire: Wire) -> None:
    """A server acknowledges everything twice, and uploads to it are slow.

    True: two cables lead to one switch, and each packet from the client arrives by both. The copies are real: the
    server says of each that it had that already (RFC 2883). The tap is at the server.

    Source: hoterran/tcpcollect#9; bonds whose switch does not know of them.
    """
    for number in range(3):
        talk = wire.talk(f"10.131.4.{20 + number}:40000", "10.131.4.9:8080", at=2.0 * number, client_ttl=62)
        talk.play("0 > S\n0.00003 < S.\n0.01 > .\n")
        wire.again()
        sent = 1
        for ask in range(15):
            at = 0.02 + 0.05 * ask
            talk.play(f"{at} > P. 700")
            wire.again()
            sent += 700
            talk.play(f"{at + 0.0001} < .\n{at + 0.00013} < . sack={sent - 700}-{sent}")
            talk.play(f"{at + 0.004} < P. 90\n{at + 0.014} > .")
            wire.again()
        talk.play("1 > F.\n1.0001 < F.\n1.01 > .")


@story(
    Never("D49", severity="note"),
    Never("D57", severity="note"),
    Never("D56", severity="warning"),
    Never("D09"),
    Never("D47", severity="warning"),
    Ends("10.131.5.20:40000", ("TIME_WAIT|CLOSED", "CLOSED")),
    kept=False,
)
def board_sleeps_between_beacons(wire: Wire) -> None:
    """A board on Wi-Fi answers in a few milliseconds, or in two hundred, as it happens.

    True: its radio sleeps between beacons, and its access point keeps packets until it wakes. Acknowledgements are as
    late as answers: the board itself takes four milliseconds.

    Source: espressif/arduino-esp32#1484, espressif/esp-idf#9766, forkineye/ESPixelStick#459.
    """
    beacon = 0.2048
    for number in range(12):
        start = 1.37 * number
        talk = wire.talk(f"10.131.5.20:{40_000 + number}", "10.131.5.80:80", at=start, server_ttl=255)
        awake = (int(start / beacon) + 1) * beacon - start
        talk.play(f"0 > S\n{awake:.6f} < S.\n{awake + 0.0001:.6f} > .\n{awake + 0.0003:.6f} > P. 120")
        talk.play(f"{awake + 0.003:.6f} < .\n{awake + 0.007:.6f} < P. 300\n{awake + 0.0071:.6f} > .")
        later = (int((start + awake + 0.4) / beacon) + 1) * beacon - start
        talk.play(f"{awake + 0.4:.6f} > P. 120\n{later:.6f} < .\n{later + 0.004:.6f} < P. 300")
        talk.play(f"{later + 0.0041:.6f} > .").play("0 > F.\n0.005 < F.\n0.0051 > .", at=later + 0.01)


@story(
    Says("D46|D13|D28", ("10.131.6.9",), "possible", "note", fault="client|undecided"),
    Never("D24"),
    Never("D57"),
    Ends("10.131.6.80:40000", ("FIN_WAIT1|FIN_WAIT1", "ESTABLISHED")),
    kept=False,
)
def fin_bears_a_number_that_is_too_high(wire: Wire) -> None:
    """A board closes, its FIN is answered each time, and the server's connections pile up open.

    True: the stack counts one byte too far before it sends its FIN. The server waits for that byte, and says so with
    each copy; for it the connection is open.

    Source: zephyrproject-rtos/zephyr#104, cisco/exanic-software#113.
    """
    for number in range(3):
        talk = wire.talk(
            f"10.131.6.80:{40_000 + number}",
            "10.131.6.9:1883",
            at=20.0 * number,
            stamps=False,
            client_ttl=255,
        )
        talk.client.scale = None
        talk.play(GREETING).play("1 > F. seq=102\n1.0004 < . ack=101")
        for at in (1.5, 2.5, 4.5, 8.5):
            talk.play(f"{at} > F. again\n{at + 0.0004} < . ack=101")


@story(
    Says("D25", (), "likely", "warning", fault="capture"),
    Never("D*", severity="warning", confidence="likely"),
    Never("D26"),
    Never("D05"),
    Never("D06"),
    Never("D35"),
    kept=False,
)
def one_packet_in_ten_was_sampled(wire: Wire) -> None:
    """A switch sends one packet in ten of a busy service to a collector, which writes them to a file.

    True: nothing is wrong. Nine of ten packets are not in the capture, the same whatever they are.

    Source: sFlow's samples as tcpdump reads them.
    """
    crowd(wire, Crowd("10.131.7.9:443", "10.131.70", 150, clients=30, every=0.2, seed=7))
    wire.frames[:] = wire.in_order()[3::10]


@story(
    Says("D34", ("10.131.8.9:8080", "each minute|every minute|60 s|minute"), "possible", "warning", count=12),
    Never("D26"),
    Never("D54"),
    kept=False,
)
def all_jobs_begin_on_the_minute(wire: Wire) -> None:
    """Connects to a service take a second or three, but only in the first second of each minute.

    True: forty machines run a job by cron at second zero. The accept queue is short, and drops what comes too
    quickly; in between the service is well.

    Source: cron jobs without a random delay, the "thundering herd" of each minute.
    """
    for minute in range(4):
        for number in range(12):
            at = 60.0 * minute + 0.004 * number
            talk = wire.talk(f"10.131.8.{20 + number}:{40_000 + minute}", "10.131.8.9:8080", at=at)
            late = 0.0 if number < 8 else 1.02 if number < 10 else 3.06
            for copy in (0.0, 1.02):
                if copy < late:
                    talk.play(f"{copy} > S" + (" again" if copy else ""))
            talk.play(
                f"{late} > S" + (" again" if late else "") + f"\n{late + 0.0004} < S.\n{late + 0.0005} > ."
            )
            talk.play("0.001 > P. 90\n0.009 < P. 400\n0.0092 > .", at=late).play(FAREWELL, at=late + 0.02)
        for number in range(6):
            at = 60.0 * minute + 8 + 7 * number
            talk = wire.talk(f"10.131.8.{40 + number}:{41_000 + minute}", "10.131.8.9:8080", at=at).play(
                GREETING
            )
            talk.play(FAREWELL, at=0.1)
