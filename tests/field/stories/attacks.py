"""Stories of those who attack, guess and probe, and of what only looks like it."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire

WRAP = 2**32


@story(
    Says("D28|D18", ("10.72.1.2",), "possible", "info", fault=""),
    Never("D27"),
    Never("D07"),
    Never("D46"),
    Never("D09"),
    Ends("10.72.1.1:33000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def resets_search_for_the_window(wire: Wire) -> None:
    """Sixty resets with numbers all over the place come in a router's name; the session lives on.

    True: somebody who does not see the session tries to end it. One number falls into the window and draws a
    challenge ACK (RFC 5961), which the real peer ignores; none is exact. The TTL is not that of the peer.

    Source: "Slipping in the window" (P. Watson), and reports of routers whose BGP sessions were tried so.
    """
    talk = wire.talk("10.72.1.1:33000", "10.72.1.2:179", client_ttl=1, server_ttl=1).play(HANDSHAKE)
    talk.play("0.01 > P. 45\n0.012 < P. 45\n0.0121 > P. 19\n0.014 < P. 19\n0.0141 > .")
    for at in (30, 60):
        talk.play(f"{at} > P. 19\n{at}.001 < P. 19\n{at}.0011 > .")
    for number in range(60):
        distance = 5_000 if number == 40 else 70_000_000 * (number - 40)
        talk.play(f"{70 + number / 100:.4f} > R seq={(102 + distance) % WRAP} ttl=241 id={number * 977}")
        if number == 40:
            talk.play(f"{70 + number / 100 + 0.0003:.4f} < .")
    for at in (90, 120):
        talk.play(f"{at} > P. 19\n{at}.001 < P. 19\n{at}.0011 > .")


@story(
    Never("D37"),
    Never("D01", confidence="certain"),
    Never("D15"),
    Never("D*", severity="error"),
)
def syn_bears_the_address_of_its_target(wire: Wire) -> None:
    """Five SYNs come to a server that name the server itself as their sender; it takes no notice.

    True: forged packets that once hung old systems ("land"). They come with a TTL of 44 and nobody answers. No socket
    has connected to itself.

    Source: CERT CA-1997-28; scanners send it to this day.
    """
    for number in range(5):
        talk = wire.talk("10.72.2.9:139", "10.72.2.9:139", at=2.0 * number, stamps=False, client_ttl=44)
        talk.client.scale = None
        talk.play("0 > S win=2048")
    wire.talk("10.72.2.1:50000", "10.72.2.9:139", at=3.0).play(GREETING).play(FAREWELL, at=1)


@story(
    Says("D26", ("10.72.3.66",), "possible", "note"),
    Never("D07"),
    Never("D27"),
    Never("D18"),
    Never("D13"),
    Never("D09"),
)
def scan_with_no_flags_and_with_three(wire: Wire) -> None:
    """Somebody sends segments with no flags, and then with FIN, PSH and URG, to thirty ports of a host.

    True: two scans that slip past filters which look for SYNs. Closed ports answer with a reset, open ones say
    nothing, and no connection ever was.

    Source: ``nmap -sN`` and ``nmap -sX``.
    """
    for round_, flags in enumerate(("", "FPU")):
        for number in range(30):
            talk = wire.talk(
                f"10.72.3.66:{51_000 + round_}",
                f"10.72.3.2:{20 + number * 11}",
                at=0.01 * number + round_,
                stamps=False,
            )
            talk.send(0, ">", flags, "win=1024")
            if number not in (2, 9):
                talk.send(0.0003, "<", "R.", "seq=0", f"ack={len(flags) > 0:d}")


@story(
    Says("D15", ("10.72.4.9",), "possible", "info"),
    Never("D26"),
    Never("D04"),
    Never("D43"),
    Never("D34"),
    Ends("10.72.4.1:50000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def server_answers_the_syn_with_a_syn(wire: Wire) -> None:
    """A server answers a client's SYN with a SYN of its own, so that filters take it for the client.

    True: the "split handshake": both ends have sent a SYN and each acknowledges the other's; they are connected, as
    after a simultaneous open, and data flows.

    Source: "The TCP split handshake" (NSS Labs' test of firewalls).
    """
    talk = wire.talk("10.72.4.1:50000", "10.72.4.9:80", stamps=False)
    talk.play("0 > S\n0.02 < S\n0.0201 > S. seq=0\n0.04 < .\n0.05 > P. 100\n0.07 < P. 300\n0.0701 > .")


@story(
    Never("D42"),
    Never("D48"),
    Never("D35"),
    Never("D*", severity="error"),
    kept=False,
)
def passwords_are_guessed(wire: Wire) -> None:
    """One host tries a password of SSH every two seconds, and the server closes each connection after the attempt.

    True: nine connections that say much the same, and none the same as another. They are no health checks, as
    each gets as far as a password.

    Source: any log of sshd.
    """
    for number in range(9):
        talk = wire.talk(
            f"10.72.5.66:{40_000 + 2 * number}", "10.72.5.9:22", at=2.1 * number + number % 3 / 7
        )
        talk.play(HANDSHAKE).play(
            "0.01 < P. 41\n0.0101 > .\n0.011 > P. 23\n0.012 < .\n0.013 > P. 240\n0.014 < P. 280"
        )
        talk.play("0.016 > P. 48\n0.02 < P. 452\n0.021 > P. 16\n0.06 < .\n0.061 > P. 96\n0.07 < P. 44")
        talk.play(
            f"0.08 > P. {140 + 4 * (number % 5)}\n1.9 < P. 52\n1.9001 > P. 60\n1.91 < F.\n1.911 > F.\n1.912 < ."
        )


@story(
    Never("D*", severity="warning"),
    Never("D45"),
    Ends("10.72.6.1:47001", ("TIME_WAIT", "CLOSED")),
    kept=False,
)
def clock_of_the_time_stamps_wraps(wire: Wire) -> None:
    """A host's time stamps pass 2³² in the middle of its connections and begin again at zero.

    True: nothing is wrong: they count milliseconds and wrap every fifty days. Those after are newer (RFC 7323, 5.2),
    and all is answered.

    Source: RFC 7323, 5.5.
    """
    for number in range(4):
        talk = wire.talk(f"10.72.6.1:{47_000 + number}", "10.72.6.9:8080", at=4.0 * number)
        start = WRAP - 6_000 + 4_000 * number

        def stamp(after: float, start: int = start) -> str:
            return f"ts={(start + int(after * 1000)) % WRAP}"

        talk.play(f"0 > S {stamp(0)}\n0.001 < S.\n0.0011 > . {stamp(0.001)}")
        for turn in range(6):
            at = 0.1 + 0.6 * turn
            talk.play(
                f"{at} > P. 90 {stamp(at)}\n{at + 0.002} < P. 200\n{at + 0.003} > . {stamp(at + 0.003)}"
            )
        talk.play(f"3.8 > F. {stamp(3.8)}\n3.801 < F.\n3.802 > . {stamp(3.802)}")
