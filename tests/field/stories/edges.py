"""Stories of edges: translations, balancers, carriers, firewalls, and what stands in front of a server."""

from tests.field.company import Crowd, crowd, cut
from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D05|D06|D27|D16", ("10.30.20.9:8080",), "possible", "warning", count=7),
    Says("D05|D06|D27|D16", ("queue|backlog",)),
    Never("D18"),
    Never("D26"),
    Never("D07"),
    Ends("10.30.20.10:45030", ("CLOSED", "LISTEN|CLOSED|UNKNOWN|SYN_RECV")),
)
def burst_is_reset_at_the_first_data(wire: Wire) -> None:
    """Thirty clients connect at once to a server whose stack drops what its queue cannot hold; seven are reset.

    True: the stack forgets a handshake whose last ACK finds the queue full, and says nothing. The client believes
    that it is connected, and its request draws a reset. The other twenty-three are served. The tap is at the client.

    Source: cloudius-systems/osv#283, and every BSD stack with a small ``kern.ipc.soacceptqueue``.
    """
    for number in range(30):
        talk = wire.talk(
            f"10.30.20.10:{45_000 + 5 * number}", "10.30.20.9:8080", at=0.0004 * number, server_scale=6
        )
        talk.play("0 > S\n0.0012 < S.\n0.00124 > .\n0.0014 > P. 120")
        if number in (6, 11, 14, 19, 22, 25, 28):
            talk.play("0.0026 < R seq=1")
        else:
            talk.play("0.02 < P. 300\n0.02004 > .\n0.021 > F.\n0.0222 < F.\n0.02224 > .")


@story(
    Says("D33|D43|D20|D27|D07|D21", ("10.30.21.3:31001",), "possible", "note"),
    Never("D21", ("reboot",), "likely"),
    Never("D18", confidence="likely"),
    Never("D16"),
    Ends("10.30.21.4:31001", ("ESTABLISHED", "ESTABLISHED")),
)
def two_clients_meet_on_one_port(wire: Wire) -> None:
    """A balancer keeps the clients' addresses, and a client that comes by two zones uses one port twice.

    True: the second connection's SYN meets the first one's socket at the target, which answers with an ACK of the
    old numbers; the client resets that, and so the first connection dies in mid-traffic. Its next request is reset
    by the target. The client never was away: the first connection speaks until the very instant.

    Source: "connection resets with client IP preservation" of AWS's Network Load Balancer, and its advice against it.
    """
    first = wire.talk("10.30.21.3:31001", "10.30.21.9:443", client_ttl=60).play(GREETING)
    for number in range(40):
        at = 0.5 + 0.25 * number
        first.play(f"{at} > P. 70\n{at + 0.002} < P. 90\n{at + 0.0028} > .")
    second = wire.talk("10.30.21.3:31001", "10.30.21.9:443", client_ttl=60)
    second.play("10.3 > S")
    first.play("10.30004 < .")
    first.play("10.3008 > R seq=2901")
    first.play("10.5 > P. 70\n10.50004 < R seq=3901")
    second.play("11.31 > S again\n11.31004 < S.\n11.3108 > .\n11.311 > P. 100\n11.314 < P. 300\n11.3148 > .")
    other = wire.talk("10.30.21.4:31001", "10.30.21.9:443", client_ttl=60).play(GREETING)
    for number in range(20):
        at = 0.6 + 0.5 * number
        other.play(f"{at} > P. 70\n{at + 0.002} < P. 90\n{at + 0.0028} > .")


