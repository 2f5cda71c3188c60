"""Stories of answers that take another way, of questions that are not heard, and of floods by others."""

from tests.field.company import Crowd, crowd
from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D04|D01|D05", ("10.160.1.20", "rp_filter|reverse path"), "possible", "warning", count=3),
    Never("D54"),
    Never("D26"),
    Never("D43"),
    Never("D02"),
    Ends("10.160.1.20:40000", ("SYN_SENT|CLOSED", "SYN_RECV|CLOSED")),
    kept=False,
)
def answers_come_by_the_other_card(wire: Wire) -> None:
    """A host with two cards reaches its own network, and nothing beyond; its tap shows all the answers.

    True: it asks by one card, and the answers come by the other, where its kernel takes nothing from such a
    source (``rp_filter``). So it asks again, and each copy is answered. The tap is at the client, on all cards.

    Source: any multihomed host with strict reverse path filtering.
    """
    for number in range(4):
        talk = wire.talk(f"10.160.1.20:{40_000 + number}", "10.160.9.9:443", at=11.0 * number, server_ttl=61)
        talk.play("0 > S\n0.009 < S.\n1.01 > S again\n1.019 < S. again\n2.02 < S. again\n3.04 > S again")
        talk.play("3.049 < S. again\n6.1 < S. again")
    for number in range(4):
        near = wire.talk(f"10.160.1.20:{40_500 + number}", "10.160.1.9:443", at=10.0 * number + 3)
        near.play("0 > S\n0.0015 < S.\n0.00154 > .\n0.002 > P. 100\n0.004 < P. 300\n0.0041 > .")
        near.play(FAREWELL, at=1)


@story(
    Says("D34|D45", ("time stamp", "10.160.2.9:443"), "possible", "note", count=4),
    Never("D01", severity="error"),
    Never("D26"),
    Never("D54"),
    Ends("10.160.2.20:41000", ("CLOSED|TIME_WAIT", "CLOSED|TIME_WAIT")),
    kept=False,
)
def plain_syn_is_let_in_after_two_with_options(wire: Wire) -> None:
    """Each connect of some machines takes nine seconds, to the second; old machines connect at once.

    True: a firewall drops SYNs with time stamps. The machines leave them out in their third SYN, and that is
    answered.

    Source: questions about connects that take "exactly nine seconds" from Windows with time stamps on.
    """
    for number in range(4):
        talk = wire.talk(f"10.160.2.20:{41_000 + number}", "10.160.2.9:443", at=14.0 * number, client_ttl=128)
        talk.play("0 > S\n3 > S again\n9 > S again nots")
        talk.stamps = False
        talk.play("9.004 < S.\n9.0041 > .\n9.005 > P. 517\n9.01 < P. 1400\n9.0101 > .").play(FAREWELL, at=9.5)
    for number in range(4):
        old = wire.talk(
            f"10.160.2.21:{41_100 + number}", "10.160.2.9:443", at=13.0 * number, client_ttl=128, stamps=False
        )
        old.play(GREETING).play(FAREWELL, at=1)


@story(
    Says("D51|D49", ("10.160.3.9:502",), "possible", "note", count=4),
    Never("D09"),
    Never("D08"),
    Never("D54"),
    Never("D24"),
    Ends("10.160.3.20:42000", ("CLOSED|TIME_WAIT", "CLOSED|TIME_WAIT")),
    kept=False,
)
def second_question_of_a_segment_is_not_heard(wire: Wire) -> None:
    """A controller now and then answers one question of two, and the master gives up after a second.

    True: two questions that left at once came in one segment, and the device takes the rest of a segment for
    noise. It acknowledges all of it. Questions that come alone are answered within milliseconds.

    Source: reports on devices with Modbus/TCP and masters that do not wait.
    """
    for number in range(5):
        talk = wire.talk(
            f"10.160.3.20:{42_000 + number}", "10.160.3.9:502", at=8.0 * number, stamps=False, server_ttl=255
        )
        talk.play(HANDSHAKE)
        for step in range(5):
            talk.play(f"{0.5 * step + 0.1} > P. 12\n{0.5 * step + 0.108} < P. 29\n{0.5 * step + 0.1081} > .")
        talk.play("2.6 > P. 24\n2.608 < P. 29\n2.6081 > .\n3.6 > F.\n3.601 < F.\n3.6011 > .")


