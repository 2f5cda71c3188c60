"""Stories of devices between two hosts that change, drop or forge segments."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import GREETING, HANDSHAKE, Wire
from tests.packets import ip


def _complain(wire: Wire, kind: str, router: str, after: float = 0.0002) -> None:
    """Have a router complain of the last frame."""
    time, _, data = wire.frames[-1]
    frame = ip.ethernet(ip.icmp_error(kind, router, data[14:]))
    wire.frames.append((time + round(after * 1e9), len(frame), frame))


@story(
    Says("D18", ("10.190.0.2:22", "TTL"), "likely", "error", fault="path"),
    Never("D07"),
    Never("D27"),
)
def reset_made_of_the_packet_that_drew_it(wire: Wire) -> None:
    """A device on the way resets a session with a packet made of the client's own.

    True: the reset carries 44 bytes, the identification of the client's last packet and a TTL of 120, where all
    packets of the server come with 46. The server sent no reset.

    Source: chassing/linux-sysadmin-interview-questions#33.
    """
    talk = wire.talk("10.190.0.1:1284", "10.190.0.2:22", stamps=False, client_ttl=128, server_ttl=46)
    talk.client.next, talk.server.next = 1, 1
    talk.play("""
        0.000 < P. 76
        0.002 > P. 44 id=62508
        0.143 < .
        4.100 > P. 44 id=62764
        4.130 < P. 44
        4.300 > .
        6.787 > P. 44 id=63020
        6.814 < R. 44 ttl=120 id=63020
    """)


@story(
    Says("D18", ("10.191.9.9:443", "TTL"), "likely", "error", fault="path", count=3),
    Never("D07"),
    Never("D16"),
)
def hello_is_answered_by_forged_resets(wire: Wire) -> None:
    """The name in a client's hello draws three resets that overtake the server's own answer.

    True: the resets come with a TTL of 98 and the server's segments with 51; the server's answer arrives after them
    and is reset by the client, which knows the connection no more.

    Source: measurements of filtered networks.
    """
    for number in range(3):
        talk = wire.talk(f"10.191.0.1:{51_000 + number}", "10.191.9.9:443", at=4.0 * number, server_ttl=51)
        talk.play("0 > S\n0.12 < S.\n0.1201 > .\n0.121 > P. 517")
        for at in (0.135, 0.1352, 0.1353):
            talk.play(f"{at} < R. ttl=98 id={9000 + number}")
        talk.play("0.241 < . seq=1\n0.243 < P. 1200 seq=1\n0.2431 > R seq=518")


@story(
    Says("D41|D19|D40|D38", ("10.192.20.15", "10.192.32.34"), "possible", "warning"),
    Never("D01", confidence="certain"),
    Never("D26"),
    Never("D25", ("missing",)),
)
def answer_comes_from_the_backend_s_address(wire: Wire) -> None:
    """A client asks a virtual address, and the backend answers under its own.

    True: the answer is not translated back, so the client resets it; its SYN stays unanswered. Both addresses belong
    together: the SYN-ACK acknowledges the client's number.

    Source: cilium/cilium#22812.
    """
    talk = wire.talk("10.192.0.9:40080", "10.192.20.15:80", server_ttl=63)
    inner = wire.talk("10.192.0.9:40080", "10.192.32.34:80", server_ttl=63)
    inner.client.isn = talk.client.isn
    for at in (0, 1.01, 3.02, 7.03):
        again = "again" if at else ""
        talk.play(f"{at} > S {again}")
        inner.client.next = 1
        inner.play(f"{at + 0.001} < S. {again}\n{at + 0.0011} > R seq=1")


@story(
    Says("D41", ("172.17.0.2", "10.193.0.1"), "possible", "warning"),
    Never("D07", ("restarted",), "likely"),
)
def reset_leaves_from_another_port(wire: Wire) -> None:
    """A container's reset leaves with the container's own address and port.

    True: the host maps 443 to 8443; connection tracking calls the container's reset INVALID and lets it pass as it
    is. The client knows no such connection, and its own goes on until it times out.

    Source: private-attribution/ipa#728.
    """
    talk = wire.talk("10.193.0.7:47458", "10.193.0.1:443", server_ttl=63).play(GREETING)
    talk.play("0.5 > P. 800")
    inner = wire.talk("10.193.0.7:47458", "172.17.0.2:8443", server_ttl=63)
    inner.client.isn, inner.server.isn = talk.client.isn, talk.server.isn
    inner.client.next, inner.server.next = 901, 301
    inner.play("0.5004 < R seq=301")
    for at in (0.71, 1.13, 1.97, 3.65):
        talk.play(f"{at} > P. again")


@story(
    Says("D08", ("4 min 49 s|4 min 50", "5 min 59 s|6 min"), "likely", "error", fault="path", count=2),
    Never("D09"),
    Never("D49"),
    Never("D13"),
)
def answer_comes_too_late_for_the_way(wire: Wire) -> None:
    """A request takes six minutes, and its answer is lost: the way has forgotten the connection.

    True: answers after 60 and 290 s arrive, those after 360 and 420 s are sent again and again, and the FIN with
    them. It is the server that breaks the silence.

    Source: kubernetes/kubernetes#91954.
    """
    for number, pause in enumerate((60.0, 290.0, 360.0, 420.0)):
        talk = wire.talk(f"10.194.0.9:{40_100 + number}", "10.194.0.7:8080", at=2.0 * number)
        talk.play("0 > S\n0.0001 < S.\n0.02 > .\n0.0201 > P. 300\n0.0203 < .")
        talk.play("0 < P. 200", at=pause)
        if pause < 300:
            talk.play("0.02 > .\n0.03 < F.\n0.05 > F.\n0.0501 < .", at=pause)
        else:
            for at in (0.21, 0.63, 1.5, 3.2, 6.6, 13.4, 27.0):
                talk.play(f"{at} < P. again", at=pause)


@story(
    Says("D05|D06", ("10.195.0.7:8443", "accept queue"), "possible", "warning", count=3),
    Says("D05|D06", ("on the way|path|firewall",)),
    Never("D05", ("accept queue is full",), "likely"),
)
def gateway_calls_the_ack_invalid(wire: Wire) -> None:
    """A gateway that never saw the SYN-ACK drops what follows as INVALID.

    True: the SYN-ACK takes a direct way to the client; final ACK and request go by the gateway and are dropped there.
    The tap is at the client: it cannot tell a full queue from a lost ACK, and no report may.

    Source: metallb/metallb#297, kubernetes/kubernetes#94861.
    """
    for number in range(3):
        talk = wire.talk(f"10.195.0.3:{45_000 + number}", "10.195.0.7:8443", at=2.0 * number, server_ttl=63)
        talk.play(HANDSHAKE).play("0.002 > P. 517\n0.21 > P. again\n0.63 > P. again")
        for at in (1.02, 3.04, 7.1):
            talk.play(f"{at} < S. again\n{at + 0.0001} > .\n{at + 0.4} > P. 517 seq=1")


@story(
    Says("D08|D18|D30", ("1 h|3600", "10.196.0.7:1521"), "likely", "note", count=3),
    Never("D07"),
    Never("D27", ("never asked",)),
)
def firewall_resets_what_was_idle_for_an_hour(wire: Wire) -> None:
    """A firewall resets each session that was silent for an hour, in the server's name.

    True: the resets come 3600 s after the last segment, unasked, with a TTL of 254 where the server's packets have
    57.

    Source: reports on databases behind firewalls; microsoft's scenario of a "middle device".
    """
    for number in range(3):
        talk = wire.talk(
            f"10.196.0.3:{46_000 + number}", "10.196.0.7:1521", at=11.0 * number, server_ttl=57, stamps=False
        ).play(GREETING)
        last = 1.0 + number
        talk.play("0 > P. 80\n0.001 < P. 200\n0.0012 > .", at=last)
        talk.play("3600.0012 < R. ttl=254 id=1", at=last)


@story(
    Says("D34", ("Fast Open",), "likely", "note", count=4),
    Never("D01"),
)
def fast_open_is_dropped_on_the_way(wire: Wire) -> None:
    """A firewall drops SYNs that carry the option for Fast Open.

    True: four connects each lose the SYN with the cookie; the copy without it is answered after 1 s. A fifth connect
    that asked for none took 20 ms.

    Source: RFC 7413, 7.1; reports of "blackholed" Fast Open in browsers.
    """
    for number in range(4):
        talk = wire.talk(f"10.197.0.3:{47_000 + number}", "203.0.113.7:443", at=3.0 * number, server_ttl=51)
        talk.play("0 > S tfo\n1.02 > S again\n1.04 < S.\n1.0401 > .\n1.041 > P. 517\n1.062 < P. 900")
        talk.play("1.0621 > .")
    talk = wire.talk("10.197.0.3:47010", "203.0.113.7:443", at=20, server_ttl=51)
    talk.play("0 > S\n0.02 < S.\n0.0201 > .\n0.021 > P. 517\n0.042 < P. 900\n0.0421 > .")


@story(
    Says("D34", ("Multipath",), "likely", "note", count=3),
    Never("D01"),
)
def multipath_option_is_dropped_on_the_way(wire: Wire) -> None:
    """A firewall drops SYNs that ask for Multipath TCP.

    True: three connects lose two SYNs with the option each; the third copy leaves it out and is answered.

    Source: multipath-tcp/mptcp_net-next reports of middleboxes, RFC 8684, 3.7.
    """
    for number in range(3):
        talk = wire.talk(f"10.198.0.3:{47_000 + number}", "203.0.113.8:443", at=9.0 * number, server_ttl=51)
        talk.play("0 > S mptcp\n1.02 > S again mptcp\n3.05 > S again\n3.07 < S.\n3.0701 > .")
        talk.play("3.071 > P. 517\n3.092 < P. 900\n3.0921 > .")


@story(
    Says("D24", ("2001:db8:7::2", "1440"), "likely", "error", fault="path"),
    Never("D09"),
)
def packets_too_big_for_a_tunnel_in_ipv6(wire: Wire) -> None:
    """IPv6 through a tunnel whose router may not say "packet too big".

    True: handshake and small segments pass, full ones of 1440 bytes never do; no ICMPv6 arrives.

    Source: reports on ICMPv6 that is filtered altogether.
    """
    talk = wire.talk("[2001:db8:1::1]:50010", "[2001:db8:7::2]:443", stamps=False, server_mss=1440)
    talk.client.mss = 1440
    talk.play(HANDSHAKE).play("0.01 > P. 300\n0.02 < .\n0.021 < P. 90\n0.031 > .\n0.04 > P. 80\n0.05 < .")
    talk.play("0.06 > . 1440\n0.0601 > . 1440\n0.0602 > P. 200\n0.08 < .  ack=381")
    for at in (0.3, 0.7, 1.5, 3.1, 6.3, 12.7):
        talk.play(f"{at} > . 1440 seq=381")


@story(
    Says("D24", ("10.199.2.7:22",), "possible", "warning", fault="path"),
    Never("D24", ("2896", "1460")),
    Never("D09"),
)
def ssh_hangs_at_the_key_exchange(wire: Wire) -> None:
    """An SSH login through a VPN hangs: the list of algorithms does not get through.

    True: the tap is at the client, whose kernel hands the card 2896 bytes at once; on the wire they are two segments
    of 1448, and these do not pass. Banners of 40 bytes did, both ways.

    Source: the usual "expecting SSH2_MSG_KEX_ECDH_REPLY" behind OpenVPN.
    """
    talk = wire.talk("10.199.2.3:50022", "10.199.2.7:22", server_ttl=63).play(HANDSHAKE)
    talk.play("0.01 > P. 41\n0.03 < .\n0.031 < P. 41\n0.0311 > .\n0.032 < P. 1080\n0.0321 > .")
    talk.play("0.033 > . 2896")
    for at in (0.25, 0.68, 1.5, 3.2, 6.7, 13.5):
        talk.play(f"{at} > . 1448 seq=42")


@story(
    Says("D03", ("10.201.0.254", "prohibited"), "likely", "warning", fault="path", count=3),
    Never("D01"),
    Never("D02"),
    Never("D26"),
)
def rejected_by_a_packet_filter(wire: Wire) -> None:
    """A packet filter on the way rejects with "administratively prohibited".

    True: three connects are rejected at once by ICMP; the host behind is up.

    Source: the last rule of many distributions, ``REJECT --reject-with icmp-host-prohibited``.
    """
    for number in range(3):
        talk = wire.talk(f"10.201.0.3:{48_000 + number}", "10.201.7.7:9200", at=5.0 * number)
        for at in (0.0, 1.02):
            talk.play(f"{at} > S {'again' if at else ''}")
            _complain(wire, "prohibited", "10.201.0.254")


@story(
    Says("D09", ("10.202.9.9:443",), "possible", "warning"),
    Never("D24", confidence="likely"),
    Never("D08"),
    Ends("10.202.0.3:50000", ("ESTABLISHED", "ESTABLISHED|UNKNOWN")),
)
def one_name_is_dropped_silently(wire: Wire) -> None:
    """A filter drops the hello that asks for one name, and lets those for others pass.

    True: both connections open at once; one hello of 517 bytes is answered, one of 523 is sent six times in vain.
    Size is not the matter: full segments of the other connection pass.

    Source: measurements of filters on server names.
    """
    good = wire.talk("10.202.0.3:50002", "10.202.9.9:443", server_ttl=51)
    good.play("0 > S\n0.03 < S.\n0.0301 > .\n0.031 > P. 517\n0.07 < . 1448\n0.0701 > .\n0.08 > . 1448")
    good.play("0.11 < .")
    talk = wire.talk("10.202.0.3:50000", "10.202.9.9:443", at=2, server_ttl=51)
    talk.play("0 > S\n0.03 < S.\n0.0301 > .\n0.031 > P. 523")
    for at in (0.27, 0.7, 1.6, 3.3, 6.8, 13.7):
        talk.play(f"{at} > P. again")


@story(
    Says("D07", ("10.203.0.7:5432",), "possible", "warning"),
    Never("D08"),
    Never("D18"),
    Never("D09", confidence="certain"),
)
def host_reboots_in_mid_traffic(wire: Wire) -> None:
    """A host is rebooted without a word; half a minute later its kernel is back and knows nothing.

    True: busy connections of three clients stall at one instant, their data is sent again, and the copies after 31 s
    are reset.

    Source: reports on virtual machines that are moved or crash.
    """
    for number in range(3):
        talk = wire.talk(f"10.203.0.{3 + number}:51000", "10.203.0.7:5432", at=0.1 * number).play(GREETING)
        for second in range(1, 5):
            talk.play("0 > P. 50\n0.001 < P. 90\n0.0011 > .", at=second)
        talk.play("5 > P. 50")
        for at in (5.21, 5.63, 6.5, 8.2, 11.6, 18.4):
            talk.play(f"{at} > P. again")
        talk.play("32 > P. again\n32.0004 < R seq=661")


@story(
    Says(
        "D54",
        ("10.250.0.5", "6 connections to 4 hosts", "2 failed"),
        "likely",
        "error",
        fault="path",
    ),
    Says("D01", ("10.250.77.7:7680", "3 times"), "likely", "error"),
    Never("D01", ("10.250.9.",)),
    Never("D34"),
    Never("D26"),
)
def uplink_is_down_for_a_while(wire: Wire) -> None:
    """A phone that shares its radio link loses the network for twelve seconds.

    True: three servers answer within 40 ms before and after. From second 10 on nobody answers anything: two connects
    fail, four are answered by all servers at one instant, 12 s later. A peer that is gone for good, asked before,
    has nothing to do with it.

    Source: the test capture of wa1kpcap, a laptop on a phone's hotspot.
    """
    servers = [f"10.250.9.{number}:443" for number in (1, 2, 3)]
    for number, server in enumerate(servers):
        for at in (1 + number, 7 + number, 30 + number):
            wire.talk(f"10.250.0.5:{50_000 + 10 * at}", server, at=at).play(
                "0 > S\n0.04 < S.\n0.0401 > .\n0.05 > P. 200\n0.09 < P. 900\n0.0901 > ."
            ).play("0.1 > F.\n0.14 < F.\n0.1401 > .")
    gone = wire.talk("10.250.0.5:50900", "10.250.77.7:7680", at=5).play("0 > S")
    for at in (1, 3):
        gone.play(f"{at} > S again")
    for number, second in enumerate((10.0, 10.5)):
        lost = wire.talk(f"10.250.0.5:{51_000 + number}", f"10.250.9.{4 - number}:443", at=second).play(
            "0 > S"
        )
        for copy in (1, 3):
            lost.play(f"{copy} > S again")
    for number, server in enumerate((*servers, servers[0])):
        late = wire.talk(f"10.250.0.5:{52_000 + number}", server).play(f"{14 + 0.1 * number} > S")
        for copy in (1, 3, 7):
            late.play(f"{14 + 0.1 * number + copy} > S again")
        late.play(
            f"{22.2 + 0.01 * number} < S.\n{22.2001 + 0.01 * number} > .\n23 > P. 200\n23.04 < P. 900\n23.0401 > ."
        )
