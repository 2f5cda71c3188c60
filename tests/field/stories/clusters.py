"""Clusters, load balancers and virtual machines: who answers changes under way, or nobody does."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire
from tests.packets import ip


@story(
    Says("D34", ("10.211.9.9:80", "63"), "likely", "warning", count=3),
    Never("D01", severity="warning"),
    Never("D26"),
)
def connect_takes_63_seconds(wire: Wire) -> None:
    """Each connect to a cluster address takes 63 seconds: six SYNs are lost and the seventh is answered.

    True: the overlay's outer checksum is wrong while the source port is translated at random, and right on the last
    retry. The SYN arrives at the node and is dropped there.

    Source: projectcalico/calico#3145, kubernetes/kubernetes#88986, flannel-io/flannel#1268.
    """
    for number in range(3):
        talk = wire.talk(f"10.211.0.1:{47_000 + number}", "10.211.9.9:80", at=70.0 * number).play("0 > S")
        for at in (1, 3, 7, 15, 31):
            talk.play(f"{at} > S again")
        talk.play("63 > S again\n63.0005 < S.\n63.0006 > .\n63.001 > P. 80\n63.004 < P. 500\n63.0041 > .")
        talk.play(FAREWELL, at=63.1)


@story(
    Says("D01", ("10.212.9.10:8080",), "possible", "warning"),
    Says("D40|D41|D37", ("10.212.0.5",), "possible", "info"),
    Never("D26"),
    Never("D05"),
)
def own_service_is_out_of_reach(wire: Wire) -> None:
    """A pod asks its own service, and its own SYN comes back to it with its own address as the source.

    True: the translation rewrites the destination and leaves the source; the pod's kernel drops a packet that comes
    from outside in its own name. Captured in the pod: each SYN is there twice.

    Source: ovn-kubernetes/ovn-kubernetes#817, kubernetes/kubernetes#20475.
    """
    asked = wire.talk("10.212.0.5:48000", "10.212.9.10:8080")
    back = wire.talk("10.212.0.5:48000", "10.212.0.5:8080", client_ttl=63)
    back.client.isn, back.client.id = asked.client.isn, asked.client.id
    for at in (0, 1, 3, 7, 15):
        again = "again" if at else ""
        asked.play(f"{at} > S {again}")
        back.play(f"{at + 0.0002} > S {again}")


@story(
    Says("D07|D18|D43", ("10.213.9.9:443", "TTL"), "possible", "warning", count=2),
    Never("D07", ("restarted",), confidence="certain"),
    Never("D16"),
)
def next_hop_changes_and_another_server_resets(wire: Wire) -> None:
    """A route changes, and two of six busy connections arrive at a server that does not know them.

    True: both answer for one anycast address. The new one, three hops further away, resets what it does not know; the
    other four go on undisturbed.

    Source: Nordix/xcluster#43, projectcalico/calico#4290.
    """
    for number in range(6):
        talk = wire.talk(f"10.213.0.{1 + number}:49000", "10.213.9.9:443", at=0.05 * number, server_ttl=60)
        talk.play(GREETING)
        for at in (1.0, 2.0, 3.0):
            talk.play(f"{at} > P. 200\n{at + 0.003} < P. 900\n{at + 0.0031} > .")
        if number in (1, 4):
            talk.play("4.0 > P. 200\n4.0021 < R ttl=57")
        else:
            talk.play("4.0 > P. 200\n4.003 < P. 900\n4.0031 > .\n5 > P. 200\n5.003 < P. 900\n5.0031 > .")


@story(
    Says("D09", ("10.214.9.9:5432",), "likely", "error", count=4),
    Never("D08"),
    Never("D01"),
    Never("D26"),
)
def address_moves_and_old_connections_hang(wire: Wire) -> None:
    """A database's address moves to another host; open connections hang and new ones work at once.

    True: the new master's packet filter drops what it has no connection for, so nobody resets the old ones.

    Source: brettwooldridge/HikariCP#514, psycopg/psycopg2#985, bigstack-oss/cubecos#1101.
    """
    for number in range(4):
        talk = wire.talk(f"10.214.0.1:{50_000 + number}", "10.214.9.9:5432", at=0.1 * number).play(GREETING)
        for at in (5.0, 10.0, 15.0):
            talk.play(f"{at} > P. 60\n{at + 0.002} < P. 500\n{at + 0.0021} > .")
        talk.play("20 > P. 60")
        for at in (20.2, 20.61, 21.42, 23.04, 26.3, 32.8, 45.9, 72.1):
            talk.play(f"{at} > P. 60 again")
    for number in range(3):
        new = wire.talk(f"10.214.0.1:{50_100 + number}", "10.214.9.9:5432", at=30.0 + number)
        new.play(GREETING).play(FAREWELL, at=5)


@story(
    Says("D45|D46|D09|D47", ("10.215.0.9", "time stamp|TSval"), "possible", "warning"),
    Never("D09", confidence="likely"),
    Never("D08"),
)
def restored_container_has_an_older_clock(wire: Wire) -> None:
    """A container is restored on another host, and its time stamps are lower than those it sent before.

    True: the client takes each of its segments for an old duplicate (PAWS, RFC 7323, 5) and answers with an ACK; the
    container sends the same data again and again. Both ends are alive.

    Source: checkpoint-restore/criu#451.
    """
    talk = wire.talk("10.215.0.1:37366", "10.215.0.9:10002").play(GREETING)
    talk.play("1 < P. 103\n1.0001 > .\n2 < P. 67\n2.0001 > .")
    before = talk.server.stamp
    for at in (6.0, 6.22, 6.64, 7.5, 9.2, 12.7, 19.5):
        talk.play(
            f"{at} < P. 90 seq=471 ts={5_000 + int(at * 1000)}\n{at + 0.0001} > . ack=471 echo={before}"
        )


@story(
    Never("D*", severity="error"),
    Never("D09", severity="warning"),
    Never("D08"),
    Never("D07"),
    Ends("10.216.0.3:51002", ("ESTABLISHED", "ESTABLISHED")),
)
def virtual_machine_pauses_for_nine_seconds(wire: Wire) -> None:
    """A virtual machine is moved: for nine seconds it says nothing on any connection, and then goes on.

    True: nothing is lost for good. All five connections resend meanwhile, and all of them recover within a second of
    one another.

    Source: reports of live migrations; kubernetes and OpenStack users measure them so.
    """
    for number in range(5):
        talk = wire.talk(f"10.216.0.{1 + number}:{51_000 + number}", "10.216.0.9:6379").play(GREETING)
        for at in (1.0, 2.0):
            talk.play(f"{at} > P. 60\n{at + 0.001} < P. 60\n{at + 0.0011} > .")
        start = 3.0 + number * 0.1
        talk.play(f"{start} > P. 60")
        for wait in (0.2, 0.6, 1.4, 3.0, 6.2):
            talk.play(f"{start + wait} > P. 60 again")
        talk.play(f"12.{number} < P. 60\n12.{number}1 > .\n14 > P. 60\n14.001 < P. 60\n14.0011 > .")


@story(
    Says("D34", ("10.217.9.9:443",), "possible", "note"),
    Says("D34", ("two SYN-ACKs|another number",), "possible", "note"),
    Never("D18", confidence="likely"),
    Never("D02"),
    Ends("10.217.0.1:52000", ("ESTABLISHED", "ESTABLISHED|UNKNOWN")),
)
def retry_reaches_another_backend(wire: Wire) -> None:
    """A balancer without a table sends a SYN to one backend and its copy to another.

    True: both answer, with numbers of their own. The client takes the first answer and contradicts the second, whose
    backend resets an ACK that it never asked for; the client ignores that reset, as its number is wrong.

    Source: reports on stateless balancing while its table of backends changes; Nordix/xcluster#43.
    """
    talk = wire.talk("10.217.0.1:52000", "10.217.9.9:443")
    talk.play("0 > S\n1.0 > S again\n1.02 < S.\n1.0201 > .")
    first = talk.server.isn
    talk.server.isn = first + 777_777_777
    talk.play("1.0302 < S. seq=0 ack=1")
    talk.server.isn = first
    talk.play("1.0303 > . seq=1 ack=1\n1.0403 < R seq=1 id=0 lost")
    talk.play("1.05 > P. 517\n1.07 < P. 1200\n1.0701 > .\n1.2 > P. 90\n1.22 < P. 600\n1.2201 > .")


@story(
    Says("D24", ("10.218.0.2:3260", "8948|9,0|9000|jumbo|8,948"), "likely", "error"),
    Never("D09"),
)
def jumbo_frames_and_one_switch_without(wire: Wire) -> None:
    """Two hosts are set up for jumbo frames, and a switch between them is not.

    True: whatever is longer than 1,500 bytes is dropped without a word; logins work and reading a block hangs.

    Source: curl/curl#7807, and storage networks of every make.
    """
    talk = wire.talk("10.218.0.1:53000", "10.218.0.2:3260", client_mss=8960, server_mss=8960)
    talk.play(HANDSHAKE).play("0.01 > P. 300\n0.012 < P. 400\n0.0121 > .\n0.02 > P. 48\n0.021 < . 8948")
    talk.play("0.0212 < P. 700\n0.0213 > . ack=401")
    for at in (0.23, 0.65, 1.5, 3.2, 6.6):
        talk.play(f"{at} < . 8948 seq=401")


@story(
    Says(
        "D01|D03", ("10.219.9.9:443", "10.219.254.1|TTL|time exceeded|loop"), "possible", "warning", count=3
    ),
    Never("D26"),
    Never("D02"),
)
def route_goes_round_in_circles(wire: Wire) -> None:
    """Two routers send a packet to each other until its time to live is used up.

    True: each SYN is answered by "time exceeded in transit" of one router; the host is never reached.

    Source: any wrong default route; traceroute shows the same two routers for ever.
    """
    for number in range(3):
        talk = wire.talk(f"10.219.0.1:{54_000 + number}", "10.219.9.9:443", at=number * 9.0)
        for at in (0, 1.0, 3.0, 7.0):
            talk.play(f"{at} > S {'again' if at else ''}")
            _complain(wire, "time-exceeded", "10.219.254.1", 0.004)


def _complain(wire: Wire, kind: str, router: str, after: float) -> None:
    """Have a router complain of the last frame."""
    time, _, data = wire.frames[-1]
    frame = ip.ethernet(ip.icmp_error(kind, router, data[14:]))
    wire.frames.append((time + round(after * 1e9), len(frame), frame))


@story(
    Says("D03|D02", ("10.220.0.2:22",), "possible", "warning"),
    Says("D09|D03", ("10.220.0.66", "ICMP"), "possible", "warning"),
    Never("D26", severity="error"),
    Never("D08"),
)
def one_client_is_banned_in_mid_session(wire: Wire) -> None:
    """A guard bans an address: its open sessions are rejected with ICMP, and so is each new connect.

    True: ``REJECT --reject-with icmp-port-unreachable`` for one address. An open connection ignores such an error
    (RFC 9293, 3.9.2.2), and resends until it gives up; another client is served all the while.

    Source: fail2ban's default action.
    """
    talk = wire.talk("10.220.0.66:55000", "10.220.0.2:22").play(GREETING)
    talk.play("5 > P. 60\n5.001 < P. 60\n5.0011 > .\n10 > P. 60")
    _complain(wire, "port-unreachable", "10.220.0.2", 0.0002)
    for at in (10.2, 10.6, 11.4, 13.0, 16.2, 22.6):
        talk.play(f"{at} > P. 60 again")
        _complain(wire, "port-unreachable", "10.220.0.2", 0.0002)
    for number in range(3):
        wire.talk(f"10.220.0.66:{55_001 + number}", "10.220.0.2:22", at=12.0 + number).play("0 > S")
        _complain(wire, "port-unreachable", "10.220.0.2", 0.0002)
    other = wire.talk("10.220.0.7:55000", "10.220.0.2:22", at=1).play(GREETING)
    other.play("10 > P. 60\n10.001 < P. 60\n10.0011 > .\n20 > P. 60\n20.001 < P. 60\n20.0011 > .")


@story(
    Says("D34", ("10.221.9.9:80", "wrong number|number"), "possible", "note", count=3),
    Never("D34", ("went unanswered",)),
    Never("D02"),
    Never("D18", confidence="likely"),
    Never("D26"),
)
def guard_answers_with_a_wrong_number_first(wire: Wire) -> None:
    """A guard against floods answers the first SYN with a wrong acknowledgement, to see who resets it.

    True: a real stack resets such an answer (RFC 9293, 3.10.7.3) and asks again after a second, and that SYN gets
    through. Every first connect costs a second.

    Source: "TCP out-of-sequence authentication" of devices against denial of service; RFC 4987 lists the family.
    """
    for number in range(3):
        talk = wire.talk(f"10.221.0.{1 + number}:56000", "10.221.9.9:80", at=3.0 * number, server_ttl=60)
        real = talk.server.isn
        talk.server.isn = 99_000_000 + number
        talk.play("0 > S\n0.001 < S. seq=0 ack=700001 ttl=255\n0.0011 > R seq=700001")
        talk.server.isn, talk.server.next = real, 0
        talk.play("1.0 > S again\n1.012 < S.\n1.0121 > .\n1.013 > P. 100\n1.03 < P. 300\n1.0301 > .")


@story(
    Says("D07", ("10.222.0.9:9042",), "possible", "warning"),
    Says("D02", ("10.222.0.9:9042",), "possible", "warning"),
    Never("D18", confidence="likely"),
    Never("D08", confidence="likely"),
)
def address_belongs_to_another_pod_now(wire: Wire) -> None:
    """A pod is gone and its address is given to another, on which nothing listens on that port.

    True: a pooled connection is reset at its next request, three minutes later, and new connects are refused.

    Source: kubernetes/kubernetes#93143 and #124290, and pools that hold on to addresses.
    """
    talk = wire.talk("10.222.0.1:57000", "10.222.0.9:9042").play(GREETING)
    talk.play("2 > P. 60\n2.002 < P. 60\n2.0021 > .\n180 > P. 60\n180.0004 < R")
    for number in range(3):
        wire.talk(f"10.222.0.1:{57_001 + number}", "10.222.0.9:9042", at=180.1 + number).play(
            "0 > S\n0.0003 < R. seq=0"
        )
