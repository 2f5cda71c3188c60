"""Stories akin to others: the same kinds of fault, in another guise."""

from tests.field.story import Ends, Never, Says, Taps, compared, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D41", ("172.22.26.28", "10.133.1.5"), "possible", "warning", count=6),
    Never("D18"),
    Never("D26"),
    kept=False,
)
def goodbye_leaves_untranslated(wire: Wire) -> None:
    """A firewall's log is full of goodbyes from a network of containers that should not be seen there.

    True: the host has forgotten the half-closed connection when the container closes its half; so the container's FIN
    leaves with the container's own address. The server never gets it, and stays in FIN_WAIT2.

    Source: docker/for-linux#1126 ("tons of FIN packet ... without masquerading source ip"), moby/moby#18630.
    """
    for number in range(3):
        talk = wire.talk(f"10.133.1.5:{46_000 + number}", "10.133.1.9:443", at=5.0 * number).play(GREETING)
        talk.play("1 < F.\n1.04 > .")
        inner = wire.talk(f"172.22.26.28:{46_000 + number}", "10.133.1.9:443", at=5.0 * number)
        inner.client.isn, inner.server.isn = talk.client.isn, talk.server.isn
        inner.client.next, inner.server.next = 101, 302
        inner.play(
            "130 > F.\n130.21 > F. again\n130.65 > F. again\n131.5 > F. again\n133.3 > F. again\n137 > F. again"
        )


@compared(
    Says("D45", ("mss 1460 to 1360", "checksum"), "likely"),
    Never("D01", confidence="certain"),
    taps=("client", "server"),
    judged=("client", "server"),
    kept=False,
)
def mss_rewritten_and_the_checksum_left(taps: Taps) -> None:
    """No connect of one branch office succeeds since its router was replaced.

    True: the router lowers the MSS of each SYN to 1360 and leaves the checksum as it was; the server drops them all.

    Source: routers that clamp the MSS and do not mend the checksum; the kind of a carrier that rewrites the scale.
    """
    for name, wire in taps.items():
        near = name == "client"
        for number in range(3):
            talk = wire.talk(
                f"10.133.2.4:{49_200 + number}",
                "10.133.2.9:443",
                at=20.0 * number,
                client_mss=1460 if near else 1360,
                client_ttl=64 if near else 58,
            )
            for copy, at in enumerate((0, 1, 3, 7)):
                again, bad = "again" if at else "", "" if near else "bad"
                talk.play(f"{at + (0 if near else 0.02)} > S {again} id={700 + 10 * number + copy} {bad}")


