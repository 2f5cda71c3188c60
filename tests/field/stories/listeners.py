"""Stories of listening sockets as a whole."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Talk, Wire


@story(
    Says("D35", ("10.75.0.2:21", "5 s"), "likely", "note", fault="server"),
    Never("D30"),
    Ends("10.75.0.1:42458", ("CLOSED", "TIME_WAIT")),
)
def hangs_up_without_a_word(wire: Wire) -> None:
    """A server accepts, waits five seconds, and closes without having sent a byte.

    True: an access list (TCP wrappers) denies the client after it was accepted; there is no greeting, as FTP has one.

    Source: reports of "connection closed by remote host" with ``hosts.deny``.
    """
    wire.talk("10.75.0.1:42458", "10.75.0.2:21").play("""
        0.0000 > S
        0.00003 < S.
        0.0008 > .
        5.0027 < F.
        5.0035 > F.
        5.00353 < .
    """)


@story(
    Says("D35", ("10.76.0.2:8443", "6"), "likely", "warning", fault="server", count=6),
    Never("D17"),
)
def proxy_before_a_dead_backend(wire: Wire) -> None:
    """A TCP proxy accepts, finds no backend, and closes at once.

    True: six clients connect, send a request, and the proxy closes without one byte of its own: what listens is not
    what is asked for.

    Source: HAProxy in TCP mode with no server left; AWS NLB without healthy targets.
    """
    for number in range(6):
        wire.talk(f"10.76.0.{10 + number}:44000", "10.76.0.2:8443", at=number * 2.0).play("""
            0.0000 > S
            0.0010 < S.
            0.0011 > .
            0.0020 > P. 517
            0.0031 < .
            0.0040 < F.
            0.0041 > F.
            0.0052 < .
        """)


@story(
    Says("D05|D06", ("10.77.0.2:8080", "accept queue"), "likely", "warning", count=4),
    Never("D26"),
    Never("D04"),
)
def accept_queue_overflows(wire: Wire) -> None:
    """An application stops calling accept(): its queue is full, and final ACKs are ignored.

    True: four clients are connected and for the server none is; each SYN-ACK comes again, each is acknowledged again.
    Four earlier ones are served. One socket, one finding.

    Source: "SYN packet handling in the wild" (Cloudflare, 2018) and any ``ListenOverflows``.
    """
    for number in range(4):
        wire.talk(f"10.77.0.1:{50_000 + number}", "10.77.0.2:8080", at=number * 0.1).play(GREETING)
    for number in range(4):
        talk = wire.talk(f"10.77.0.1:{50_100 + number}", "10.77.0.2:8080", at=2 + number * 0.1).play(
            HANDSHAKE
        )
        for at in (1.0, 3.0, 7.0):
            talk.play(f"{at} < S. again\n{at + 0.0005} > .")


@story(
    Says("D06", ("10.78.0.2:8080", "SYN cookies|accept queue"), "likely", "warning", count=3),
    Never("D07"),
    Never("D16"),
)
def cookies_and_a_full_queue(wire: Wire) -> None:
    """SYN cookies with a full accept queue: connected, and reset at the first data.

    True: the server has kept nothing of the handshake; the first data finds no socket and is reset, 0.4 s after the
    handshake, three times.

    Source: the lab's accept-queue-full-cookies, and cloudius-systems/osv#283 for the same with a SYN cache.
    """
    for number in range(3):
        wire.talk(f"10.78.0.1:{52_000 + number}", "10.78.0.2:8080", at=number).play(HANDSHAKE).play(
            "0.4 > P. 120\n0.4011 < R"
        )


@story(
    Says("D06", ("DEFER_ACCEPT", "accept queue", "59"), "possible", "warning", fault="server"),
    Never("D06", ("right after the handshake",)),
    Never("D07"),
)
def defer_accept_gives_up_then_resets(wire: Wire) -> None:
    """TCP_DEFER_ACCEPT gives up waiting, and the first data is reset a minute later.

    True: the server ignores bare ACKs, sends its SYN-ACK five times and forgets the attempt; 59 s after the handshake
    the client sends its first data and is reset. The SYN-ACK follows the SYN by 50 µs: the tap is at the server, and
    there is no path behind it.

    Source: reports on preconnecting browsers and ``deferred`` listeners of nginx.
    """
    talk = wire.talk("10.95.0.1:40300", "10.95.0.2:80", stamps=False, client_ttl=120, client_scale=8)
    talk.play("0 > S\n0.00005 < S.\n0.03 > .")
    for at in (1.33, 3.4, 7.6, 15.8):
        talk.play(f"{at} < S. again\n{at + 0.03} >  .")
    talk.play("59 > P. 399\n59.00006 < R")


@story(
    Says("D05|D45", ("time stamp",), "likely", "warning"),
    Says("D45", ("10.90.0.1",), "likely", "warning", fault="client"),
    Never("D05", ("accept queue is full",)),
)
def ack_without_negotiated_timestamps(wire: Wire) -> None:
    """A client negotiates time stamps and leaves them out of its ACK.

    True: the server drops the final ACK for that (RFC 7323, 3.2) and sends its SYN-ACK again, four times. The client
    is at fault.

    Source: a report on a middlebox that answers for its clients.
    """
    talk = wire.talk("10.90.0.1:40200", "10.90.0.2:8080")
    talk.play("0 > S\n0.0002 < S.\n0.00023 > . nots")
    for at in (1.0005, 3.0007, 7.0009):
        talk.play(f"{at} < S. again\n{at + 0.00003} > . nots")


@story(
    Says("D31", ("120", "10.9.0.2:9000"), "likely", "error", fault="server", count=120),
)
def leak_of_close_wait(wire: Wire) -> None:
    """A server leaks CLOSE_WAIT.

    True: 120 clients come and go, and the server closes none of them: 120 of its 120 sockets are in CLOSE_WAIT.

    Source: leaks of every language; this shape is a thread that dies before it closes.
    """
    for number in range(120):
        _left_alone(wire, number)


@story(
    Says("D31", ("120", "10.9.0.2:9000"), "likely", "error", fault="server", count=120),
    Says("D31", ("closed|exit|restart",)),
)
def leak_then_restart(wire: Wire) -> None:
    """The same leak, and the process is restarted at the end of the capture.

    True: at 50 s the kernel closes all 120 for the process that exits. The leak was there all the same: its peak and
    the instant of the exit belong into the finding.

    Source: as ``leak-of-close-wait``, captured a tenth of a second longer.
    """
    for number in range(120):
        talk = _left_alone(wire, number)
        talk.play("0 < F.\n0.02 > .", at=50 + number * 0.0001 - talk.start)


def _left_alone(wire: Wire, number: int) -> Talk:
    """Let a client come and go, and the server do nothing."""
    talk = wire.talk(f"10.9.0.1:{40_000 + number}", "10.9.0.2:9000", at=number * 0.4, stamps=False)
    return talk.play(HANDSHAKE).play("0.01 > F.\n0.011 < .")


@story(
    Says("D44", ("10.63.0.65:80",), "likely", "note"),
    Says("D09", ("10.63.0.65:80",), "possible", "warning"),
    Ends("10.63.0.1:33333", ("FIN_WAIT1", "UNKNOWN|ESTABLISHED")),
)
def syn_proxy_and_data_ignored(wire: Wire) -> None:
    """A SYN proxy answers in the server's name and never gets through to it.

    True: the SYN-ACK has a window of zero, which a later ACK opens: a proxy's mark. The request is never answered, as
    the server does not know the connection.

    Source: reports on ``SYNPROXY`` of netfilter with a broken rule behind it.
    """
    wire.talk("10.63.0.1:33333", "10.63.0.65:80", server_scale=10).play("""
        0.000000 > S
        0.000068 < S. win=0
        0.000145 > .
        0.000182 < . win=63
        2.018259 < . win=64
        2.018431 > .
        2.411940 > P. 2
        2.619081 > P. again
        3.039081 > P. again
        3.879081 > P. again
        5.159081 > F.
        5.559081 > PF. 2 seq=1
    """)


@story(
    Says("D42", ("10.79.0.2:80", "5"), "possible", "info"),
    Never("D26"),
    Never("D27", severity="note"),
    Never("D35", severity="note"),
    Never("D02"),
)
def health_checks_of_a_load_balancer(wire: Wire) -> None:
    """Two load balancers connect every five seconds and hang up at once.

    True: health checks: no data, few sources, a steady period, ended by a reset. Nothing is wrong.

    Source: AWS NLB, HAProxy ``check``, keepalived TCP_CHECK.
    """
    for number in range(24):
        source = f"10.79.0.{10 + number % 2}:{30_000 + number}"
        wire.talk(source, "10.79.0.2:80", at=number * 2.5).play(HANDSHAKE).play("0.0012 > R.")
    wire.talk("10.79.5.5:50000", "10.79.0.2:80", at=1).play(GREETING).play(FAREWELL, at=0.2)
