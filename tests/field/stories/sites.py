"""Stories of several places: portals, sites, hops between them, and taps that see a part."""

from random import Random

from tests.field.company import Crowd, crowd, on_both_sides, port_of
from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire
from tests.packets import ip


@story(
    Says("D09|D07|D27|D56", ("10.43.1.9:3260",), "possible", "note"),
    Says("D01", ("10.43.1.9:3260",), "likely", "warning"),
    Never("D26"),
    Never("D08"),
    Never("D01", ("10.43.1.10",)),
    Never("D54", ("10.43.1.3",)),
    Ends("10.43.1.3:51003", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def storage_target_dies_and_its_twin_takes_over(wire: Wire) -> None:
    """A storage target stops answering; after five seconds its initiator resets, tries it again, and takes its twin.

    True: the target's controller has failed. The initiator's own time-out ends the old session; two new connects to
    it stay unanswered; the second portal answers at once.

    Source: "ping timeout of 5 secs expired" of open-iscsi, and multipath that moves to the other path.
    """
    talk = wire.talk("10.43.1.3:51000", "10.43.1.9:3260").play(GREETING)
    for step in range(1, 100):
        at = 0.2 * step
        talk.play(f"{at} > P. 1200\n{at + 0.001} < P. 48\n{at + 0.0011} > .")
    talk.play(
        "20 > P. 1200\n20.21 > P. again\n20.63 > P. again\n21.5 > P. again\n23.2 > P. again\n25.01 > R."
    )
    for number, at in enumerate((25.1, 29.2)):
        new = wire.talk(f"10.43.1.3:{51_001 + number}", "10.43.1.9:3260", at=at)
        new.play("0 > S\n1.02 > S again\n3.04 > S again")
    twin = wire.talk("10.43.1.3:51003", "10.43.1.10:3260", at=25.15).play(GREETING)
    for step in range(1, 80):
        at = 0.2 * step
        twin.play(f"{at} > P. 1200\n{at + 0.001} < P. 48\n{at + 0.0011} > .")


@story(
    Says("D43|D28|D38|D34|D18|D05|D04", ("10.43.2.9:7",), "possible", "note"),
    Never("D43", confidence="certain"),
    Never("D18", confidence="likely"),
    Never("D26"),
    Ends("10.43.2.3:52000", ("ESTABLISHED|TIME_WAIT|CLOSED", "ESTABLISHED|TIME_WAIT|CLOSED|LAST_ACK")),
    kept=False,
)
def answer_that_is_repeated_has_another_number(wire: Wire) -> None:
    """A stack whose SYN-ACK was lost answers the copy of the SYN with a number that is one higher.

    True: one host and one stack, which counts its SYN-ACK twice. The tap is at the server: the first answer is lost
    on the way, so the client takes the second, and all is well but for a second.

    Source: mtcp-stack/mtcp#78.
    """
    for number in range(3):
        talk = wire.talk(
            f"10.43.2.3:{52_000 + number}", "10.43.2.9:7", at=4.0 * number, stamps=False, client_ttl=60
        )
        talk.play("0 > S\n0.00005 < S.\n1.02 > S again\n1.02005 < S. seq=1\n1.04 > .")
        talk.play("1.041 > P. 64\n1.0412 < P. 64\n1.061 > .").play(FAREWELL, at=2)
    crowd(wire, Crowd("10.43.2.9:22", "10.43.3", 8, every=1.5, trip=0.02, share=0.95, seed=2))


@story(
    Says("D25|D40", (), "likely", "info"),
    Never("D34"),
    Never("D28", severity="note"),
    Never("D46"),
    Never("D57"),
    Never("D20"),
    Never("D48", severity="warning"),
    Never("D*", severity="error"),
    Ends("10.43.4.3:53000", ("TIME_WAIT|CLOSED", "CLOSED|TIME_WAIT")),
    kept=False,
)
def two_captures_are_joined_whose_clocks_differ(wire: Wire) -> None:
    """The captures of client and server are joined in one file; the server's clock is 180 ms ahead.

    True: each frame is there twice, the second time 180 ms and one hop later. All connections are sound.

    Source: ``mergecap client.pcap server.pcap`` before anybody has looked at the clocks.
    """
    for number in range(6):
        talk = wire.talk(f"10.43.4.3:{53_000 + number}", "10.43.4.9:8080", at=2.0 * number)
        talk.play("0 > S\n0.004 < S. ttl=63\n0.0041 > .")
        for step in range(1, 4):
            at = 0.3 * step
            talk.play(f"{at} > P. 90\n{at + 0.006} < P. 300 ttl=63\n{at + 0.0061} > .")
        talk.play("1.3 > F.\n1.305 < F. ttl=63\n1.3051 > .")
    on_both_sides(wire, 180_000_000)


@story(
    Says("D01|D03", ("10.43.5.1:179", "hop|TTL"), "possible", "warning"),
    Never("D01", ("loop",)),
    Never("D54"),
    Never("D26"),
    Ends("10.43.6.2:40001", ("SYN_SENT|CLOSED", "UNKNOWN|CLOSED|LISTEN")),
    kept=False,
)
def peer_is_two_hops_away_and_packets_live_for_one(wire: Wire) -> None:
    """A router calls its peer every half minute, and a router between them says that the packet's time is over.

    True: the packets leave with a TTL of 1, as is usual between neighbours; the peer is two hops away. It never gets
    a SYN. Other traffic to it passes.

    Source: sessions of BGP between loopback addresses without ``ebgp-multihop``.
    """
    for number in range(4):
        talk = wire.talk(
            f"10.43.6.2:{40_001 + number}", "10.43.5.1:179", at=30.0 * number, stamps=False, client_ttl=1
        )
        for at in (0, 2.0, 6.0):
            talk.play(f"{at} > S {'again' if at else ''}")
            time, _, data = wire.frames[-1]
            frame = ip.ethernet(ip.icmp_error("time-exceeded", "10.43.6.1", data[14:]))
            wire.frames.append((time + 400_000, len(frame), frame))
    crowd(wire, Crowd("10.43.5.1:22", "10.43.6", 6, every=14, trip=0.003, seed=5))


@story(
    Says("D07|D27|D18", ("203.0.113.53:853",), "possible", "note", count=5),
    Never("D18", confidence="likely"),
    Never("D16"),
    Never("D08"),
    Never("D02"),
    kept=False,
)
def address_is_announced_from_another_site(wire: Wire) -> None:
    """At one moment all connections to an address that many sites share are reset, and new ones are answered.

    True: the route now leads to another site, which knows none of the old connections. Its packets come with a TTL
    of 49, those of the old site with 56; so do the resets and all answers from then on. Nobody forged anything.

    Source: reports on anycast and long connections, "TCP anycast: don't believe the FUD" and its replies.
    """
    for number in range(5):
        talk = wire.talk(f"10.43.7.{3 + number}:50000", "203.0.113.53:853", at=0.3 * number, server_ttl=56)
        talk.play("0 > S\n0.012 < S.\n0.0121 > .")
        for step in range(1, 20):
            talk.play(f"{step} > P. 80\n{step + 0.013} < P. 240\n{step + 0.0131} > .")
        talk.play("20.5 > P. 80\n20.531 < R ttl=49")
        new = wire.talk(
            f"10.43.7.{3 + number}:50001", "203.0.113.53:853", at=20.54 + 0.3 * number, server_ttl=49
        )
        new.play("0 > S\n0.03 < S.\n0.0301 > .")
        for step in range(1, 12):
            new.play(f"{step} > P. 80\n{step + 0.031} < P. 240\n{step + 0.0311} > .")


@story(
    Says("D25", (), "likely", "note"),
    Never("D01"),
    Never("D04"),
    Never("D05"),
    Never("D09"),
    Never("D13"),
    Never("D26"),
    Never("D51"),
    Never("D10", confidence="likely"),
    Never("D*", severity="error"),
    kept=False,
)
def one_leg_of_a_bond_was_captured(wire: Wire) -> None:
    """A host has two cables for one address, and somebody captured on one of them.

    True: of some connections both directions are there, of others one, of others none, as the switch and the host
    hash them. All are sound.

    Source: ``tcpdump -i eth0`` where it should be ``bond0``.
    """
    chance = Random(11)
    for number in range(40):
        here = len(wire.frames)
        talk = wire.talk(f"10.43.8.{20 + number % 7}:{54_000 + 3 * number}", "10.43.8.9:443", at=0.7 * number)
        talk.play(HANDSHAKE)
        for step in range(1, 4):
            talk.play(f"{step} > P. 90\n{step + 0.004} < P. 700\n{step + 0.0041} > .")
        talk.play(FAREWELL, at=4.5)
        from_client, from_server = chance.random() < 0.5, chance.random() < 0.5
        wire.frames[here:] = [
            frame
            for frame in wire.frames[here:]
            if (from_server if port_of(frame[2]) == 443 else from_client)
        ]
