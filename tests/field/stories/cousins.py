"""Stories of kinds that others tell of as well, once more with other signs."""

from tests.field.story import Ends, Never, Says, Taps, compared, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D08|D09", ("10.135.1.9:5672", "lived through 10 min"), "likely", "warning", count=3),
    Never("D54"),
    kept=False,
)
def probes_come_too_seldom_for_the_gateway(wire: Wire) -> None:
    """Consumers that are probed every ten minutes live, and those that are probed every twenty are dead by then.

    True: a gateway forgets what is silent for fifteen minutes. Consumers of two kinds have their own keepalives.

    Source: the kind of an idle time-out that is bracketed, by keepalive probes.
    """
    for number in range(3):
        talk = wire.talk(f"10.135.1.{20 + number}:40000", "10.135.1.9:5672", at=300.0 * number).play(GREETING)
        for probe in range(1, 8):
            talk.play(f"{600 * probe} > . seq=100\n{600 * probe + 0.002} < .")
    for number in range(3):
        talk = wire.talk(f"10.135.1.{30 + number}:40000", "10.135.1.9:5672", at=1500.0 * number).play(
            GREETING
        )
        for copy in range(9):
            talk.play(f"{1200 + 75 * copy} > . seq=100")
        talk.play("1875 > R.")


@story(
    Says("D31", ("10.135.2.9:8080",), "possible", "warning", fault="server", count=30),
    Never("D31", ("10.135.2.10:8080",)),
    Never("D11", severity="warning"),
    kept=False,
)
def one_of_two_servers_leaks(wire: Wire) -> None:
    """Of two servers behind one balancer one keeps a socket in CLOSE_WAIT for each connection it ever had.

    True: it runs an older version, whose handler forgets to close. The other closes all of its own.

    Source: the kind of leaks, of one server beside a sound one.
    """
    for number in range(40):
        for server in (9, 10):
            talk = wire.talk(
                f"10.135.2.2:{30_000 + 2 * number + server}",
                f"10.135.2.{server}:8080",
                at=2.0 * number + 0.1 * server,
            ).play(GREETING)
            talk.play("0.1 > F.\n0.1004 < ." if server == 9 else "0.1 > F.\n0.1004 < F.\n0.1005 > .")


