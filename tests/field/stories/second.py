"""Stories of second looks: faults that resemble others which are told, seen from elsewhere or a little changed."""

from tests.field.company import Crowd, crowd, cut
from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D02", ("10.30.80.9:8080",), "likely", "warning", count=5),
    Never("D26"),
    Never("D21"),
    Never("D34", severity="warning"),
    Ends("10.30.80.3:50100", ("CLOSED", "CLOSED")),
)
def windows_asks_three_times_and_is_refused(wire: Wire) -> None:
    """A Windows client sends each SYN three times, half a second apart, though each is refused at once.

    True: that is how its stack retries; nothing listens on the port. Five attempts, fifteen refusals.

    Source: ``TcpMaxConnectRetransmissions`` and "connectex: No connection could be made" after one second.
    """
    for number in range(5):
        talk = wire.talk(
            f"10.30.80.3:{50_100 + number}",
            "10.30.80.9:8080",
            at=6.0 * number,
            stamps=False,
            client_ttl=128,
            client_scale=8,
        )
        talk.play(
            "0 > S\n0.0006 < R. seq=0\n0.51 > S again\n0.5106 < R. seq=0\n1.02 > S again\n1.0206 < R. seq=0"
        )
    crowd(wire, Crowd("10.30.80.9:443", "10.30.81", 10, every=3))


@story(
    Says("D08", ("10.30.82.9:3306", "5 min|300"), "possible", "warning", count=2),
    Never("D09"),
    Never("D16"),
    Never("D18"),
)
def firewall_forgets_and_the_server_s_answer_is_reset(wire: Wire) -> None:
    """Queries that run for more than five minutes are answered into nothing: a device resets the answers.

    True: the device forgets what is silent for 300 s; it resets the server in the client's name as the answer comes
    (TTL 255 where the client's packets have 61). Queries of 100, 200 and 290 s are answered. The tap is at the
    server.

    Source: "MySQL server has gone away" for long queries through a firewall that rejects what it does not know.
    """
    for number, think in enumerate((100.0, 200.0, 290.0, 330.0, 410.0)):
        talk = wire.talk(f"10.30.82.3:{44_000 + number}", "10.30.82.9:3306", at=3.0 * number, client_ttl=61)
        talk.play(
            "0 > S\n0.00005 < S.\n0.004 > .\n0.0042 < P. 90\n0.0084 > P. 180\n0.00845 < P. 11\n0.0125 > P. 60"
        )
        talk.play("0.01254 < .")
        if think < 300:
            talk.play(
                "0.0125 < P. 400\n0.0166 > .\n0.02 > P. 5\n0.0201 > F.\n0.02015 < F.\n0.0243 > .", at=think
            )
        else:
            talk.play("0.0125 < P. 400\n0.0135 > R seq=241 ttl=255", at=think)


@story(
    Says("D51|D46|D09|D23", ("10.30.83.9:9093",), "possible", "note"),
    Never("D24"),
    Never("D08"),
    Never("D16"),
)
def broker_is_paused_and_takes_what_its_buffer_holds(wire: Wire) -> None:
    """A producer sends batches; its broker's process is stopped, and its kernel takes data until the buffer is full.

    True: acknowledgements come at once, with a window that shrinks from 60 kB to nothing; the application answers
    none. After the window has shut the producer probes it, for half a minute, and the probes are answered.

    Source: a JVM in a long garbage collection, or ``kill -STOP``, as users of Kafka meet it.
    """
    talk = wire.talk("10.30.83.3:47000", "10.30.83.9:9093", server_window=480).play(GREETING)
    for number in range(6):
        at = 1.0 + number
        talk.play(f"{at} > P. 1200\n{at + 0.001} < P. 60\n{at + 0.0011} > .")
    window = 480
    for number in range(6):
        at = 7.0 + number
        window -= 80
        talk.play(f"{at} > . 10240\n{at + 0.0006} < . win={window}")
    for wait in (0.2, 0.6, 1.4, 3.0, 6.2, 12.6, 25.4):
        talk.play(f"{12 + wait} > . seq=68740\n{12 + wait + 0.0005} < . win=0")
    cut(wire, 96)


