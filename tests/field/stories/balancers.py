"""Load balancers and gateways: what they forget, abort, probe and hand over."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D08", ("240 s|4 min", "172.20.1.9:443"), "possible", "warning", count=3),
    Never("D07"),
    Never("D16"),
    Never("D27", severity="warning"),
)
def balancer_resets_both_ends_after_four_minutes(wire: Wire) -> None:
    """A load balancer resets both ends the moment a connection has been silent for four minutes.

    True: its idle time-out is 240 s, and "TCP reset on idle" is on. Nobody said a word before the resets; connections
    that speak every three minutes live on.

    Source: hashicorp/terraform-provider-azurerm#5373 (``enable_tcp_reset``).
    """
    for number, last in enumerate((0.0041, 30.0041, 95.0041)):
        talk = wire.talk(f"172.20.1.{1 + number}:50000", "172.20.1.9:443", at=number * 1.3).play(GREETING)
        if last > 1:
            talk.play(f"{last - 0.0041} > P. 100\n{last - 0.002} < P. 300\n{last} > .")
        talk.play(f"{last + 240.002} < R. ttl=64\n{last + 240.0021} > R. ttl=62")
    for number in range(2):
        talk = wire.talk(f"172.20.1.{5 + number}:50000", "172.20.1.9:443", at=number * 1.1).play(GREETING)
        for at in (180, 360):
            talk.play(f"{at} > P. 100\n{at}.002 < P. 300\n{at}.0021 > .")


@story(
    Says("D08", ("172.20.2.9:5432", "5 min 50 s|350 s"), "possible", "error", count=3),
    Never("D07"),
    Never("D16"),
    Never("D17"),
)
def nat_gateway_resets_what_was_silent_for_six_minutes(wire: Wire) -> None:
    """A gateway forgets what is silent for 350 s, and answers the next word with a reset in the server's name.

    True: silences of 200 and 340 s live, silences of 360, 500 and 900 s die. The resets have another TTL than the
    server's packets, and the server hears of nothing.

    Source: AWS's manual of NAT gateways ("the connection dropped after 350 seconds").
    """
    for number, silence in enumerate((200, 340, 360, 500, 900)):
        talk = wire.talk(f"172.20.2.1:{50_000 + number}", "172.20.2.9:5432", at=number * 0.7, server_ttl=61)
        talk.play("0 > S\n0.011 < S.\n0.0111 > .\n0.012 > P. 100\n0.024 < P. 300\n0.0241 > .")
        if silence > 350:
            talk.play(f"{silence} > P. 60\n{silence}.0008 < R ttl=254")
        else:
            talk.play(f"{silence} > P. 60\n{silence}.013 < P. 200\n{silence}.0131 > .")


@story(
    Never("D*", severity="warning"),
    Never("D07"),
    Ends("172.20.3.1:41000", ("CLOSED", "CLOSED")),
)
def balancer_aborts_towards_its_servers(wire: Wire) -> None:
    """A load balancer ends each connection to its servers by a reset, once the answer is complete.

    True: nothing is wrong: it sets SO_LINGER to zero on its side, to be rid of TIME_WAIT; no data is lost.

    Source: haproxy/haproxy#3029.
    """
    for number in range(6):
        talk = wire.talk(f"172.20.3.1:{41_000 + number}", "172.20.3.9:8000", at=number * 0.4).play(GREETING)
        talk.play("0.006 > R.")


@story(
    Says("D42", ("172.20.4.9:5000", "5 s"), "possible", "info"),
    Never("D26"),
    Never("D27", severity="note"),
    Never("D35"),
    Never("D*", severity="warning"),
)
def probes_that_reset_the_answer(wire: Wire) -> None:
    """Two load balancers look after a server every five seconds: SYN, SYN-ACK, reset.

    True: nothing is wrong. The probe never opens a connection ("TCP half open" of several makes), and a real client
    is served beside it.

    Source: monitors of type "TCP half open"; lvillis/tcping-rs#194 asks for the same.
    """
    for number in range(24):
        source = f"172.20.4.{1 + number % 2}:{30_000 + 7 * number}"
        wire.talk(source, "172.20.4.9:5000", at=2.5 * number, stamps=False).play("""
            0.0000 > S
            0.0003 < S.
            0.00035 > R
        """)
    wire.talk("172.20.4.77:50000", "172.20.4.9:5000", at=11.0).play(GREETING).play(FAREWELL, at=1)


@story(
    Says("D17", ("172.20.5.9:53",), "possible", "warning", fault="", count=4),
    Never("D07"),
    Never("D36"),
    Never("D18"),
)
def resolver_closes_as_the_query_comes(wire: Wire) -> None:
    """A resolver closes idle connections after eight seconds, and four queries cross its FIN.

    True: each of the four queries left before the FIN arrived; the resolver resets what comes for a closed socket.

    Source: coredns/coredns#3659.
    """
    for number in range(10):
        talk = wire.talk(f"172.20.5.{1 + number}:42000", "172.20.5.9:53", at=number * 2.1)
        talk.play("0 > S\n0.004 < S.\n0.0041 > .\n0.005 > P. 60\n0.010 < P. 180\n0.0101 > .")
        if number % 3:
            talk.play("8.010 < F.\n8.0101 > F.\n8.0141 < .")
        else:
            talk.play(
                "8.009 > P. 60\n8.010 < F. ack=61\n8.0101 > . ack=182\n8.0130 < R seq=182\n8.0141 < R seq=182"
            )


@story(
    Never("D*", severity="note"),
    Ends("172.20.6.1:53000", ("TIME_WAIT|CLOSED", "CLOSED")),
)
def queries_over_tcp_end_in_order(wire: Wire) -> None:
    """A stub resolver logs "connection reset by peer" after each query over TCP; the capture shows none.

    True: nothing is wrong on the wire: each connection carries one query and one answer, and both ends close.

    Source: systemd/systemd#38719.
    """
    for number in range(8):
        talk = wire.talk(f"172.20.6.1:{53_000 + number}", "172.20.6.9:53", at=number * 0.9)
        talk.play(
            "0 > S\n0.0005 < S.\n0.00055 > .\n0.0006 > P. 2\n0.00065 > P. 40\n0.0009 < .\n0.012 < P. 900"
        )
        talk.play("0.0121 > .\n0.0130 > F.\n0.0135 < F.\n0.01355 > .")


@story(
    Says("D07", ("172.20.7.9:6379",), "possible", "warning", count=5),
    Never("D08"),
    Never("D16"),
    Never("D18"),
)
def pooled_connections_outlive_a_restart(wire: Wire) -> None:
    """A cache is killed and started again; each connection of a pool learns of it at its next request.

    True: the server restarted at 100 s; a connect in the second that it was down is refused. The silences before the
    resets differ from 7 to 310 s, and one connection of the same silence, all before the restart, lived.

    Source: any cache that runs out of memory; Lettuce and Jedis users.
    """
    for number, (last, next_word) in enumerate(((93, 107), (60, 140), (99, 106), (10, 300), (95, 405))):
        talk = wire.talk(f"172.20.7.1:{50_000 + number}", "172.20.7.9:6379", at=number * 0.01).play(GREETING)
        talk.play(
            f"{last} > P. 40\n{last}.0006 < P. 20\n{last}.0007 > .\n{next_word} > P. 40\n{next_word}.0004 < R"
        )
    wire.talk("172.20.7.1:50050", "172.20.7.9:6379").play(GREETING).play(
        "90 > P. 40\n90.0006 < P. 20\n90.0007 > ."
    ).play(FAREWELL, at=95)
    wire.talk("172.20.7.1:50100", "172.20.7.9:6379", at=100.4, stamps=False).play("0 > S\n0.0004 < R.")
    for number in range(4):
        new = wire.talk(f"172.20.7.1:{50_200 + number}", "172.20.7.9:6379", at=103.0 + number)
        new.play(GREETING).play("200 > P. 40\n200.0006 < P. 20\n200.0007 > .")


@story(
    Says("D01", ("172.20.8.7:50051",), "possible", "error", count=5),
    Says("D09", ("172.20.8.7:50051",), "possible", "error", count=2),
    Never("D08"),
    Never("D26"),
    Never("D24"),
)
def removed_pod_swallows_old_and_new(wire: Wire) -> None:
    """A pod is removed, and its address is asked for 30 seconds more: nothing is answered any more.

    True: packets for an address without a pod are dropped, not rejected. Two open connections hang in mid-traffic,
    and every new connect to the address hangs too; those to the other pod succeed.

    Source: cilium/cilium#13451.
    """
    for number in range(2):
        talk = wire.talk(f"172.20.8.1:{50_000 + number}", "172.20.8.7:50051").play(GREETING)
        for at in (1, 2, 3):
            talk.play(f"{at} > P. 90\n{at}.002 < P. 90\n{at}.0021 > .")
        talk.play("4 > P. 90")
        for late in (4.2, 4.62, 5.46, 7.2, 10.6, 17.3, 30.8):
            talk.play(f"{late} > P. 90 again")
    for number in range(5):
        lost = wire.talk(f"172.20.8.1:{50_100 + number}", "172.20.8.7:50051", at=5 + 4.0 * number).play(
            "0 > S"
        )
        for late in (1.02, 3.04, 7.1):
            lost.play(f"{late} > S again")
        wire.talk(f"172.20.8.1:{50_200 + number}", "172.20.8.8:50051", at=5 + 4.0 * number).play(GREETING)


@story(
    Says("D09|D39", ("172.20.9.9:12865", "131 s|2 min 11 s"), "possible", "error", count=3),
    Never("D08"),
    Never("D24"),
)
def each_goes_dead_when_two_minutes_old(wire: Wire) -> None:
    """Each long connection to a service goes dead when it is 131 s old, in the middle of its traffic.

    True: the entry in the connection table has a fixed life, which traffic does not renew. Nothing is answered after
    that; new connections work at once.

    Source: cilium/cilium#5825.
    """
    for number, start in enumerate((0.0, 40.0, 95.0)):
        talk = wire.talk(f"172.20.9.{1 + number}:50000", "172.20.9.9:12865", at=start).play(GREETING)
        for at in range(10, 131, 10):
            talk.play(f"{at} > P. 500\n{at}.001 < P. 40\n{at}.0011 > .")
        talk.play("131.2 > P. 500")
        for late in (131.41, 131.83, 132.68, 134.4, 137.8, 144.6, 158.2):
            talk.play(f"{late} > P. 500 again")
    for number in range(3):
        wire.talk(f"172.20.9.7:{50_000 + number}", "172.20.9.9:12865", at=180 + 5.0 * number).play(
            GREETING
        ).play(FAREWELL, at=2)


@story(
    Says(
        "D16|D17|D30",
        ("172.20.10.9:3000", "a silence of 41.2 s"),
        "possible",
        "warning",
        fault="server",
        count=4,
    ),
    Never("D08"),
    Never("D07"),
    Never("D18"),
)
def server_takes_the_request_and_resets_after_forty_seconds(wire: Wire) -> None:
    """A server acknowledges the first request after forty seconds of silence, and resets in the same moment.

    True: the timer for the next request's head runs out while the connection is idle, and fires at the first byte.
    The server itself resets: it has acknowledged the request before, and its TTL is its own.

    Source: nodejs/node#24980 and #26166.
    """
    for number in range(6):
        talk = wire.talk(f"172.20.10.1:{50_000 + number}", "172.20.10.9:3000", at=number * 3.1, server_ttl=62)
        talk.play(GREETING).play("25 > P. 400\n25.004 < P. 300\n25.0041 > .")
        if number % 3:
            talk.play("66.2 > P. 400\n66.2008 < .\n66.2009 < R.")
        else:
            talk.play("52 > P. 400\n52.004 < P. 300\n52.0041 > .")


@story(
    Says("D02", ("172.20.11.9:25",), "possible", "note", count=3),
    Says("D02|D18", ("limit|at a time|at once|other client",)),
    Never("D02", ("othing listens",), confidence="certain"),
    Never("D26"),
)
def more_than_four_of_one_client_are_refused(wire: Wire) -> None:
    """A packet filter lets each client have four connections, and refuses more in the server's name.

    True: the server listens and serves others at the same time; as soon as one of the four is closed, the client's
    next connect succeeds.

    Source: ``iptables -m connlimit --connlimit-above 4 -j REJECT --reject-with tcp-reset``.
    """
    for number in range(4):
        talk = wire.talk(f"172.20.11.1:{50_000 + number}", "172.20.11.9:25", at=number * 0.2).play(GREETING)
        talk.play(FAREWELL, at=10.0 if number == 0 else 40.0 + number)
    for number in range(3):
        wire.talk(f"172.20.11.1:{50_010 + number}", "172.20.11.9:25", at=3.0 + number).play(
            "0 > S\n0.001 < R."
        )
        other = wire.talk(f"172.20.11.{5 + number}:50000", "172.20.11.9:25", at=3.5 + number).play(GREETING)
        other.play(FAREWELL, at=1)
    wire.talk("172.20.11.1:50020", "172.20.11.9:25", at=12.0).play(HANDSHAKE).play("0.01 < P. 60\n0.011 > .")


@story(
    Says("D07", ("172.20.12.9:5672",), "possible", "warning", count=3),
    Never("D08"),
    Never("D16"),
    Never("D39"),
)
def probes_find_that_the_broker_was_restarted(wire: Wire) -> None:
    """Three idle consumers learn by their keepalive probes that their broker has been restarted.

    True: the broker's host was switched off and on between two probes; it resets each probe. New connections work.

    Source: any broker after a power failure.
    """
    for number in range(3):
        talk = wire.talk(f"172.20.12.{1 + number}:50000", "172.20.12.9:5672", at=number * 7.0).play(GREETING)
        for at in (60, 120, 180):
            talk.play(f"{at} > . seq=100\n{at}.001 < .")
        talk.play("240 > . seq=100\n240.0008 < R seq=301")
    for number in range(2):
        wire.talk(f"172.20.12.{1 + number}:50001", "172.20.12.9:5672", at=245 + 7.0 * number).play(GREETING)
