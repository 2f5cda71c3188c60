"""Stories of servers with room for so many at a time, and of what they wait for themselves."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import HANDSHAKE, Talk, Wire


def _asks(talk: Talk, answered: float, *, closes: bool = True) -> None:
    """Connect, ask at once, be answered at an instant, and leave."""
    talk.play(HANDSHAKE).play(f"0.002 > P. 517\n0.0024 < .\n{answered} < P. 1300\n{answered + 0.0004} > .")
    if closes:
        talk.play(f"{answered + 0.002} > F.\n{answered + 0.003} < F.\n{answered + 0.0031} > .")


@story(
    Says(
        "D49", ("5 clients", "10.97.1.9:50000 ended", "not said a word"), "likely", "warning", fault="server"
    ),
    Never("D09"),
    Never("D50", severity="warning"),
    Ends("10.97.1.20:41000", ("TIME_WAIT", "CLOSED")),
    kept=False,
)
def silent_client_holds_the_only_thread(wire: Wire) -> None:
    """A server of one thread waits for the first word of one client, and leaves all others in its queue.

    True: the TLS handshake is done within accept(); a client that connects and says nothing for eight seconds blocks
    it. The kernel lets the others in and acknowledges what they say; when the silent one leaves, all are served.

    Source: Python's ``ssl`` with a wrapped listening socket; single-threaded test servers.
    """
    for number in range(4):
        _asks(wire.talk(f"10.97.1.{10 + number}:40000", "10.97.1.2:8443", at=0.2 * number), 0.008)
    silent = wire.talk("10.97.1.9:50000", "10.97.1.2:8443", at=1.5).play(HANDSHAKE)
    silent.play("8.0 > F.\n8.004 < F.\n8.0045 > .")
    for number in range(5):
        began = 2 + 0.7 * number
        talk = wire.talk(f"10.97.1.{20 + number}:41000", "10.97.1.2:8443", at=began)
        _asks(talk, 9.506 + 0.006 * number - began)


@story(
    Says("D49", ("4 clients", "had just ended", "EMFILE"), "likely", "warning", fault="server", count=4),
    Never("D49", ("stood still",)),
    Never("D51"),
    kept=False,
)
def server_has_no_descriptor_left(wire: Wire) -> None:
    """Seven sessions talk all the time; four that come later are answered one for one as others leave.

    True: accept() fails with EMFILE. The kernel has let the newcomers in, and acknowledged their first words.

    Source: oven-sh/bun#32705, yesodweb/wai#928, nanomsg/nanomsg#152.
    """
    ends = (16.0, 16.1, 16.2, 16.3, 6.0, 7.5, 9.0, 10.5)
    for number, until in enumerate(ends):
        talk = wire.talk(f"10.97.2.{10 + number}:40000", "10.97.2.2:9100", at=0.02 * number).play(HANDSHAKE)
        at = 0.1
        while at < until - 0.2:
            talk.play(f"{at} > P. 20\n{at + 0.001} < P. 20\n{at + 0.0014} > .")
            at += 0.7
        talk.play(f"{until} > F.\n{until + 0.001} < F.\n{until + 0.0011} > .")
    for number in range(4):
        began = 2 + 0.3 * number
        talk = wire.talk(f"10.97.2.{30 + number}:41000", "10.97.2.2:9100", at=began)
        _asks(talk, 6.11 + 1.52 * number - began, closes=False)


@story(
    Says("D49", ("one after the other", "300 ms"), "likely", "warning", fault="server", count=7),
    Says("D34", ("one request at a time", "accept queue"), "likely", fault="server"),
    kept=False,
)
def server_of_one_request_at_a_time(wire: Wire) -> None:
    """Nine clients come at once: each waits 300 ms longer than the one before, and one SYN is in vain.

    True: the server has one worker, and a backlog of a few places. Who comes alone is answered after 300 ms, too.

    Source: development servers in production.
    """
    for number in range(8):
        talk = wire.talk(f"10.97.3.{10 + number}:40000", "10.97.3.2:8080", at=0.001 * number)
        _asks(talk, 0.3 * (number + 1) - 0.001 * number)
    late = wire.talk("10.97.3.30:40000", "10.97.3.2:8080", at=0.02)
    late.play("0 > S\n1.0 > S again\n1.001 < S.\n1.0011 > .\n1.002 > P. 517\n1.0024 < .")
    late.play("2.682 < P. 1300\n2.6824 > .\n2.684 > F.\n2.685 < F.\n2.6851 > .")
    for number in range(3):
        _asks(wire.talk(f"10.97.3.{40 + number}:40000", "10.97.3.2:8080", at=4 + number), 0.3)


@story(
    Says("D30", ("inherited the descriptor", "6 others"), "possible", fault="server", count=3),
    Never("D30", ("drop idle connections sooner",)),
    Ends("10.97.4.30:41000", ("CLOSED", "TIME_WAIT")),
    kept=False,
)
def child_inherits_the_socket(wire: Wire) -> None:
    """Answers that end by the close are whole at once; for some the FIN comes eight seconds later.

    True: the server starts a helper for these, which inherits the accepted socket: the parent's close() sends no FIN
    until the helper ends. The clients wait for the end of the answer.

    Source: RakuenSoftware/aimee#2297, apache/guacamole-server#698.
    """
    for number in range(6):
        talk = wire.talk(f"10.97.4.{10 + number}:40000", "10.97.4.2:8080", at=0.3 * number).play(HANDSHAKE)
        talk.play(
            "0.002 > P. 90\n0.0024 < .\n0.004 < P. 1300\n0.0041 < F.\n0.0045 > .\n0.005 > F.\n0.006 < ."
        )
    for number in range(3):
        talk = wire.talk(f"10.97.4.{30 + number}:41000", "10.97.4.2:8080", at=0.4 + 0.4 * number).play(
            HANDSHAKE
        )
        talk.play("0.002 > P. 90\n0.0024 < .\n0.02 < P. 1300\n0.0204 > .\n8.02 < F.\n8.0204 > F.\n8.0214 < .")


@story(
    Says("D22", ("12 ports", "40000 to 40011"), "likely", "warning", fault="client", count=12),
    Never("D01"),
    kept=False,
)
def client_has_twelve_ports_and_all_are_in_time_wait(wire: Wire) -> None:
    """A client opens twelve connections in a second, none for a minute, and the same twelve ports again.

    True: its range of ports is that narrow, it closes first each time, and connect() fails until a TIME_WAIT is over.

    Source: proxies with a port range of their own, ``ip_local_port_range`` in containers.
    """
    for again in range(2):
        for number in range(12):
            began = 0.1 * number + again * (60.6 + 0.11 * (number % 3))
            talk = wire.talk(f"10.97.5.1:{40_000 + number}", "10.97.5.2:9000", at=began).play(HANDSHAKE)
            talk.play("0.002 > P. 20\n0.003 < P. 20\n0.004 > F.\n0.005 < F.\n0.0051 > .")


@story(
    Says("D07", ("window shut", "user time-out"), "possible", "warning", fault="client"),
    Says("D23", ("shut",), "likely", "warning", fault="client"),
    Never("D07", confidence="certain"),
    Never("D08"),
    kept=False,
)
def sender_gives_up_a_reader_that_stands_still(wire: Wire) -> None:
    """A reader stands still for twelve seconds; when it goes on, the sender no longer knows the connection.

    True: the sender's TCP_USER_TIMEOUT of five seconds ran out, though each probe was answered: nobody took the data.

    Source: Cloudflare's "When TCP sockets refuse to die".
    """
    talk = wire.talk("10.97.6.1:51000", "10.97.6.2:9000").play(HANDSHAKE)
    talk.play("0.002 > P. 20\n0.003 < . 1448\n0.0031 < . 1448\n0.01 > .\n0.02 < . 1448\n0.03 > . win=0")
    for at in (0.25, 0.7, 1.6, 3.4):
        talk.play(f"{at} < . seq=4344\n{at + 0.0004} > . win=0")
    talk.play("12.5 > . win=500\n12.501 < R seq=4345")


@story(
    Says("D49", ("at the same instants", "quota"), "likely", "note", fault="server", count=5),
    Never("D51"),
    Never("D56"),
    kept=False,
)
def container_uses_up_its_quota_each_second(wire: Wire) -> None:
    """Five sessions are answered at once for 200 ms of each second, and wait together for the rest.

    True: the container's CPU quota is used up, and its program stands still until the next period.

    Source: reports of CFS throttling.
    """
    for number in range(5):
        talk = wire.talk(f"10.97.7.{10 + number}:40000", "10.97.7.2:9100", at=0.002 * number).play(HANDSHAKE)
        for second in range(1, 11):
            for ask, answered in ((0.0, 0.001), (0.06, 0.061), (0.12, 0.9985 - 0.001 * number)):
                talk.play(f"{second + ask} > P. 20\n{second + ask + 0.0004} < .")
                talk.play(f"{second + answered} < P. 20\n{second + answered + 0.0002} > .")


@story(
    Says(
        "D02", ("closed 6 connections at one instant", "program ended"), "likely", "warning", fault="server"
    ),
    kept=False,
)
def program_is_killed_in_mid_answer(wire: Wire) -> None:
    """Six answers end at one instant with a FIN, the port refuses for three seconds, and then all is well.

    True: the program was killed (out of memory); its kernel closed what it had open, and it was started anew.

    Source: everyday reports of "connection refused" after a restart.
    """
    for number in range(6):
        talk = wire.talk(f"10.97.8.{10 + number}:40000", "10.97.8.2:9000", at=0.1 * number).play(HANDSHAKE)
        talk.play("0.002 > P. 20\n0.0024 < .")
        at, end = 0.5, 4.0 - 0.1 * number
        while at < end - 0.1:
            talk.play(f"{at} < P. 1400\n{at + 0.0004} > .")
            at += 0.5
        talk.play(f"{end} < F.\n{end + 0.0004} > F.\n{end + 0.001} < .")
    for number, at in enumerate((4.9, 5.6, 6.3)):
        wire.talk(f"10.97.8.10:{41_000 + number}", "10.97.8.2:9000", at=at).play("0 > S\n0.001 < R.")
    for number in range(3):
        _asks(wire.talk(f"10.97.8.{10 + number}:42000", "10.97.8.2:9000", at=7.5 + number), 0.01)


@story(
    Says(
        "D35",
        ("with the same 36 bytes", "12 others or more were open", "10.97.8.9"),
        "likely",
        "warning",
        count=8,
    ),
    Never("D27"),
    Never("D12"),
    kept=False,
)
def pool_gives_no_connection_back(wire: Wire) -> None:
    """A program opens a connection for each job and closes none; from the thirteenth on the service turns it away.

    True: the service takes twelve clients at a time. Who comes beyond that is told so in 36 bytes, and is closed or
    reset, by whether it has asked by then. When the program ends, all its connections do, and the next client is
    served.

    Source: Redis, ``maxclients`` ("max number of clients reached"); many reports of pools that leak.
    """
    for number in range(12):
        talk = wire.talk(f"10.97.8.9:{40_000 + number}", "10.97.8.2:6379", at=0.25 * number).play(HANDSHAKE)
        talk.play("0.002 > P. 6\n0.0024 < P. 7\n0.0028 > .")
        talk.play(f"{9 - 0.25 * number} > F.\n{9.001 - 0.25 * number} < F.\n{9.0012 - 0.25 * number} > .")
    for number in range(8):
        talk = wire.talk(f"10.97.8.9:{41_000 + number}", "10.97.8.2:6379", at=3.5 + 0.5 * number).play(
            HANDSHAKE
        )
        if number % 2:
            talk.play("0.0022 < P. 36\n0.0023 > .\n0.0024 < F.\n0.0026 > P. 6\n0.0027 < R")
        else:
            talk.play("0.002 > P. 6\n0.0021 < .\n0.0022 < P. 36\n0.0023 > .\n0.0024 < R.")
    for number in range(3):
        talk = wire.talk(f"10.97.8.7:{42_000 + number}", "10.97.8.2:6379", at=10.0 + number).play(HANDSHAKE)
        talk.play("0.002 > P. 6\n0.0024 < P. 7\n0.0028 > .\n0.004 > F.\n0.005 < F.\n0.0052 > .")


@story(
    Says(
        "D49",
        ("10 clients", "2 at once", "500 ms", "2 requests at a time"),
        "likely",
        "warning",
        fault="server",
    ),
    Never("D49", ("one request at a time",)),
    Never("D49", ("stood still",)),
    kept=False,
)
def crowd_before_two_workers(wire: Wire) -> None:
    """Twelve clients come at once; a proxy lets two at a time to its backend, which takes half a second for each.

    True: answers come in pairs, each half a second after the pair before. Who comes alone waits half a second.

    Source: HAProxy's manual, ``maxconn`` of a server and the queue before it.
    """
    for number in range(12):
        talk = wire.talk(f"10.97.9.{10 + number}:40000", "10.97.9.2:80", at=0.003 * number)
        _asks(talk, 0.5 * (number // 2 + 1) + 0.002 * (number % 2) - 0.003 * number)
    for number in range(3):
        _asks(wire.talk(f"10.97.9.{40 + number}:41000", "10.97.9.2:80", at=8.0 + 2 * number), 0.502)


@story(
    Says("D35", ("80 bytes each", "had another length, and none of this"), "likely", "warning", count=5),
    Never("D35", ("limit of connections, it seems",)),
    kept=False,
)
def proxy_forgets_its_header(wire: Wire) -> None:
    """A web server expects the PROXY header before each request; one of two ways through a proxy leaves it out.

    True: requests of 80 bytes are closed on at once without a word, those of 128 bytes, with the header, are served.

    Source: nginx, ``listen ... proxy_protocol``; HAProxy, ``send-proxy``.
    """
    for number in range(5):
        talk = wire.talk(f"10.97.10.1:{40_000 + number}", "10.97.10.2:81", at=0.5 * number).play(HANDSHAKE)
        talk.play("0.002 > P. 80\n0.0028 < F.\n0.003 > F.\n0.0034 < .")
        talk = wire.talk(f"10.97.10.1:{41_000 + number}", "10.97.10.2:81", at=0.5 * number + 0.2).play(
            HANDSHAKE
        )
        talk.play("0.002 > P. 128\n0.0028 < P. 900\n0.003 > .\n0.004 > F.\n0.005 < F.\n0.0052 > .")


@story(
    Says("D01", ("takes nobody",), "likely", "error", fault="server"),
    Says("D51", ("It asked 10.97.11.3:53 next, and was answered there",), "likely", "warning", count=6),
    Ends("10.97.11.9:40000", ("FIN_WAIT2|CLOSED", "CLOSE_WAIT")),
    kept=False,
)
def first_name_server_stands_still(wire: Wire) -> None:
    """A resolver asks the first of two name servers over TCP, waits two seconds in vain, and asks the second.

    True: the program of the first is stopped. Its kernel opens connections and acknowledges queries until the queue
    is full; then it drops SYNs. The second answers at once.

    Source: resolv.conf(5), ``timeout`` and the order of name servers; listen(2), the backlog.
    """
    for number in range(6):
        talk = wire.talk(f"10.97.11.9:{40_000 + number}", "10.97.11.2:53", at=2.2 * number).play(HANDSHAKE)
        talk.play("0.002 > P. 53\n0.0024 < .\n2.003 > F.\n2.0434 < .")
        talk = wire.talk(f"10.97.11.9:{41_000 + number}", "10.97.11.3:53", at=2.2 * number + 2.005).play(
            HANDSHAKE
        )
        talk.play("0.002 > P. 53\n0.0026 < P. 90\n0.003 > .\n0.004 > F.\n0.005 < F.\n0.0052 > .")
    last = wire.talk("10.97.11.9:45000", "10.97.11.2:53", at=13.5)
    last.play("0 > S\n1.02 > S again\n3.04 > S again\n7.2 > S again")
