"""Stories of servers and their clients: listeners, limits, transfers, and hosts that are half out of reach."""

from tests.field.company import SNAPLEN_68, Crowd, crowd, cut
from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D02", ("10.30.60.9:16384",), "likely", "warning", count=6),
    Says("D02", ("before|until|since",)),
    Never("D26"),
    Never("D18"),
    Never("D07"),
    Ends("10.30.60.3:40001", ("ESTABLISHED", "ESTABLISHED")),
)
def listener_dies_and_its_connections_live(wire: Wire) -> None:
    """Ninety seconds after its start a server refuses all new connections, and goes on serving the old ones.

    True: it asked for keepalive on the listening socket; its BSD kernel probes that, hears nobody, and closes the
    listener. The process does not notice.

    Source: FujiNetWIFI/tnfsd#24.
    """
    for number in range(3):
        talk = wire.talk(f"10.30.60.{3 + number}:40001", "10.30.60.9:16384", at=10.0 + number, server_scale=6)
        talk.play(GREETING)
        for second in range(0, 150, 10):
            talk.play("1 > P. 30\n1.002 < P. 80\n1.00204 > .", at=float(second))
    for number in range(7):
        talk = wire.talk(f"10.30.60.{6 + number}:41000", "10.30.60.9:16384", at=20.0 * number + 15)
        if number < 4:
            talk.play(GREETING).play(FAREWELL, at=3)
        else:
            talk.play("0 > S\n0.0004 < R. seq=0")
    for number in range(4):
        wire.talk(f"10.30.60.3:{42_000 + number}", "10.30.60.9:16384", at=101 + 9.0 * number).play(
            "0 > S\n0.0004 < R. seq=0"
        )


@story(
    Says("D16|D35|D12|D27", ("10.30.61.9:6379",), "possible", "note", count=5),
    Never("D18"),
    Never("D07", severity="warning"),
    Never("D05"),
    Never("D08"),
    Never("D17"),
)
def server_says_it_is_full_and_closes(wire: Wire) -> None:
    """A cache has as many clients as it may have: it says so to each newcomer and closes.

    True: its 45 bytes and its FIN leave before the newcomer's first command has come; that command finds no reader
    and is reset. Those that are connected go on.

    Source: ``maxclients`` of Redis, "max number of clients reached".
    """
    for number in range(20):
        talk = wire.talk(f"10.30.61.{20 + number}:40100", "10.30.61.9:6379", at=0.07 * number).play(GREETING)
        for at in (2.0, 5.0, 9.0):
            talk.play(f"{at} > P. 40\n{at + 0.0008} < P. 30\n{at + 0.00084} > .")
    for number in range(5):
        talk = wire.talk(f"10.30.61.{60 + number}:40200", "10.30.61.9:6379", at=3.0 + number)
        talk.play("0 > S\n0.0006 < S.\n0.00064 > .\n0.0009 < P. 45\n0.00092 < F.\n0.00094 > P. 31 ack=1")
        talk.play("0.00096 > .\n0.0015 < R seq=1\n0.00151 < R seq=47")


@story(
    Says("D30|D52|D08|D39", ("10.30.62.9:21", "10 min|600"), "possible", "info"),
    Never("D08", severity="error"),
    Never("D07"),
    Never("D09"),
    Never("D18"),
)
def control_connection_is_closed_under_a_transfer(wire: Wire) -> None:
    """An FTP server closes its control connection after ten idle minutes, while the upload on the other still runs.

    True: the server's idle time-out looks at commands only. It says so in 44 bytes and closes; the data goes on
    until the device hears of it and gives up. It happens with each of three uploads.

    Source: QuorumDMS/ftp-srv#387, fclairamb/ftpserverlib#577.
    """
    for number in range(3):
        start = 900.0 * number
        control = wire.talk(f"10.30.62.3:{50_000 + 2 * number}", "10.30.62.9:21", at=start, stamps=False)
        control.play(
            "0 > S\n0.0008 < S.\n0.002 > .\n0.004 < P. 11\n0.01 > P. 11\n0.012 < P. 36\n0.02 > P. 11"
        )
        control.play(
            "0.023 < P. 24\n0.03 > P. 6\n0.032 < P. 48\n0.04 > .\n0.06 > P. 17\n0.07 < P. 20\n0.12 > ."
        )
        data = wire.talk(
            f"10.30.62.3:{50_001 + 2 * number}", f"10.30.62.9:{61_000 + number}", at=start + 0.05
        )
        data.play("0 > S\n0.0008 < S.\n0.002 > .")
        for step in range(38):
            data.play("0 > P. 1024\n0.04 < .", at=1.0 + 16.0 * step)
        control.play("600.07 < P. 44\n600.0702 < F.\n600.073 > .\n600.3 > F.\n600.3004 < .")
        data.play("600.4 > F.\n600.4008 < F.\n600.402 > .")
    cut(wire, SNAPLEN_68)


