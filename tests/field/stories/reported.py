"""Stories of public issue threads: what was captured, and what it turned out to be."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire
from tests.packets import ip


@story(
    Says("D39", ("10.160.0.9:8080", "120 s|2 min"), "likely", "warning", count=4),
    Never("D07"),
    Never("D08"),
    Never("D16"),
)
def proxy_limits_connections_to_two_minutes(wire: Wire) -> None:
    """A proxy resets each connection when it is two minutes old, in the middle of requests.

    True: ``max_connection_duration: 120s`` of the proxy. The connections are busy: each carries a request every few
    seconds until it is reset.

    Source: envoyproxy/envoy#19664.
    """
    for number in range(4):
        talk = wire.talk(f"10.160.0.2:{44_332 + number}", "10.160.0.9:8080", at=17.0 * number).play(GREETING)
        for at in range(8, 119, 10):
            talk.play(f"{at} > P. 60\n{at + 0.004} < P. 120\n{at + 0.0041} > .")
        talk.play("119.998 > P. 300\n120.002 < R.")


@story(
    Says("D01", ("3 of 20", "10.161.9.9:80"), "likely", "error", count=3),
    Says("D01", ("every retry", "conntrack")),
    Never("D26"),
    Ends("10.161.0.97:46128", ("SYN_SENT|CLOSED", "UNKNOWN")),
)
def retries_of_one_port_dropped_and_new_ones_pass(wire: Wire) -> None:
    """A connect hangs through all its retries, while every new one beside it succeeds at once.

    True: an entry of connection tracking on the way holds that port, translated to a backend that is gone; each retry
    of the same port refreshes it. The server is well, and its queue is empty.

    Source: projectcalico/felix#1490.
    """
    for number in range(20):
        talk = wire.talk(f"10.161.0.97:{46_120 + number}", "10.161.9.9:80", at=number * 3.0)
        if number in (8, 11, 12):
            talk.play("0 > S")
            for at in (1, 3, 7, 15):
                talk.play(f"{at} > S again")
        else:
            talk.play(GREETING).play(FAREWELL, at=0.05)


@story(
    Never("D26"),
    Never("D*", severity="warning"),
    Ends("10.162.0.5:51001", ("CLOSED", "CLOSED")),
    Ends("10.162.0.5:51000", ("ESTABLISHED", "ESTABLISHED")),
)
def happy_eyeballs_drops_the_slower(wire: Wire) -> None:
    """A browser opens two connections at once and resets the one that answers later.

    True: nothing is wrong: RFC 8305 has a client race addresses and drop what it does not need.

    Source: RFC 8305, 5, and ietf-wg-happy/draft-happy-eyeballs-v3#108.
    """
    wire.talk("10.162.0.5:51000", "10.162.1.1:443").play(GREETING)
    slow = wire.talk("10.162.0.5:51001", "10.162.1.2:443", at=0.0005)
    slow.play("0 > S\n0.25 < S.\n0.2501 > .\n0.2502 > R.")


@story(
    Says("D23", ("10.163.0.1",), "possible", "warning"),
    Never("D09"),
    Never("D08"),
)
def window_opens_and_nobody_is_told(wire: Wire) -> None:
    """A small stack closes its window, reads its buffer, and never announces the room.

    True: the receiver's stack answers each probe with the window of zero that it remembers, for a minute.

    Source: smoltcp-rs/smoltcp#199.
    """
    talk = wire.talk(
        "10.163.0.1:50000", "10.163.0.2:6969", stamps=False, client_scale=None, server_scale=None
    )
    talk.client.window = talk.server.window = 2048
    talk.play("0 > S\n0.001 < S.\n0.0011 > .\n0.01 < . 1024\n0.0101 < P. 1024\n0.011 > . win=0")
    probe = 0.2
    at = 0.4
    while at < 70:
        talk.play(f"{at} < . seq=2048\n{at + 0.001} > . win=0")
        probe = min(probe * 2, 12.0)
        at += probe


@story(
    Says("D16", ("10.164.0.2:80",), "possible", "warning", fault="server", count=3),
    Never("D18"),
    Never("D07"),
)
def gateway_takes_the_post_and_resets(wire: Wire) -> None:
    """A gateway acknowledges a POST, sends nothing on, and resets half a second later.

    True: the gateway's worker was being drained and closed its sockets with the requests unread.

    Source: envoyproxy/envoy#11899.
    """
    for number in range(3):
        talk = wire.talk(f"10.164.0.1:{52_000 + number}", "10.164.0.2:80", at=number * 2.0).play(HANDSHAKE)
        talk.play("0.002 > P. 1200\n0.0025 < .\n0.502 < R.")


@story(
    Says("D24", ("10.165.0.2:8443", "ICMP"), "likely", "error", fault="server"),
    Never("D09"),
)
def server_ignores_that_its_segments_are_too_big(wire: Wire) -> None:
    """A server is told by ICMP that its segments are too big, and sends them again as large as before.

    True: the stack of a small kernel does not read "fragmentation needed". The handshake and short answers pass; the
    certificate never does.

    Source: cloudius-systems/osv#372.
    """
    talk = wire.talk("10.165.0.1:52012", "10.165.0.2:8443").play(HANDSHAKE).play("0.01 > P. 178\n0.0105 < .")
    talk.play("0.02 < . 1448")
    _too_big(wire, "10.240.0.1")
    talk.play("0.0202 < P. 445\n0.05 > . ack=1")
    for at in (0.43, 1.05, 2.1, 4.2, 8.4, 16.8):
        talk.play(f"{at} < . 1448 seq=1")
        _too_big(wire, "10.240.0.1")


def _too_big(wire: Wire, router: str) -> None:
    """Have a router on the way complain of the last frame, a tenth of a millisecond later."""
    time, _, data = wire.frames[-1]
    frame = ip.ethernet(ip.icmp_error("too-big", router, data[14:]))
    wire.frames.append((time + 100_000, len(frame), frame))


@story(
    Says("D49", ("10.166.0.2:8080", "12 answers", "2 s"), "likely", "info", fault="server", count=4),
    Never("D*", severity="warning"),
)
def application_takes_two_seconds(wire: Wire) -> None:
    """Every request takes two seconds, and the network twenty milliseconds.

    True: nothing is wrong with the network: the application waits for its database.

    Source: the question "is it the network?" that capture files are sent in with.
    """
    for number in range(4):
        talk = wire.talk(f"10.166.0.1:{53_000 + number}", "10.166.0.2:8080", at=number * 1.5)
        talk.play("0 > S\n0.02 < S.\n0.0201 > .")
        for at in (0.03, 3.1, 6.2):
            talk.play(f"{at} > P. 200\n{at + 0.02} < .\n{at + 2.02} < P. 800\n{at + 2.0201} > .")
