"""Somebody on the way who adds, drops, cuts or changes what two ends say to one another."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import GREETING, HANDSHAKE, Wire


@story(
    Says("D18", ("172.23.1.9:443", "TTL"), "likely", "error", count=4),
    Never("D02"),
    Never("D07"),
    Never("D16"),
    Never("D35"),
)
def handshake_is_answered_by_three_resets(wire: Wire) -> None:
    """Every connection to one port gets three resets at the moment that the server accepts it.

    True: a filter on the way is set off by the SYN-ACK. Its resets have another TTL than the server's packets; the
    server goes on and answers. Other ports of the same server are well.

    Source: net4people/bbs#511.
    """
    for number in range(4):
        talk = wire.talk(f"172.23.1.1:{50_000 + number}", "172.23.1.9:443", at=number * 3.0, server_ttl=46)
        talk.play("0 > S\n0.160 < S.\n0.1601 < R. ttl=241\n0.1602 < R. ttl=242\n0.1603 < R. ttl=243")
    for number in range(3):
        talk = wire.talk(f"172.23.1.1:{51_000 + number}", "172.23.1.9:22", at=number * 3.0, server_ttl=46)
        talk.play(
            "0 > S\n0.160 < S.\n0.1601 > .\n0.33 < P. 40\n0.3301 > .\n0.331 > P. 30\n0.5 < P. 900\n0.5001 > ."
        )


@story(
    Says("D18|D38|D43|D44", ("172.23.2.9:80", "TTL"), "possible", "warning", count=3),
    Never("D16"),
    Never("D07"),
    Never("D09"),
)
def block_page_comes_before_the_answer(wire: Wire) -> None:
    """A provider answers requests for some pages itself, in the server's name, and closes; the real answer is late.

    True: the first answer has a TTL of 250 and 300 bytes, takes the numbers of the server's real answer, and
    carries a FIN. The real answer comes 40 ms later under the same numbers with the server's TTL, and the client
    resets it.

    Source: measurements of filtered networks in India and Russia.
    """
    for number in range(3):
        talk = wire.talk(f"172.23.2.1:{50_000 + number}", "172.23.2.9:80", at=number * 5.0, server_ttl=50)
        talk.play("0 > S\n0.080 < S.\n0.0801 > .\n0.081 > P. 350\n0.120 < FP. 300 ttl=250 id=1\n0.1201 > F.")
        talk.play("0.160 < . seq=1 ack=351\n0.161 < . 1448 seq=1 ack=351\n0.1611 > R seq=352")
        talk.play("0.162 < P. 700 seq=1449 ack=351\n0.1621 > R seq=352")


@story(
    Says("D24", ("172.23.3.9:443", "1330"), "possible", "warning", fault=""),
    Never("D09"),
    Never("D16"),
)
def hello_is_one_segment_too_large(wire: Wire) -> None:
    """A browser's hello takes two segments: the full one vanishes, the short one arrives.

    True: the way through the translator takes 1362 bytes and the MSS says 1330, which makes 1370. The server
    reports the short segment by SACK each time that the long one is missing. Small hellos pass.

    Source: NICMx/Jool#455.
    """
    talk = wire.talk("172.23.3.1:62910", "172.23.3.9:443", stamps=False, client_mss=1330, server_mss=1330)
    talk.play(
        "0 > S\n0.014 < S.\n0.0141 > .\n0.015 > . 1330\n0.0151 > P. 439\n0.030 < . ack=1 sack=1331-1770"
    )
    for at in (0.33, 0.93, 2.13, 4.5, 9.3, 18.9):
        talk.play(f"{at} > . 1330 seq=1")
    small = wire.talk(
        "172.23.3.1:62911", "172.23.3.9:443", at=3.0, stamps=False, client_mss=1330, server_mss=1330
    )
    small.play("0 > S\n0.014 < S.\n0.0141 > .\n0.015 > P. 517\n0.031 < P. 900\n0.0311 > .")


@story(
    Says("D09|D13|D51|D18", ("172.23.4.1",), "possible", "warning", count=2),
    Never("D24"),
    Never("D08"),
    Never("D10"),
    Ends("172.23.4.1:40000", ("FIN_WAIT2|FIN_WAIT1|CLOSED", "CLOSE_WAIT|LAST_ACK")),
)
def answer_of_200_bytes_is_dropped_by_its_content(wire: Wire) -> None:
    """A server's hello of 200 bytes never arrives, and is resent sixteen times; the client lives and gives up.

    True: a filter on the way drops what looks like that hello. Small or large has nothing to do with it: the
    client's FIN comes through after ten seconds, and acknowledges nothing of the hello.

    Source: telemt/telemt#844.
    """
    for number in range(2):
        talk = wire.talk(f"172.23.4.1:{40_000 + number}", "172.23.4.9:443", at=number * 4.0, client_ttl=47)
        talk.play("0 > S\n0.0001 < S.\n0.060 > .\n0.061 > P. 517\n0.0611 < .\n0.063 < P. 200")
        for at in (0.34, 0.9, 2.02, 4.26, 8.7):
            talk.play(f"{at} < P. 200 again")
        talk.play("10.06 > F. ack=1\n10.0601 < .")
        for at in (17.7, 35.6, 71.0):
            talk.play(f"{at} < P. 200 again")


@story(
    Says("D55", ("172.23.5.9:80", "229", "bytes"), "possible", "note"),
    Never("D09"),
    Never("D24"),
    Ends("172.23.5.1:50000", ("ESTABLISHED", "ESTABLISHED")),
)
def window_scale_is_taken_off_the_answer(wire: Wire) -> None:
    """An upload crawls at two hundred bytes a round trip: the window looks tiny.

    True: a firewall takes the window scale off the SYN-ACK. The server means its windows in units of 128 bytes, the
    client reads bytes; so it never has more than 229 bytes under way.

    Source: "TCP window scaling and broken routers" (LWN, 2004), and firewalls since.
    """
    talk = wire.talk("172.23.5.1:50000", "172.23.5.9:80", server_scale=None)
    talk.server.window = 229
    talk.play("0 > S\n0.040 < S.\n0.0401 > .")
    for number in range(40):
        at = 0.041 + 0.0402 * number
        talk.play(f"{at} > . 229\n{at + 0.04} < .")


@story(
    Says("D45|D25", ("172.23.6.9:8080", "checksum"), "possible", "warning", count=2),
    Never("D09"),
    Never("D24"),
    Never("D08"),
)
def requests_arrive_with_wrong_checksums(wire: Wire) -> None:
    """Handshakes succeed, and no request is ever acknowledged: all data arrives with a wrong checksum.

    True: captured at the server's host. The sender's virtual network leaves checksums of data for a card to fill in
    that is not there; SYNs and bare ACKs are right.

    Source: cilium/cilium#26300.
    """
    for number in range(2):
        talk = wire.talk(f"172.23.6.1:{50_000 + number}", "172.23.6.9:8080", at=3.0 * number, client_ttl=62)
        talk.play("0 > S\n0.00005 < S.\n0.0011 > .\n0.0012 > P. 140 bad")
        for at in (0.21, 0.63, 1.5, 3.2, 6.6, 13.4):
            talk.play(f"{at} > P. 140 again bad")
    well = wire.talk("172.23.6.2:50000", "172.23.6.9:8080", at=1.0, client_ttl=62).play(GREETING)
    well.play("1 > P. 40\n1.001 < P. 200\n1.002 > .")


@story(
    Says("D46", ("172.23.7.1",), "possible", "warning"),
    Never("D09"),
    Never("D23"),
    Never("D07"),
)
def acknowledgements_without_end(wire: Wire) -> None:
    """Two ends acknowledge each other without a pause, hundreds of times a second.

    True: somebody sent 300 bytes to the server in the client's name, past the tap. The server acknowledges what its
    peer never sent, the client answers that with its own number, which is old for the server, which acknowledges
    again.

    Source: the "ACK storm" of hijacked connections (Joncheray, 1995), and of load balancers that splice badly.
    """
    talk = wire.talk("172.23.7.1:50000", "172.23.7.9:23").play(GREETING)
    for number in range(60):
        at = 5 + 0.0016 * number
        talk.play(f"{at} < . ack=401\n{at + 0.0008} > .")


@story(
    Says("D46|D09", ("172.23.9.1", "acknowledgement"), "possible", "warning"),
    Never("D24"),
    Never("D09", ("server 172.23.9.9:22 has been silent",)),
    Ends("172.23.9.1:50000", ("ESTABLISHED", "ESTABLISHED")),
)
def acknowledgements_do_not_get_back(wire: Wire) -> None:
    """Captured at the server: the client sends its data again and again, and each copy is acknowledged at once.

    True: a rule on the way back drops the server's packets since the route has changed; the client hears nothing more
    and backs off.

    Source: reports on asymmetric routes behind stateful firewalls.
    """
    talk = wire.talk("172.23.9.1:50000", "172.23.9.9:22", client_ttl=55).play("0 > S\n0.0001 < S.\n0.031 > .")
    talk.play("1 > P. 60\n1.001 < P. 90\n1.032 > .\n5 > P. 48\n5.0004 < .")
    for late in (5.23, 5.69, 6.6, 8.44, 12.1, 19.5, 34.2):
        talk.play(f"{late} > P. 48 again\n{late + 0.0004} < .")


@story(
    Says("D24|D09", ("172.23.10.1", "full-sized|large"), "possible", "warning"),
    Says("D24|D09", ("the host lives|smaller ones get through",)),
    Never("D08"),
)
def way_becomes_narrower_in_mid_transfer(wire: Wire) -> None:
    """A download stalls in its middle: large segments vanish since the route has changed, small ones still pass.

    True: the new way goes through a tunnel of 1,400 bytes, and its router's ICMP is filtered. The client's
    keystrokes and the server's short answers on another connection go on.

    Source: any fail-over to a VPN.
    """
    talk = wire.talk("172.23.10.1:50000", "172.23.10.9:443").play(HANDSHAKE).play("0.002 > P. 90")
    at = 0.01
    for _ in range(6):
        talk.play(f"{at} < . 1448\n{at + 0.0001} < . 1448\n{at + 0.02} > .")
        at += 0.025
    talk.play(
        f"{at} < . 1448\n{at + 0.0001} < . 1448\n{at + 0.0002} < P. 500\n{at + 0.02} > . ack=17377 sack=20273-20773"
    )
    for late in (0.5, 0.94, 1.8, 3.5, 7.0, 13.9):
        talk.play(f"{late} < . 1448 seq=17377")
    small = wire.talk("172.23.10.1:50001", "172.23.10.9:443").play(GREETING)
    for late in range(1, 14, 2):
        small.play(f"{late} > P. 40\n{late}.02 < P. 60\n{late}.0201 > .")
