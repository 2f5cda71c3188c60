"""Stories of incidents: brokers, games, and hosts on which several things go wrong at a time."""

from tests.field.company import Crowd, crowd
from tests.field.story import Ends, Never, Says, Taps, compared, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Talk, Wire


@story(
    Says("D49|D51", ("10.41.1.9:25565",), "possible", "note"),
    Never("D54"),
    Never("D09"),
    Never("D08"),
    Never("D56", severity="warning"),
    Never("D23"),
    Ends("10.41.1.3:52000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def world_is_saved_and_all_players_wait(wire: Wire) -> None:
    """A game's server says nothing for eleven seconds to any of its six players, and then goes on.

    True: its process saves the world and does nothing else. Its kernel acknowledges all that the players send. One
    of them gives up after ten seconds.

    Source: "can't keep up" and "timed out" in the logs of servers of games.
    """
    for number in range(6):
        talk = wire.talk(
            f"10.41.1.{3 + number}:{52_000 + number}", "10.41.1.9:25565", at=0.06 * number, client_ttl=55
        )
        talk.play("0 > S\n0.00005 < S.\n0.03 > .\n0.031 > P. 40\n0.033 < P. 300\n0.063 > .")
        for step in range(2, 40):
            at = 0.5 * step
            talk.play(f"{at} > P. 24\n{at + 0.004} < P. 60\n{at + 0.034} > .")
        gives_up = number == 4
        for step in range(40, 60 if gives_up else 62):
            at = 0.5 * step
            talk.play(f"{at} > P. 24\n{at + 0.04} < .")
        if gives_up:
            talk.play("30 > F.\n30.04 < .\n31.01 < F.\n31.04 > .")
            continue
        talk.play("31.01 < P. 1100\n31.041 > .")
        for step in range(63, 80):
            at = 0.5 * step
            talk.play(f"{at} > P. 24\n{at + 0.004} < P. 60\n{at + 0.034} > .")


@story(
    Says("D58", ("10.41.2.9:1883", "10.41.2.3", "10.41.2.4", "take turns"), "likely", "note", count=8),
    Never("D08"),
    Never("D17"),
    Never("D36"),
    Never("D09"),
    Never("D10", severity="warning"),
    kept=False,
)
def two_devices_share_one_name(wire: Wire) -> None:
    """Two devices log in at a broker under one name, and each time one comes the other is closed.

    True: the broker closes the older session when the newer one says its name; the device that lost comes back five
    seconds later, and takes the name back. For ever.

    Source: the "client identifier" of MQTT (3.1.4 of its standard), and every forum on devices that "flap".
    """
    held: Talk | None = None
    for number in range(10):
        start = 5.0 * number
        talk = wire.talk(
            f"10.41.2.{3 + number % 2}:{49_200 + number}", "10.41.2.9:1883", at=start, client_ttl=60
        )
        talk.play("0 > S\n0.00005 < S.\n0.02 > .\n0.021 > P. 44\n0.02104 < .")
        if held:
            gone = start + 0.0213 - held.start
            held.play(f"{gone} < F.\n{gone + 0.02} > F.\n{gone + 0.02005} < .")
        talk.play("0.0216 < P. 4\n0.042 > .\n1 > P. 60\n1.00005 < .\n3 > P. 60\n3.00005 < .")
        held = talk
    crowd(wire, Crowd("10.41.2.9:1883", "10.41.3", 14, every=3.4, trip=0.02, share=0.95, seed=2))


@story(
    Says("D01", ("172.17.0.5:9092",), "likely", "warning", count=3),
    Never("D26"),
    Never("D54"),
    Never("D08"),
    Never("D01", ("10.41.4.9",)),
    Never("D09"),
    Ends("10.41.4.3:45000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def broker_names_an_address_of_its_own_network(wire: Wire) -> None:
    """Clients ask a broker where their data is, are told an address within its container network, and call in vain.

    True: the first connection is sound and stays open; the address that the broker tells of cannot be reached from
    outside. Three clients try it, four SYNs each.

    Source: ``advertised.listeners`` of Kafka, confluentinc/librdkafka's FAQ on broker addresses.
    """
    for number in range(3):
        first = wire.talk(f"10.41.4.{3 + number}:45000", "10.41.4.9:9092", at=1.7 * number, server_ttl=63)
        first.play(HANDSHAKE).play("0.002 > P. 24\n0.004 < P. 330\n0.0042 > .\n0.01 > P. 60\n0.013 < P. 420")
        first.play("0.0131 > .")
        second = wire.talk(f"10.41.4.{3 + number}:45001", "172.17.0.5:9092", at=1.7 * number + 0.015)
        for at in (0, 1.02, 3.04, 7.1):
            second.play(f"{at} > S {'again' if at else ''}")
        first.play("10.1 > P. 60\n10.103 < P. 420\n10.1031 > .")
    crowd(wire, Crowd("10.41.4.20:8083", "10.41.4", 10, every=1.4, seed=4))


@story(
    Says("D23", ("10.41.5.9:5672",), "likely", "warning", fault="server", count=3),
    Never("D09"),
    Never("D08"),
    Never("D54"),
    Never("D23", ("10.41.5.31", "10.41.5.32")),
    Ends("10.41.5.3:46000", ("ESTABLISHED", "ESTABLISHED")),
    Ends("10.41.5.31:46000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def broker_reads_no_publisher_while_memory_is_short(wire: Wire) -> None:
    """A broker reads from none of its three publishers for a minute, and serves its consumers all the while.

    True: its memory alarm is up. The windows of publishers shut, their probes are answered, and the broker's
    heartbeats come; then it reads again. Two consumers of the same port get what they are due.

    Source: the memory alarm of RabbitMQ, which blocks connections that publish.
    """
    for number in range(3):
        talk = wire.talk(f"10.41.5.{3 + number}:46000", "10.41.5.9:5672", at=0.2 * number).play(GREETING)
        for step in range(1, 20):
            talk.play(f"{0.5 * step} > P. 1400\n{0.5 * step + 0.0008} < .")
        talk.play("10 > . 1448\n10.0001 > P. 1448\n10.001 < . win=8\n10.0011 > P. 1024\n10.042 < . win=0")
        probe = talk.client.next - 1
        for wait in (0.21, 0.63, 1.5, 3.2, 6.5, 13.1, 26.4, 53.0):
            talk.play(f"{10.042 + wait} > . seq={probe}\n{10.043 + wait} < . win=0")
        talk.play("40 < P. 8 win=0\n40.0002 > .\n70 < . win=502")
        for step in range(1, 12):
            talk.play(f"{70 + 0.5 * step} > P. 1400\n{70 + 0.5 * step + 0.0008} < .")
    for number in range(2):
        talk = wire.talk(f"10.41.5.{31 + number}:46000", "10.41.5.9:5672", at=0.3 * number).play(GREETING)
        for step in range(1, 75):
            talk.play(f"{step} < P. 700\n{step + 0.0003} > .\n{step + 0.004} > P. 21\n{step + 0.0044} < .")


@story(
    Says("D16|D27|D35|D06", ("10.41.6.9:8080", "proxy|backend|behind"), "possible", "note", count=6),
    Never("D07"),
    Never("D18"),
    Never("D02"),
    Never("D08"),
    Never("D05", confidence="likely"),
    kept=False,
)
def container_host_accepts_and_resets(wire: Wire) -> None:
    """A host accepts each connection to a published port and resets it as soon as the request comes.

    True: the proxy of the container host accepts, its own connect to the container is refused, and it closes with the
    request unread. The published port next to it serves.

    Source: docker-proxy with an application that listens on 127.0.0.1 of its container.
    """
    for number in range(6):
        talk = wire.talk(
            f"10.41.6.{3 + number % 2}:{47_000 + number}", "10.41.6.9:8080", at=2.0 * number, server_ttl=63
        )
        talk.play(HANDSHAKE).play("0.0012 > P. 84\n0.0021 < .\n0.0024 < R.")
    crowd(wire, Crowd("10.41.6.9:8081", "10.41.7", 16, every=0.8, trip=0.001, seed=6))


@story(
    Says("D23", ("10.41.8.9:9100", "window"), "possible", "warning"),
    Never("D09"),
    Never("D08"),
    Never("D24"),
    Ends("10.41.8.3:48000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def window_opens_and_nobody_hears_of_it(wire: Wire) -> None:
    """An upload stands still: the window is zero for the sender, and its probes are of a kind that nobody answers.

    True: the receiver's window update was lost. The sender's probes are bare acknowledgements with the next number,
    which are in order and ask for nothing, so they draw no answer; neither end says a word for a minute.

    Source: google/gvisor#10243.
    """
    talk = wire.talk("10.41.8.3:48000", "10.41.8.9:9100", server_window=128, server_ttl=57).play(GREETING)
    at = 0.1
    for window in (107, 85, 64, 42, 21, 0):
        talk.play(f"{at} > . 1368\n{at + 0.0001} > P. 1368\n{at + 0.02} < . win={window}")
        at += 0.021
    talk.play(f"{at + 0.4} < . win=128 lost")
    for wait in (0.24, 0.72, 1.7, 3.6, 7.4, 15.1, 30.4, 61.0):
        talk.play(f"{at + wait} > .")
    crowd(wire, Crowd("10.41.8.9:80", "10.41.8", 12, every=5, trip=0.02, seed=7))


@story(
    Says("D10|D31", ("10.41.9.9:8080",), "likely", "warning", fault="server", count=12),
    Says("D08", ("10.41.10.9:5432",), "likely", "warning", count=2),
    Says("D01", ("10.41.11.9:443",), "likely", "warning", count=4),
    Never("D54"),
    Never("D26"),
    Never("D18"),
    Never("D07"),
    Ends("10.41.9.2:39000", ("FIN_WAIT2|CLOSED", "CLOSE_WAIT")),
    Ends("10.41.9.9:60000", ("ESTABLISHED|CLOSED", "ESTABLISHED|UNKNOWN|CLOSED")),
    kept=False,
)
def application_host_on_a_bad_day(wire: Wire) -> None:
    """Three faults in one capture at an application's host: a leak, a firewall that forgets, a dead partner.

    True: twelve connections of one proxy stay in CLOSE_WAIT; connections to the database that are silent for 1,000 s
    and more are dead, one of 300 s lives; a partner's address answers none of four connects. All other traffic is
    sound.

    Source: the usual: a slow day is seldom slow for one reason.
    """
    crowd(wire, Crowd("10.41.9.9:8080", "10.41.12", 40, every=35, lost=0.02, seed=9))
    for number in range(12):
        leaked = wire.talk(f"10.41.9.2:{39_000 + number}", "10.41.9.9:8080", at=20 + 60.0 * number)
        leaked.play(GREETING).play("5 > F.\n5.04 < .")
    for number, pause in enumerate((300.0, 1000.0, 1250.0)):
        pooled = wire.talk(f"10.41.9.9:{60_000 + number}", "10.41.10.9:5432", at=3.0 * number).play(GREETING)
        pooled.play("0 > P. 90\n0.002 < P. 400\n0.0021 > .", at=5)
        if pause < 900:
            pooled.play("0 > P. 90\n0.002 < P. 400\n0.0021 > .", at=5 + pause)
            continue
        pooled.play("0 > P. 90", at=5 + pause)
        for wait in (0.21, 0.63, 1.5, 3.2, 6.6, 13.4):
            pooled.play(f"{wait} > P. again", at=5 + pause)
        again = wire.talk(f"10.41.9.9:{60_010 + number}", "10.41.10.9:5432", at=3.0 * number + 20 + pause)
        again.play(GREETING).play(FAREWELL, at=4)
    for number in range(4):
        partner = wire.talk(f"10.41.9.9:{61_000 + number}", "10.41.11.9:443", at=200.0 + 240 * number)
        partner.play("0 > S\n1.02 > S again\n3.04 > S again\n7.1 > S again")


@compared(
    Says("D09|D08|D54", ("10.41.14.9:8443",), "likely", "warning", fault="path", count=4),
    Never("D07"),
    Never("D18"),
    Never("D54", ("10.41.14.9 answered",)),
    Ends("10.41.13.3:50000", ("ESTABLISHED|CLOSED", "ESTABLISHED|CLOSED")),
    taps=("inside", "outside"),
    judged=("inside", "outside"),
    kept=False,
)
def firewall_fails_over_and_drops_what_it_has_not_seen_begin(taps: Taps) -> None:
    """A firewall's twin takes over without its table, and drops all segments of connections that are open.

    True: from second 10 on four busy connections get nothing through in either direction; what enters at one side
    never leaves at the other. New connections pass.

    Source: pairs of firewalls whose state is not synchronised and whose default is to drop "non-SYN first".
    """
    for name, wire in taps.items():
        inside = name == "inside"
        later, sooner = (0.0, 0.0004) if inside else (0.0002, 0.0002)
        near, far = (64, 63) if inside else (63, 64)
        for number in range(6):
            is_old = number < 4
            start = 0.1 * number if is_old else 14.0 + number
            talk = wire.talk(
                f"10.41.13.3:{50_000 + number}", "10.41.14.9:8443", at=start, client_ttl=near, server_ttl=far
            )
            talk.play(f"{later} > S\n{sooner + 0.0002} < S.\n{0.0008 + later} > .")
            for step in range(1, 10):
                at = 1.0 * step
                talk.play(f"{at + later} > P. 200\n{at + 0.003 + sooner} < P. 500\n{at + 0.0041 + later} > .")
            if is_old:
                unseen = "" if inside else "lost"
                talk.play(f"10 > P. 200 {unseen}")
                for wait in (0.21, 0.63, 1.5, 3.2, 6.6, 13.4):
                    talk.play(f"{10 + wait} > P. again {unseen}")
