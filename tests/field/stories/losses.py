"""Stories of what is lost, cut or spoilt on the way, by its size, its form or by chance."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import GREETING, HANDSHAKE, Wire
from tests.packets import ip


@story(
    Says("D34", ("10.70.1.1|10.70.1.9",), "possible", "note", count=2),
    Never("D09"),
    Never("D24"),
    Never("D05", confidence="certain"),
    Never("D08"),
    kept=False,
)
def each_second_packet_of_a_host_is_lost(wire: Wire) -> None:
    """Each second packet that a host sends is lost, whatever it holds; the tap is at that host.

    True: a fault of its card. The copies get through, so that all goes on, and every connect takes a second.
    Nothing of the servers is lost, and size has nothing to do with it.

    Source: Noah Davids' traces, "every other packet transmitted from a host is being dropped".
    """
    for number in range(4):
        talk = wire.talk(f"10.70.1.1:{40_000 + number}", f"10.70.1.{9 + number % 2}:8080", at=3.0 * number)
        talk.play("0 > S\n1.0 > S again\n1.001 < S.\n1.0011 > .\n1.0012 > P. 300\n1.002 < .\n1.004 < P. 200")
        talk.play("1.0041 > .\n1.206 < P. again\n1.2061 > .\n1.3 > P. 120\n1.51 > P. 120 again\n1.511 < .")
        talk.play("1.513 < P. 400\n1.5131 > .\n1.72 < P. again\n1.7201 > .\n1.8 > F.\n2.01 > F. again")
        talk.play("2.011 < F.\n2.0111 > .\n2.22 < F. again\n2.2201 > .")


@story(
    Says("D09|D51|D54", ("10.70.2.9:8000",), "possible", "warning", count=2),
    Never("D24"),
    Never("D08"),
    Never("D07"),
    Ends("10.70.2.1:41001", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def requests_of_odd_length_are_lost(wire: Wire) -> None:
    """Requests of an even number of bytes are answered; those of an odd number are sent again and again in vain.

    True: a card on the way spoils frames of odd length. Large requests get through and small ones do not, so it is no
    matter of size. The server lives: what it says in between is acknowledged.

    Source: Noah Davids' traces, "odd length packets do not get a response".
    """
    for number, size in enumerate((100, 101, 1200, 57)):
        talk = wire.talk(f"10.70.2.1:{41_000 + number}", "10.70.2.9:8000", at=1.3 * number).play(HANDSHAKE)
        talk.play(f"0.002 > P. 80\n0.0035 < P. 120\n0.0036 > .\n0.01 > P. {size}")
        if size % 2 == 0:
            talk.play("0.012 < P. 300\n0.0121 > .")
            continue
        for at in (0.22, 0.63, 1.45, 3.1):
            talk.play(f"{at} > P. again")
        talk.play("5 < P. 40 ack=81\n5.0001 > .")
        for at in (6.4, 13.0, 26.2):
            talk.play(f"{at} > P. again")


@story(
    Says("D24", ("10.70.3.9:80",), "possible", "warning", count=2),
    Never("D49"),
    Never("D23"),
    Ends("10.70.3.1:42000", ("FIN_WAIT2", "CLOSE_WAIT")),
)
def large_answers_never_reach_the_browser(wire: Wire) -> None:
    """A browser gets the short end of each page and never its beginning; the tap is at the browser.

    True: full segments of 1260 bytes vanish on a line between, the last one of 300 comes through and is acknowledged
    by its number only. The server's copies of the full ones vanish as well. Redirects of 400 bytes got through.

    Source: net-analyzer.com, "diagnosing MTU issues in network communication" (a question to Wireshark's forum).
    """
    for number in range(2):
        talk = wire.talk(
            f"10.70.3.1:{42_000 + number}", "10.70.3.9:80", at=number * 2.0, stamps=False, client_mss=1260
        )
        talk.play("0 > S\n0.045 < S.\n0.0451 > .\n0.046 > P. 420\n0.09 < .\n0.095 < P. 400\n0.13 > .")
        talk.play("0.2 > P. 430\n0.245 < .\n0.25 < . 1260 lost\n0.251 < . 1260 lost\n0.252 < P. 300")
        talk.play("0.2521 > . ack=401")
        for at in (0.7, 1.6, 3.4, 7.0, 14.2, 28.6):
            talk.play(f"{at} < . 1260 seq=401 lost")
        talk.play("60 > F. ack=401\n60.045 < . seq=3221")


def _cut(wire: Wire, at: int) -> None:
    """Keep the first fragment alone of the last packet."""
    time, _, data = wire.frames[-1]
    frame = ip.ethernet(ip.fragment(data[14:], 0, at))
    wire.frames[-1] = time, len(frame), frame


@story(
    Says("D24|D09|D25", ("fragment",), "possible", "note"),
    Never("D51"),
    Never("D49"),
    Never("D08"),
)
def only_first_fragments_arrive(wire: Wire) -> None:
    """Large requests arrive as the first of two fragments each, and the second never comes; the tap is at the server.

    True: a router cuts what is too large for a tunnel, and a device behind drops fragments without a header of TCP.
    The server's kernel cannot put a request together and acknowledges nothing of it; small requests are answered.

    Source: tailscale/tailscale#20320.
    """
    for number in range(3):
        talk = wire.talk(f"10.70.4.1:{43_000 + number}", "10.70.4.9:443", at=2.5 * number, client_ttl=58)
        talk.play("0 > S\n0.0001 < S.\n0.03 > .\n0.031 > P. 90\n0.032 < P. 80\n0.06 > .")
        talk.play("0.1 > P. 1400")
        _cut(wire, 1208)
        for at in (0.33, 0.79, 1.7, 3.5, 7.2, 14.6):
            talk.play(f"{at} > P. again")
            _cut(wire, 1208)


@story(
    Says("D24", ("10.70.5.32:1521", "1148|1160|1200|1188"), "possible", "warning"),
    Never("D09"),
    Never("D51"),
    Never("D49"),
)
def segments_of_1148_bytes_vanish_in_a_tunnel(wire: Wire) -> None:
    """A database's client in a container stops at its first full segment, of 1148 bytes.

    True: the server asks for segments of 1160 bytes at most, and the tunnel that the container's packets take has
    room for less. All smaller ones were acknowledged, and no ICMP says so.

    Source: docker/for-linux#594.
    """
    talk = wire.talk("10.70.5.1:52186", "10.70.5.32:1521", server_mss=1160).play(
        "0 > S\n0.04 < S.\n0.0401 > .\n0.041 > P. 216\n0.08 < .\n0.1 < P. 8\n0.1001 > .\n0.101 > P. 216"
    )
    talk.play(
        "0.141 < P. 32\n0.1411 > .\n0.15 > P. 160\n0.19 < P. 127\n0.1901 > .\n0.2 > . 1148\n0.2001 > P. 300"
    )
    talk.play("0.24 < . ack=593 sack=1741-2041")
    for at in (0.45, 0.95, 1.9, 3.8, 7.6, 15.2):
        talk.play(f"{at} > . 1148 seq=593")


@story(
    Says("D24", ("10.70.6.9:873", "1448|1460|1500"), "possible", "note", count=2),
    Never("D09"),
    Never("D08"),
    Ends("10.70.6.1:44000", ("TIME_WAIT", "CLOSED")),
)
def black_hole_is_found_by_probing(wire: Wire) -> None:
    """Each upload stalls for some seconds, then goes on in smaller segments.

    True: full segments vanish on the way and no ICMP says so. After three copies the sender's kernel tries smaller
    ones (tcp_mtu_probing), and those are acknowledged at once.

    Source: the manual of Linux, ``net.ipv4.tcp_mtu_probing``; "Path MTU discovery in practice", blog.cloudflare.com.
    """
    for number in range(2):
        talk = wire.talk(f"10.70.6.1:{44_000 + number}", "10.70.6.9:873", at=9.0 * number).play(GREETING)
        talk.play("0.1 > . 1448\n0.1001 > P. 1448")
        for at in (0.31, 0.74, 1.6):
            talk.play(f"{at} > . 1448 seq=101")
        talk.play(
            "3.3 > . 972 seq=101\n3.302 < . ack=1073\n3.3021 > . 972 seq=1073\n3.3022 > P. 952 seq=2045"
        )
        talk.play("3.304 < .\n3.305 > P. 972\n3.307 < P. 40\n3.31 > F.\n3.311 < F.\n3.312 > .")


@story(
    Says("D45|D25", ("checksum",), "possible", "note"),
    Never("D09"),
    Never("D34"),
    Never("D25", ("offload",), confidence="certain"),
    Never("D24"),
)
def switch_spoils_one_packet_in_twelve(wire: Wire) -> None:
    """One packet in twelve arrives with a wrong checksum, and is ignored till it comes right; the tap is there.

    True: the memory of a switch flips bits. The sender's card fills in its checksums well, as most of them are right,
    and what arrives spoilt is never acknowledged.

    Source: Twitter's and Vijay Pandurangan's "Linux kernel bug delivers corrupt TCP/IP data" tell how it shows.
    """
    for number in range(3):
        talk = wire.talk(f"10.70.7.1:{45_000 + number}", "10.70.7.9:6379", at=1.7 * number, client_ttl=61)
        talk.play("0 > S\n0.00005 < S.\n0.0004 > .")
        for turn in range(12):
            at = 0.01 + 0.03 * turn + 0.25 * (turn > 4 + number)
            if turn == 4 + number:
                talk.play(
                    f"{at} > P. 60 bad\n{at + 0.21} > P. 60 again\n{at + 0.2102} < P. 30\n{at + 0.2106} > ."
                )
            else:
                talk.play(f"{at} > P. 60\n{at + 0.0002} < P. 30\n{at + 0.0006} > .")


@story(
    Says("D46|D51|D09|D54", ("10.70.8.9:23",), "possible", "note", fault=""),
    Never("D24"),
    Never("D23"),
    Never("D08"),
)
def what_is_missing_is_never_sent_again(wire: Wire) -> None:
    """A board sends the last of five segments again and again, and never the one that was lost.

    True: its client asks for the second with each acknowledgement; the board's stack takes that for a sign of life
    and goes on repeating the last. The tap is at the client, and the second never came.

    Source: ghaerr/elks#2487 (the later part of the thread: one packet lost on an old card).
    """
    talk = wire.talk("10.70.8.1:50000", "10.70.8.9:23", stamps=False, server_scale=None, server_window=5744)
    talk.play("0 > S\n0.001 < S. win=5744\n0.0011 > .\n0.002 > P. 100\n0.004 < P. 300\n0.0041 > .")
    talk.play("1 < P. 500\n1.0001 > .\n1.002 < P. 500 lost")
    for number in range(3):
        talk.play(f"{1.004 + number / 500:.4f} < P. 500\n{1.0041 + number / 500:.4f} > . ack=801")
    for number in range(8):
        at = 2.0 + number
        talk.play(f"{at} < P. 500 again\n{at + 0.0001} > . ack=801")
