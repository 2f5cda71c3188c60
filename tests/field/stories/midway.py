"""Stories of what is lost in one direction only, of deadlocks, and of incidents that are still going on."""

from tests.field.company import Crowd, crowd
from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D46|D56|D09", ("10.60.1.9:8000",), "likely", "warning", count=3),
    Never("D24"),
    Never("D51"),
    Never("D49"),
    Never("D27", severity="warning"),
    Never("D16", severity="warning"),
    kept=False,
)
def answers_are_dropped_by_a_policy(wire: Wire) -> None:
    """Clients wait fifteen seconds for answers and give up; what they send arrives all the time.

    True: since the agent on the clients' node was restarted, a network policy drops all answers there. The server
    answers each request within a millisecond and sends the answer seven times; the client's kernel repeats its
    request as well, and closes after its deadline. The capture is made at the server.

    Source: cilium/cilium#48556.
    """
    for number in range(3):
        talk = wire.talk(
            f"10.60.2.{3 + number}:{39_352 + number}", "10.60.1.9:8000", client_ttl=62, at=0.02 * number
        )
        talk.play("0 > S\n0.00004 < S.\n0.0007 > .")
        for step in range(1, 25):
            talk.play(f"{0.5 * step} > P. 90\n{0.5 * step + 0.0008} < P. 240\n{0.5 * step + 0.0016} > .")
        before = talk.server.next
        talk.play("12.5 > P. 90\n12.5008 < P. 240")
        for server, client in (
            (0.208, 0.21),
            (0.416, 0.63),
            (1.7, 1.47),
            (3.35, 3.15),
            (6.7, 6.5),
            (13.6, 13.2),
        ):
            talk.play(f"{12.5 + server} < P. again")
            talk.play(
                f"{12.5 + client} > P. again ack={before}\n{12.5 + client + 0.00003} < . sack=2161-2251"
            )
        talk.play(f"27.5 > F. ack={before}\n27.5001 < F.\n27.9 > F. again ack={before}\n27.90003 < .")
    crowd(wire, Crowd("10.60.1.9:8000", "10.60.3", 12, every=2.2, share=1.0, seed=1))


