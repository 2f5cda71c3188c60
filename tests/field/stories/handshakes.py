"""Connects that are slow, refused, repeated or given up, and why."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D34", ("5 of 30", "172.22.1.9:30080"), "possible", "note", count=5),
    Never("D34", ("retry", "retries"), confidence="likely"),
    Never("D01"),
    Never("D04"),
)
def answers_to_some_syns_take_three_quarters_of_a_second(wire: Wire) -> None:
    """Five of thirty connects take 0.75 s, though no SYN is lost: the SYN-ACK is late.

    True: the node's CPU is busy with something else in the meantime. Nothing is resent, and the data that follows is
    answered within a millisecond.

    Source: kubernetes/kubernetes#76699.
    """
    for number in range(30):
        talk = wire.talk(f"172.22.1.1:{40_000 + number}", "172.22.1.9:30080", at=number * 1.7)
        late = 0.75 if number % 6 == 3 else 0.0005
        talk.play(
            f"0 > S\n{late} < S.\n{late + 0.0001} > .\n{late + 0.0002} > P. 90\n{late + 0.001} < P. 400"
        )
        talk.play(FAREWELL, at=late + 0.1)


@story(
    Says("D34", ("12 connections", "172.22.2.9:80"), "likely", "warning", count=12),
    Never("D01"),
    Never("D26"),
    Never("D06"),
)
def every_connect_needs_a_second_syn(wire: Wire) -> None:
    """Each connect to a service address takes a second: the first SYN is dropped, and the second answered.

    True: a translation with random ports meets a broken checksum offload on the way; the copy takes another path. It
    strikes every connection from hosts, and those from pods never.

    Source: kubernetes/kubernetes#90854.
    """
    for number in range(12):
        talk = wire.talk(f"172.22.2.1:{41_000 + 3 * number}", "172.22.2.9:80", at=number * 4.0)
        talk.play(
            "0 > S\n1.013 > S again\n1.0139 < S.\n1.014 > .\n1.0141 > P. 80\n1.017 < P. 600\n1.0171 > ."
        )
        talk.play(FAREWELL, at=1.1)


@story(
    Says("D01", ("172.22.3.9:7",), "possible", "error", count=3),
    Never("D26"),
    Never("D34", severity="warning"),
    Ends("172.22.3.2:50001", ("SYN_SENT|CLOSED", "UNKNOWN|LISTEN")),
)
def one_aborted_connect_shuts_the_door(wire: Wire) -> None:
    """A small server has room for one: a handshake that its client aborts takes the place for good.

    True: after SYN, SYN-ACK and a reset, the entry stays in the backlog; no later SYN is answered.

    Source: tass-belgium/picotcp#53.
    """
    wire.talk("172.22.3.1:50000", "172.22.3.9:7", stamps=False).play(GREETING).play(FAREWELL, at=0.3)
    wire.talk("172.22.3.1:50001", "172.22.3.9:7", at=2.0, stamps=False).play("0 > S\n0.001 < S.\n0.0011 > R")
    for number in range(3):
        talk = wire.talk(f"172.22.3.2:{50_001 + number}", "172.22.3.9:7", at=5 + 9.0 * number, stamps=False)
        talk.play("0 > S\n1 > S again\n3 > S again\n7 > S again")


@story(
    Says("D20", ("172.22.4.9:80", "TIME_WAIT"), "possible", "warning"),
    Never("D26"),
    Never("D02"),
    Never("D21"),
    Never("D38"),
    Never("D46"),
    Ends("172.22.4.1:61000", ("SYN_SENT|CLOSED", "TIME_WAIT|CLOSED|UNKNOWN"), 2),
)
def time_wait_ignores_the_reset(wire: Wire) -> None:
    """A client takes the same port again; the device in TIME_WAIT answers with an ACK, and ignores the reset.

    True: the device closed first and keeps TIME_WAIT for two minutes. Each SYN draws an ACK of the old connection,
    the client resets that, and the device, as RFC 1337 has it, ignores the reset. The connect fails.

    Source: micropython/micropython#15844 and #12819.
    """
    talk = wire.talk("172.22.4.1:61000", "172.22.4.9:80", stamps=False).play(GREETING)
    talk.play("0.005 < F.\n0.0052 > F.\n0.006 < .")
    old = talk.server.next
    again = wire.talk("172.22.4.1:61000", "172.22.4.9:80", stamps=False)
    again.server.isn, again.server.next = talk.server.isn, old
    again.client.isn = (talk.client.isn - 70_000_000) % 2**32
    theirs = (talk.client.isn + talk.client.next - again.client.isn) % 2**32
    for at in (8, 9, 11, 15, 23):
        copy = "again" if at > 8 else ""
        again.play(f"{at} > S {copy}\n{at}.001 < . ack={theirs}\n{at}.0011 > R seq={theirs}")


@story(
    Says("D02", ("172.22.5.2:1",), "possible", "note"),
    Never("D26"),
    Never("D21"),
    Never("D01", severity="warning"),
    Never("D34", severity="warning"),
    Ends("172.22.5.1:40941", ("SYN_SENT|CLOSED", "CLOSED")),
)
def refused_six_times_and_never_told(wire: Wire) -> None:
    """A client sends its SYN again and again, though each is refused at once.

    True: the refusals do not get back to the client: between the tap and its virtual machine they are dropped, so its
    connect hangs until it gives up. Nothing listens on the port.

    Source: microsoft/WSL#10855.
    """
    talk = wire.talk("172.22.5.1:40941", "172.22.5.2:1")
    for number, at in enumerate((0, 1.023, 2.047, 3.067, 4.091, 5.115)):
        talk.play(f"{at} > S {'again' if number else ''}\n{at + 0.0001} < R.")


@story(
    Never("D*", severity="note"),
    Ends("172.22.6.1:50000", ("ESTABLISHED", "ESTABLISHED")),
)
def fast_open_works(wire: Wire) -> None:
    """A client sends its request along with the SYN, and the server answers at once.

    True: nothing is wrong: TCP Fast Open with a cookie that is good.

    Source: RFC 7413, 4.2.
    """
    for number in range(4):
        talk = wire.talk(f"172.22.6.1:{50_000 + number}", "172.22.6.9:443", at=number * 0.8)
        talk.play(
            "0 > S 180 tfo\n0.02 < S.\n0.0202 < P. 900\n0.0203 > .\n1 > P. 100\n1.021 < P. 300\n1.0211 > ."
        )


@story(
    Says("D02|D45|D18|D34", ("172.22.7.9:443", "ECN|ECE"), "possible", "note", count=3),
    Never("D02", ("othing listens",), confidence="likely"),
    Never("D20"),
    Never("D21"),
    Ends("172.22.7.1:42000", ("ESTABLISHED", "ESTABLISHED"), 2),
)
def syn_with_ecn_is_refused_and_the_plain_one_accepted(wire: Wire) -> None:
    """A firewall resets SYNs that ask for ECN; the client tries again without, and is let in.

    True: the refusals are the firewall's: its TTL differs from the server's by three. The server listens.

    Source: RFC 3168, 6.1.1.1 ("a host that receives a RST in response to an ECN-setup SYN").
    """
    for number in range(3):
        socket = f"172.22.7.{1 + number}:42000"
        first = wire.talk(socket, "172.22.7.9:443", at=number * 2.0, server_ttl=52)
        first.play("0 > SEW\n0.012 < R. ttl=55")
        wire.talk(socket, "172.22.7.9:443", at=number * 2.0 + 0.0125, server_ttl=52).play("""
            0.000 > S
            0.020 < S.
            0.0201 > .
            0.021 > P. 200
            0.045 < P. 900
            0.0451 > .
        """)


@story(
    Never("D20", severity="note"),
    Never("D34"),
    Never("D21"),
    Never("D25"),
    Ends("172.22.8.1:50500", ("ESTABLISHED", "ESTABLISHED"), 2),
)
def port_is_taken_again_and_let_in(wire: Wire) -> None:
    """A client takes its port again ten seconds after the server closed, and is let in at once.

    True: nothing is wrong: the server is in TIME_WAIT, and the new SYN's number and time stamp are above the old ones
    (RFC 6191).

    Source: any client with a fixed source port.
    """
    talk = wire.talk("172.22.8.1:50500", "172.22.8.9:443").play(GREETING)
    talk.play("0.2 < F.\n0.2003 > F.\n0.2010 < .")
    again = wire.talk("172.22.8.1:50500", "172.22.8.9:443", at=10.2)
    again.client.isn = (talk.client.isn + 40_000_000) % 2**32
    again.play(GREETING)


@story(
    Says("D34|D04|D27", ("172.22.9.9:9042",), "possible", "note", count=6),
    Never("D26"),
    Never("D02"),
    Never("D38"),
    Never("D42"),
    Never("D43"),
    Never("D18"),
)
def client_gives_up_just_before_the_answer(wire: Wire) -> None:
    """A client waits 0.2 s for a connection, and the answers take 0.25 s.

    True: each SYN-ACK finds a closed socket, and the client's kernel resets it. The server is across an ocean, and
    well; the time-out is too short for the way.

    Source: pools with ``connectTimeout=200ms`` in front of a database in another region.
    """
    for number, at in enumerate((0.0, 0.31, 1.7, 2.9, 7.4, 9.0)):
        wire.talk(f"172.22.9.1:{44_000 + number}", "172.22.9.9:9042", at=at).play("""
            0.000 > S
            0.250 < S.
            0.25005 > R
        """)


@story(
    Never("D34", severity="warning"),
    Never("D01"),
    Never("D04"),
    Never("D05"),
    Never("D09"),
    Ends("172.22.10.1:50000", ("ESTABLISHED", "ESTABLISHED")),
)
def way_takes_longer_than_the_first_retry(wire: Wire) -> None:
    """Over two satellites a round trip takes 1.3 s, and so each SYN is sent twice.

    True: nothing is lost: the SYN's copy leaves before its answer can come, and is answered as well. Data takes as
    long.

    Source: users of satellite links; RFC 6298, 2 (an initial time-out of one second).
    """
    for number in range(4):
        talk = wire.talk(f"172.22.10.1:{50_000 + number}", "172.22.10.9:443", at=number * 12.0)
        talk.play("0 > S\n1 > S again\n1.3 < S.\n1.3001 > .\n1.301 > P. 200\n2.3 < S. again\n2.3001 > .")
        talk.play("2.605 < P. 900\n2.6051 > .\n4 > P. 200\n5.31 < P. 900\n5.3101 > .")


@story(
    Says("D49", ("172.22.11.9:25", "30 s"), "possible", "info", fault="server", count=5),
    Never("D35"),
    Never("D50"),
    Never("D42"),
    Never("D08"),
)
def greeting_takes_thirty_seconds(wire: Wire) -> None:
    """A mail server greets each client after thirty seconds, and then all goes fast.

    True: it looks up the client's name first, and the name server does not answer. The handshake takes a millisecond.

    Source: the usual "slow SMTP banner".
    """
    for number in range(5):
        talk = wire.talk(f"172.22.11.{1 + number}:50000", "172.22.11.9:25", at=number * 17.0).play(HANDSHAKE)
        talk.play("30.01 < P. 60\n30.0101 > .\n30.012 > P. 20\n30.014 < P. 40\n30.0141 > .")
        talk.play("30.02 > P. 6\n30.021 < P. 20\n30.0211 < F.\n30.0213 > F.\n30.022 < .")


@story(
    Says("D02", ("172.22.12.9:8080", "refused until"), "possible", "note", count=5),
    Never("D26"),
    Never("D02", ("limit",)),
    Never("D42", severity="note"),
)
def pod_is_asked_before_it_listens(wire: Wire) -> None:
    """A service is asked every ten seconds while it starts: five times refused, and then accepted.

    True: the container runs, its program does not listen yet; after a minute it does.

    Source: readiness probes of kubelet, and their events "connection refused".
    """
    for number in range(12):
        talk = wire.talk(f"172.22.12.1:{40_000 + number * 2}", "172.22.12.9:8080", at=10.0 * number)
        if number < 5:
            talk.play("0 > S\n0.0002 < R.")
        else:
            talk.play(GREETING).play(FAREWELL, at=0.05)


@story(
    Says("D01", ("12 of 24", "172.22.13.9:443"), "likely", "error", count=12),
    Never("D26"),
    Never("D34", severity="warning"),
)
def one_of_two_nodes_swallows_all(wire: Wire) -> None:
    """Of the connects to one address about half hang through all retries, and the others succeed at once.

    True: two nodes stand behind the address, chosen by a hash of the ports; one of them is dead. A retry keeps its
    port, and so its node.

    Source: metallb/metallb#297 and other ECMP set-ups with a node that is gone.
    """
    for number in range(24):
        talk = wire.talk(f"172.22.13.{1 + number % 3}:{41_000 + number}", "172.22.13.9:443", at=2.0 * number)
        if number * 7 % 13 < 6:
            talk.play("0 > S")
            for late in (1.02, 3.06, 7.1):
                talk.play(f"{late} > S again")
        else:
            talk.play(GREETING).play(FAREWELL, at=0.3)


@story(
    Never("D*", severity="note"),
    Ends("172.22.14.1:50000", ("ESTABLISHED", "ESTABLISHED")),
)
def two_routers_forward_the_same_syn(wire: Wire) -> None:
    """Two routers of a pair both forward a SYN, so that the server answers twice, with one number.

    True: nothing is wrong with the connection: both answers are the same, and the client acknowledges each.

    Source: a redundant pair in which both believed to be the master for a moment.
    """
    for number in range(3):
        talk = wire.talk(f"172.22.14.1:{50_000 + number}", "172.22.14.9:80", at=number * 1.0)
        talk.play(
            "0 > S\n0.003 < S.\n0.0031 > .\n0.0034 < S. again\n0.0035 > .\n0.004 > P. 80\n0.008 < P. 300\n0.0081 > ."
        )
