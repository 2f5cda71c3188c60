"""Connects that are slow, or that nobody answers."""

from tests.field.story import Ends, Never, Says, Taps, compared, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D34", ("6 of 24", "10.73.1.11:80", "1 s"), "likely", "warning", count=6),
    Says("D34", ("reuse",)),
    Never("D01"),
    Never("D08"),
)
def ipvs_port_reuse_syn_dropped(wire: Wire) -> None:
    """A virtual server drops the first SYN that reuses a port which is still in its table.

    True: 24 connects; the six that reuse a port take 1.003 s, as their first SYN is dropped; the others take none.
    The client's kernel sends the SYN again after a second, and by then the entry is gone.

    Source: kubernetes/kubernetes#81775 and moby/moby#35082, of ``net.ipv4.vs.conn_reuse_mode``.
    """
    for number in range(24):
        port = 61_230 + (number if number < 18 else number - 18)
        talk = wire.talk(f"10.73.1.20:{port}", "10.73.1.11:80", at=number * 0.35)
        if number >= 18:
            talk.play("0.0 > S")
            talk.client.next = 0
            talk.start += 1.003
        talk.play(GREETING).play(FAREWELL, at=0.01)


@story(
    Says("D34", ("3.05 s",), "likely", "note"),
    Says("D34", ("ECN",), fault="path"),
    Never("D01"),
    Ends("10.130.0.1:40001", ("ESTABLISHED", "ESTABLISHED")),
)
def ecn_syn_dropped(wire: Wire) -> None:
    """A firewall drops SYNs that ask for ECN.

    True: two SYNs with ECE and CWR are dropped, the third without them is answered: the connect takes 3.05 s.

    Source: RFC 3168, 6.1.1.1, and reports on ``net.ipv4.tcp_ecn`` since 2001.
    """
    wire.talk("10.130.0.1:40001", "203.0.113.5:443").play("""
        0.0000 > SEW
        1.0100 > SEW again
        3.0300 > S again
        3.0500 < S.
        3.0501 > .
        3.0510 > P. 100
        3.0710 < P. 300
        3.0711 > .
    """)


@story(
    Says("D34", ("141 s|2 min 21",), "possible", "note"),
    Ends("10.120.0.4:2048", ("ESTABLISHED", "ESTABLISHED"), 2),
    Never("D25"),
)
def syn_ignored_by_time_wait(wire: Wire) -> None:
    """A small device restarts and connects from the same port with the same first number.

    True: the server still has the old connection in TIME_WAIT and ignores six SYNs; the seventh is accepted. It is a
    second connection, ESTABLISHED at both ends.

    Source: reports of embedded MQTT clients with a fixed port and a fixed initial number (lwIP).
    """
    old = wire.talk("10.120.0.4:2048", "10.120.0.50:1883", stamps=False, client_scale=None, server_scale=None)
    old.play("""
        0.0000 > S
        0.0001 < S.
        0.0020 > .
        0.0030 > P. 40
        0.0032 < P. 4
        0.0040 > .
        8.0000 < F.
        8.0010 > F.
        8.0011 < .
    """)
    new = wire.talk("10.120.0.4:2048", "10.120.0.50:1883", stamps=False, client_scale=None, server_scale=None)
    new.client.isn = old.client.isn
    new.server.isn = old.server.isn + 300_000_000
    new.play("20 > S")
    for at in (23, 29, 41, 65, 113, 161):
        new.play(f"{at} > S again")
    new.play("""
        161.0001 < S.
        161.0020 > .
    """)