@story(
    Says("D01|D34|D54", ("10.30.22.5",), "likely", "warning", count=4),
    Never("D26"),
    Never("D05"),
    Never("D02"),
)
def too_many_at_once_for_the_carrier(wire: Wire) -> None:
    """A browser opens thirty connections to twelve servers; the carrier's translation has room for twenty.

    True: SYNs beyond the twentieth open connection are dropped, to whichever server they go. All servers answer
    other connections of the same client; six retries succeed once others have closed, four give up.

    Source: session limits of carrier-grade NAT (RFC 6888, requirement 4), as users of mobile routers meet them.
    """
    for number in range(30):
        server = f"203.0.113.{10 + number % 12}:443"
        talk = wire.talk(f"10.30.22.5:{52_000 + number}", server, at=0.03 * number, server_ttl=52)
        if number < 20:
            talk.play("0 > S\n0.031 < S.\n0.0311 > .\n0.032 > P. 200\n0.07 < P. 190\n0.0701 > .")
            talk.play("0 > P. 90\n0.033 < P. 150\n0.0331 > .\n0.034 > F.\n0.066 < F.\n0.0661 > .", at=2.5)
        elif number < 26:
            talk.play("0 > S\n1.01 > S again\n3.03 > S again\n3.061 < S.\n3.0611 > .")
            talk.play("3.07 > P. 200\n3.11 < P. 190\n3.1101 > .")
        else:
            talk.play("0 > S\n1.01 > S again")


@story(
    Says("D08", ("10.30.23.9:5432", "10 min|600"), "likely", "error", count=3, fault="path"),
    Never("D09"),
    Never("D24"),
    Never("D51"),
)
def cloud_firewall_forgets_after_ten_minutes(wire: Wire) -> None:
    """A pool's connections die when they were silent for more than ten minutes; nothing says so.

    True: the provider's firewall forgets after 600 s. Silences of 595, 580 and 300 s live; after 640, 700 and 1900 s
    the query is sent again and again.

    Source: Google Cloud's documentation of ten minutes for idle TCP connections, and pools that did not read it.
    """
    for number, silence in enumerate((300.0, 580.0, 595.0, 640.0, 700.0, 1900.0)):
        talk = wire.talk(f"10.30.23.3:{46_000 + number}", "10.30.23.9:5432", at=5.0 * number, server_ttl=61)
        talk.play(GREETING).play("1 > P. 45\n1.003 < P. 180\n1.0031 > .")
        talk.play("1 > P. 45", at=silence)
        if silence < 600:
            talk.play("1.003 < P. 180\n1.0031 > .\n1.1 > F.\n1.103 < F.\n1.1031 > .", at=silence)
            continue
        for wait in (0.205, 0.62, 1.45, 3.12, 6.4, 13.1, 26.4, 52.7, 105.1):
            talk.play(f"{1 + wait} > P. again", at=silence)
    crowd(wire, Crowd("10.30.23.9:5432", "10.30.23", 20, every=95, trip=0.003))


@story(
    Says("D27|D18|D16|D07", ("10.30.24.9:443",), "possible", "note", count=5),
    Never("D24"),
    Never("D08"),
    Never("D09"),
    Never("D07", ("restarted",), "likely"),
)
def hello_in_two_segments_is_reset(wire: Wire) -> None:
    """New browsers send a hello that fills more than one segment, and a server resets each; old ones are served.

    True: the server's TLS reads once and takes the half that it got for a bad hello. It resets some 0.4 ms after the
    first of the two segments, without having acknowledged either. Hellos of 517 bytes are answered.

    Source: tldr.fail; klzgrad/naiveproxy#641, golang/go#70047.
    """
    for number in range(5):
        talk = wire.talk(f"10.30.24.3:{53_000 + number}", "10.30.24.9:443", at=3.0 * number)
        talk.play("0 > S\n0.009 < S.\n0.00904 > .\n0.0095 > . 1448\n0.00952 > P. 369")
        talk.play("0.0189 < R. seq=1 ack=1449\n0.0191 < R seq=1")
    for number in range(6):
        talk = wire.talk(f"10.30.24.4:{53_000 + number}", "10.30.24.9:443", at=2.5 * number)
        talk.play("0 > S\n0.009 < S.\n0.00904 > .\n0.0095 > P. 517\n0.022 < P. 900\n0.0221 > .")
        talk.play(FAREWELL, at=0.6)


