"""Stories of addresses that are translated, and of whoever answers in another's name."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, Wire


@story(
    Says("D18|D08", ("10.74.1.35:3020", "TTL"), "likely", "warning"),
    Never("D07"),
    Never("D16"),
    Never("D27", severity="warning"),
    Ends("10.74.1.104:1562", ("CLOSED", "ESTABLISHED|UNKNOWN")),
)
def firewall_resets_a_keepalive_probe(wire: Wire) -> None:
    """After two hours of silence the first keepalive probe is answered by a reset, and not by its addressee.

    True: a firewall has forgotten the connection and sends the probe back as a reset: with the probe's own
    identification and window, its acknowledged number, and the TTL that the prober's packets have there.

    Source: Noah Davids' traces, "reset triggered by keepalive packet after two-hour delay".
    """
    talk = wire.talk(
        "10.74.1.104:1562", "10.74.1.35:3020", stamps=False, client_ttl=30, server_ttl=58, client_window=11468
    )
    talk.play("0 > S\n0.031 < S.\n0.0311 > .\n0.04 > P. 100\n0.075 < P. 300\n0.2 > .")
    talk.play("7200.2 > . seq=100 id=4711\n7200.2009 < R. ack=100 ttl=28 id=4711 win=11468")


@story(
    Says("D01", ("192.168.1.2:5001",), "likely", "warning"),
    Never("D26"),
    Never("D51"),
    Never("D49"),
    Never("D02"),
    Ends("203.0.113.5:40001", ("CLOSED|LAST_ACK", "TIME_WAIT")),
    kept=False,
)
def ftp_server_calls_a_private_address(wire: Wire) -> None:
    """A client of FTP names its private address for the transfer, and the server calls that in vain.

    True: the translation at the client's side left the address in the command PORT as it was. The server's SYNs to
    192.168.1.2 go nowhere; the control connection works, reports the failure after half a minute, and is closed.

    Source: Noah Davids' traces, "NAT device fails to translate embedded IP address in FTP port command".
    """
    talk = wire.talk("203.0.113.5:40001", "10.74.2.9:21", client_ttl=50)
    talk.play(
        "0 > S\n0.0001 < S.\n0.04 > .\n0.05 < P. 40\n0.09 > P. 16\n0.091 < P. 33\n0.13 > P. 14\n0.135 < P. 23"
    )
    talk.play("0.18 > P. 26\n0.181 < P. 30\n0.22 > P. 6\n0.2204 < P. 45\n0.26 > .")
    back = wire.talk("10.74.2.9:20", "192.168.1.2:5001", at=0.221)
    back.play("0 > S\n1.01 > S again\n3.03 > S again\n7.06 > S again\n15.1 > S again")
    talk.play("30.3 < P. 40\n30.34 > P. 6\n30.341 < P. 14\n30.3411 < F.\n30.38 > F.\n30.3801 < .")


@story(
    Says("D18|D19|D41", ("10.74.3.5", "TTL|64|63"), "likely", "warning", fault="", count=2),
    Never("D16"),
    Never("D07"),
    Never("D36"),
)
def host_resets_the_download_of_its_container(wire: Wire) -> None:
    """A download in a container is reset in its middle by the host that the container runs on.

    True: a burst ran ahead of the window, the host's connection tracking called a segment INVALID and left it
    untranslated, so the host's own kernel, which knows of no such connection, reset it. The container acknowledges
    on, one hop further away, and is reset by the server then. The tap is on the host's outer interface.

    Source: moby/libnetwork#2275.
    """
    for number in range(2):
        talk = wire.talk(
            f"10.74.3.5:{40_001 + number}", "151.101.74.9:443", at=3.0 * number, client_ttl=63, server_ttl=55
        )
        talk.play("0 > S\n0.02 < S.\n0.0203 > .\n0.021 > P. 300\n0.041 < .")
        for turn in range(5):
            at = 0.05 + turn * 0.02
            talk.play(f"{at} < . 500\n{at + 0.0001} < P. 500\n{at + 0.0005} > .")
        talk.play(
            "0.15 < . 500\n0.1501 < . 500 seq=90001\n0.15015 > R seq=301 ttl=64 id=0\n0.1502 < . 500 seq=5501"
        )
        talk.play("0.1504 > . ack=6001\n0.1506 > . ack=6001\n0.1703 < R seq=6001\n0.1705 < R seq=6001")


@story(
    Says("D01", ("114.214.74.9:30021",), "possible", "warning"),
    Never("D51"),
    Never("D49"),
    Never("D26"),
    Never("D02"),
    kept=False,
)
def passive_port_is_not_reached(wire: Wire) -> None:
    """Logging in over FTP works, and the list of files never comes: the port that the server names is not reached.

    True: answers from that port leave by another line and are dropped there by a check of their source. The same
    server answers on port 21 all the while.

    Source: ustclug/discussions#62.
    """
    for number in range(2):
        talk = wire.talk(f"10.74.4.1:{50_000 + number}", "114.214.74.9:21", at=40.0 * number, server_ttl=51)
        talk.play(
            "0 > S\n0.03 < S.\n0.0301 > .\n0.065 < P. 40\n0.0651 > P. 16\n0.1 < P. 33\n0.1001 > P. 14\n0.14 < P. 23"
        )
        talk.play("0.1401 > P. 6\n0.17 < P. 50\n0.1701 > P. 6\n0.21 < .")
        wire.talk(f"10.74.4.1:{51_000 + number}", "114.214.74.9:30021", at=40.0 * number + 0.1702).play(
            "0 > S\n1.01 > S again\n3.02 > S again\n7.05 > S again\n15.1 > S again"
        )
        talk.play("20.2 > F.\n20.23 < F.\n20.2301 > .")


@story(
    Says("D18|D02", ("185.1.74.9:21", "TTL"), "possible", "note", count=5),
    Never("D02", confidence="certain"),
    Never("D26"),
    kept=False,
)
def firewall_refuses_one_port_in_the_server_s_name(wire: Wire) -> None:
    """Port 21 of a server is refused within half a millisecond, where all its answers take eighteen.

    True: a firewall two hops away refuses in the server's name, with a TTL of its own; the server never sees the
    SYNs, and whether anything listens there cannot be told.

    Source: weberblog.net, "Who sends TCP RSTs?".
    """
    for number in range(5):
        wire.talk(f"10.74.5.1:{52_000 + number}", "185.1.74.9:21", at=2.0 * number).play(
            "0 > S\n0.0004 < R. seq=0 ack=1 ttl=62"
        )
        talk = wire.talk(
            f"10.74.5.1:{53_000 + number}", "185.1.74.9:443", at=2.0 * number + 0.5, server_ttl=52
        )
        talk.play("0 > S\n0.018 < S.\n0.0181 > .\n0.019 > P. 517\n0.038 < P. 1200\n0.0381 > .")


_BY_TURNS = """
0.0000 > S
0.0010 < S.
0.0011 > .
0.0100 > P. 100
0.0110 < .
0.0200 < P. 200
0.0210 > .
0.0300 > P. 100
"""


def _by_two_ways(wire: Wire, server: str, end: str) -> None:
    """Let a server's packets come with TTL 58 and 63 in turn, whatever they bear."""
    sent = 0
    for number in range(7):
        talk = wire.talk(f"10.74.6.9:{41_000 + number}", server, at=number * 1.0)
        for line in (_BY_TURNS + end).strip().splitlines():
            is_answer = line.split()[1] == "<"
            talk.play(f"{line} ttl={(58, 63)[sent % 2]}" if is_answer else line)
            sent += is_answer