@story(
    Says("D34", ("1 s", "10.80.9.9:443"), "likely", "note", count=3),
    Never("D01"),
    Never("D02"),
)
def snat_race_drops_first_syn(wire: Wire) -> None:
    """Two connects of one instant get the same port from a source NAT, and one of the SYNs is dropped.

    True: pairs of connects start within a millisecond of each other; of three pairs the second one needs a retry and
    takes 1 s, 1 s and 3 s. The server is idle and answers at once.

    Source: "A reason for unexplained connection timeouts on Kubernetes/Docker" (XING, 2018); ``insert_failed`` of
    ``conntrack -S``.
    """
    for pair, late in enumerate((1.0, 1.0, 3.0, 0.0, 0.0)):
        at = pair * 7.0
        wire.talk(f"10.80.0.3:{50_000 + 2 * pair}", "10.80.9.9:443", at=at).play(GREETING).play(
            FAREWELL, at=0.1
        )
        talk = wire.talk(f"10.80.0.4:{50_001 + 2 * pair}", "10.80.9.9:443", at=at + 0.0004)
        retries = (0.0, 1.0) if late == 3.0 else (0.0,)
        for retry in retries if late else ():
            talk.play(f"{retry} > S again" if retry else "0 > S")
        talk.client.next = 0
        talk.play(GREETING, at=late).play(FAREWELL, at=late + 0.1)


@story(
    Says("D01|D45", ("10.94.5.5:80",), "likely", "warning", count=2),
    Says("D45", ("backward",), count=2),
    Says("D01|D45", ("The tap is at the server", "tcp_tw_recycle"), fault="server", count=2),
    Never("D01"),
    Never("D26"),
    Never("D06"),
)
def timestamps_backwards_behind_nat(wire: Wire) -> None:
    """Two hosts share one address behind a NAT, and one of them has the lower clock.

    True: SYNs whose time stamp is below the last one of that address are ignored; the others are accepted at once. It
    is ``tcp_tw_recycle`` of a Linux before 4.12, or PAWS against a TIME_WAIT. The tap is at the server: its answers
    leave 0.1 ms after the SYN.

    Source: "Coping with the TCP TIME-WAIT state on busy Linux servers" (V. Bernat, 2014).
    """
    for number in range(8):
        wire.talk(f"10.94.0.1:{42_000 + number}", "10.94.5.5:80", at=number * 0.9).play(f"""
            0.0000 > S ts={773_695_118 + number * 900}
            0.0001 < S.
            0.0100 > . ts={773_695_128 + number * 900}
            0.0110 > P. 79 ts={773_695_129 + number * 900}
            0.0120 < P. 199
            0.0121 < F.
            0.0220 > F. ts={773_695_140 + number * 900}
            0.0221 < .
        """)
    for number, first in enumerate((1.3, 3.0)):
        talk = wire.talk(f"10.94.0.1:{52_000 + number}", "10.94.5.5:80", at=first, client_scale=3)
        for retry in (0, 3, 9):
            talk.play(
                f"{retry} > S {'again' if retry else ''} ts={470_318_331 + number * 1700 + retry * 100}"
            )


@story(
    Says("D01", ("10.82.9.9:5432",), "likely", "error", count=3),
    Never("D26"),
    Never("D02"),
    Never("D09"),
)
def conntrack_full_new_connects_dropped(wire: Wire) -> None:
    """The connection table of a gateway is full: what is open goes on, what is new is dropped.

    True: two old connections carry data all the time; three new connects to the same socket get no answer. The server
    is up, so "the host is down" is ruled out.

    Source: "nf_conntrack: table full, dropping packet", countless reports.
    """
    for number in range(2):
        talk = wire.talk(f"10.82.0.3:{40_000 + number}", "10.82.9.9:5432", at=number * 0.01).play(GREETING)
        for second in range(1, 20):
            talk.play("0 > P. 50\n0.002 < P. 80\n0.003 > .", at=second)
    for number in range(3):
        talk = wire.talk(f"10.82.0.4:{45_000 + number}", "10.82.9.9:5432", at=5 + number).play("0 > S")
        for retry in (1, 3, 7):
            talk.play(f"{retry} > S again")


@story(
    Says("D01", ("10.83.9.9:443", "3 times"), "likely", "error"),
    Never("D01", ("has given up",), "certain"),
    Ends("10.83.0.3:40000", ("SYN_SENT|CLOSED", "UNKNOWN|LISTEN")),
)
def application_gives_up_after_five_seconds(wire: Wire) -> None:
    """A connect time-out of five seconds: three SYNs, then silence.

    True: nothing answers. The client's application stops after 5 s; its kernel had more retries left.

    Source: the usual "connect timed out" of HTTP clients.
    """
    wire.talk("10.83.0.3:40000", "10.83.9.9:443").play("0 > S\n1.02 > S again\n3.04 > S again")
    wire.talk("10.83.0.3:40002", "10.83.8.8:443", at=30).play(GREETING)


