"""Stories of kinds that others tell of as well, seen from another place or with other signs."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import BASE_NS, FAREWELL, GREETING, HANDSHAKE, Wire
from tests.packets import ip


@story(
    Says("D01|D34|D45", ("10.134.1.9:443", "time stamp"), "possible", "warning", count=4),
    Never("D26"),
    Never("D54"),
    kept=False,
)
def time_stamps_backward_seen_at_the_gateway(wire: Wire) -> None:
    """Of two phones behind one gateway the second cannot connect for a minute whenever the first has been online.

    True: the server is old and remembers the time stamps of each address (tcp_tw_recycle). The tap is at the gateway,
    on its outer side, so both phones have one address, and the server is 20 ms away.

    Source: the kind of time stamps behind a NAT, with the tap elsewhere.
    """
    for number in range(8):
        newer = wire.talk(
            f"198.51.100.7:{40_000 + number}", "10.134.1.9:443", at=10.0 * number, client_ttl=63
        )
        newer.play(f"0 > S ts={90_000_000 + 10_000 * number}\n0.02 < S.")
        newer.play(
            f"0.0201 > . ts={90_000_020 + 10_000 * number}\n0.03 > P. 90 ts={90_000_030 + 10_000 * number}"
        )
        newer.play(f"0.05 < P. 300\n0.0501 > F. ts={90_000_050 + 10_000 * number}\n0.07 < F.")
        newer.play(f"0.0701 > . ts={90_000_070 + 10_000 * number}")
    for number in range(4):
        at = 5 + 15.0 * number
        older = wire.talk(f"198.51.100.7:{51_000 + number}", "10.134.1.9:443", at=at, client_ttl=63)
        for copy, when in enumerate((0, 1.02, 3.04, 7.1)):
            older.play(f"{when} > S {'again' if copy else ''} ts={5_000_000 + int(1000 * (at + when))}")


@story(
    Says("D47", ("10.134.2.9:502",), "possible", "note"),
    Never("D49"),
    Never("D56", severity="warning"),
    Never("D09"),
    kept=False,
)
def first_question_after_each_pause_is_sent_twice(wire: Wire) -> None:
    """Every minute and a half a controller asks a meter, and the first question takes a quarter of a second.

    True: a radio bridge forgets the meter's address after half a minute, asks for it, and drops what made it ask.

    Source: the kind of tunnels that sleep, with data in place of probes.
    """
    talk = wire.talk("10.134.2.5:40000", "10.134.2.9:502").play(HANDSHAKE)
    for minute in range(8):
        at = 1 + 90.0 * minute
        first = at
        if minute:
            talk.play(f"{at} > P. 12\n{at + 0.23} > P. again")
            first = at + 0.23
        else:
            talk.play(f"{at} > P. 12")
        talk.play(f"{first + 0.006} < P. 9\n{first + 0.0062} > .")
        for ask in range(1, 4):
            talk.play(
                f"{at + 0.5 * ask} > P. 12\n{at + 0.5 * ask + 0.006} < P. 9\n{at + 0.5 * ask + 0.0062} > ."
            )


@story(
    Says("D36", ("10.134.3.9:8080",), "likely", "note", count=6),
    Never("D17"),
    Never("D07"),
    kept=False,
)
def pool_takes_what_the_server_closed_long_ago(wire: Wire) -> None:
    """Each morning the first request on each of a pool's connections fails, and the next ones succeed.

    True: the server closed the connections in the evening. The pool's host acknowledged that, and the pool, which
    does not look, writes on them twelve hours later.

    Source: the kind of clients that use a connection they know to be closed, over a night.
    """
    for number in range(6):
        talk = wire.talk(f"10.134.3.5:{40_000 + number}", "10.134.3.9:8080", at=0.3 * number).play(GREETING)
        talk.play("300 < F.\n300.04 > .")
        asked = 43_000 + 7 * number
        talk.play(f"{asked} > P. 200\n{asked + 0.0004} < R")
        new = wire.talk(f"10.134.3.5:{41_000 + number}", "10.134.3.9:8080", at=0.3 * number + asked + 0.01)
        new.play(GREETING).play(FAREWELL, at=1)


@story(
    Says("D09|D03|D54", ("10.134.4.9:22", "ICMP|unreachable"), "possible", "warning"),
    Never("D24"),
    Never("D49"),
    kept=False,
)
def link_behind_the_last_router_fails(wire: Wire) -> None:
    """Two sessions hang at one moment, and after some copies a router says that the host cannot be reached.

    True: the cable between the last router and the host was pulled. Both ends resend; the router's messages come to
    the clients, whose kernels take note and go on trying.

    Source: "No route to host" in the midst of sessions.
    """
    for number in range(2):
        talk = wire.talk(f"10.134.4.{20 + number}:40000", "10.134.4.9:22", at=0.4 * number).play(GREETING)
        for ask in range(1, 6):
            talk.play(f"{ask} > P. 50\n{ask + 0.003} < P. 90\n{ask + 0.0031} > .")
        talk.play("6 > P. 50")
        for copy in (6.21, 6.63, 7.5, 9.2, 12.6, 19.4):
            talk.play(f"{copy} > P. again")
            if copy > 8:
                _, _, data = wire.frames[-1]
                error = ip.ethernet(ip.icmp_error("host-unreachable", "10.134.9.254", data[14:]))
                wire.frames.append((BASE_NS + round((talk.start + copy + 0.002) * 1e9), len(error), error))


@story(
    Says("D29", ("10.134.5.9:9000",), count=8),
    Never("D27", severity="warning"),
    Never("D09"),
    kept=False,
)
def leak_was_there_before_the_capture(wire: Wire) -> None:
    """A server is full of sockets in CLOSE_WAIT; who captures sees but the probes of clients that have left long ago.

    True: the leak happened before the capture. Clients in FIN_WAIT2 whose programs still hold their sockets probe
    every minute, and the server's kernel answers each. Nothing in the capture can tell that from idle connections.

    Source: the kind of leaks that are looked at too late.
    """
    for number in range(8):
        talk = wire.talk(f"10.134.5.{20 + number}:40000", "10.134.5.9:9000", at=3.0 * number)
        talk.client.next, talk.server.next = 902, 5001
        for minute in range(5):
            talk.play(f"{60 * minute} > . seq=901\n{60 * minute + 0.0004} < .")
        talk.play("290 > R")


@story(
    Says("D18", ("10.134.6.9:443",), "possible", "warning", count=3),
    Never("D02", confidence="certain"),
    Never("D43", severity="error"),
    kept=False,
)
def refusal_comes_sooner_than_the_way_takes(wire: Wire) -> None:
    """Some sites are refused at once, and a moment later their own answer comes.

    True: a filter on the way refuses in the server's name, two milliseconds after the SYN; the server's SYN-ACK takes
    ninety, has another TTL, and is reset.

    Source: the kind of forged refusals before the SYN-ACK, of a filter that is near.
    """
    for number in range(3):
        talk = wire.talk(f"10.134.6.{20 + number}:40000", "10.134.6.9:443", at=4.0 * number, server_ttl=49)
        talk.play("0 > S\n0.002 < R. seq=0 ttl=61\n0.09 < S.\n0.0901 > R seq=1")
    for number in range(3):
        other = wire.talk(
            f"10.134.6.{20 + number}:41000", "10.134.6.10:443", at=2 + 4.0 * number, server_ttl=49
        )
        other.play("0 > S\n0.09 < S.\n0.0901 > .\n0.091 > P. 200\n0.19 < P. 900\n0.1901 > .").play(
            FAREWELL, at=0.5
        )


@story(
    Says("D39|D59", ("10.134.7.9:443", "1 h|3600"), "likely", "note", count=4),
    Never("D17", severity="warning"),
    Never("D08"),
    kept=False,
)
def streams_are_cut_when_an_hour_old(wire: Wire) -> None:
    """Live streams end after an hour, to the second, in the midst of their data, with a FIN.

    True: a proxy closes each tunnel an hour after it began. The streams were never silent for longer than a second.

    Source: the kind of a maximum age, by a proxy that closes in good order.
    """
    for number in range(4):
        talk = wire.talk(f"10.134.7.{20 + number}:40000", "10.134.7.9:443", at=700.0 * number).play(GREETING)
        for step in range(1, 60):
            talk.play(f"{60 * step} < P. 900\n{60 * step + 0.01} > .")
        talk.play("3599.5 < P. 900\n3599.51 > .\n3600.001 < F.\n3600.01 > F.\n3600.011 < .")


@story(
    Says("D20|D21|D34|D33", ("10.134.8.9:80",), "possible", "note", count=3),
    Never("D26"),
    Never("D43"),
    Ends("10.134.8.20:40000", ("ESTABLISHED", "ESTABLISHED"), 2),
    kept=False,
)
def device_that_restarts_waits_for_the_old_connection(wire: Wire) -> None:
    """A device that restarts needs three seconds to connect: its first SYN meets what it had before.

    True: it always begins with the same port. The server still has the old connection open, answers the SYN in its
    numbers, the device resets that, and the next SYN succeeds.

    Source: the kind of SYNs that meet an old connection, with one that is still open.
    """
    for number in range(3):
        address = f"10.134.8.{20 + number}:40000"
        old = wire.talk(address, "10.134.8.9:80", at=5.0 * number, stamps=False, client_ttl=255).play(
            GREETING
        )
        talk = wire.talk(address, "10.134.8.9:80", at=5.0 * number, stamps=False, client_ttl=255)
        talk.play("60 > S")
        old.play("60.0005 < . ack=101\n60.002 > R seq=101")
        talk.play("63 > S again\n63.0005 < S.\n63.002 > .\n63.003 > P. 80\n63.01 < P. 300\n63.012 > .")