@story(
    Says("D45|D09|D46", ("time stamp",), "possible", "note", count=2),
    Never("D24"),
    Never("D23"),
    Ends("10.133.3.20:40000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def answers_lack_the_time_stamps_that_were_agreed(wire: Wire) -> None:
    """Requests are taken, and none of the answers is: the client acknowledges what it had before, again and again.

    True: a device on the way takes the time stamps off what the server sends after the handshake. The client's kernel
    has to drop such segments (RFC 7323, 3.2).

    Source: the kind of a client whose ACK lacks the agreed time stamps, the other way round.
    """
    for number in range(2):
        talk = wire.talk(f"10.133.3.{20 + number}:40000", "10.133.3.9:8080", at=40.0 * number).play(HANDSHAKE)
        talk.play("0.002 > P. 100\n0.0024 < .\n0.01 < P. 300 nots")
        for at in (0.21, 0.63, 1.5, 3.2, 6.6, 13.4, 27.0):
            talk.play(f"{at} < P. again nots")


@story(
    Says("D48|D40", ("3|4",), "possible", "note", count=3),
    Never("D33"),
    Never("D43"),
    kept=False,
)
def replayed_under_other_addresses(wire: Wire) -> None:
    """A test plays one conversation four times, each time from another client's address.

    True: the sequence numbers, ports and lengths are the same in all four; only the client's address was rewritten.

    Source: tcprewrite and tcpreplay.
    """
    first = None
    for number in range(4):
        talk = wire.talk(f"10.133.4.{20 + number}:40001", "10.133.4.9:443", at=30.0 * number, stamps=False)
        first = first or talk
        talk.client.isn, talk.server.isn = first.client.isn, first.server.isn
        talk.play(GREETING).play("0.2 > P. 77\n0.23 < P. 1234\n0.2301 > .").play(FAREWELL, at=0.5)


@story(
    Says("D26", ("10.133.5.66",), "possible", "note", count=40),
    Never("D02", severity="error"),
    kept=False,
)
def ports_are_tried_one_each_quarter_of_a_minute(wire: Wire) -> None:
    """Somebody tries forty ports of a host, one every fifteen seconds, and is refused at most of them.

    True: a slow scan, so that counters that look at one minute see nothing. Others use the host all the time.

    Source: nmap's timing templates "sneaky" and "paranoid".
    """
    for number in range(40):
        at = 15.0 * number
        probe = wire.talk(
            f"10.133.5.66:{50_000 + number}", f"10.133.5.9:{20 + 37 * number}", at=at, stamps=False
        )
        probe.play("0 > S win=1024\n0.0004 < R. seq=0")
        other = wire.talk(f"10.133.5.{20 + number % 3}:{41_000 + number}", "10.133.5.9:443", at=at + 4)
        other.play(GREETING).play(FAREWELL, at=0.3)


@story(
    Says("D26|D02", ("10.133.6.9",), "possible", "note"),
    Never("D54"),
    Never("D34"),
    kept=False,
)
def many_sources_try_a_port_each(wire: Wire) -> None:
    """Sixty addresses from everywhere ask a host for one port each within a minute, and no two for the same.

    True: a scan that is spread over many sources. The host refuses each.

    Source: distributed scans from botnets.
    """
    for number in range(60):
        source = f"{11 + 3 * number}.{(7 * number) % 250}.{(31 * number) % 250}.{5 + number}"
        probe = wire.talk(
            f"{source}:{45_000 + 11 * number}", f"10.133.6.9:{1000 + 101 * number}", at=1.0 * number
        )
        probe.stamps = False
        probe.play("0 > S win=1024\n0.0004 < R. seq=0")


@story(
    Never("D*", severity="note"),
    kept=False,
)
def monitor_asks_for_a_page_every_five_seconds(wire: Wire) -> None:
    """A load balancer asks each of three servers every five seconds for a page of a few bytes.

    True: nothing is wrong: these are checks that ask something, and are answered.

    Source: "option httpchk" of HAProxy and its like.
    """
    for number in range(24):
        for server in range(3):
            at = 5.0 * number + 0.4 * server
            talk = wire.talk(
                f"10.133.7.2:{40_000 + 3 * number + server}", f"10.133.7.{9 + server}:8080", at=at
            )
            talk.play(HANDSHAKE).play("0.002 > P. 60\n0.004 < P. 130\n0.0041 < F.\n0.0045 > .\n0.005 > R.")


@story(
    Says("D08", ("10.133.8.9:5432", "300 s|5 min|between"), "likely", "warning", count=4),
    Never("D07", severity="error"),
    Never("D54"),
    kept=False,
)
def gateway_swallows_what_was_silent_for_five_minutes(wire: Wire) -> None:
    """Jobs that pause for more than five minutes hang; those that pause for less go on.

    True: a gateway forgets what is silent for 300 s and drops what comes after that without a word.

    Source: time-outs of NAT gateways and firewalls at five minutes.
    """
    for number, pause in enumerate((120, 240, 290, 310, 420, 600, 900)):
        talk = wire.talk(f"10.133.8.{20 + number}:40000", "10.133.8.9:5432", at=200.0 * number).play(GREETING)
        talk.play(f"{pause} > P. 80")
        if pause < 300:
            talk.play(f"{pause + 0.002} < P. 300\n{pause + 0.0021} > .").play(FAREWELL, at=pause + 1)
        else:
            for copy in (0.21, 0.64, 1.5, 3.2, 6.7, 13.6, 27.4):
                talk.play(f"{pause + copy} > P. again")