@story(
    Says("D01", ("100", "140"), "likely", "error", count=100),
    Never("D26"),
    Never("D32", severity="warning"),
)
def backends_go_down(wire: Wire) -> None:
    """A rack goes down behind a load balancer.

    True: the load balancer finishes 80 connections with 40 backends; then 100 other backends do not answer, and each
    SYN is sent three times more. It is an outage of 100 of 140 servers, and no scan.

    Source: the capture of an outage, told by its owner.
    """
    for number in range(80):
        talk = wire.talk(
            f"10.0.0.3:{20_001 + number}", f"10.1.0.{1 + number % 40}:8080", at=number * 0.04, stamps=False
        )
        talk.play(HANDSHAKE).play(FAREWELL, at=0.01)
    for number in range(100):
        talk = wire.talk(
            f"10.0.0.3:{20_101 + number}", f"10.2.0.{1 + number}:8080", at=20 + number * 0.01, stamps=False
        )
        talk.play("0 > S\n1 > S again\n3 > S again\n7 > S again")


@compared(
    Says("D45", ("window scale", "checksum"), "likely"),
    Never("D01", confidence="certain"),
    taps=("client", "server"),
    judged=("client", "server"),
)
def window_scale_rewritten(taps: Taps) -> None:
    """A carrier rewrites options of the SYN and leaves the checksum wrong.

    True: between the taps the window scale becomes 11 and the MSS 1360; the checksum is not mended, so the server
    drops every SYN. The path is at fault, not the server.

    Source: a report on an LTE modem, of devices that could not connect on one carrier only.
    """
    for name, wire in taps.items():
        at_client = name == "client"
        talk = wire.talk(
            "10.124.0.4:49153",
            "10.124.9.9:1883",
            stamps=False,
            client_mss=1440 if at_client else 1360,
            client_scale=0 if at_client else 11,
            client_ttl=64 if at_client else 52,
        )
        for number, at in enumerate((0, 1, 3, 7)):
            later = at + (0 if at_client else 0.03)
            again = "again" if at else ""
            talk.play(f"{later} > S {again} id={100 + number} {'' if at_client else 'bad'}")


@compared(
    Says("D45", ("checksum",), "likely"),
    Never("D01", confidence="certain"),
    taps=("server",),
    judged=("server",),
)
def syn_with_wrong_checksum_arrives(taps: Taps) -> None:
    """The same seen at the server alone: four SYNs arrive, each with a wrong checksum.

    True: the server's kernel drops them for that, and says so in ``TcpInCsumErrors``.

    Source: as ``window-scale-rewritten``.
    """
    talk = taps["server"].talk(
        "10.124.0.5:49153", "10.124.9.9:1883", stamps=False, client_scale=11, client_ttl=52
    )
    for at in (0, 1, 3, 7):
        talk.play(f"{at} > S {'again' if at else ''} bad")


@story(
    Says("D04", ("10.121.0.1:21080",), "possible", "warning", fault="path", count=3),
    Never("D28"),
    Never("D26"),
    Never("D05"),
)
def syn_and_syn_ack_both_repeated(wire: Wire) -> None:
    """Each SYN is answered, and no answer gets back.

    True: the client sends its SYN six times, each time the server answers, and the client gives up with a reset. The
    answers are lost on the way to the client.

    Source: a report on a proxy with one-way routing.
    """
    for number in range(3):
        talk = wire.talk(
            f"10.121.0.9:{14_720 + 100 * number}",
            "10.121.0.1:21080",
            at=7.0 * number,
            stamps=False,
            client_ttl=54,
        )
        for retry in range(6):
            again = "again" if retry else ""
            talk.play(f"0 > S {again}\n0.0003 < S. {again}", at=1.001 * retry)
        talk.play("6.01 > R seq=0")