@story(
    Says("D54|D56", ("10.135.3.9:6379",), "possible", "warning", count=4),
    Never("D09", severity="error"),
    Never("D49", severity="warning"),
    Ends("10.135.3.20:40000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def way_is_down_for_ninety_seconds_and_comes_back(wire: Wire) -> None:
    """All clients of a cache hang for a minute and a half, and go on as if nothing had been.

    True: a switch was restarted. Copies get through once it is back, each at its own time.

    Source: the kind of a path that dies in mid-traffic, and comes back.
    """
    for number in range(4):
        talk = wire.talk(f"10.135.3.{20 + number}:40000", "10.135.3.9:6379", at=0.1 * number).play(GREETING)
        for ask in range(1, 20):
            talk.play(f"{ask} > P. 40\n{ask + 0.001} < P. 60\n{ask + 0.0011} > .")
        talk.play("20 > P. 40")
        for copy in (20.21, 20.64, 21.5, 23.2, 26.6, 33.4, 47.0, 74.2):
            talk.play(f"{copy} > P. again")
        back = 110.5 + 2.1 * number
        talk.play(f"{back} > P. again\n{back + 0.001} < P. 60\n{back + 0.0011} > .")
        for ask in range(1, 10):
            talk.play(f"{back + ask} > P. 40\n{back + ask + 0.001} < P. 60\n{back + ask + 0.0011} > .")


@compared(
    Says("D01|D04", ("lost between server.pcap and client.pcap",), "likely", "warning", fault="path"),
    Never("D05"),
    taps=("client", "server"),
    judged=("client", "server"),
    kept=False,
)
def answers_are_lost_between_the_taps(taps: Taps) -> None:
    """Connects time out; at the server each SYN arrives and is answered, and at the client no answer comes.

    True: a firewall on the way has a rule for one direction only.

    Source: the kind of SYN and SYN-ACK that are both repeated, seen from both ends.
    """
    for name, wire in taps.items():
        for number in range(3):
            talk = wire.talk(f"10.135.4.4:{49_200 + number}", "10.135.4.9:8443", at=20.0 * number)
            for copy, at in enumerate((0, 1.02, 3.04, 7.2)):
                again = "again" if copy else ""
                if name == "client":
                    talk.play(f"{at} > S {again} id={700 + 10 * number + copy}")
                else:
                    talk.play(
                        f"{at + 0.01} > S {again} id={700 + 10 * number + copy}\n{at + 0.01003} < S. {again}"
                    )


@compared(
    Says("D09|D24|D54", ("server",), "possible", "warning"),
    Never("D05"),
    Never("D49"),
    taps=("client", "server"),
    judged=("client", "server"),
    kept=False,
)
def requests_are_lost_between_the_taps(taps: Taps) -> None:
    """A request is sent seven times, and not one copy arrives where the server is captured.

    True: a filter on the way drops what it finds in the request. All before it arrived.

    Source: the kind of an MTU black hole or a filter, seen from both ends.
    """
    for name, wire in taps.items():
        late = 0.0 if name == "client" else 0.01
        for number in range(2):
            talk = wire.talk(f"10.135.5.4:{49_200 + number}", "10.135.5.9:8080", at=40.0 * number)
            talk.play(f"{late} > S id=100\n{0.0203 - late} < S. id=1\n{0.0204 + late} > . id=101")
            talk.play(
                f"{0.03 + late} > P. 80 id=102\n{0.06 - late} < P. 90 id=900\n{0.0601 + late} > . id=103"
            )
            talk.play(f"2 > P. 700 id=104 {'' if name == 'client' else 'lost'}")
            for copy, at in enumerate((2.22, 2.65, 3.5, 5.2, 8.6, 15.4)):
                talk.play(f"{at} > P. again id={105 + copy} {'' if name == 'client' else 'lost'}")


@story(
    Says("D50|D05|D06", ("10.135.6.9:2525",), "possible", "note", count=3),
    Never("D49", severity="note"),
    Never("D09"),
    kept=False,
)
def server_that_is_to_greet_waits_for_the_first_word(wire: Wire) -> None:
    """A mail relay greets nobody since its port was moved behind another program.

    True: the listening socket has TCP_DEFER_ACCEPT: the kernel hands on no connection before its client has spoken,
    and here the client waits for the greeting. The server's SYN-ACK is repeated, and after half a minute it lets go.

    Source: the kind of TCP_DEFER_ACCEPT, with a protocol in which the server speaks first.
    """
    for number in range(3):
        talk = wire.talk(f"10.135.6.{20 + number}:40000", "10.135.6.9:2525", at=40.0 * number)
        talk.play("0 > S\n0.00004 < S.\n0.0101 > .")
        for at in (1.02, 3.06, 7.2, 15.4):
            talk.play(f"{at} < S. again\n{at + 0.01} > .")
        talk.play("30 > F.\n30.00005 < R")


@story(
    Says("D37", ("127.0.0.1:45321",), "likely", "warning"),
    Says("D02", ("127.0.0.1:45321",), "possible", "note"),
    Never("D05"),
    kept=False,
)
def client_tries_until_it_reaches_itself(wire: Wire) -> None:
    """A client tries a local service a hundred times a second while that is down, and suddenly is connected.

    True: the service's port lies in the range of ephemeral ports, and the kernel gave the client that very port.

    Source: the kind of a socket that connects to itself, with the refusals before it.
    """
    for number in range(30):
        talk = wire.talk(f"127.0.0.1:{45_291 + number}", "127.0.0.1:45321", at=0.01 * number)
        talk.play("0 > S\n0.00002 < R. seq=0")
    own = wire.talk("127.0.0.1:45321", "127.0.0.1:45321", at=0.4)
    own.server = own.client
    own.play("0 > S\n0.00002 > S. seq=0 ack=1\n0.00004 > . ack=1\n1 > P. 20\n1.00002 > . ack=21")


@story(
    Says("D43|D06", ("10.135.8.9:443", "another machine behind this address"), "possible", "note", count=4),
    Never("D18", confidence="certain"),
    Never("D26"),
    kept=False,
)
def second_segment_reaches_another_server(wire: Wire) -> None:
    """Half of the connects to an address that two servers share are reset at their first request.

    True: a switch in front spreads packets over both, each by itself. The server that accepted never sees the
    request; the other one does not know the connection, and resets it.

    Source: the kind of two hosts for one address, by packets that are spread.
    """
    for number in range(8):
        talk = wire.talk(f"10.135.8.{20 + number}:40000", "10.135.8.9:443", at=1.3 * number, server_ttl=63)
        talk.play(HANDSHAKE)
        if number % 2:
            talk.play("0.002 > P. 517\n0.0026 < R id=0")
        else:
            talk.play("0.002 > P. 517\n0.004 < P. 1200\n0.0042 > .").play(FAREWELL, at=0.1)