@story(
    Says("D51|D44|D49", ("10.30.25.9:443",), "possible", "note"),
    Never("D24"),
    Never("D08"),
    Ends("10.30.25.3:50000", ("FIN_WAIT1|FIN_WAIT2|ESTABLISHED|CLOSED", "ESTABLISHED|CLOSE_WAIT|UNKNOWN")),
)
def accelerator_acknowledges_for_a_dead_server(wire: Wire) -> None:
    """Over a satellite every request is acknowledged within a millisecond, and from one minute on never answered.

    True: an accelerator beside the client acknowledges in the server's name; the server's answers took 0.6 s. The
    server is gone, and neither the acknowledgements nor those of keepalive probes say anything of it.

    Source: performance-enhancing proxies (RFC 3135), and support cases of satellite links.
    """
    talk = wire.talk("10.30.25.3:50000", "10.30.25.9:443")
    talk.play("0 > S\n0.0008 < S.\n0.00084 > .\n0.001 > P. 300\n0.0018 < .\n0.62 < P. 700\n0.62004 > .")
    for at in (5.0, 12.0, 20.0):
        talk.play(f"{at} > P. 150\n{at + 0.0008} < .\n{at + 0.61} < P. 400\n{at + 0.61004} > .")
    for at in (60.0, 75.0, 95.0):
        talk.play(f"{at} > P. 150\n{at + 0.0008} < .")
    for at in (155.0, 215.0, 275.0):
        talk.play(f"{at} > . seq=1200\n{at + 0.0008} < .")


@story(
    Says("D45|D04|D34|D27", ("10.30.26.9:80", "time stamp"), "possible", "note", count=3),
    Never("D02"),
    Never("D26"),
    Never("D05"),
    Never("D18", confidence="likely"),
    Ends("10.30.26.3:44030", ("CLOSED|TIME_WAIT", "CLOSED|TIME_WAIT")),
)
def answer_echoes_the_time_stamp_of_another(wire: Wire) -> None:
    """A balancer answers some SYNs with the time stamp of somebody else's SYN, and the client resets those answers.

    True: the client's kernel checks the echo (RFC 7323, 5.2) and refuses what lies outside of the time since it
    first asked; it stays in SYN_SENT and asks again a second later, and that is answered rightly.

    Source: a blog on packets with a wrong TSecr behind a cloud balancer (yuru-infra-se, 2022);
    ``PAWSActiveRejected`` of Linux.
    """
    for number in range(12):
        talk = wire.talk(
            f"10.30.26.3:{44_000 + 10 * number}", "10.30.26.9:80", at=1.7 * number, server_ttl=55
        )
        talk.play("0 > S")
        if number in (2, 5, 9):
            talk.play(
                "0.004 < S. echo=77001234\n0.00404 > R seq=1\n1.02 > S again\n1.024 < S. again\n1.02404 > ."
            )
            talk.play("1.025 > P. 90\n1.03 < P. 170\n1.03004 > .").play(FAREWELL, at=1.1)
        else:
            talk.play("0.004 < S.\n0.00404 > .\n0.005 > P. 90\n0.01 < P. 170\n0.01004 > .").play(
                FAREWELL, at=0.1
            )


@story(
    Says("D34|D47", ("10.30.27.9:8086", "5 of"), "likely", "note"),
    Never("D01"),
    Never("D26"),
    Never("D34", ("accept queue",), "likely"),
)
def first_connect_after_a_pause_takes_a_second(wire: Wire) -> None:
    """A sensor connects in bursts, and the first connect of each burst takes a second.

    True: the router has forgotten the server's link-layer address by then and drops the packet that makes it ask;
    within a burst all connects take 2 ms. Five bursts, ten minutes apart.

    Source: RFC 1122, 2.3.2.2 (a link layer should save one packet), and routers that save none.
    """
    for burst in range(5):
        start = 600.0 * burst
        for number in range(6):
            talk = wire.talk(
                f"10.30.27.3:{41_000 + 10 * burst + number}", "10.30.27.9:8086", at=start + 1.5 * number
            )
            if number:
                talk.play("0 > S\n0.002 < S.\n0.00204 > .")
            else:
                talk.play("-1.02 > S\n0 > S again\n0.002 < S.\n0.00204 > .")
            talk.play("0.003 > P. 60\n0.007 < P. 40\n0.00704 > .").play(FAREWELL, at=0.02)


