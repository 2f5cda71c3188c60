"""Traffic that looks wrong and is not."""

from tests.field.story import Never, Says, story
from tests.field.talk import FAREWELL, GREETING, Wire


@story(Never("D26"), Says("D01", (), "possible", "note"))
def peer_to_peer_client(wire: Wire) -> None:
    """A peer-to-peer client calls forty peers, of which half are gone.

    True: it is no scan: the other half is talked to, each peer has its own port, and SYNs are sent again.

    Source: BitTorrent and blockchain nodes.
    """
    for number in range(40):
        peer = f"198.51.100.{1 + number}:{20_000 + 613 * number % 30_000}"
        talk = wire.talk(f"10.158.0.9:{40_000 + number}", peer, at=number * 0.3)
        if number % 2:
            talk.play("0 > S\n1 > S again\n3 > S again")
        else:
            talk.play(GREETING).play(FAREWELL, at=4)


@story(Never("D*", severity="note"))
def browser_closes_with_resets(wire: Wire) -> None:
    """A browser reads its answers, the server closes, and the browser resets what it has no more use for.

    True: nothing is wrong: each reset comes after the server's FIN.

    Source: everyday captures.
    """
    for number in range(3):
        talk = wire.talk(f"10.159.0.9:{40_000 + number}", "10.159.0.7:443", at=number * 0.2).play(GREETING)
        talk.play("0.5 < F.\n0.5001 > .\n0.6 > R.")


@story(Never("D*", severity="note"))
def packets_lost_and_made_up_for(wire: Wire) -> None:
    """A lossy link: a SYN-ACK, some data and a FIN are lost once each, and made up for.

    True: nothing stays wrong, and none of it is an incident; the connect took a second, once.

    Source: any wireless link.
    """
    wire.talk("10.160.0.9:40000", "10.160.0.7:443").play(GREETING).play("""
        0.100 < P. 1000
        0.101 < P. 1000 lost
        0.102 < P. 1000
        0.103 > . ack=1301
        0.104 > . ack=1301
        0.310 < P. 1000 seq=1301
        0.311 > .
        1.000 > F.
        1.210 > F. again
        1.211 < F.
        1.212 > .
    """)