@story(
    Says("D16|D27", ("10.30.63.9:6381",), "possible", "note", count=4),
    Never("D16", ("10.30.63.9:6381 had not read",)),
    Never("D07"),
    Never("D18"),
    Never("D39"),
)
def clients_leave_with_answers_unread(wire: Wire) -> None:
    """Four of twenty clients of a cache stop in the middle of a pipeline, and reset with answers unread.

    True: their program ends; what had come and was not read makes their kernel reset. The server had more to send,
    and its last segments meet resets as well.

    Source: redis/redis#11748.
    """
    for number in range(20):
        talk = wire.talk(f"10.30.63.{20 + number}:45001", "10.30.63.9:6381", at=0.2 * number)
        talk.play(HANDSHAKE).play("0.01 > P. 300\n0.0115 < P. 500\n0.01154 > .\n0.02 > P. 300\n0.022 < . 500")
        if number % 5 == 4:
            talk.play("0.02204 > .\n0.0222 < P. 640\n0.02224 > R.\n0.0223 < P. 100\n0.0233 > R seq=601")
        else:
            talk.play("0.0222 < P. 640\n0.02224 > .").play(FAREWELL, at=0.4)


@story(
    Says("D01", ("2001:db8:64::9",), "likely", "warning", count=8),
    Never("D26"),
    Never("D34"),
    Never("D54"),
)
def way_of_ipv6_is_broken(wire: Wire) -> None:
    """Each of ten pages begins with a SYN over IPv6 that nobody answers, and goes on over IPv4.

    True: the provider's IPv6 route to that host is broken; the same server answers over IPv4 within 12 ms. The
    browser gives up IPv6 as soon as IPv4 has connected, so no SYN is sent twice.

    Source: RFC 8305 ("Happy Eyeballs"), and those whom it spares the complaint.
    """
    for number in range(10):
        at = 8.0 * number
        six = wire.talk(f"[2001:db8:1::64]:{50_000 + number}", "[2001:db8:64::9]:443", at=at)
        six.play("0 > S")
        four = wire.talk(f"10.30.64.5:{50_100 + number}", "203.0.113.64:443", at=at + 0.251, server_ttl=55)
        four.play("0 > S\n0.012 < S.\n0.01204 > .\n0.013 > P. 300\n0.03 < P. 500\n0.03004 > .")
        four.play(FAREWELL, at=2)


@story(
    Says("D01", ("10.30.65.9:8443",), "likely", "warning", count=6),
    Never("D26"),
    Never("D05"),
)
def one_network_of_two_is_filtered(wire: Wire) -> None:
    """Clients of one office cannot reach a service, those of another can. The tap is before the server's firewall.

    True: a rule names the old network only. All SYNs of 10.30.66.x are dropped, all of 10.30.65.x are answered.

    Source: the day after any change of addresses.
    """
    for number in range(6):
        talk = wire.talk(f"10.30.66.{10 + number}:48000", "10.30.65.9:8443", at=4.0 * number, client_ttl=61)
        for wait in (0, 1.02, 3.03, 7.1):
            talk.play(f"{wait} > S {'again' if wait else ''}")
    crowd(
        wire, Crowd("10.30.65.9:8443", "10.30.65", 26, clients=10, every=1.4, trip=0.03, share=0.9, seed=65)
    )


