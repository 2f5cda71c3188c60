"""Stories of what stands between two ends: filters, gateways, radios and shapers, and what they leave on the wire."""

import struct

from tests.field.company import Crowd, crowd
from tests.field.story import Ends, Never, Says, story
from tests.field.talk import GREETING, Talk, Wire
from tests.packets import ip


@story(
    Says("D09|D13|D39|D51|D54|D59", ("203.0.113.9:443", "16 kB|15.9 kB|15,928|15928|16 KiB"), count=4),
    Never("D24"),
    Never("D23"),
    Never("D49", severity="warning"),
    Never("D02"),
    Ends("10.170.1.20:50000", ("FIN_WAIT1", "ESTABLISHED|CLOSE_WAIT|LAST_ACK|CLOSED")),
    kept=False,
)
def stream_freezes_after_sixteen_kilobytes(wire: Wire) -> None:
    """Pages of one foreign host never load; short ones do, and so do all of hosts at home. Tap: the client.

    True: a filter counts what the foreign host sends on each connection, and from sixteen kilobytes on drops all of
    its packets. The client gives up after half a minute, and its FIN is not acknowledged either.

    Source: net4people/bbs#490.
    """
    for number in range(4):
        talk = wire.talk(
            f"10.170.1.20:{50_000 + number}", "203.0.113.9:443", at=35.0 * number, server_ttl=51
        ).play("0 > S\n0.045 < S.\n0.04503 > .\n0.046 > P. 517")
        _stream(talk, 0.092, 11)
        end = 30.046
        for wait in (0, 0.25, 0.75, 1.8, 4.0, 8.2):
            talk.play(f"{end + wait} > F.{' again' if wait else ''}")
    for number in range(3):
        short = wire.talk(
            f"10.170.1.20:{50_100 + number}", "203.0.113.9:443", at=9 + 35.0 * number, server_ttl=51
        ).play("0 > S\n0.045 < S.\n0.04503 > .\n0.046 > P. 517\n0.093 < P. 1300\n0.0931 > .")
        short.play("0.2 > F.\n0.245 < F.\n0.2451 > .")
        home = wire.talk(
            f"10.170.1.20:{50_200 + number}", "198.51.100.7:443", at=3 + 35.0 * number, server_ttl=57
        ).play("0 > S\n0.008 < S.\n0.00803 > .\n0.009 > P. 517")
        _stream(home, 0.018, 120)
        home.play("0.9 > F.\n0.908 < F.\n0.9081 > .")


def _stream(talk: Talk, at: float, count: int) -> None:
    """Let the server send full segments, of which each second is acknowledged."""
    for step in range(count):
        now = at + 0.0012 * step
        talk.play(f"{now:.6f} < . 1448")
        if step % 2 or step == count - 1:
            talk.play(f"{now + 0.00005:.6f} > .")


@story(
    Says("D20|D27|D34|D38|D45", ("10.171.1.9:1521", "ACK of the first SYN"), "possible", "note", count=5),
    Never("D07"),
    Never("D26"),
    Never("D18"),
    Never("D02"),
    kept=False,
)
def firewall_makes_an_acknowledgement_of_the_syn(wire: Wire) -> None:
    """Of twenty connects to a database five take a second more, those from ports that were used before. Tap: server.

    True: the firewall between still has the old connection of that port, so it turns the SYN into an acknowledgement
    to see what the server says. The server knows of no connection and resets it; the firewall forgets the old
    one, and the copy of the SYN passes.

    Source: fir3net.com, "Check Point is changing SYN packets to ACKs"; Check Point sk24960, Smart Connection Reuse.
    """
    for number in range(20):
        talk = wire.talk(
            f"10.171.1.{20 + number % 4}:{41_000 + number}", "10.171.1.9:1521", at=4.0 * number, client_ttl=62
        )
        late = 0.0
        if number % 4 == 3:
            old = 1_868_928_554 + 77_777_777 * number
            talk.play(f"0 > . seq=0 ack={(old - talk.server.isn) % 2**32} win=64240 nots")
            talk.play(f"0.00003 < R seq={(old - talk.server.isn) % 2**32} win=0")
            talk.server.next = 0
            late = 1.02
        talk.play("0 > S\n0.00004 < S.\n0.0021 > .\n0.0024 > P. 200\n0.004 < P. 90\n0.0062 > .", at=late)
        talk.play("2.0 > F.\n2.0001 < F.\n2.0022 > .", at=late)