@story(
    Says("D02", ("10.30.28.9:9001",), "likely", "warning"),
    Says("D02", ("before|until|again|between",)),
    Says("D42", ("10.30.28.9:9001", "2 s"), "possible", "info"),
    Never("D26"),
    Never("D04"),
    Never("D27", severity="note"),
    Never("D07"),
)
def checks_go_on_while_the_server_restarts(wire: Wire) -> None:
    """A balancer looks after a log server every two seconds by SYN, SYN-ACK and reset, also while it restarts.

    True: for twelve seconds each SYN is refused; before and after, the checks find it alive. Senders of logs connect
    in between, and those that were open are closed in order when it stops.

    Source: haproxy/haproxy#3153.
    """
    for number in range(30):
        talk = wire.talk(f"10.30.28.5:{52_600 + 2 * number}", "10.30.28.9:9001", at=2.0 * number + 0.003)
        if 10 <= number < 16:
            talk.play("0 > S\n0.00008 < R. seq=0")
        else:
            talk.play("0 > S\n0.00008 < S.\n0.00015 > R. seq=1")
    for number in range(4):
        talk = wire.talk(f"10.30.28.5:{53_900 + number}", "10.30.28.9:9001", at=0.5 * number)
        talk.play(HANDSHAKE)
        for at in (2.0, 7.0, 12.0, 17.0):
            talk.play(f"{at} > P. 200\n{at + 0.04} < .")
        end = 19.1 - 0.5 * number
        talk.play(f"{end} < F.\n{end + 0.0003} > F.\n{end + 0.0004} < .")
    crowd(wire, Crowd("10.30.28.9:9001", "10.30.28", 8, at=34, every=3, trip=0.0004))


@story(
    Never("D*", severity="warning"),
    Never("D08"),
    Never("D39", severity="note"),
    Never("D27"),
    Never("D13"),
)
def connections_are_renewed_at_about_half_an_hour(wire: Wire) -> None:
    """A server of gRPC renews each connection after half an hour, give or take a tenth.

    True: nothing is wrong: it says goodbye, the client finishes what is under way and both close. A new connection
    has been opened before.

    Source: ``MAX_CONNECTION_AGE`` of gRPC with its jitter of 10 %.
    """
    ages = (1640.0, 1702.0, 1755.0, 1811.0, 1893.0, 1967.0)
    for number, age in enumerate(ages):
        talk = wire.talk(f"10.30.29.{3 + number % 3}:{44_000 + number}", "10.30.29.9:50051", at=7.0 * number)
        talk.play(GREETING)
        at = 20.0
        while at < age:
            talk.play(f"{at} > P. 90\n{at + 0.004} < P. 110\n{at + 0.0041} > .")
            at += 97.0
        talk.play("0 < P. 17\n0.00004 > .\n0.1 < P. 17\n0.1001 > F.\n0.1011 < F.\n0.1012 > .", at=age)


@story(
    Says("D30|D08|D27", ("10.30.30.9:80", "130 s|2 min 10|2 min 09"), "possible", "info", count=4),
    Never("D18"),
    Never("D16"),
    Never("D07"),
    Never("D08", severity="error"),
)
def server_resets_what_is_idle_itself(wire: Wire) -> None:
    """A web server on Windows resets connections that were idle for 130 s.

    True: the resets are the server's own: they have the TTL of its data, and the next number of its packets. It
    closes what nobody uses that way; no device on the way has to do with it, and nobody was waiting.

    Source: connections kept alive with HTTP.sys, which ends idle ones by RST.
    """
    for number in range(4):
        talk = wire.talk(
            f"10.30.30.{3 + number}:49700",
            "10.30.30.9:80",
            at=4.0 * number,
            stamps=False,
            client_ttl=64,
            server_ttl=118,
            server_scale=8,
        )
        talk.play(HANDSHAKE).play("0.01 > P. 300\n0.05 < P. 1200\n0.0501 > .")
        last = 2.0 + number
        talk.play("0 > P. 310\n0.04 < P. 800\n0.0401 > .\n130.04 < R.", at=last)
    cut(wire, 96)