@story(
    Says("D49", ("10.30.67.13:8080", "3.1|3.2"), "likely", "info"),
    Never("D49", ("10.30.67.11",)),
    Never("D49", ("10.30.67.12",)),
    Never("D09"),
    Never("D51"),
)
def one_backend_of_three_takes_three_seconds(wire: Wire) -> None:
    """A balancer spreads requests over three backends, and each that goes to the third takes three seconds.

    True: the network takes half a millisecond to each; the third backend is slow by itself.

    Source: "one request in three is slow".
    """
    for number in range(36):
        backend = 11 + number % 3
        talk = wire.talk(f"10.30.67.2:{51_000 + number}", f"10.30.67.{backend}:8080", at=0.6 * number)
        think = 3.0 + 0.01 * number if backend == 13 else 0.015
        talk.play("0 > S\n0.0005 < S.\n0.00054 > .\n0.0006 > P. 200\n0.0011 < .")
        talk.play("0 < P. 400\n0.00004 > .", at=think).play(FAREWELL, at=think + 0.01)


@story(
    Says("D38|D26|D27|D28", ("203.0.113.80:80",), "possible", "info", count=20),
    Never("D04"),
    Never("D05"),
    Never("D25", ("missing",), severity="warning"),
    Never("D07"),
)
def answers_come_to_what_nobody_asked(wire: Wire) -> None:
    """SYN-ACKs of a web server come to addresses that never asked it, and are reset or left alone.

    True: somebody floods that server in the name of these addresses; it sends each answer again. Of ours, the hosts
    that exist reset them, and those that do not are silent.

    Source: backscatter as network telescopes see it (Moore et al., 2001).
    """
    for number in range(40):
        talk = wire.talk(
            f"198.51.100.{(number * 37) % 250}:{1024 + (number * 7919) % 60_000}",
            "203.0.113.80:80",
            at=0.8 * number,
            server_ttl=49,
        )
        talk.client.next = 1
        talk.play("0 < S.")
        if number % 4 == 0:
            talk.play("0.0004 > R seq=1")
        else:
            for wait in (1.0, 3.0, 7.0):
                talk.play(f"{wait} < S. again")
    crowd(wire, Crowd("203.0.113.81:80", "198.51.101", 6, trip=0.03, every=4))


@story(
    Says("D51|D49", ("10.30.69.9:25",), "possible", "note"),
    Never("D24"),
    Never("D09"),
    Never("D08"),
    Ends(
        "10.30.69.3:47001", ("FIN_WAIT1|FIN_WAIT2|TIME_WAIT|CLOSED", "ESTABLISHED|CLOSE_WAIT|CLOSED|LAST_ACK")
    ),
)
def mail_is_taken_and_never_confirmed(wire: Wire) -> None:
    """A mail is taken whole and acknowledged, and the reply "queued" never comes; ten minutes later the sender quits.

    True: the server's scanner hangs. Each command before was answered within milliseconds, and other mails pass.

    Source: "timed out while sending end of data -- message may be sent more than once" (Postfix).
    """
    talk = wire.talk("10.30.69.3:47001", "10.30.69.9:25")
    talk.play("0 > S\n0.02 < S.\n0.02004 > .\n0.05 < P. 40\n0.05004 > .")
    for at in (0.06, 0.12, 0.18, 0.24):
        talk.play(f"{at} > P. 30\n{at + 0.022} < P. 25\n{at + 0.02204} > .")
    talk.play("0.3 > . 1448\n0.30001 > . 1448\n0.321 < .\n0.3211 > P. 700\n0.342 < .")
    talk.play("600.31 > F.\n600.33 < .")
    crowd(wire, Crowd("10.30.69.9:25", "10.30.69", 20, every=30, trip=0.02, lost=0.02, seed=69))