@story(
    Never("D24"),
    Never("D09"),
    Never("D45"),
    Never("D46"),
    Never("D57", ("did not get them",)),
    Says("D56|D57|D54", ("10.60.4.3",), "possible", "note"),
    Ends("10.60.4.3:41000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def tunnel_over_tcp_brings_all_copies_at_once(wire: Wire) -> None:
    """A session through a VPN freezes for some seconds, and then everything comes several times.

    True: the tunnel itself runs over TCP. Where the outer connection loses a segment it delivers nothing until that
    is repeated; the inner connections take the delay for loss, and their copies pile up behind it. Nothing inside was
    lost: all copies arrive, within milliseconds of one another.

    Source: "Why TCP over TCP is a bad idea" (O. Titz), and OpenVPN with ``proto tcp``.
    """
    for number in range(2):
        talk = wire.talk(f"10.60.4.3:{41_000 + number}", "10.60.5.9:443", at=0.3 * number, server_ttl=61)
        talk.play("0 > S\n0.04 < S.\n0.0401 > .\n0.05 > P. 300\n0.092 < P. 900\n0.0921 > .")
        sent, waits = 901, (10, 11, 12, 22, 23, 24, 31, 32, 33)
        for step in range(1, 40):
            at = float(step)
            talk.play(f"{at} > P. 80 ack={sent if step not in waits else sent - 700}")
            if step in (9, 21, 30):
                for copy in range(4):
                    late = at + 3.6 + 0.002 * copy
                    talk.play(f"{late} < P. 700 seq={sent}")
                    talk.play(
                        f"{late + 0.00004} > . ack={sent + 700}"
                        + (f" sack={sent}-{sent + 700}" if copy else "")
                    )
            elif step not in waits:
                talk.play(f"{at + 0.043} < P. 700 seq={sent}\n{at + 0.0431} > . ack={sent + 700}")
            else:
                continue
            sent += 700


@story(
    Says("D23", ("10.60.6.9:8080",), "likely", "warning"),
    Says("D23", ("10.60.6.3", "deadlock", "read while it writes"), "likely", "warning", fault="undecided"),
    Never("D09"),
    Never("D24"),
    Never("D51"),
    Never("D46"),
    Ends("10.60.6.3:42000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def both_ends_write_and_neither_reads(wire: Wire) -> None:
    """A client that pipelines its requests and reads no answers before it has sent all hangs for ever.

    True: the server answers each request at once. Its answers fill the client's buffer; the server blocks in write
    and reads no more; the client's requests fill the server's buffer. Both windows are zero, and both ends probe.

    Source: libpq's page on its pipeline mode, which warns of this deadlock, and redis clients that pipeline without
    bounds.
    """
    talk = wire.talk("10.60.6.3:42000", "10.60.6.9:8080").play(HANDSHAKE)
    at = 0.002
    for _ in range(12):
        talk.play(f"{at} > P. 1400\n{at + 0.001} < P. 1448\n{at + 0.0011} > .")
        at += 0.002
    talk.play(f"{at} > P. 1400\n{at + 0.001} < P. 1448\n{at + 0.0411} > . win=0\n{at + 0.05} > P. 1400 win=0")
    talk.play(f"{at + 0.0902} < . win=0")
    talk.client.window = talk.server.window = 0
    wait, probe = 0.22, at + 0.1
    while probe < 240:
        last_client, last_server = talk.client.next, talk.server.next
        talk.play(f"{probe} > . seq={last_client - 1}\n{probe + 0.0004} < .")
        talk.play(f"{probe + 0.02} < . seq={last_server - 1}\n{probe + 0.0204} > .")
        probe += wait
        wait = min(wait * 2, 120)


@story(
    Says("D04", ("10.60.7.9:443",), "likely", "warning", count=12),
    Never("D26"),
    Never("D05"),
    Never("D01"),
    Never("D25", ("one direction",)),
    Ends("10.60.8.20:40000", ("SYN_SENT|CLOSED|ESTABLISHED|UNKNOWN", "SYN_RECV|CLOSED")),
    kept=False,
)
def server_has_no_way_back_to_one_network(wire: Wire) -> None:
    """All clients of a new branch time out when they connect; those of the other branches do not.

    True: the SYNs arrive, and the server's route to 10.60.8.0/24 points to a router that knows nothing of it. Each
    SYN is answered, and each answer is lost; the clients ask again. The capture is made on the server.

    Source: any new network whose route was forgotten on one host.
    """
    for number in range(14):
        talk = wire.talk(
            f"10.60.8.{20 + number % 9}:{40_000 + number}",
            "10.60.7.9:443",
            at=2.3 * number,
            client_ttl=60 if number % 2 else 124,
        )
        talk.play("0 > S\n0.00004 < S.")
        for at in (1.01, 3.03, 7.06, 15.1):
            talk.play(f"{at} > S again\n{at + 0.00003} < S. again")
        for at in (2.02, 6.05, 14.2, 30.3):
            talk.play(f"{at} < S. again")
    crowd(wire, Crowd("10.60.7.9:443", "10.60.9", 24, clients=9, every=1.6, share=1.0, seed=7))


@story(
    Says("D09", ("10.60.10.2:179", "MD5|signature|signed"), "likely", "error"),
    Says("D01", ("signed|MD5",), "possible", "warning"),
    Never("D24"),
    Never("D08"),
    Never("D26"),
    kept=False,
)
def key_is_changed_at_one_end(wire: Wire) -> None:
    """A session of BGP goes silent in both directions at one moment, and does not come back; pings pass.

    True: the key that signs the session was changed at one router. Each drops what the other signs, in silence, and
    sends its own again; when the hold time is over, both drop the session, and new SYNs are dropped as well.

    Source: "%TCP-6-BADAUTH: Invalid MD5 digest" in the logs of routers.
    """
    talk = wire.talk("10.60.10.1:33001", "10.60.10.2:179", client_ttl=1, server_ttl=1, stamps=False)
    talk.play("0 > S md5\n0.002 < S. md5\n0.0021 > . md5\n0.003 > P. 57 md5\n0.006 < P. 57 md5")
    talk.play("0.0061 > P. 19 md5\n0.009 < P. 19 md5\n0.2 > . md5")
    for step in range(1, 6):
        talk.play(f"{30 * step} > P. 19 md5\n{30 * step + 0.2} < . md5")
        talk.play(f"{30 * step + 4} < P. 19 md5\n{30 * step + 4.2} > . md5")
    talk.play("180 > P. 19 md5")
    at = 180.0
    for number in range(7):
        at += 0.8 * 2**number
        talk.play(f"{at} > P. 19 seq={talk.client.next - 19} md5")
    heard = talk.client.next - 19
    talk.play(f"184 < P. 19 ack={heard} md5")
    at = 184.0
    for number in range(7):
        at += 0.8 * 2**number
        talk.play(f"{at} < P. 19 seq={talk.server.next - 19} ack={heard} md5")
    again = wire.talk("10.60.10.1:33002", "10.60.10.2:179", at=290, client_ttl=1, server_ttl=1, stamps=False)
    again.play("0 > S md5\n2 > S again md5\n6 > S again md5\n14 > S again md5\n30 > S again md5")


@story(
    Says("D57|D56", ("10.60.11.9:22",), "possible", "note"),
    Never("D24"),
    Never("D09"),
    Never("D23"),
    Never("D*", severity="error"),
    kept=False,
)
def firewall_missed_the_scale_of_the_window(wire: Wire) -> None:
    """Copies of small files are quick, and those of large ones crawl, with a loss every few hundred kilobytes.

    True: a firewall made its entry from the SYN-ACK, since it had not seen the SYN. It takes windows at face value,
    and drops what lies more than 65,535 bytes beyond the last acknowledgement. The receiver has room for three
    megabytes. The capture is made at the sender.

    Source: pf and its states without ``flags S/SA``; "stalls with window scaling" in its frequent questions.
    """
    talk = wire.talk("10.60.11.3:43000", "10.60.11.9:22", server_ttl=62)
    talk.server.window = 24_000
    talk.play("0 > S\n0.01 < S.\n0.0101 > .\n0.011 > P. 400\n0.021 < P. 400\n0.0211 > .")
    base, at = 401, 0.05
    for _ in range(14):
        for part in range(56):
            talk.play(f"{at + 0.00001 * part} > . 1448 seq={base + 1448 * part}")
        arrived = base + 1448 * 45
        for part in range(0, 45, 5):
            talk.play(f"{at + 0.0102 + 0.0001 * part} < . ack={base + 1448 * (part + 5)}")
        for part in range(11):
            start = arrived + 1448 * part
            talk.play(f"{at + 0.23 + 0.011 * part} > . 1448 seq={start}")
            talk.play(f"{at + 0.2402 + 0.011 * part} < . ack={start + 1448}")
        base, at = base + 1448 * 56, at + 0.38
    talk.client.next = base
    talk.play(FAREWELL, at=at + 0.1)


@story(
    Says("D51", ("10.60.12.11:2404", "14.8 s"), "likely", "note", count=3),
    Never("D08"),
    Never("D09"),
    Never("D30"),
    Never("D24"),
    kept=False,
)
def substation_does_not_confirm_the_test(wire: Wire) -> None:
    """A control centre loses one substation of three again and again, and gets it back at once.

    True: when nothing was said for 20 s, the centre sends a test (six bytes) which has to be confirmed within 15 s.
    The gateway's program there is stuck behind a serial line: its kernel acknowledges, nobody confirms, and the
    centre closes and connects anew. The other two confirm.

    Source: timers t1 and t3 of IEC 60870-5-104.
    """
    for station in range(3):
        start, count = 0.4 * station, 0
        while start < 300:
            talk = wire.talk(
                f"10.60.12.1:{50_000 + 100 * station + count}",
                f"10.60.12.{10 + station}:2404",
                at=start,
                stamps=False,
                server_ttl=60,
            )
            count += 1
            talk.play("0 > S\n0.02 < S.\n0.0201 > .\n0.021 > P. 6\n0.045 < P. 6\n0.08 > P. 16\n0.12 < P. 16")
            talk.play("0.16 < P. 120\n0.2 > P. 6\n0.24 < .")
            if station == 1:
                talk.play("20.24 > P. 6\n20.44 < .\n35.24 > F.\n35.26 < .\n35.3 < F.\n35.3001 > .")
                start += 36
                continue
            for step in range(1, 14):
                talk.play(f"{20.3 * step} > P. 6\n{20.3 * step + 0.022} < P. 6\n{20.3 * step + 0.2} > .")
            start += 400


@story(
    Says("D51|D49", ("10.60.13.9:3000",), "likely", "warning", fault="server", count=10),
    Never("D08"),
    Never("D09"),
    Never("D17"),
    Never("D26"),
    Never("D24"),
    kept=False,
)
def retries_make_a_slow_server_slower(wire: Wire) -> None:
    """A service answers in 50 ms, then in two seconds, then not at all; its clients try again and again.

    True: a lock holds the service up. Clients give up after three seconds, close, and ask again on a new connection,
    while the server still works on what nobody waits for. After a minute nearly nothing is answered in time.

    Source: postmortems of retry storms.
    """
    for number in range(60):
        talk = wire.talk(f"10.60.13.{20 + number % 12}:{44_000 + number}", "10.60.13.9:3000", at=1.1 * number)
        talk.play(HANDSHAKE).play("0.002 > P. 240")
        took = 0.05 if number < 15 else 0.3 + 0.15 * (number - 15)
        if took > 0.04:
            talk.play("0.0424 < .")
        if took < 3:
            talk.play(f"{took} < P. 900\n{took + 0.0004} > .").play(FAREWELL, at=took + 0.01)
        else:
            talk.play("3.003 > F.\n3.0434 < .")
            late = took + 2
            talk.play(f"{late} < P. 900\n{late + 0.0003} > R seq=242")


@story(
    Says("D49", ("10.60.14.9:5000", "answered nobody since"), "likely", "warning", fault="server", count=14),
    Never("D08"),
    Never("D24"),
    Never("D26"),
    Never("D09"),
    kept=False,
)
def program_is_stopped_and_the_capture_ends_first(wire: Wire) -> None:
    """Since a minute nobody gets an answer, though every client is connected; the capture ends before anybody gives
    up.

    True: a debugger holds the program. Its kernel goes on: it acknowledges, and takes new connections until the
    backlog is full; then SYNs are dropped. Before that minute each request was answered in 5 ms.

    Source: ``gdb -p`` on the wrong host, and every "it hangs right now".
    """
    for number in range(8):
        talk = wire.talk(
            f"10.60.14.{20 + number}:{45_000 + number}", "10.60.14.9:5000", at=0.1 * number
        ).play(GREETING)
        for step in range(1, 16):
            talk.play(f"{2 * step} > P. 150\n{2 * step + 0.005} < P. 500\n{2 * step + 0.0054} > .")
        talk.play("32 > P. 150\n32.0402 < .")
    for number in range(12):
        new = wire.talk(f"10.60.14.{20 + number}:{45_100 + number}", "10.60.14.9:5000", at=35.0 + 4 * number)
        if number < 6:
            new.play(HANDSHAKE).play("0.002 > P. 150\n0.0421 < .")
        else:
            new.play("0 > S\n1.02 > S again\n3.05 > S again\n7.1 > S again")
    wire.frames[:] = [
        frame for frame in wire.in_order() if frame[0] < 1_790_000_000_000_000_000 + 92_000_000_000
    ]


@story(
    Says("D01", ("10.60.16.12:1433", "10.60.15.12"), "likely", "note", count=4),
    Never("D01", severity="error"),
    Never("D26"),
    Never("D54"),
    Never("D34"),
    kept=False,
)
def listener_of_two_sites_is_asked_at_both(wire: Wire) -> None:
    """A database of two sites has two addresses, of which one is alive; all clients are served at once.

    True: nothing is wrong. The driver connects to both addresses at the same moment (MultiSubnetFailover), takes the
    one that answers, and drops the other attempt after its second SYN. The other address has no host until the
    database moves there.

    Source: ``MultiSubnetFailover=True`` of SQL Server's drivers.
    """
    for number in range(10):
        client = f"10.60.15.{20 + number % 5}"
        live = wire.talk(
            f"{client}:{49_000 + 2 * number}", "10.60.15.12:1433", at=3.0 * number, client_ttl=128
        )
        live.play(GREETING).play("0.01 > P. 200\n0.014 < P. 300\n0.0141 > .").play(FAREWELL, at=2.5)
        dead = wire.talk(
            f"{client}:{49_001 + 2 * number}", "10.60.16.12:1433", at=3.0 * number + 0.0002, client_ttl=128
        )
        dead.play("0 > S")
        if number % 2:
            dead.play("1.01 > S again")
