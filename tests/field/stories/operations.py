"""Stories of services in operation: pools, reloads, limits, and what their ends look like."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D02", ("10.73.1.9:5000", "queue|backlog|listens|accepted"), "possible", "note", count=5),
    Says("D49|D51", ("10.73.1.9:5000",), "possible", "info"),
    Never("D02", confidence="certain"),
    Never("D26"),
    Never("D18"),
)
def full_backlog_is_refused(wire: Wire) -> None:
    """A hung server lets six clients connect, answers none of them, and refuses all that come after.

    True: on Windows a listening socket whose backlog is full answers SYNs with resets. Something does listen: six
    were let in before, their requests are acknowledged by the kernel, and once the program runs again they are
    answered and the next client is let in.

    Source: Noah Davids' traces, "what it looks like when a server is hung and its backlog becomes full".
    """
    for number in range(6):
        talk = wire.talk(
            f"10.73.1.{20 + number}:1050", "10.73.1.9:5000", at=1.0 * number, stamps=False, server_ttl=128
        )
        talk.play(HANDSHAKE).play("0.01 > P. 50\n0.2 < .")
        talk.play(f"{40 + number / 10 - number} < P. 200\n{40.1 + number / 10 - number} > .")
    for number in range(5):
        talk = wire.talk(
            f"10.73.1.{30 + number}:1050",
            "10.73.1.9:5000",
            at=10 + 2.0 * number,
            stamps=False,
            server_ttl=128,
        )
        for at in (0, 0.45, 0.95):
            talk.play(f"{at} > S{' again' if at else ''}\n{at + 0.0003} < R. seq=0 ack=1")
    talk = wire.talk("10.73.1.40:1050", "10.73.1.9:5000", at=42, stamps=False, server_ttl=128)
    talk.play(GREETING)


@story(
    Says("D17", ("10.73.2.9:8443",), "possible", "warning", count=2),
    Never("D30"),
    Never("D08"),
    Never("D07"),
    Never("D39"),
    kept=False,
)
def reload_closes_at_one_instant_as_requests_come(wire: Wire) -> None:
    """A proxy is reloaded and closes all its idle connections within three milliseconds; two requests cross that.

    True: the connections had been idle for between 0.4 and 24 seconds, so no idle time-out is behind it. The client
    must be able to ask again on a new connection when its request crosses a close.

    Source: haproxy/haproxy#3472.
    """
    for number, last in enumerate((6.0, 9.5, 14.0, 19.2, 23.0, 26.4, 28.1, 29.6)):
        opened = 0.7 * number
        talk = wire.talk(f"10.73.2.1:{43_000 + number}", "10.73.2.9:8443", at=opened).play(GREETING)
        said = last - opened
        talk.play(f"{said} > P. 300\n{said + 0.004} < P. 500\n{said + 0.005} > .")
        at = 30 - opened + 0.0004 * number
        if number in (2, 5):
            talk.play(f"{at - 0.0002} > P. 300\n{at} < F. ack=401\n{at + 0.0001} > . ack=802")
            talk.play(f"{at + 0.0003} < R seq=802")
        else:
            talk.play(f"{at} < F.\n{at + 0.001} > F.\n{at + 0.0013} < .")


@story(
    Says("D09", ("10.73.3.1",), "likely", "warning", count=2),
    Never("D08"),
    Never("D07"),
    Never("D24"),
    Never("D01"),
    Ends("10.73.3.1:50001", ("ESTABLISHED", "ESTABLISHED|UNKNOWN")),
    kept=False,
)
def translation_loses_half_of_its_connections(wire: Wire) -> None:
    """At one instant three of six busy connections of a host go dead, and the others go on.

    True: a cloud's outbound load balancer spread its ports anew when a machine was added, and dropped those of three
    connections. None was idle, and their servers live: others of the same host talk with them.

    Source: Azure/AKS#2220.
    """
    for number in range(6):
        server = ("10.73.8.9:6380", "10.73.8.10:5432")[number % 2]
        talk = wire.talk(f"10.73.3.1:{50_000 + number}", server, at=0.3 * number, server_ttl=52)
        talk.play("0 > S\n0.008 < S.\n0.0081 > .")
        for turn in range(10):
            at = 1 + 6.0 * turn
            talk.play(f"{at} > P. 60")
            if number in (1, 2, 5) and turn >= 5:
                for wait in (0.21, 0.63, 1.47, 3.15, 6.5, 13.2, 26.6):
                    talk.play(f"{at + wait} > P. again")
                break
            talk.play(f"{at + 0.009} < P. 120\n{at + 0.0091} > .")


@story(
    Says("D49|D51|D30", ("10.73.4.9:6432", "2 min|120 s"), "possible", "info", count=4),
    Never("D39"),
    Never("D08"),
    Never("D07"),
    Never("D17"),
)
def pool_says_after_two_minutes_that_it_is_exhausted(wire: Wire) -> None:
    """A database's pooler lets four clients wait for exactly two minutes, says that it has nothing free, and closes.

    True: all its server connections are taken (``query_wait_timeout``). Each of the four asked a question and was
    answered with an error 120.0 s later; others that held a connection were served all the time.

    Source: PgBouncer's manual, and the many questions about "query_wait_timeout".
    """
    for number in range(7):
        talk = wire.talk(f"10.73.4.{20 + number}:55000", "10.73.4.9:6432", at=2.3 * number).play(HANDSHAKE)
        talk.play("0.002 > P. 84\n0.003 < P. 24\n0.0031 > P. 41\n0.005 < P. 330\n0.0051 > .\n0.006 > P. 66")
        if number % 2 == 0:
            talk.play("0.046 < .\n120.006 < P. 78\n120.0061 > .\n120.0062 < F.\n120.0065 > F.\n120.0067 < .")
        else:
            talk.play("0.009 < P. 190\n0.0091 > .")
            for at in (20, 55, 90, 118):
                talk.play(f"{at} > P. 66\n{at}.004 < P. 190\n{at}.0041 > .")


@story(
    Never("D*", severity="error"),
    Never("D07"),
    Never("D18"),
    Never("D09"),
    Never("D46"),
    Ends("10.73.5.1:40001", ("CLOSED", "CLOSED")),
    kept=False,
)
def throughput_test_ends_with_a_reset(wire: Wire) -> None:
    """A tool for measuring throughput stops after its time and resets the connection that it measured on.

    True: nothing is wrong. The server aborts the transfer with data unread and under way; the results go over another
    connection, in good order.

    Source: esnet/iperf#431.
    """
    control = wire.talk("10.73.5.1:40000", "10.73.5.9:5201").play(HANDSHAKE)
    control.play(
        "0.001 > P. 37\n0.002 < .\n0.0021 < P. 1\n0.0022 > .\n0.0023 > P. 120\n0.003 < P. 1\n0.0031 > ."
    )
    data = wire.talk("10.73.5.1:40001", "10.73.5.9:5201", at=0.01, stamps=False).play(HANDSHAKE)
    for number in range(6):
        at = 0.1 + 1.64 * number
        data.play(f"{at} > . 1000\n{at + 0.0001} > P. 1000\n{at + 0.0006} < .")
    data.play("9.989 > . 1000\n9.9891 > . 1000\n9.9892 > P. 1000\n9.9893 < R. ack=12001\n9.9895 < R seq=1")
    data.play("9.9896 < R seq=1\n9.9897 < R seq=1")
    control.play(
        "10.001 > P. 1\n10.002 < P. 4\n10.003 > P. 300\n10.004 < P. 310\n10.0041 > P. 1\n10.005 > F."
    )
    control.play("10.0052 < F.\n10.0053 > .")


@story(
    Never("D30"),
    Never("D39"),
    Never("D17"),
    Never("D08"),
    Never("D*", severity="warning"),
    kept=False,
)
def pings_come_too_often(wire: Wire) -> None:
    """Clients of gRPC ping every ten seconds, and the server sends them away at the third ping.

    True: it counts pings that no data justifies and says so ("too_many_pings", ENHANCE_YOUR_CALM) before it closes.
    The connections were neither idle nor too old for it.

    Source: grpc/grpc's guide to keepalive.
    """
    for number in range(3):
        talk = wire.talk(f"10.73.6.{20 + number}:37000", "10.73.6.9:50051", at=4.0 * number).play(GREETING)
        for at in (10, 20):
            talk.play(f"{at} > P. 17\n{at}.0004 < P. 17\n{at}.0005 > .")
        talk.play(
            "30 > P. 17\n30.0004 < P. 17\n30.0005 < P. 63\n30.0006 > .\n30.0007 < F.\n30.001 > F.\n30.0013 < ."
        )


@story(
    Says("D49|D51", ("10.73.7.9:8443", "1 min 13|73 s|1 min|60 s"), "possible", "info"),
    Never("D09"),
    Never("D08"),
    Never("D24"),
    Never("D07"),
)
def server_hello_takes_73_seconds(wire: Wire) -> None:
    """A server needs 73 seconds for its hello, and its clients close after sixty.

    True: its kernel acknowledges each hello and the client's FIN at once; its program is busy with something else
    before it answers. Its answer then meets a closed socket.

    Source: openssl/openssl#29227.
    """
    for number in range(2):
        talk = wire.talk(f"10.73.7.1:{37_122 + number}", "10.73.7.9:8443", at=5.0 * number).play(HANDSHAKE)
        talk.play("0.002 > P. 517\n0.0025 < .\n60.003 > F.\n60.0435 < .\n73.1 < P. 1200\n73.1003 > R")


@story(
    Says("D27|D16", ("10.73.9.9:8443",), "possible", "info", fault="server", count=3),
    Never("D18"),
    Never("D07"),
    Never("D02"),
    kept=False,
)
def alert_is_followed_by_a_reset(wire: Wire) -> None:
    """A server dislikes a client's certificate, says so in seven bytes, and resets before they are acknowledged.

    True: a client that has not read the alert yet may lose it, and so its log says "connection reset" and nothing of
    the certificate. The reset is the server's own: same TTL, right after its last data.

    Source: netty/netty#6818.
    """
    for number in range(3):
        talk = wire.talk(f"10.73.9.1:{44_000 + number}", "10.73.9.9:8443", at=1.5 * number).play(HANDSHAKE)
        talk.play("0.002 > P. 517\n0.0025 < .\n0.004 < P. 1400\n0.0041 > .\n0.009 > P. 1240\n0.0094 < .")
        talk.play("0.011 < P. 7\n0.01106 < R.")


@story(
    Never("D*", severity="warning"),
    Never("D16"),
    Never("D07"),
    Never("D36"),
    Ends("10.73.10.1:45000", ("CLOSED", "CLOSED")),
    kept=False,
)
def fin_is_answered_by_a_reset(wire: Wire) -> None:
    """A cluster's nodes answer each FIN of their clients with a reset.

    True: nothing is wrong: all was acknowledged before, and the library that serves these connections aborts what its
    client has left, to be rid of it at once.

    Source: shotover/shotover-proxy#850.
    """
    for number in range(5):
        talk = wire.talk(f"10.73.10.1:{45_000 + number}", "10.73.10.9:9042", at=0.8 * number).play(GREETING)
        talk.play("0.5 > F.\n0.5002 < R.")


@story(
    Never("D*", severity="warning"),
    Never("D15"),
    Never("D43"),
    Ends("10.73.11.1:33001", ("TIME_WAIT", "CLOSED")),
    kept=False,
)
def two_routers_call_each_other(wire: Wire) -> None:
    """Two routers open a session of BGP to each other at one time, and one of the two connections is closed.

    True: nothing is wrong: RFC 4271, 6.8 has the one with the lower identifier close its own (collision).

    Source: FRRouting/frr#3483.
    """
    kept = wire.talk("10.73.11.2:44001", "10.73.11.1:179", at=0.05, client_ttl=1, server_ttl=1).play(
        HANDSHAKE
    )
    dropped = wire.talk("10.73.11.1:33001", "10.73.11.2:179", client_ttl=1, server_ttl=1).play(HANDSHAKE)
    dropped.play(
        "0.002 > P. 57\n0.0035 < P. 57\n0.0036 > .\n0.06 > P. 21\n0.0601 > F.\n0.061 < F.\n0.0611 > ."
    )
    kept.play("0.002 > P. 57\n0.0035 < P. 57\n0.0036 > P. 19\n0.005 < P. 19\n0.0051 > .")
    for at in (10, 20, 30):
        kept.play(f"{at} > P. 19\n{at}.001 < .\n{at}.3 < P. 19\n{at}.301 > .")


@story(
    Says("D02", ("[::1]:3000",), "possible", "info", count=5),
    Never("D02", severity="error"),
    Never("D01"),
    Never("D18"),
    Ends("127.0.0.1:52001", ("TIME_WAIT", "CLOSED")),
    kept=False,
)
def own_host_is_refused_in_ipv6_first(wire: Wire) -> None:
    """A program asks "localhost" by IPv6, is refused, and is served by IPv4 at once, each time.

    True: the service listens at 127.0.0.1 alone. It is up; clients that try one address only fail.

    Source: nodejs/node#40702 ("localhost" since Node 17).
    """
    for number in range(5):
        at = 1.1 * number
        wire.talk(f"[::1]:{51_001 + number}", "[::1]:3000", at=at).play("0 > S\n0.00002 < R. seq=0 ack=1")
        talk = wire.talk(f"127.0.0.1:{52_001 + number}", "127.0.0.1:3000", at=at + 0.001).play(
            "0 > S\n0.00002 < S.\n0.00003 > .\n0.0002 > P. 90\n0.00021 < .\n0.002 < P. 300\n0.00202 > ."
        )
        talk.play("0.5 > F.\n0.5001 < F.\n0.50011 > .")


def _served(wire: Wire, client: str, server: str, at: float) -> None:
    wire.talk(client, server, at=at).play(GREETING).play(FAREWELL, at=0.3)


def _ask_until_it_is_back(wire: Wire, client: str, server: str, at: float) -> None:
    """Ask by SYNs that nobody answers until the twenty-second second."""
    talk = wire.talk(client, server, at=at)
    for number, after in enumerate((0, 1.02, 3.04, 7.1, 15.3)):
        talk.play(f"{after} > S{' again' if number else ''}")
        if at + after > 22:
            talk.play("0.001 < S.\n0.0011 > .\n0.01 > P. 100\n0.02 < P. 300\n0.021 > .", at=after)
            talk.play(FAREWELL, at=after + 0.5)
            return


@story(
    Says("D54", ("10.220.9.1", "15.3 s|15.", "6 clients"), "likely", "warning", count=8),
    Never("D01"),
    Never("D34"),
    Never("D26"),
    kept=False,
)
def one_server_is_out_of_reach_for_twelve_seconds(wire: Wire) -> None:
    """A server answers none of its clients for twelve seconds, and then everybody; another server goes on meanwhile.

    True: its host was restarted. One cause, one finding: from when until when.

    Source: restarts of hosts behind one address, as seen at a gateway.
    """
    for number in range(6):
        client = f"10.220.0.{10 + number}"
        _served(wire, f"{client}:40000", "10.220.9.1:443", number * 0.5)
        _served(wire, f"{client}:40001", "10.220.9.2:443", 11 + number * 1.5)
        _served(wire, f"{client}:42000", "10.220.9.1:443", 40 + number * 0.5)
    for number in range(8):
        _ask_until_it_is_back(
            wire, f"10.220.0.{10 + number % 6}:{41_000 + number}", "10.220.9.1:443", 10 + number * 0.7
        )


@story(
    Never("D54"),
    Says("D34|D01", ("10.220.8.1:443",), "likely", "warning", count=4),
    kept=False,
)
def some_are_let_in_while_others_ask_in_vain(wire: Wire) -> None:
    """The same clients ask in vain, while the server lets others in.

    True: it is there: its accept queue is full now and then.

    Source: any service that accepts too slowly.
    """
    for number in range(6):
        client = f"10.220.0.{10 + number}"
        _served(wire, f"{client}:40000", "10.220.8.1:443", number * 0.5)
        _served(wire, f"{client}:40001", "10.220.8.1:443", 10.3 + number * 1.9)
        _served(wire, f"{client}:42000", "10.220.8.1:443", 40 + number * 0.5)
    for number in range(8):
        _ask_until_it_is_back(
            wire, f"10.220.0.{10 + number % 6}:{41_000 + number}", "10.220.8.1:443", 10 + number * 0.7
        )