@story(
    Says("D01", ("10.30.84.9:5432",), "likely", "warning"),
    Says("D07|D09|D54|D27", ("10.30.84.9:5432",), "possible", "note"),
    Never("D26"),
    Never("D08"),
)
def host_is_powered_off_and_its_neighbour_says_so(wire: Wire) -> None:
    """A database's host loses power: open connections send in vain, and new connects are not answered.

    True: nothing of the host is on the wire after second 20. Four busy connections resend, six SYNs are sent three
    times each. Another host of the same network answers all the time.

    Source: the day a rack's fuse blows.
    """
    for number in range(4):
        talk = wire.talk(f"10.30.84.{3 + number}:50000", "10.30.84.9:5432", at=0.1 * number).play(GREETING)
        for second in range(1, 20):
            talk.play("0 > P. 45\n0.0009 < P. 120\n0.00094 > .", at=float(second))
        talk.play("20 > P. 45")
        for wait in (0.2, 0.61, 1.43, 3.06, 6.3, 12.8, 25.9):
            talk.play(f"{20 + wait} > P. again")
    for number in range(6):
        new = wire.talk(f"10.30.84.3:{51_000 + number}", "10.30.84.9:5432", at=24.0 + 3 * number)
        new.play("0 > S\n1.02 > S again\n3.04 > S again")
    crowd(wire, Crowd("10.30.84.10:5432", "10.30.84", 14, every=3.5, seed=84))


@story(
    Says("D49", ("10.30.85.9:8080", "1.2 s"), "possible", "info"),
    Never("D34", severity="warning"),
    Never("D09"),
    Never("D08"),
    Never("D*", severity="warning"),
)
def server_in_another_region_is_far_and_not_slow(wire: Wire) -> None:
    """Requests to another continent take 1.4 s: the network takes 180 ms of that, and the server 1.2 s.

    True: the network is what it is; the server thinks for 1.2 s on each of fifteen requests.

    Source: "is it the network?" with a server across an ocean.
    """
    talk = wire.talk("10.30.85.3:50000", "10.30.85.9:8080", server_ttl=47)
    talk.play("0 > S\n0.18 < S.\n0.18004 > .")
    for number in range(15):
        at = 1.0 + 3.0 * number
        talk.play(f"{at} > P. 300\n{at + 0.18} < .\n{at + 1.38} < P. 900\n{at + 1.42} > .")


@story(
    Says("D35|D16|D27", ("10.30.86.9:636",), "possible", "note", count=4),
    Never("D18"),
    Never("D08"),
    Never("D26"),
    Never("D05"),
)
def server_without_its_certificate_hangs_up_at_the_hello(wire: Wire) -> None:
    """A directory server closes each connection as soon as the client's hello comes, without a word.

    True: its certificate has expired, and its library closes. Four clients try; those that ask without TLS on
    another port are served.

    Source: LDAP over TLS on Windows without a usable certificate.
    """
    for number in range(4):
        talk = wire.talk(f"10.30.86.{3 + number}:49900", "10.30.86.9:636", at=5.0 * number, server_ttl=128)
        talk.play(HANDSHAKE).play("0.002 > P. 230\n0.0031 < F.\n0.00314 > .\n0.0033 > F.\n0.0043 < .")
    crowd(wire, Crowd("10.30.86.9:389", "10.30.87", 15, every=1.5, seed=86))


@story(
    Never("D*", severity="warning"),
    Never("D20", severity="note"),
    Never("D21"),
    Never("D34"),
    Ends("10.30.88.3:40000", ("TIME_WAIT|CLOSED", "CLOSED"), 6),
)
def one_port_is_used_again_and_again(wire: Wire) -> None:
    """A device connects from the same port every ten seconds, and is let in each time at once.

    True: nothing is wrong: the server closed its TIME_WAIT for a SYN with a higher number and a higher time stamp.

    Source: embedded clients that bind a fixed port, before a Linux server.
    """
    for number in range(6):
        talk = wire.talk("10.30.88.3:40000", "10.30.88.9:1883", at=10.0 * number)
        talk.client.isn = 1_000_000 + 4_000_000 * number
        talk.play(GREETING).play(FAREWELL, at=1)