@story(
    Says("D16", ("10.74.6.2:80",), "likely", "warning", fault="server", count=7),
    Never("D16", ("front end",)),
    Never("D18"),
    Never("D44"),
    kept=False,
)
def resets_come_by_two_ways_in_turn(wire: Wire) -> None:
    """A server's packets come by two ways in turn, with two TTLs; it resets each connection with a request unread.

    True: one machine sends everything. That a reset has the TTL of the SYN-ACK, or a new one, is chance.

    Source: equal-cost paths that take packets in turn (per-packet load sharing).
    """
    _by_two_ways(wire, "10.74.6.2:80", "0.0310 < .\n0.0320 < R.")


@story(Never("D*"), kept=False)
def answers_come_by_two_ways_in_turn(wire: Wire) -> None:
    """The same, and all ends in good order.

    True: nothing is wrong, and nobody stands before the server.

    Source: as above.
    """
    _by_two_ways(
        wire, "10.74.7.2:80", "0.0310 < .\n0.0320 < P. 300\n0.0330 > .\n0.4 > F.\n0.401 < F.\n0.402 > ."
    )


@story(
    Says("D27|D16", ("10.74.8.2:80",), "possible", "note", count=4),
    Never("D18"),
    Never("D27|D16", ("front end",)),
    kept=False,
)
def two_backends_serve_one_address(wire: Wire) -> None:
    """A balancer hands packets of each flow to either of two backends that share their connections' state.

    True: whichever of the two sends the reset, it is the service's own: on other connections the same client got data
    with that TTL.

    Source: pairs of machines that answer for one address and replicate their connections.
    """
    for number in range(8):
        ttl = (58, 63)[number % 2]
        talk = wire.talk(f"10.74.8.9:{41_000 + number}", "10.74.8.2:80", at=number * 1.0, server_ttl=ttl)
        talk.play(_BY_TURNS).play("0.0310 < P. 200\n0.032 > .")
        if number % 4 < 2:
            talk.play(f"0.9 < R. ttl={121 - ttl}")
        else:
            talk.play(FAREWELL, at=0.9)
