"""Stories of services and their clients, each doing something to the other."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D12", ("10.210.0.1",), "possible", "info", fault="client", count=3),
    Never("D07"),
    Never("D16", ("server",)),
    Never("D18"),
)
def client_closes_before_the_rest_comes(wire: Wire) -> None:
    """A resolver closes after the first two bytes of an answer, and resets the rest.

    True: the client sends its FIN when the length has come; the message itself follows and is reset, as nobody reads
    it any more.

    Source: NLnetLabs/unbound#137.
    """
    for number in range(3):
        talk = wire.talk(f"10.210.0.1:{52_000 + number}", "10.210.9.9:853", at=3.0 * number, server_ttl=56)
        talk.play("""
            0.000 > S
            0.020 < S.
            0.0201 > .
            0.021 > P. 120
            0.041 < .
            0.060 < P. 2
            0.0601 > .
            0.0605 > F.
            0.0700 < P. 300 ack=121
            0.0701 > R seq=122
        """)


@story(
    Says("D16|D27|D35", ("10.211.0.2:4444",), "possible", "warning", fault="server", count=5),
    Says("D16|D27|D35", ("proxy|backend|upstream",)),
    Never("D06"),
    Never("D07"),
)
def sidecar_without_an_upstream(wire: Wire) -> None:
    """A sidecar accepts for a server that is gone, takes the first words and resets.

    True: the handshake is the proxy's own; its connect to the server fails, and it aborts with the request unread.

    Source: envoyproxy/envoy#23075.
    """
    for number in range(5):
        talk = wire.talk(f"10.211.0.1:{33_246 + number}", "10.211.0.2:4444", at=2.0 * number)
        talk.play("0 > S\n0.00003 < S.\n0.00004 > .\n0.001 > P. 6\n0.00103 < .\n0.0052 < R.")


@story(
    Says("D34", ("11 of 30", "10.212.0.2:8080"), "likely", "warning", count=11),
    Says("D34", ("accept queue|backlog",)),
    Never("D01"),
    Never("D26"),
)
def burst_overflows_the_backlog(wire: Wire) -> None:
    """Thirty clients connect at once to a server with a short queue.

    True: the accept queue is full, so the kernel drops SYNs: eight connects take 1 s more, three take 3 s.

    Source: any load test with a backlog of 5; ``ListenDrops``.
    """
    for number in range(30):
        talk = wire.talk(f"10.212.1.{1 + number}:40000", "10.212.0.2:8080", at=number * 0.0005)
        late = 3.05 if number >= 27 else 1.02 if number >= 19 else 0.0
        if late:
            talk.play("0 > S")
        if late > 2:
            talk.play("1.02 > S again")
        talk.client.next = 0
        talk.play(GREETING, at=late).play(FAREWELL, at=late + 0.2)


@story(
    Never("D42"),
    Never("D26"),
    Never("D02"),
    Says("D50", ("10.213.0.2:3306",), "possible", "note", count=4),
)
def greeting_never_comes(wire: Wire) -> None:
    """A database greets first, and this one does not: clients wait ten seconds and leave.

    True: the handshakes are finished at once; the server's application accepts nobody, or looks up names for ever.

    Source: "Lost connection at 'reading initial communication packet'".
    """
    for number, at in enumerate((0.0, 4.3, 31.7, 58.2)):
        talk = wire.talk(f"10.213.0.{10 + number}:50000", "10.213.0.2:3306", at=at).play(HANDSHAKE)
        talk.play("10.0 > F.\n10.0004 < .")


@story(
    Says("D26", ("10.214.0.2:80",), "likely", "error", count=200),
    Never("D04", ("lost on the way",), "likely"),
    Never("D05"),
)
def flood_with_forged_sources(wire: Wire) -> None:
    """A flood of SYNs with forged sources, answered by SYN-ACKs that nobody acknowledges.

    True: 260 SYNs of as many addresses within a second, while three real clients are served.

    Source: any.
    """
    for number in range(260):
        source = f"{11 + number % 180}.{number * 7 % 250}.{number * 13 % 250}.{1 + number % 250}"
        wire.talk(
            f"{source}:{1024 + number * 211 % 60_000}", "10.214.0.2:80", at=number * 0.004, stamps=False
        ).play("0 > S\n0.00005 < S.")
    for number in range(3):
        wire.talk(f"10.214.5.{1 + number}:40000", "10.214.0.2:80", at=number * 0.3).play(GREETING).play(
            FAREWELL, at=0.1
        )


@story(
    Says("D16|D12", ("10.215.0.2:80",), "possible", "note", fault="server", count=3),
    Never("D07"),
    Never("D18"),
    Never("D08"),
)
def upload_is_refused_half_way(wire: Wire) -> None:
    """A web server answers "too large" in the middle of an upload, closes, and resets what still comes.

    True: the answer and the FIN go out while the client is still sending; its data meets a closed socket.

    Source: ``client_max_body_size`` of nginx, and clients that see only a reset.
    """
    for number in range(3):
        talk = wire.talk(f"10.215.0.9:{53_000 + number}", "10.215.0.2:80", at=3.0 * number).play(HANDSHAKE)
        talk.play("0.002 > P. 400\n0.0021 > . 1448\n0.0022 > . 1448\n0.0026 < . ack=401\n0.003 < P. 600")
        talk.play(
            "0.00301 < F.\n0.0032 > . 1448 ack=1\n0.0033 > . 1448 ack=1\n0.0038 < R seq=602\n0.0039 < R seq=602"
        )


@story(
    Says("D27|D16|D07", ("10.216.0.2:6379",), "possible", "warning", count=12),
    Never("D08"),
    Never("D39"),
    Never("D18"),
)
def all_are_reset_at_one_instant(wire: Wire) -> None:
    """A service is killed, and its kernel resets all its connections within a few milliseconds.

    True: twelve connections of different ages end together; nobody had asked for anything.

    Source: restarts of brokers and caches with ``SO_LINGER`` set to zero.
    """
    for number in range(12):
        talk = wire.talk(f"10.216.0.{10 + number}:42000", "10.216.0.2:6379", at=2.3 * number).play(GREETING)
        talk.play("0 < R.", at=40 + number * 0.0004 - talk.start)


@story(
    Says("D09", ("10.217.0.7:22",), "likely", "warning"),
    Never("D08", severity="error"),
    Never("D27"),
)
def keepalive_finds_the_peer_gone(wire: Wire) -> None:
    """Nine keepalive probes draw no answer, and the kernel gives up.

    True: the server's host vanished some time in two hours of silence; nobody knows when.

    Source: tcp(7), ``tcp_keepalive_probes``.
    """
    talk = wire.talk("10.217.0.9:42000", "10.217.0.7:22").play(GREETING)
    for number in range(9):
        talk.play(f"{7200 + number * 75} > . seq=100")
    talk.play("7875 > R.")


@story(
    Says("D09", ("10.218.0.7:9092", "31 s|30 s"), "likely", "warning"),
    Never("D27"),
    Never("D08"),
)
def user_time_out_after_thirty_seconds(wire: Wire) -> None:
    """A client gives a dead peer thirty seconds, and no more.

    True: data is sent eight times without an answer; ``TCP_USER_TIMEOUT`` ends it with a reset.

    Source: kubernetes/client-go#374, gRPC's keepalive.
    """
    talk = wire.talk("10.218.0.9:42000", "10.218.0.7:9092").play(GREETING).play("1 > P. 90")
    for at in (1.2, 1.62, 2.46, 4.15, 7.5, 14.2, 27.6):
        talk.play(f"{at} > P. again")
    talk.play("31.0 > R.")


@story(
    Says("D23", ("10.219.0.9",), "likely", "warning", fault="client"),
    Never("D49"),
    Never("D09"),
    Never("D30", severity="note"),
)
def reader_takes_seconds_for_each_buffer(wire: Wire) -> None:
    """A client reads slowly: its window shuts again and again, for seconds each time.

    True: the server has data to send all the time and is stopped by the client's window for 50 of 60 seconds.

    Source: reports on slow consumers of brokers.
    """
    talk = wire.talk("10.219.0.9:42000", "10.219.0.7:5672", stamps=False, client_scale=None).play(GREETING)
    for number in range(10):
        at = 1 + 6.0 * number
        talk.play(f"{at} < . 1460\n{at + 0.0002} < . 1460\n{at + 0.0004} > . win=0")
        for probe in (0.2, 0.6, 1.4, 3.0):
            talk.play(
                f"{at + probe} < . seq={301 + 2920 * (number + 1) - 1}\n{at + probe + 0.0002} > . win=0"
            )
        talk.play(f"{at + 5} > . win=2920")


@story(
    Never("D*", severity="warning"),
    Never("D39", severity="note"),
    Ends("10.220.0.9:43000", ("CLOSED|TIME_WAIT|LAST_ACK", "TIME_WAIT|CLOSED")),
)
def connections_are_renewed_every_five_minutes(wire: Wire) -> None:
    """A server ends each connection in good order when it is five minutes old.

    True: nothing is wrong: ``MAX_CONNECTION_AGE`` of gRPC has clients find new servers. The FIN comes between
    requests.

    Source: grpc/proposal A9.
    """
    for number in range(3):
        talk = wire.talk(f"10.220.0.9:{43_000 + number}", "10.220.0.7:50051", at=300.5 * number).play(
            GREETING
        )
        for at in range(10, 300, 20):
            talk.play(f"{at} > P. 60\n{at + 0.004} < P. 120\n{at + 0.0041} > .")
        talk.play("300.01 < F.\n300.0103 > F.\n300.0105 < .")


@story(
    Says("D17", ("10.221.0.7:8080", "60 s|1 min"), "likely", "warning", fault="server", count=2),
    Never("D08"),
    Never("D36"),
)
def both_give_idle_connections_a_minute(wire: Wire) -> None:
    """A proxy and its backend both keep idle connections for 60 seconds.

    True: twice a request and the backend's FIN cross; three other connections are used after 20 to 50 s, and live.

    Source: hapijs/hapi#3738, nodejs/node#52649.
    """
    for number, pause in enumerate((20.0, 35.0, 50.0)):
        talk = wire.talk(f"10.221.0.9:{44_000 + number}", "10.221.0.7:8080", at=3.0 * number).play(GREETING)
        talk.play("0 > P. 100\n0.003 < P. 300\n0.0031 > .", at=pause)
    for number in range(2):
        talk = wire.talk(f"10.221.0.9:{44_010 + number}", "10.221.0.7:8080", at=5.0 * number).play(GREETING)
        talk.play("60.0045 < F.\n60.0047 > P. 655 ack=301\n60.0056 < R seq=302")


@story(
    Says("D51", ("10.222.0.2:443", "30 s"), "likely", "warning", fault="server", count=3),
    Never("D30"),
    Never("D09"),
    Never("D42"),
)
def hello_is_taken_and_never_answered(wire: Wire) -> None:
    """A front end acknowledges hellos, answers some, and leaves others to time out.

    True: the hello of 63 bytes arrived, and nothing came back for 30 s until the client closed. It is no idle
    connection: its request failed.

    Source: a public capture of a conference client.
    """
    for number in range(6):
        talk = wire.talk(f"10.222.0.9:{44_000 + number}", "10.222.0.2:443", at=4.0 * number, server_ttl=243)
        talk.play("0 > S\n0.04 < S.\n0.0401 > .\n0.041 > P. 63\n0.081 < .")
        if number % 2:
            talk.play("30.081 > F.\n30.121 < F.\n30.1211 > .")
        else:
            talk.play("0.1 < P. 1200\n0.1001 > .\n2 > F.\n2.04 < F.\n2.0401 > .")