@story(
    Says("D13|D09|D10|D08", ("10.30.89.9:22",), "possible", "note"),
    Never("D08", confidence="likely"),
    Never("D24"),
    Ends("10.30.89.3:52000", ("FIN_WAIT1|CLOSED", "ESTABLISHED|UNKNOWN")),
)
def notebook_wakes_up_in_another_network(wire: Wire) -> None:
    """A notebook sleeps for an hour, wakes up in another network, and closes what it had open.

    True: its old address is still on the socket; the FIN with the last bytes goes out again and again, and nothing
    comes back. Connects from the new address are answered.

    Source: SSH sessions of people who walk home.
    """
    talk = wire.talk("10.30.89.3:52000", "10.30.89.9:22", server_ttl=57).play(GREETING)
    talk.play("5 > P. 36\n5.02 < P. 36\n5.0204 > .")
    talk.play("3605 > P. 36\n3605.3 > P. again\n3605.9 > P. again\n3606.2 > FP. 52")
    for wait in (1.2, 3.6, 8.4, 18.0, 37.2):
        talk.play(f"{3605.9 + wait} > P. 36 seq=137")
    for number in range(3):
        other = wire.talk(
            f"10.31.89.77:{52_100 + number}", "10.30.89.9:443", at=3603.0 + 5 * number, server_ttl=51
        )
        other.play(GREETING).play(FAREWELL, at=2)


@story(
    Says("D34|D05", ("10.30.90.9:80", "of 40"), "likely", "warning", count=9),
    Never("D01", severity="error"),
    Never("D26"),
    Never("D18"),
)
def listener_of_one_shard_does_not_accept(wire: Wire) -> None:
    """A server accepts on four sockets of one port, and one of its workers hangs: every fourth connect is slow.

    True: the kernel spreads SYNs by their ports (``SO_REUSEPORT``); the queue of the worker that hangs is full, so
    its SYNs are dropped, until it is killed after two minutes and the others take over.

    Source: nginx and HAProxy with ``reuseport`` and a worker that blocks.
    """
    for number in range(40):
        talk = wire.talk(f"10.30.90.3:{40_000 + 3 * number}", "10.30.90.9:80", at=0.8 * number)
        if number % 4 == 3 and number < 38:
            talk.play("0 > S\n1.02 > S again\n3.03 > S again\n7.1 > S again\n7.1005 < S.\n7.10054 > .")
            talk.play("7.11 > P. 70\n7.115 < P. 110\n7.11504 > .").play(FAREWELL, at=7.2)
        else:
            talk.play("0 > S\n0.0005 < S.\n0.00054 > .\n0.001 > P. 70\n0.006 < P. 110\n0.00604 > .")
            talk.play(FAREWELL, at=0.05)


@story(
    Says("D28|D18|D43|D38", ("10.30.91.9",), "possible", "note"),
    Never("D27", ("10.30.91.9:443 in ESTABLISHED reset",)),
    Never("D16"),
    Ends("10.30.91.3:50000", ("ESTABLISHED", "ESTABLISHED")),
)
def resets_come_with_a_number_of_zero(wire: Wire) -> None:
    """A device sends resets in the server's name whose sequence number is zero, and nobody heeds them.

    True: it keeps no numbers. Each time the client sends more than 500 bytes a reset comes, with a TTL of 250 where
    the server's packets have 58; the connection goes on.

    Source: cheap "parental control" gateways, RFC 5961 and those who wonder at "TCP RST, seq 0" in their logs.
    """
    talk = wire.talk("10.30.91.3:50000", "10.30.91.9:443", server_ttl=58).play(GREETING)
    for number in range(4):
        at = 1.0 + 2 * number
        talk.play(f"{at} > P. 700\n{at + 0.002} < R. seq={-(talk.server.isn) % 2**32} ttl=250 id=1")
        talk.play(f"{at + 0.03} < P. 400\n{at + 0.0301} > .")