@story(
    Says("D38|D26", ("10.160.4.20",), "possible", "note"),
    Never("D07", severity="warning"),
    Never("D27", severity="warning"),
    Never("D35", severity="note"),
    Never("D54"),
    Ends("10.160.4.20:50000", ("CLOSED|TIME_WAIT", "CLOSED|TIME_WAIT")),
    kept=False,
)
def block_pages_flood_a_host(wire: Wire) -> None:
    """Thousands of pages that nobody asked for come to a host, from web servers all over a country.

    True: somebody sends forbidden requests in its name, and devices on their way answer each with a block page,
    without a handshake. The host resets each of them. Its own connections are well.

    Source: Bock et al., "Weaponizing Middleboxes for TCP Reflected Amplification", and captures of such floods.
    """
    for number in range(60):
        talk = wire.talk(
            f"10.160.4.20:{1024 + (7919 * number) % 60_000}",
            f"{100 + number % 20}.{(37 * number) % 251}.{(91 * number) % 249}.{1 + (53 * number) % 250}:80",
            at=5 + 0.04 * number,
            stamps=False,
            server_ttl=40 + number % 20,
        )
        talk.play("0 < P. 600\n0.0001 > R seq=0")
    own = wire.talk("10.160.4.20:50000", "203.0.113.60:443", server_ttl=51).play(GREETING)
    own.play("6 > P. 200\n6.03 < P. 900\n6.031 > .").play(FAREWELL, at=12)


@story(
    Says("D02", ("10.160.5.9:80",), "likely", "note", count=3),
    Never("D26"),
    Never("D18"),
    Never("D02", ("nothing listens",), severity="warning", confidence="certain"),
    Ends("10.160.5.20:43000", ("CLOSED|TIME_WAIT", "CLOSED|TIME_WAIT")),
    kept=False,
)
def one_handshake_at_a_time(wire: Wire) -> None:
    """A browser that opens two connections to a sensor has one of them refused, and by and by gets its page.

    True: the sensor listens. Its stack makes one handshake at a time and refuses what comes during it. Whoever
    comes alone is let in.

    Source: zephyrproject-rtos/zephyr#380.
    """
    for number in range(8):
        talk = wire.talk(f"10.160.5.20:{43_000 + 2 * number}", "10.160.5.9:80", at=6.0 * number, stamps=False)
        talk.play("0 > S\n0.021 < S.\n0.0212 > .\n0.022 > P. 300\n0.09 < P. 700\n0.0901 > .")
        talk.play(FAREWELL, at=0.5)
        if number % 2:
            other = wire.talk(
                f"10.160.5.20:{43_001 + 2 * number}", "10.160.5.9:80", at=6.0 * number + 0.004, stamps=False
            )
            other.play("0 > S\n0.012 < R. seq=0")


@story(
    Says("D39|D08|D07", ("300|5 min|5m",), "possible", "warning", count=3),
    Never("D17"),
    Never("D54"),
    Never("D16"),
    Ends("10.160.6.20:44000", ("CLOSED", "CLOSED|ESTABLISHED")),
    kept=False,
)
def slow_downloads_are_forgotten_after_five_minutes(wire: Wire) -> None:
    """Downloads that take longer than five minutes break off; the faster ones never do.

    True: the router hands the connections to its hardware and then does not see them any more: it drops its own
    entry 300 s later, in mid-traffic, and answers the next segment by a reset in the server's name.

    Source: openwrt/openwrt#22970.
    """
    for number in range(3):
        talk = wire.talk(
            f"10.160.6.20:{44_000 + number}", "203.0.113.70:443", at=41.0 * number, server_ttl=54
        )
        talk.play("0 > S\n0.03 < S.\n0.0301 > .\n0.031 > P. 300\n0.08 < P. 1200\n0.0801 > .")
        pause = 2.9 + 0.3 * number
        for step in range(1, 1 + int(300 / pause)):
            talk.play(f"{pause * step + 0.08} < . 1400\n{pause * step + 0.0801} > .")
        talk.play("300.06 < . 1400\n300.0601 > .\n300.0604 < R ttl=64")
    for number in range(4):
        quick = wire.talk(
            f"10.160.6.20:{44_100 + number}", "203.0.113.70:443", at=60.0 * number, server_ttl=54
        )
        quick.play("0 > S\n0.03 < S.\n0.0301 > .\n0.031 > P. 300\n0.08 < P. 1200\n0.0801 > .")
        for step in range(1, 15):
            quick.play(f"{3.0 * step + 0.08} < . 1400\n{3.0 * step + 0.0801} > .")
        quick.play(FAREWELL, at=45)


@story(
    Never("D*", severity="warning"),
    Never("D20"),
    Never("D21"),
    Never("D33"),
    Never("D26"),
    Never("D22"),
    Ends("10.160.7.20:45000", ("CLOSED", "CLOSED")),
    kept=False,
)
def load_test_resets_and_takes_its_ports_again(wire: Wire) -> None:
    """A load test asks one thing on each connection, resets it, and takes the same ports again.

    True: nothing is wrong. It sets SO_LINGER to zero, so no port waits in TIME_WAIT. All answers have come.

    Source: load generators that would run out of ports otherwise.
    """
    for number in range(30):
        talk = wire.talk(
            f"10.160.7.20:{45_000 + number % 10}",
            "10.160.7.9:80",
            at=0.4 * number,
            client_isn=90_000 * number,
        )
        talk.play(HANDSHAKE).play("0.0012 > P. 90\n0.003 < P. 800\n0.0031 > .\n0.0033 > R.")
    crowd(wire, Crowd("10.160.7.9:80", "10.160.8", 4, every=3, seed=9))
