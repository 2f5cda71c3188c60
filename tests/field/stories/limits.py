"""Stories of ports, sizes, counts and windows that run out, or that two ends understand differently."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D27|D34|D04|D19|D38|D41", ("10.244.1.189:7800",), "possible", "note", count=3),
    Never("D26"),
    Never("D42"),
    Never("D43"),
    Never("D02"),
    Never("D05"),
    Ends("10.244.1.192:42232", ("CLOSED|SYN_SENT", "CLOSED|LISTEN|SYN_RECV")),
    kept=False,
)
def pod_resets_answers_to_what_it_asked_elsewhere(wire: Wire) -> None:
    """A pod resets each answer of a service's backend; the tap is at the backend.

    True: the pod asked the service's address, the backend is on the same node and its answer is not translated back.
    The pod's kernel knows of no such connection, resets it, and sends its SYN again, since that is still waiting.
    Each copy meets a fresh listener, and draws a fresh number.

    Source: kubernetes/kubernetes#122174.
    """
    for number in range(3):
        talk = wire.talk(f"10.244.1.192:{42_232 + 8 * number}", "10.244.1.189:7800", at=0.7 * number)
        for at in (0, 1.02, 3.07, 7.1):
            talk.play(f"{at} > S seq=0\n{at + 0.00005} < S. seq=0\n{at + 0.000075} > R seq=1 ttl=64 id=0")
            talk.server.isn += 41_000_017


@story(
    Says("D01|D19|D38|D40|D41", ("10.0.41.7:10250", "31544"), "possible", "note", count=2),
    Never("D26"),
    Never("D02"),
    Never("D04", confidence="likely"),
    Never("D43"),
    Ends("10.0.41.5:50112", ("SYN_SENT|CLOSED", "SYN_RECV|LISTEN|CLOSED|UNKNOWN")),
    kept=False,
)
def syn_ack_comes_from_another_port(wire: Wire) -> None:
    """A node's firewall changes the source port of SYN-ACKs, and the client resets what it never asked.

    True: the numbers belong together: the answers acknowledge the SYNs that were sent to port 10250. The server
    waits for an acknowledgement, sends its answer again, and the client its SYN.

    Source: cilium/cilium#29154.
    """
    for number in range(2):
        client = f"10.0.41.5:{50_112 + 2 * number}"
        asked = wire.talk(client, "10.0.41.7:10250", at=2.0 * number)
        answered = wire.talk(client, "10.0.41.7:31544", at=2.0 * number)
        answered.client.isn, answered.client.next = asked.client.isn, 1
        for at in (0, 1.03, 3.05, 7.2):
            asked.play(f"{at} > S seq=0")
            answered.play(f"{at + 0.0004} < S. seq=0\n{at + 0.00044} > R seq=1 ttl=64 id=0")


@story(
    Says("D08|D09", ("10.42.9.21:1521",), "possible", "warning"),
    Never("D24"),
    Never("D07"),
    Never("D23"),
    Never("D51"),
    Never("D49", severity="note"),
    Ends("10.42.3.20:51733", ("ESTABLISHED|CLOSED", "ESTABLISHED|UNKNOWN|CLOSED")),
    kept=False,
)
def query_after_twelve_minutes_and_a_break_in_vain(wire: Wire) -> None:
    """After eleven idle minutes a query to a database is sent again and again, and an urgent break as well.

    True: an appliance on the way ended the session in its own table after ten minutes and told nobody; a silence of
    57 seconds had lived. The tap is at the client.

    Source: blog.jeffcosta.com, "A torn-down TCP session".
    """
    talk = wire.talk("10.42.3.20:51733", "10.42.9.21:1521", stamps=False, client_ttl=128, client_window=513)
    talk.play("0 > S\n0.09 < S.\n0.0901 > .\n0.1 > P. 200\n0.19 < P. 90\n0.39 > .")
    talk.play("14.6 > P. 160\n14.71 < P. 900\n14.9 > .\n72.1 > P. 180\n72.2 < P. 400\n72.4 > .")
    talk.play("716.2 > P. 210")
    for at in (716.5, 717.1, 718.3, 720.7):
        talk.play(f"{at} > P. again")
    talk.play("722.9 > PU. 1")
    for at in (725.5, 735.1):
        talk.play(f"{at} > P. 210 seq=541")


@story(
    Says("D01", ("10.0.36.47:9397",), "possible", "warning", count=5),
    Never("D26"),
    Never("D54"),
    Never("D02"),
    Never("D20"),
    Ends("10.43.81.91:30211", ("SYN_SENT|CLOSED", "CLOSED|LISTEN|UNKNOWN|SYN_RECV")),
    kept=False,
)
def source_port_is_a_node_port(wire: Wire) -> None:
    """Of forty connects five hang, and those are the ones whose translated source port is between 30000 and 32767.

    True: the node's translation takes any port, and those belong to services of the cluster: the answers are caught
    by them and never come back to the connect. All others are answered within a millisecond, also meanwhile.

    Source: kubernetes/kubernetes#139276.
    """
    bad = {5: 30_211, 13: 31_007, 19: 32_744, 28: 30_999, 34: 31_618}
    for number in range(40):
        port = bad.get(number, (5_000 + 1_493 * number) % 24_000 + 1_100 + 33_000 * (number % 2))
        talk = wire.talk(f"10.43.81.91:{port}", "10.0.36.47:9397", at=0.6 * number)
        if number in bad:
            talk.play("0 > S\n1.02 > S again\n3.07 > S again\n7.1 > S again")
        else:
            talk.play(GREETING).play(FAREWELL, at=0.01)


@story(
    Says("D01", ("10.44.1.50:113",), "possible", "note", count=3),
    Says("D49", ("10.44.1.9:25",), "possible", "info", count=3),
    Never("D26"),
    Never("D09"),
    Never("D05"),
    Never("D54"),
    Ends("10.44.1.50:41000", ("TIME_WAIT|CLOSED", "CLOSED|TIME_WAIT")),
    kept=False,
)
def mail_server_asks_who_is_there(wire: Wire) -> None:
    """A mail server calls its client's port 113, waits ten seconds in vain, and only then greets.

    True: it asks for the user's name (RFC 1413), and the client's firewall drops that. Everything after the greeting
    is quick, and the network takes two milliseconds.

    Source: every guide to mail servers that explains "slow to connect".
    """
    for number in range(3):
        at = 25.0 * number
        talk = wire.talk(f"10.44.1.50:{41_000 + number}", "10.44.1.9:25", at=at)
        talk.play("0 > S\n0.002 < S.\n0.0021 > .")
        asked = wire.talk(f"10.44.1.9:{52_300 + 7 * number}", "10.44.1.50:113", at=at + 0.004)
        asked.play("0 > S\n1.02 > S again\n3.05 > S again\n7.1 > S again")
        talk.play(
            "10.01 < P. 60\n10.0101 > .\n10.012 > P. 24\n10.014 < P. 110\n10.016 > P. 40\n10.019 < P. 30"
        )
        talk.play("10.02 > P. 900\n10.03 < P. 40\n10.031 > F.\n10.033 < F.\n10.0331 > .")


@story(
    Says("D17|D12", ("10.45.1.9:8080",), "possible", "note", count=3),
    Never("D36"),
    Never("D07"),
    Never("D08"),
    Never("D30", ("idle",)),
    Ends("10.45.1.4:33000", ("CLOSED", "CLOSED")),
    kept=False,
)
def server_closes_after_a_hundred_requests(wire: Wire) -> None:
    """A server closes each connection after its hundredth answer, and the next request is under way already.

    True: nothing was idle: the limit is one of requests. The proxy had handed the connection out again within a
    fifth of a millisecond, and its request met a closed socket.

    Source: reports on nginx's keepalive_requests behind proxies, "upstream prematurely closed connection".
    """
    for number in range(3):
        talk = wire.talk(f"10.45.1.4:{33_000 + number}", "10.45.1.9:8080", at=0.31 * number).play(HANDSHAKE)
        for request in range(100):
            at = 0.002 + (0.02 + 0.003 * number) * request
            talk.play(f"{at} > P. 120\n{at + 0.0023} < P. 200")
        at += 0.0025
        talk.play(f"{at} > P. 120\n{at + 0.0001} < F. ack={1 + 100 * 120}\n{at + 0.00014} > .")
        talk.play(f"{at + 0.0011} < R seq=20001\n{at + 0.0012} < R seq=20002")


@story(
    Never("D*", severity="warning"),
    Never("D12"),
    Never("D07"),
    Never("D51"),
    Never("D16"),
    Ends("10.46.1.20:44000", ("CLOSED", "TIME_WAIT|CLOSED")),
    kept=False,
)
def server_says_too_large_and_reads_on(wire: Wire) -> None:
    """A server answers "too large" in the middle of an upload, closes its side, and reads the rest to throw it away.

    True: nothing is wrong: it does so for the client to get the answer, which a reset would destroy. The client sends
    for another second, reads the answer and closes.

    Source: nginx's lingering_close.
    """
    talk = wire.talk("10.46.1.20:44000", "10.46.1.9:80").play(HANDSHAKE).play("0.002 > P. 400")
    for part in range(40):
        at = 0.02 + 0.04 * part
        talk.play(f"{at} > . 1448\n{at + 0.0011} < .")
        if part == 12:
            talk.play(f"{at + 0.01} < P. 250\n{at + 0.0101} < F.\n{at + 0.0112} > .")
    talk.play("1.7 > F.\n1.7011 < .")


@story(
    Never("D*", severity="warning"),
    Never("D07"),
    Never("D16"),
    Never("D28"),
    Never("D18"),
    Ends("10.47.1.20:47000", ("CLOSED", "CLOSED")),
    kept=False,
)
def goodbyes_of_tls_meet_a_closed_socket(wire: Wire) -> None:
    """A client says goodbye in TLS and closes; the server's own goodbye and its FIN are answered by resets.

    True: nothing is wrong: all was read, and a socket that is closed at both sides takes no data.

    Source: any capture of curl and Python's requests.
    """
    for number in range(6):
        talk = wire.talk(f"10.47.1.20:{47_000 + number}", "10.47.1.9:443", at=2.0 * number)
        talk.play(
            "0 > S\n0.02 < S.\n0.0201 > .\n0.021 > P. 517\n0.042 < P. 1200\n0.044 > P. 126\n0.065 < P. 51"
        )
        talk.play("0.066 > P. 180\n0.1 < P. 900\n0.1001 > .\n0.4 > P. 31\n0.4001 > F.")
        talk.play(f"0.4201 < P. 31\n0.4202 < F.\n0.42014 > R seq={517 + 126 + 180 + 31 + 2}")
        talk.play(f"0.42024 > R seq={517 + 126 + 180 + 31 + 2}")


@story(
    Says("D16|D27|D51|D06", ("10.48.1.9:443",), "possible", "warning", count=4),
    Never("D07"),
    Never("D18"),
    Never("D02"),
    Never("D17"),
    Never("D39"),
    Ends("10.48.1.30:45017", ("CLOSED", "CLOSED")),
    kept=False,
)
def reload_resets_those_in_the_queue(wire: Wire) -> None:
    """A proxy is reloaded, and four connections that its old process had not accepted yet are reset at one instant.

    True: each process has a socket of its own for the port (SO_REUSEPORT); what lies in the queue of the one that is
    closed is reset. Their requests were acknowledged by the kernel and read by nobody.

    Source: reports on reloads of haproxy and nginx, and LWN on SO_REUSEPORT.
    """
    for number in range(32):
        at = 0.5 * number
        talk = wire.talk(f"10.48.1.30:{45_000 + number}", "10.48.1.9:443", at=at)
        if number in (17, 18, 19, 20):
            talk.play("0 > S\n0.001 < S.\n0.0011 > .\n0.002 > P. 517\n0.0031 < .")
            talk.play(f"{10.4 + 0.00002 * number - at} < R.")
        else:
            talk.play(GREETING).play(FAREWELL, at=0.1)


@story(
    Says("D18", ("203.0.113.63:80",), "possible", "warning"),
    Says("D01", ("203.0.113.63:80",), "possible", "warning", count=3),
    Never("D02"),
    Never("D26"),
    Never("D54"),
    Ends("10.49.1.20:50001", ("CLOSED", "CLOSED|ESTABLISHED|UNKNOWN")),
    kept=False,
)
def who_was_reset_is_ignored_for_ninety_seconds(wire: Wire) -> None:
    """A word in a request draws forged resets, and for ninety seconds the same client reaches the server no more.

    True: a device on the way forges the resets, with TTLs that the server's packets never have, and then drops all
    between these two hosts. Another client is served all the time, and after the ninety seconds the first one is.

    Source: "Residual censorship" in the papers on the Great Firewall, and many reports of users.
    """
    for number in range(14):
        other = wire.talk(f"10.49.1.21:{51_000 + number}", "203.0.113.63:80", at=9.0 * number, server_ttl=49)
        other.play("0 > S\n0.08 < S.\n0.0801 > .\n0.081 > P. 90\n0.17 < P. 400\n0.1701 > .").play(
            FAREWELL, at=0.2
        )
    first = wire.talk("10.49.1.20:50001", "203.0.113.63:80", at=3.0, server_ttl=49)
    first.play("0 > S\n0.08 < S.\n0.0801 > .\n0.081 > P. 110")
    first.play("0.102 < R. seq=1 ttl=61 id=9911\n0.1021 < R. seq=1461 ttl=93 id=401")
    first.play("0.1022 < R. seq=4381 ttl=112 id=77")
    for number in range(3):
        late = wire.talk(f"10.49.1.20:{50_002 + number}", "203.0.113.63:80", at=8.0 + 25 * number)
        late.play("0 > S\n1.02 > S again\n3.05 > S again\n7.1 > S again")
    last = wire.talk("10.49.1.20:50009", "203.0.113.63:80", at=104.0, server_ttl=49)
    last.play("0 > S\n0.08 < S.\n0.0801 > .\n0.081 > P. 90\n0.17 < P. 400\n0.1701 > .").play(FAREWELL, at=0.2)


@story(
    Never("D*", severity="warning"),
    Never("D09"),
    Never("D24"),
    Never("D25", ("never captured",)),
    Never("D54"),
    Never("D51"),
    Ends("10.50.1.20:46000", ("TIME_WAIT|CLOSED", "CLOSED")),
    kept=False,
)
def modem_queues_for_two_seconds(wire: Wire) -> None:
    """While a picture is sent, the modem's queue makes the round trip grow from 40 ms to two seconds.

    True: nothing is lost. Three segments are sent again because their acknowledgements take longer than any before,
    and the receiver says with selective acknowledgements that it had them already.

    Source: the project on bufferbloat.
    """
    talk = wire.talk("10.50.1.20:46000", "10.50.1.9:443")
    talk.play("0 > S\n0.04 < S.\n0.0401 > .\n0.041 > P. 500\n0.082 < .")
    sent, trip = 501, 0.04
    for part in range(30):
        at = 0.1 + 0.12 * part
        trip = min(2.0, 0.04 + 0.07 * part)
        talk.play(f"{at} > . 1448 seq={sent}")
        if part in (14, 19, 24):
            talk.play(f"{at + 0.9 * trip} > . 1448 seq={sent}")
            talk.play(f"{at + 1.9 * trip + 0.01} < . ack={sent + 1448 * 4} sack={sent}-{sent + 1448}")
        talk.play(f"{at + trip} < . ack={sent + 1448}")
        sent += 1448
    talk.play("8 < P. 90\n8.001 > .").play(FAREWELL, at=8.1)


@story(
    Says("D57", ("10.51.1.9", "has room for no more than 2,048 bytes"), "possible", "info", count=1),
    Never("D57", confidence="likely"),
    Never("D24"),
    Never("D09", severity="error"),
    Never("D25", ("never captured",)),
    Never("D05"),
    Ends("10.51.1.20:40500", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def camera_sends_more_than_the_window_takes(wire: Wire) -> None:
    """A camera sends three segments where the receiver has room for two; the third is sent again a second later.

    True: the camera's stack counts the window wrong. The receiver takes what fits, throws the rest away, as it must,
    and acknowledges at once: a picture of forty segments takes thirteen seconds. Nothing is lost on the way.

    Source: smoltcp-rs/smoltcp#1079 and reports on "TCP window overrun".
    """
    talk = wire.talk("10.51.1.20:40500", "10.51.1.9:554", stamps=False, client_scale=None, server_scale=None)
    talk.client.window = 2048
    talk.play("0 > S win=2048\n0.001 < S.\n0.0011 > .\n0.002 > P. 120\n0.003 < .")
    sent = 1
    for number in range(13):
        at = 0.01 + 1.01 * number
        talk.play(f"{at} < . 1024 seq={sent}\n{at + 0.0001} < . 1024 seq={sent + 1024}")
        talk.play(f"{at + 0.0002} < . 1024 seq={sent + 2048}")
        talk.play(
            f"{at + 0.0005} > . ack={sent + 2048} win=2048\n{at + 0.0006} > . ack={sent + 2048} win=2048"
        )
        talk.play(f"{at + 1.0} < . 1024 seq={sent + 2048}\n{at + 1.0004} > . ack={sent + 3072}")
        sent += 3072


@story(
    Says("D09|D25|D45|D46|D51|D54", ("10.52.1.9",), "possible", "note", count=2),
    Never("D24"),
    Never("D07"),
    Never("D18"),
    Never("D25", ("never captured",)),
    Ends("10.52.1.20:40600", ("CLOSED", "ESTABLISHED")),
    kept=False,
)
def server_acknowledges_more_than_was_sent(wire: Wire) -> None:
    """A server's stack acknowledges one byte more than it got, and its client throws all its segments away.

    True: nothing is missing in the capture: the numbers of the request's copies prove that the client sent no more.
    RFC 9293 has it answer with an ACK and drop what acknowledges the future, answer and all. It resets in the end, by
    a number that the server takes for an old one.

    Source: smoltcp-rs/smoltcp#269, and stacks that count a keepalive's byte.
    """
    for number in range(2):
        talk = wire.talk(f"10.52.1.20:{40_600 + number}", "10.52.1.9:80", at=3.0 * number, stamps=False)
        talk.play(HANDSHAKE).play("0.002 > P. 100")
        talk.play("0.003 < P. 300 ack=102\n0.0031 > . ack=1")
        for at in (0.21, 0.62, 1.45, 3.1, 6.4):
            talk.play(
                f"{at} > P. 100 seq=1 ack=1\n{at + 0.001} < . ack=102 seq=301\n{at + 0.0011} > . seq=101 ack=1"
            )
        for at in (1.0, 3.0, 7.0):
            talk.play(f"{at} < P. 300 seq=1 ack=102\n{at + 0.0001} > . seq=101 ack=1")
        talk.play("12 > R. seq=101 ack=1")


@story(
    Says(
        "D27|D18|D16|D39",
        ("10.53.1.9:80", "1,048,576|1048576|1 MiB|1.0 MiB|1.05 MB|1.0 MB"),
        "possible",
        "note",
        count=3,
    ),
    Never("D39", ("age",)),
    Never("D07"),
    Never("D08"),
    Never("D26"),
    Ends("10.53.1.20:43000", ("CLOSED", "CLOSED|ESTABLISHED|UNKNOWN")),
    kept=False,
)
def each_download_breaks_after_a_mebibyte(wire: Wire) -> None:
    """Three downloads are reset after exactly 1,048,576 bytes each, one after two seconds and one after six.

    True: a filter on the way looks at a mebibyte and then gives up. Small files come whole.

    Source: many reports of downloads that "always stop at the same point" behind virus scanners.
    """
    for number, every in enumerate((0.016, 0.027, 0.046)):
        talk = wire.talk(f"10.53.1.20:{43_000 + number}", "10.53.1.9:80", at=12.0 * number, server_scale=8)
        talk.play(HANDSHAKE).play("0.002 > P. 150\n0.0031 < .")
        for part in range(128):
            at = 0.01 + every * part
            talk.play(f"{at} < . 8192\n{at + 0.00005} > .")
        talk.play(f"{at + 0.001} < R.")
        small = wire.talk(f"10.53.1.20:{43_100 + number}", "10.53.1.9:80", at=12.0 * number + 8)
        small.play(GREETING).play(FAREWELL, at=0.02)


@story(
    Says("D20|D02", ("10.54.1.9:8443", "again|reus|TIME_WAIT"), "possible", "note", count=5),
    Never("D02", confidence="certain"),
    Never("D26"),
    Never("D21"),
    Ends("10.54.1.7:40003", ("CLOSED", "TIME_WAIT|CLOSED"), 1),
    kept=False,
)
def port_that_is_in_time_wait_is_refused(wire: Wire) -> None:
    """A server refuses each connect from a port that it has in TIME_WAIT, and lets all others in.

    True: the server closes first, and its stack answers a SYN for TIME_WAIT with a reset, where RFC 9293 lets it be
    let in or answered by an ACK. The client's translation has few ports and takes them again after ten seconds.

    Source: manuals of load balancers on "SYN to a flow in TIME_WAIT", and reports on RSTs behind small NAT pools.
    """
    for number in range(20):
        again = number >= 6 and number % 3 == 0
        port = 40_000 + (number - 4 if again else number)
        talk = wire.talk(f"10.54.1.7:{port}", "10.54.1.9:8443", at=2.5 * number)
        if again:
            talk.play("0 > S\n0.0008 < R. seq=0")
        else:
            talk.play(GREETING).play("0.01 < F.\n0.011 > F.\n0.0118 < .")
