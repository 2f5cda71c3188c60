"""More stories of public threads, told after the rules were mended, to see whether they hold."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire
from tests.packets import ip


@story(
    Says("D08|D09", ("2 h|1 h 59 min", "10.230.0.7:5432"), "possible", "warning"),
    Never("D49"),
    Never("D13"),
)
def long_query_outlives_the_firewall(wire: Wire) -> None:
    """A query runs for two hours; its answer finds no way back.

    True: a firewall forgot the silent connection after 30 minutes. The server sends its answer nine times; another
    connection with a query of 20 minutes got its answer.

    Source: npgsql/npgsql#1555.
    """
    for number, pause in enumerate((1200.0, 7200.0)):
        talk = wire.talk(f"10.230.0.3:{40_000 + number}", "10.230.0.7:5432", at=5.0 * number, server_ttl=62)
        talk.play(GREETING).play("1 > P. 200\n1.001 < .")
        talk.play("0 < P. 900", at=pause)
        if pause < 1800:
            talk.play("0.001 > .", at=pause)
        else:
            for at in (0.21, 0.63, 1.5, 3.2, 6.6, 13.4, 27.0, 54.0):
                talk.play(f"{at} < P. again", at=pause)


@story(
    Says("D34", ("4 of 16", "10.231.0.2:443"), "likely", "warning", count=4),
    Says("D34", ("they are all from 10.231.1.7",)),
    Never("D01"),
)
def one_client_of_many_connects_slowly(wire: Wire) -> None:
    """Of four clients one alone needs a second for each connect.

    True: its own switch port drops the first packet after a pause; the server is well.

    Source: the usual "only my machine is slow".
    """
    for number in range(16):
        client = 4 + number % 4
        talk = wire.talk(f"10.231.1.{client}:{41_000 + number}", "10.231.0.2:443", at=2.0 * number)
        late = 1.01 if client == 7 else 0.0
        if late:
            talk.play("0 > S")
            talk.client.next = 0
        talk.play(GREETING, at=late).play(FAREWELL, at=late + 0.1)


@story(
    Says("D02", ("10.232.0.2:8080",), "likely", "warning", fault="server", count=6),
    Never("D26"),
    Never("D18"),
)
def service_is_not_there(wire: Wire) -> None:
    """A client asks for a service again and again, and nothing listens.

    True: six connects are refused at once, five seconds apart; SSH on the same host answers.

    Source: any service that failed to start.
    """
    for number in range(6):
        talk = wire.talk(f"10.232.0.9:{42_000 + number}", "10.232.0.2:8080", at=5.0 * number)
        talk.play("0 > S\n0.0003 < R. seq=0")
    wire.talk("10.232.0.9:43000", "10.232.0.2:22", at=3).play(GREETING)


@story(
    Says("D03", ("10.233.9.254", "reached"), "likely", "warning", fault="path", count=2),
    Never("D01"),
    Never("D02"),
)
def last_router_finds_no_neighbour(wire: Wire) -> None:
    """A host is off, and the last router says after three seconds that it cannot be reached.

    True: the router's question for the hardware address went unanswered: "no route to host".

    Source: any host that was moved.
    """
    for number in range(2):
        talk = wire.talk(f"10.233.0.3:{44_000 + number}", "10.233.9.9:443", at=10.0 * number)
        talk.play("0 > S\n1.02 > S again\n3.03 > S again")
        time, _, data = wire.frames[-1]
        frame = ip.ethernet(ip.icmp_error("host-unreachable", "10.233.9.254", data[14:]))
        wire.frames.append((time + 50_000_000, len(frame), frame))


@story(
    Says("D10", ("10.234.0.7:8443",), "likely", "warning", fault="server", count=4),
    Never("D31", severity="error"),
    Never("D11", severity="warning"),
)
def server_forgets_to_close_some(wire: Wire) -> None:
    """A server closes most of its connections, and leaves some in CLOSE_WAIT.

    True: four of twenty stay in CLOSE_WAIT for ten minutes, after requests that failed; the others are closed at
    once.

    Source: reports of leaks on error paths.
    """
    for number in range(20):
        talk = wire.talk(f"10.234.0.{10 + number}:45000", "10.234.0.7:8443", at=1.0 * number).play(GREETING)
        if number % 5 == 2:
            talk.play("0.1 > F.\n0.101 < .")
        else:
            talk.play(FAREWELL, at=0.1)
    wire.talk("10.234.0.99:45000", "10.234.0.7:8443", at=620).play(GREETING).play(FAREWELL, at=0.1)


@story(
    Says("D11|D10", ("10.235.0.9",), "possible", "note"),
    Never("D09"),
    Never("D13"),
)
def server_closes_and_the_client_does_not(wire: Wire) -> None:
    """A server closes idle connections, and its clients keep theirs for minutes.

    True: the server waits in FIN_WAIT2 for 60 s and forgets; the client sits in CLOSE_WAIT.

    Source: connection pools without a reaper.
    """
    for number in range(3):
        talk = wire.talk(f"10.235.0.9:{46_000 + number}", "10.235.0.7:80", at=1.0 * number).play(GREETING)
        talk.play("15 < F.\n15.0002 > .")
    wire.talk("10.235.0.9:47000", "10.235.0.7:80", at=300).play(GREETING)


@story(
    Says("D18|D08", ("10.236.0.7:1433",), "likely", "warning", fault="path", count=2),
    Never("D07", confidence="likely"),
)
def middle_device_resets_both_ends(wire: Wire) -> None:
    """An intrusion prevention system resets both ends in the middle of a query.

    True: two resets leave within 20 µs, one in each end's name, both with a TTL of 251; the ends' own packets have 63
    and 126. The tap is between them.

    Source: the scenario "reset by a middle device" of support engineers.
    """
    for number in range(2):
        talk = wire.talk(
            f"10.236.0.3:{48_000 + number}", "10.236.0.7:1433", at=9.0 * number, client_ttl=126, server_ttl=63
        ).play(GREETING)
        talk.play("1 > P. 600\n1.003 < P. 400\n1.0031 > .\n2 > P. 700")
        talk.play(f"2.0004 < R. ttl=251 id={700 + number}\n2.00042 > R. ttl=251 id={800 + number}")


@story(
    Says("D17", ("10.237.0.7:9000", "2 min|120 s"), "possible", "note", fault="server", count=2),
    Never("D08"),
    Never("D36"),
)
def idle_close_crosses_a_request_after_two_minutes(wire: Wire) -> None:
    """A server drops idle connections after 120 s, as requests are under way.

    True: twice FIN and request cross after 120.0 s.

    Source: IIS and others behind proxies.
    """
    for number in range(2):
        talk = wire.talk(f"10.237.0.9:{49_000 + number}", "10.237.0.7:9000", at=3.0 * number).play(GREETING)
        talk.play("120.0042 < F.\n120.0045 > P. 300 ack=301\n120.0054 < R seq=302")


@story(
    Says("D05|D06", ("10.238.0.2:443", "accept queue"), "likely", "warning", fault="server", count=3),
    Never("D04"),
    Never("D09"),
)
def stuck_server_takes_no_more(wire: Wire) -> None:
    """A server's process hangs: its queue fills, and then final ACKs are ignored. The tap is at the server.

    True: three clients believe that they are connected and send requests in vain; SYN-ACKs come again.

    Source: ``ListenOverflows`` at hung workers.
    """
    for number in range(3):
        talk = wire.talk(f"10.238.0.{10 + number}:50000", "10.238.0.2:443", at=0.5 * number, client_ttl=57)
        talk.play("0 > S\n0.00004 < S.\n0.03 > .\n0.031 > P. 300")
        for at in (0.25, 0.7, 1.6):
            talk.play(f"{at} > P. again")
        for at in (1.0, 3.0, 7.0):
            talk.play(f"{at + 0.01} < S. again\n{at + 0.04} > . seq=301")


@story(
    Never("D*", severity="warning"),
    Ends("10.239.0.9:51000", ("ESTABLISHED", "ESTABLISHED")),
)
def websocket_pings_every_half_minute(wire: Wire) -> None:
    """A WebSocket lives for an hour on pings of its own.

    True: nothing is wrong.

    Source: any chat.
    """
    talk = wire.talk("10.239.0.9:51000", "10.239.0.7:443", server_ttl=55).play(GREETING)
    for number in range(1, 120):
        talk.play("0 > P. 6\n0.03 < P. 6\n0.0301 > .", at=30.0 * number)


@story(
    Says("D26", ("10.240.5.5",), "likely", "warning", count=150),
    Never("D01", severity="error"),
    Never("D02", severity="warning"),
)
def sweep_for_one_port(wire: Wire) -> None:
    """One address asks 150 hosts for port 22, once each.

    True: a scan: ten answer and are reset, forty refuse, the others are silent.

    Source: any honeypot.
    """
    for number in range(150):
        talk = wire.talk(
            f"10.240.5.5:{52_000 + number}", f"10.241.0.{1 + number}:22", at=0.01 * number, stamps=False
        ).play("0 > S")
        if number % 15 == 0:
            talk.play("0.02 < S.\n0.0201 > R seq=1")
        elif number % 4 == 0:
            talk.play("0.02 < R. seq=0")


@story(
    Says("D23", ("10.242.0.7:515", "10.242.0.9"), "likely", "warning", fault="server"),
    Never("D08"),
    Never("D09"),
)
def device_takes_nothing_while_it_works(wire: Wire) -> None:
    """A device shuts its window for a minute while it writes its flash memory, and then goes on.

    True: each probe is answered; the network is fine.

    Source: firmware uploads.
    """
    talk = wire.talk("10.242.0.9:53000", "10.242.0.7:515", stamps=False, server_scale=None).play(HANDSHAKE)
    talk.play("0.01 > . 1460\n0.011 > . 1460\n0.02 < . win=0")
    at = 0.3
    for pause in (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0):
        talk.play(f"{at} > . seq=2920\n{at + 0.002} < . win=0")
        at += pause
    talk.play(f"{at} < . win=4096\n{at + 0.001} > P. 900\n{at + 0.003} < .")
