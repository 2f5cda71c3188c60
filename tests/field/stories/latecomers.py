"""Stories of those who left, of addresses and numbers that do not fit, and of packets that live too briefly."""

from tests.field.company import Crowd, crowd
from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D04", ("10.150.1.9:389",), "likely", "note", count=6),
    Never("D26"),
    Never("D54"),
    Never("D01"),
    Never("D43"),
    Ends("10.150.2.21:40001", ("SYN_SENT|CLOSED|UNKNOWN", "SYN_RECV|CLOSED")),
    kept=False,
)
def backend_is_asked_for_a_client_that_has_left(wire: Wire) -> None:
    """A directory behind a transparent proxy has dozens of half-open connections; its clients complain of nothing.

    True: clients look whether the port is open and leave within a millisecond. The proxy asks the backend for
    them all the same, and forgets about it: no answer to the SYN-ACK, no reset, no second SYN. The tap is at
    the backend.

    Source: haproxy/haproxy#1672.
    """
    for number in range(18):
        talk = wire.talk(
            f"10.150.2.{20 + number % 4}:{40_000 + number}", "10.150.1.9:389", at=5.0 * number, client_ttl=63
        )
        if number % 3 == 1:
            talk.play(
                "0 > S\n0.00004 < S.\n1.01 < S. again\n3.03 < S. again\n7.1 < S. again\n15.2 < S. again"
            )
        else:
            talk.play("0 > S\n0.00004 < S.\n0.0008 > .\n0.001 > P. 60\n0.002 < P. 22\n0.0028 > .")
            talk.play("0.01 > P. 140\n0.012 < P. 800\n0.0128 > .").play(FAREWELL, at=0.3)


@story(
    Says("D09|D51|D56|D08", ("TTL",), "possible", "note", count=3),
    Never("D49"),
    Never("D24"),
    Never("D54"),
    Never("D57", severity="warning"),
    kept=False,
)
def token_lives_for_one_hop(wire: Wire) -> None:
    """A program in a container gets no token of the cloud's metadata service, and on the host it does.

    True: the answer to the request for a token leaves with a TTL of 1, and the host that forwards it to the
    container drops it. All else of the service comes with 64 and passes. The tap is at the host's card.

    Source: reports on "hop limit" of the metadata service with containers.
    """
    for number in range(3):
        talk = wire.talk(
            f"172.31.7.20:{41_000 + number}", "169.254.169.254:80", at=8.0 * number, client_ttl=63
        )
        talk.play("0 > S\n0.0003 < S.\n0.0005 > .\n0.0007 > P. 160\n0.001 < .")
        talk.play(
            "0.0016 < P. 290 ttl=1\n0.21 < P. again ttl=1\n0.63 < P. again ttl=1\n1.47 < P. again ttl=1"
        )
        talk.play("3.15 < P. again ttl=1\n5.0007 > F. ack=1\n5.001 < .\n6.6 < P. again ttl=1")
    for number in range(4):
        talk = wire.talk(
            f"172.31.7.20:{41_100 + number}", "169.254.169.254:80", at=6.0 * number, client_ttl=63
        )
        talk.play("0 > S\n0.0003 < S.\n0.0005 > .\n0.0007 > P. 130\n0.0016 < P. 400\n0.0018 > .")
        talk.play(FAREWELL, at=0.1)
        host = wire.talk(f"172.31.7.20:{41_200 + number}", "169.254.169.254:80", at=6.0 * number + 2)
        host.play("0 > S\n0.0003 < S.\n0.00035 > .\n0.0007 > P. 160\n0.0016 < P. 290 ttl=1\n0.0017 > .")
        host.play(FAREWELL, at=0.1)