@story(
    Says(
        "D01",
        ("port 25 answered", "None of the 12 servers", "near the client"),
        "likely",
        "warning",
        count=12,
    ),
    Never("D26"),
    Never("D38"),
    Never("D54"),
    Ends("10.172.1.9:42000", ("CLOSED|SYN_SENT", "CLOSED|LISTEN|UNKNOWN")),
    kept=False,
)
def mail_port_is_closed_for_the_whole_house(wire: Wire) -> None:
    """A new machine in a cloud sends no mail: no mail server of the world answers it. Tap at the machine.

    True: the cloud drops what leaves for port 25, to whomever. Postfix gives each server thirty seconds. Two of the
    same hosts answer on 443, a relay answers on 587, and all else is well.

    Source: jeboehm/docker-mailserver#112, postalserver/postal#461.
    """
    for number in range(12):
        talk = wire.talk(
            f"10.172.1.9:{42_000 + number}", f"203.0.113.{10 + 7 * number}:25", at=31.0 * (number // 3)
        )
        talk.play("0 > S\n1.01 > S again\n3.03 > S again\n7.19 > S again\n15.38 > S again")
    for number in range(6):
        page = wire.talk(
            f"10.172.1.9:{43_000 + number}", f"203.0.113.{10 + 7 * (number % 2)}:443", at=20.0 * number
        )
        page.play("0 > S\n0.02 < S.\n0.02003 > .\n0.021 > P. 517\n0.043 < P. 1400\n0.0431 > .")
        page.play("0.3 > F.\n0.32 < F.\n0.3201 > .")
    relay = wire.talk("10.172.1.9:43100", "198.51.100.25:587", at=50)
    relay.play("0 > S\n0.012 < S.\n0.01203 > .\n0.03 < P. 40\n0.0301 > .\n0.031 > P. 20\n0.045 < P. 90")
    relay.play("0.05 > P. 6\n0.063 < P. 9\n0.0631 < F.\n0.06315 > F.\n0.075 < .")


@story(
    Says(
        "D02|D18|D38|D43|D44",
        ("ne device near the client",),
        count=6,
    ),
    Never("D02", confidence="certain"),
    Never("D26"),
    Never("D35", severity="warning"),
    Ends("10.173.1.20:51000", ("CLOSED|TIME_WAIT", "CLOSED|TIME_WAIT")),
    kept=False,
)
def gate_answers_for_every_site_before_the_login(wire: Wire) -> None:
    """A notebook in a hotel: pages by HTTP answer at once, all with the same word, and those by TLS are refused.

    True: until somebody logs in, the gateway, one hop away, answers port 80 of every address itself, with a redirect,
    and refuses port 443 in every server's name. All answers come within a millisecond, with a TTL of 64 and with the
    time stamps of one clock, wherever the servers are.

    Source: nodogsplash/nodogsplash#197 and openNDS/openNDS#26 for port 80 alone being answered; that 443 is refused
    is after the kind of rules that reject whoever has not logged in (RFC 8952).
    """
    for number in range(8):
        at = 1.7 * number
        site = f"{(23, 52, 93, 104, 142, 151, 172, 198)[number]}.{20 + number}.100.{7 + number}"
        talk = wire.talk(f"10.173.1.20:{51_000 + number}", f"{site}:80", at=at, server_scale=5)
        clock = 77_000_000 + int(at * 1000)
        talk.play(f"0 > S\n0.0009 < S. ts={clock}\n0.00095 > .\n0.001 > P. 140\n0.0019 < . ts={clock + 2}")
        talk.play(f"0.0031 < P. 310 ts={clock + 3}\n0.0032 < F. ts={clock + 3}\n0.0033 > .\n0.004 > F.")
        talk.play(f"0.0049 < . ts={clock + 5}")
        refused = wire.talk(f"10.173.1.20:{51_100 + number}", f"{site}:443", at=at + 0.4)
        refused.play("0 > S\n0.0008 < R. seq=0")
    page = wire.talk("10.173.1.20:51300", "10.173.1.1:2050", at=15, server_scale=5)
    page.play("0 > S\n0.0009 < S. ts=77015000\n0.00095 > .\n0.001 > P. 300\n0.004 < P. 1200 ts=77015004")
    page.play("0.0041 > .\n2 > F.\n2.0009 < F. ts=77017001\n2.001 > .")


@story(
    Says("D01", ("10.174.1.9:8530", "stealth|nothing may listen"), "likely", "warning", count=5),
    Says("D07|D16|D27", ("10.174.1.9:8530",), "possible", "note", count=6),
    Never("D26"),
    Never("D43"),
    Never("D54"),
    Never("D18"),
    Ends("10.174.1.20:49700", ("CLOSED", "CLOSED")),
    kept=False,
)
def stopped_service_is_hidden_by_its_firewall(wire: Wire) -> None:
    """A service on Windows is stopped: its connections are reset, and who asks again is not answered at all.

    True: nothing listens any more. Windows would refuse, but its firewall's stealth mode lets no refusal of a closed
    port leave, so clients wait 21 s each for what nobody blocks. File sharing on the same host goes on.

    Source: Microsoft KB 2586744, "How to disable Stealth mode in Windows".
    """
    for number in range(6):
        talk = wire.talk(
            f"10.174.1.{20 + number}:{49_700 + number}",
            "10.174.1.9:8530",
            at=2.0 * number,
            stamps=False,
            client_scale=8,
            server_scale=8,
            client_ttl=128,
            server_ttl=128,
        ).play(GREETING)
        for step in range(1, 10):
            talk.play(f"{5 * step} > P. 120\n{5 * step + 0.02} < P. 400\n{5 * step + 0.07} > .")
        talk.play(f"{61.0 - 2.0 * number + 0.0002 * number} < R. win=0")
    for number in range(6):
        late = wire.talk(
            f"10.174.1.{20 + number}:{49_800 + number}",
            "10.174.1.9:8530",
            at=63.0 + 0.4 * number,
            stamps=False,
            client_scale=8,
            client_ttl=128,
        )
        late.play("0 > S\n1.01 > S again\n3.02 > S again\n7.03 > S again\n15.04 > S again")
    for number in range(3):
        share = wire.talk(
            f"10.174.1.{20 + number}:{49_900 + number}",
            "10.174.1.9:445",
            at=1.0 + number,
            stamps=False,
            client_ttl=128,
            server_ttl=128,
        ).play(GREETING)
        for step in range(1, 20):
            share.play(f"{4.3 * step} > P. 110\n{4.3 * step + 0.001} < P. 180\n{4.3 * step + 0.05} > .")


@story(
    Says("D47|D54|D56|D57|D64", ("10.175.1.9:8883", "late|arrived|needless|not lost|delay"), count=1),
    Never("D47", words=("is lost", "was lost", "are lost")),
    Never("D08"),
    Never("D49", severity="note"),
    Never("D09"),
    Ends("10.175.1.20:40000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def radio_wakes_up_and_the_first_packet_is_late(wire: Wire) -> None:
    """A tracker reports every half minute, and sends each report three times; the rest is fast. Tap: the tracker.

    True: its radio goes idle after ten seconds, and takes a second and a half to get a channel again. The
    report waits in the modem, and so do its copies, since the tracker's timer knows round trips of 80 ms. All three
    arrive: the answer echoes the time stamp of the first, and two D-SACKs tell of the others.

    Source: after the kind of Barbuzzi et al., "3GPP Radio Resource Control in Practice"; RFC 4015, 1, on spurious
    time-outs.
    """
    talk = wire.talk("10.175.1.20:40000", "10.175.1.9:8883", server_ttl=50)
    talk.play(
        "0 > S\n1.55 < S.\n1.5501 > .\n1.56 > P. 300\n1.64 < P. 1200\n1.6401 > .\n1.65 > P. 120\n1.73 < P. 60"
    )
    talk.play("1.7301 > .")
    for step in range(1, 16):
        at = 30.0 * step
        began = talk.client.next
        talk.send(at, ">", "P.", "180")
        first = talk.client.stamp
        talk.play(f"{at + 0.285} > P. again\n{at + 0.855} > P. again")
        talk.play(f"{at + 1.58} < . echo={first}")
        for copy in (1, 2):
            talk.play(f"{at + 1.58 + 0.0004 * copy:.4f} < . echo={first} sack={began}-{began + 180}")
        talk.play(f"{at + 1.586} < P. 8\n{at + 1.5861} > .")
        talk.play(f"{at + 1.7} > P. 40\n{at + 1.78} < P. 8\n{at + 1.7801} > .")


@story(
    Says("D56|D57|D64", ("10.176.1.9:5201",), "likely", "note"),
    Says("D56|D57|D64", ("11,584|5,792",), "possible", "note"),
    Never("D24", words=("MTU",)),
    Never("D09"),
    Never("D23"),
    Never("D49"),
    Ends("10.176.1.20:43000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def policer_has_no_room_for_a_large_burst(wire: Wire) -> None:
    """A pod with a limit of 100 Mbit/s sends 300 kbit/s, by fits and starts. Tap in the pod, before the card.

    True: the policer's bucket holds 10 kB. The kernel hands over up to 64 kB at a time, to be cut later; whatever is
    larger than the bucket is dropped whole. After each time-out small pieces pass and are acknowledged, they double,
    and the first that is too large is dropped again.

    Source: kubeovn/kube-ovn#141, ovn-kubernetes/ovn-kubernetes#880 (``ingress_policing_burst``).
    """
    talk = wire.talk("10.176.1.20:43000", "10.176.1.9:5201", server_ttl=63)
    talk.play("0 > S\n0.0004 < S.\n0.00043 > .\n0.0005 > P. 37\n0.0009 < .")
    at = 0.01
    for _ in range(24):
        lost = talk.client.next
        talk.play(f"{at} > P. 11584")
        at += 0.205
        talk.play(f"{at} > . 1448 seq={lost}\n{at + 0.0005} < . ack={lost + 1448}")
        talk.play(f"{at + 0.00055} > . 2896 seq={lost + 1448}\n{at + 0.001} < . ack={lost + 4344}")
        talk.play(f"{at + 0.00105} > . 5792 seq={lost + 4344}\n{at + 0.0016} < . ack={lost + 10136}")
        talk.play(f"{at + 0.00165} > P. 1448 seq={lost + 10136}\n{at + 0.0021} < . ack={lost + 11584}")
        at += 0.0022
    crowd(wire, Crowd("10.176.1.9:443", "10.176.2", 10, every=0.5, seed=7, trip=0.0004))


@story(
    Says("D07|D08|D27|D30", ("10.177.1.9:443", "180 s|3 min"), "possible", "note", count=4),
    Says("D07|D08|D18|D27|D30", ("8211|NetScaler",), count=4),
    Never("D16"),
    Never("D09"),
    Ends("10.177.1.20:44000", ("CLOSED", "CLOSED")),
    kept=False,
)
def gateway_says_why_in_the_window_of_its_reset(wire: Wire) -> None:
    """Idle connections to a service are reset after three minutes, with windows that no reset should have.

    True: the service stands behind a NetScaler, which drops what is idle for 180 s, and writes its reason into the
    window of the reset: 8211 means that an idle connection was cleaned up.

    Source: Citrix CTX200852, and its article "What's That NetScaler Reset Packet?".
    """
    for number in range(5):
        talk = wire.talk(
            f"10.177.1.{20 + number}:{44_000 + number}",
            "10.177.1.9:443",
            at=7.0 * number,
            server_ttl=253,
            server_window=32_768,
            server_scale=0,
        ).play("0 > S\n0.002 < S.\n0.00203 > .\n0.003 > P. 400\n0.02 < P. 900\n0.0201 > .")
        last = 9.0 + 11 * number
        talk.play(f"{last} > P. 300\n{last + 0.03} < P. 700\n{last + 0.0301} > .")
        talk.play(f"{last + 180.04 + 0.1 * number} < R win=8211 id={talk.server.id + 1}")
    busy = wire.talk(
        "10.177.1.40:44100", "10.177.1.9:443", server_ttl=253, server_window=32_768, server_scale=0
    )
    busy.play("0 > S\n0.002 < S.\n0.00203 > .")
    for step in range(1, 9):
        busy.play(f"{30 * step} > P. 300\n{30 * step + 0.03} < P. 700\n{30 * step + 0.0301} > .")


@story(
    Says("D09|D39", ("10.178.2.9:22",), "likely", "warning", count=2),
    Says("D09|D39", ("redirect",), count=2),
    Never("D08"),
    Never("D24"),
    Never("D26"),
    Ends("10.178.1.20:45000", ("ESTABLISHED|CLOSED", "ESTABLISHED|CLOSED")),
    kept=False,
)
def router_shows_a_shorter_way_that_is_forgotten(wire: Wire) -> None:
    """Each SSH session to a network behind a second router dies after five minutes, in the midst of work.

    True: the default gateway, a stateful firewall, lets the SYN pass and redirects the client by ICMP to the other
    router; answers come by that one anyway. When the client's memory of the redirect expires, its packets go to the
    firewall again, which has never seen the handshake and drops them. A new SYN starts the same again.

    Source: Netgate, "Troubleshooting Asymmetric Routing".
    """
    for number in range(3):
        talk = wire.talk(f"10.178.1.20:{45_000 + number}", "10.178.2.9:22", at=340.0 * number, server_ttl=63)
        talk.play("0 > S")
        _redirect(wire, "10.178.1.1", "10.178.1.254")
        talk.play(
            "0.0012 < S.\n0.00123 > .\n0.02 < P. 40\n0.0201 > .\n0.021 > P. 40\n0.024 < P. 900\n0.0241 > ."
        )
        for step in range(1, 60):
            at = 5.0 * step
            talk.play(f"{at} > P. 36\n{at + 0.002} < P. 60\n{at + 0.0021} > .")
        talk.play("302 > P. 36")
        for wait in (0.204, 0.612, 1.43, 3.06, 6.33, 12.9, 26.0):
            talk.play(f"{302 + wait} > P. again")


def _redirect(wire: Wire, router: str, better: str) -> None:
    """Have a router say that another one is nearer to where the last frame goes (ICMP type 5, code 1)."""
    time, _, frame = wire.frames[-1]
    quoted = frame[14 : 14 + 28]
    body = struct.pack("!BBH", 5, 1, 0) + bytes(int(one) for one in better.split(".")) + quoted
    body = body[:2] + struct.pack("!H", ip.checksum(body)) + body[4:]
    said = ip.ethernet(ip.ipv4(router, ip.source_of(frame), body, protocol=ip.ICMP))
    wire.frames.append((time + 200_000, len(said), said))


@story(
    Says("D24", ("203.0.113.5", "too big", "translat|NAT"), "likely", "warning", fault="path"),
    Never("D09", severity="error"),
    Never("D24", words=("ignores", "takes no notice")),
    Ends("203.0.113.5:46000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def router_tells_itself_that_packets_are_too_big(wire: Wire) -> None:
    """Uploads from behind a gateway hang; at its outer side each large packet draws "too big", and comes again.

    True: the gateway translates before it finds that the packet does not fit into its tunnel. So it sends its
    complaint to the address that it has just put in: its own. The sender inside is never told.

    Source: opnsense/core#4094.
    """
    for number in range(2):
        talk = wire.talk(
            f"203.0.113.5:{46_000 + number}",
            "198.51.100.132:443",
            at=4.0 * number,
            client_ttl=63,
            server_ttl=52,
        ).play("0 > S\n0.02 < S.\n0.021 > .\n0.022 > P. 517\n0.043 < P. 1300\n0.0435 > .")
        talk.play("0.05 > P. 90\n0.071 < P. 240\n0.0715 > .")
        began = talk.client.next
        for wait in (0, 0.31, 0.93, 2.2, 4.7, 9.8):
            talk.play(f"{0.1 + wait} > . 1448 seq={began}")
            time, _, frame = wire.frames[-1]
            said = ip.ethernet(ip.icmp_error("too-big", "203.0.113.5", frame[14:]))
            wire.frames.append((time + 60_000, len(said), said))
        talk.client.next = began + 1448