@story(
    Says("D01", ("10.150.3.1:2380", "filter|firewall|drops|dropped"), "likely", "warning", count=5),
    Never("D54"),
    Never("D26"),
    Never("D09"),
    Never("D43"),
    Ends("10.150.3.1:42000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def members_talk_if_one_of_them_opens(wire: Wire) -> None:
    """Of two members of a cluster one reaches the other, and the other cannot reach the first.

    True: both are up, and talk all the time on connections that 10.150.3.1 opened. What 10.150.3.2 opens is
    dropped by the packet filter of 10.150.3.1.

    Source: reports on clusters (etcd, Galera, Elasticsearch) after a change of rules at one member.
    """
    for number in range(2):
        talk = wire.talk(f"10.150.3.1:{42_000 + number}", "10.150.3.2:2380", at=0.3 * number).play(GREETING)
        for step in range(1, 90):
            talk.play(f"{0.5 * step} > P. 90\n{0.5 * step + 0.0012} < P. 40\n{0.5 * step + 0.0013} > .")
    for number in range(7):
        wire.talk(f"10.150.3.2:{43_000 + number}", "10.150.3.1:2380", at=6.0 * number + 1).play(
            "0 > S\n1.02 > S again\n3.04 > S again"
        )


@story(
    Says("D09", ("2^32|2³²|4,294,967,296|wrap",), "likely", "error", count=3),
    Never("D08"),
    Never("D54"),
    Never("D24"),
    Ends("10.150.4.20:44000", ("ESTABLISHED|CLOSED", "ESTABLISHED")),
    kept=False,
)
def recorder_stops_where_numbers_begin_anew(wire: Wire) -> None:
    """Now and then a recorder takes nothing more from a camera, each time after another amount; others go on.

    True: the sequence numbers of the camera pass 2^32 there. The recorder's stack compares them as plain
    numbers, takes what comes for old, and acknowledges nothing of it.

    Source: reports on small stacks whose comparison of sequence numbers does not wrap (RFC 9293, 3.4).
    """
    for number, before in enumerate((20_500, 9_300, 33_100)):
        talk = wire.talk(
            f"10.150.4.20:{44_000 + number}",
            "10.150.4.9:554",
            at=30.0 * number,
            stamps=False,
            client_isn=2**32 - before,
        ).play(HANDSHAKE)
        for step in range(before // 1000):
            talk.play(f"{0.1 * step + 0.01} > P. 1000\n{0.1 * step + 0.012} < .")
        at = 0.1 * (before // 1000) + 0.01
        talk.play(f"{at} > P. 1000")
        for wait in (0.22, 0.66, 1.54, 3.3, 6.8, 13.9, 27.9):
            talk.play(f"{at + wait} > P. again")
    for number in range(4):
        talk = wire.talk(
            f"10.150.4.21:{45_000 + number}",
            "10.150.4.9:554",
            at=17.0 * number,
            stamps=False,
            client_isn=70_000,
        ).play(HANDSHAKE)
        for step in range(30):
            talk.play(f"{0.1 * step + 0.01} > P. 1000\n{0.1 * step + 0.012} < .")
        talk.play(FAREWELL, at=4)


@story(
    Says("D57|D60|D23", ("shrink|shrank|took back|takes back",), "possible", "note"),
    Never("D54"),
    Never("D24"),
    Never("D49"),
    Never("D55"),
    kept=False,
)
def board_takes_back_the_window_that_it_gave(wire: Wire) -> None:
    """An upload to a board goes by fits and starts: of each few segments all but the first come twice.

    True: the board offers 8 KB, and while these are under way it offers 1 KB, counted from the first of them:
    it moves the edge of its window back and throws away what lies beyond. A receiver should not (RFC 9293,
    3.8.6, SHLD-14).

    Source: tass-belgium/picotcp#125.
    """
    talk = wire.talk("10.150.5.20:46000", "10.150.5.9:8080", stamps=False, server_window=8192, server_ttl=255)
    talk.server.scale = None
    talk.play("0 > S\n0.002 < S. win=8192\n0.0021 > .")
    sent = 1
    for step in range(16):
        at = 0.01 + 0.6 * step
        for part in range(4):
            talk.play(f"{at + 0.0001 * part} > . 1460")
        talk.play(f"{at + 0.004} < . ack={sent + 1460} win=1000\n{at + 0.05} < . ack={sent + 1460} win=8192")
        for part in range(1, 4):
            talk.play(f"{at + 0.21 + 0.0001 * part} > . 1460 seq={sent + 1460 * part}")
        talk.play(f"{at + 0.216} < . ack={sent + 5840} win=8192")
        sent += 5840
    talk.play(FAREWELL, at=10)


@story(
    Says("D01", ("link-local|DHCP", "169.254.33.7"), "likely", "note", count=4),
    Never("D54"),
    Never("D26"),
    Never("D01", ("10.150.6.20",)),
    kept=False,
)
def client_gave_itself_an_address(wire: Wire) -> None:
    """One machine of a network reaches nothing, and sees its neighbours all the same.

    True: it got no address of the DHCP server and took one of 169.254.0.0/16 (RFC 3927). No router forwards
    such packets, and servers elsewhere would not know where to answer.

    Source: any helpdesk ("APIPA").
    """
    for number, server in enumerate(
        ("10.150.6.9:445", "10.150.6.10:443", "10.150.6.9:389", "10.150.6.11:80")
    ):
        talk = wire.talk(
            f"169.254.33.7:{50_000 + number}", server, at=9.0 * number, stamps=False, client_ttl=128
        )
        talk.play("0 > S\n3.0 > S again\n9.0 > S again")
    crowd(wire, Crowd("10.150.6.9:445", "10.150.6", 8, clients=2, every=4, stamps=False, seed=6))


@story(
    Says("D18", ("10.150.8.9:22",), "possible", "note", count=3),
    Never("D07", severity="warning"),
    Never("D16"),
    Never("D17"),
    Never("D27", severity="warning"),
    Ends("10.150.7.20:47000", ("CLOSED", "CLOSED")),
    kept=False,
)
def sessions_are_cut_by_resets_in_threes(wire: Wire) -> None:
    """Logins to one server are cut as soon as something is typed; the server and its clients know of no reason.

    True: somebody near the client watches, and answers each segment by three resets in the other end's name:
    with the number that is due, and one and two windows above. They come with a TTL of 64, the server's packets
    with 57.

    Source: dsniff's tcpkill, and questions about resets "with increasing sequence numbers".
    """
    for number in range(3):
        talk = wire.talk(f"10.150.7.20:{47_000 + number}", "10.150.8.9:22", at=20.0 * number, server_ttl=57)
        talk.play("0 > S\n0.014 < S.\n0.0141 > .\n0.03 < P. 41\n0.0301 > .\n0.031 > P. 41\n0.046 < .")
        talk.play("0.05 > P. 900\n0.066 < P. 1100\n0.0661 > .")
        due = 1142
        talk.play("4 > P. 52")
        talk.play(
            f"4.0003 < R seq={due} ttl=64 id=4711\n4.0003 < R seq={due + 502} ttl=64 id=1174\n"
            f"4.0003 < R seq={due + 1004} ttl=64 id=7411"
        )
        talk.play("4.016 < P. 68\n4.0161 > R seq=994")
    for number in range(3):
        other = wire.talk(f"10.150.7.21:{47_100 + number}", "10.150.8.10:22", at=15.0 * number, server_ttl=57)
        other.play("0 > S\n0.014 < S.\n0.0141 > .\n0.03 < P. 41\n0.0301 > .\n0.031 > P. 41\n0.046 < .")
        other.play("0.05 > P. 900\n0.066 < P. 1100\n0.0661 > .\n4 > P. 52\n4.016 < P. 68\n4.0161 > .")
        other.play(FAREWELL, at=9)


@story(
    Never("D*", severity="warning"),
    Never("D08"),
    Never("D09"),
    Never("D54"),
    Never("D51"),
    Ends("10.150.9.20:48000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def both_ends_count_for_a_minute_and_a_half(wire: Wire) -> None:
    """A backup says nothing for a minute and a half, and then sends for a while, and again says nothing.

    True: nothing is wrong. Both ends read their disks to find out what has changed, and then send the
    difference.

    Source: rsync over SSH with large files.
    """
    talk = wire.talk("10.150.9.20:48000", "10.150.9.9:22").play(HANDSHAKE)
    talk.play("0.01 < P. 41\n0.0101 > .\n0.011 > P. 41\n0.012 < .\n0.05 > P. 900\n0.06 < P. 1100\n0.0601 > .")
    at = 1.0
    for silence in (95.0, 88.4, 102.7):
        for part in range(12):
            talk.play(f"{at + 0.003 * part} > . 1448")
            talk.play(f"{at + 0.003 * part + 0.001} < .")
        talk.play(f"{at + 0.04} > P. 300\n{at + 0.041} < P. 36\n{at + 0.0415} > .")
        at += silence
        talk.play(f"{at - 0.5} < P. 700\n{at - 0.4999} > .")
