"""Stories of tunnels, encryption, balancers and radios between two ends, told after those of ``passages``."""

from tests.field.company import Crowd, crowd
from tests.field.story import Ends, Never, Says, story
from tests.field.talk import GREETING, HANDSHAKE, Wire
from tests.packets import ip


@story(
    Says("D04|D05|D09|D54", ("10.180.2.9", "10.180.1.9"), "likely", "warning", count=4),
    Says("D04", ("10.180.2.9:9095", "does not reach"), "likely", "warning", count=4),
    Never("D26"),
    Never("D05", confidence="certain"),
    Never("D24"),
    Ends("10.180.1.9:40000", ("ESTABLISHED|CLOSED", "ESTABLISHED|CLOSED")),
    kept=False,
)
def tunnel_has_used_up_its_numbers(wire: Wire) -> None:
    """At one moment nothing gets from one node to another any more, while the other way stays open. Tap: the server.

    True: the nodes encrypt by IPsec, and the 32-bit count of packets of one direction is used up, so all of them are
    dropped. Open connections send their answers in vain; each SYN arrives, and no SYN-ACK gets back.

    Source: cilium/cilium#12447.
    """
    for number in range(4):
        talk = wire.talk(
            f"10.180.1.9:{40_000 + number}", "10.180.2.9:9095", at=0.3 * number, client_ttl=62
        ).play("0 > S\n0.00004 < S.\n0.0011 > .")
        step = 0.5
        while step + 0.3 * number < 30:
            talk.play(f"{step} > P. 200\n{step + 0.003} < P. 400\n{step + 0.0042} > .")
            step += 1.3
        talk.play(f"{step} > P. 200\n{step + 0.003} < P. 400")
        for wait in (0.204, 0.42, 0.86, 1.72, 3.4, 6.9, 13.8):
            talk.play(f"{step + 0.003 + wait} < P. again")
        for wait in (0.21, 0.63, 1.5, 3.2, 6.6):
            talk.play(f"{step + wait} > P. again\n{step + wait + 0.00003} < .")
    for number in range(4):
        late = wire.talk(f"10.180.1.9:{40_100 + number}", "10.180.2.9:9095", at=32 + number, client_ttl=62)
        late.play(
            "0 > S\n0.00004 < S.\n1.02 > S again\n1.02004 < S. again\n3.04 > S again\n3.04004 < S. again"
        )
        late.play("7.2 > S again\n7.20004 < S. again")
    crowd(wire, Crowd("10.180.2.9:9095", "10.180.3", 14, every=3.0, seed=3, trip=0.001))


@story(
    Says("D01", ("port 445 answered", "near the client"), "likely", "warning", count=5),
    Never("D26"),
    Never("D38"),
    Never("D54"),
    kept=False,
)
def provider_drops_file_sharing_to_everybody(wire: Wire) -> None:
    """Cloud file shares cannot be mounted from home, whichever is tried; their web interface opens. Tap: the client.

    True: the provider drops what goes to port 445. A Windows client sends four SYNs to each.

    Source: mgamble.ca, "You can't get there from here: port blocking by residential ISPs".
    """
    for number in range(5):
        share = wire.talk(
            f"192.168.7.20:{49_700 + number}",
            f"198.51.100.{20 + number}:445",
            at=22.0 * number,
            stamps=False,
            client_ttl=128,
            client_scale=8,
        )
        share.play("0 > S\n1.01 > S again\n3.02 > S again\n7.03 > S again\n15.04 > S again")
    for number in range(4):
        page = wire.talk(
            f"192.168.7.20:{49_800 + number}",
            f"198.51.100.{20 + number % 2}:443",
            at=24.0 * number + 3,
            stamps=False,
            client_ttl=128,
            server_ttl=113,
        )
        page.play("0 > S\n0.021 < S.\n0.02103 > .\n0.022 > P. 517\n0.044 < P. 1400\n0.09 > .\n0.3 > F.")
        page.play("0.321 < F.\n0.3211 > .")


@story(
    Says("D49|D51|D54|D09|D13|D50", ("203.0.113.80:443", "14,480|14.5 kB|count"), count=4),
    Never("D49", words=("the server's program", "the application"), severity="warning"),
    Never("D24"),
    Never("D23"),
    Ends("10.181.1.20:50000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def download_stops_after_ten_segments_and_nobody_closes(wire: Wire) -> None:
    """As the freeze after sixteen kilobytes, with clients that wait, and a capture that ends first.

    True: a filter drops what a foreign host sends beyond ten segments of each connection. The client's own keepalive
    probes after 45 s are not answered either.

    Source: net4people/bbs#490, #546.
    """
    for number in range(4):
        talk = wire.talk(
            f"10.181.1.20:{50_000 + number}", "203.0.113.80:443", at=6.0 * number, server_ttl=50
        ).play("0 > S\n0.06 < S.\n0.06003 > .\n0.061 > P. 1700\n0.123 < .")
        for step in range(10):
            talk.play(f"{0.13 + 0.001 * step:.3f} < . 1448")
            if step % 2:
                talk.play(f"{0.13 + 0.001 * step + 0.0001:.4f} > .")
        for probe in (45.2, 60.3, 75.4, 90.5):
            talk.play(f"{probe} > . seq={talk.client.next - 1}")
    for number in range(4):
        short = wire.talk(
            f"10.181.1.20:{50_100 + number}", "203.0.113.80:443", at=4 + 9.0 * number, server_ttl=50
        ).play("0 > S\n0.06 < S.\n0.06003 > .\n0.061 > P. 600\n0.124 < P. 900\n0.1241 > .")
        short.play("0.2 > F.\n0.26 < F.\n0.2601 > .")


@story(
    Says("D07|D27|D08", ("10.182.1.9:443", "NetScaler"), "possible", "note", count=3),
    Never("D18"),
    Never("D16"),
    Ends("10.182.1.20:44000", ("CLOSED", "CLOSED")),
    kept=False,
)
def gateway_knows_nothing_of_the_connection_after_a_failover(wire: Wire) -> None:
    """After a failover each client's next request is reset at once; the resets have a window of 8201.

    True: the second NetScaler has no table of the first one's connections. 8201 means that something came for a
    connection which it does not have any more.

    Source: Citrix CTX200852; arkime's sample long-session.pcap has such a reset.
    """
    for number in range(4):
        talk = wire.talk(
            f"10.182.1.{20 + number}:{44_000 + number}",
            "10.182.1.9:443",
            at=2.0 * number,
            server_ttl=253,
            server_window=32_768,
            server_scale=0,
        ).play("0 > S\n0.002 < S.\n0.00203 > .")
        for step in range(1, 9):
            talk.play(f"{5 * step} > P. 300\n{5 * step + 0.03} < P. 700\n{5 * step + 0.0301} > .")
        ask = 61.0 - 2.0 * number + 3.1 * number
        talk.play(f"{ask} > P. 300\n{ask + 0.002} < R win=8201 id={30_000 + 77 * number}")
        again = wire.talk(
            f"10.182.1.{20 + number}:{44_100 + number}",
            "10.182.1.9:443",
            at=ask + 2.0 * number + 0.5,
            server_ttl=253,
            server_window=32_768,
            server_scale=0,
        )
        again.play("0 > S\n0.002 < S.\n0.00203 > .\n0.003 > P. 300\n0.03 < P. 700\n0.0301 > .")


@story(
    Says("D01|D54", ("10.183.1.9:3306",), "likely", "warning", count=4),
    Never("D01", words=("nothing may listen", "stealth")),
    Never("D26"),
    Ends("10.183.1.20:49000", ("CLOSED|TIME_WAIT", "CLOSED|TIME_WAIT")),
    kept=False,
)
def host_is_shut_down_and_nobody_answers(wire: Wire) -> None:
    """A database's host is shut down: it closes its connections at one instant, and then nothing of it is heard.

    True: the whole host goes, in good order. That its firewall hides a closed port would be wrong.

    Source: the rival of a port that a firewall hides; any maintenance.
    """
    for number in range(6):
        talk = wire.talk(f"10.183.1.{20 + number}:{49_000 + number}", "10.183.1.9:3306", at=1.0 * number)
        talk.play(GREETING)
        for step in range(1, 12):
            talk.play(f"{4 * step} > P. 90\n{4 * step + 0.002} < P. 500\n{4 * step + 0.0021} > .")
        end = 60.0 - number + 0.0003 * number
        talk.play(f"{end} < F.\n{end + 0.0002} > F.\n{end + 0.001} < .")
    other = wire.talk("10.183.1.20:49500", "10.183.1.9:22", at=2).play(GREETING)
    other.play("57.9 < P. 60\n57.9001 > .\n58.2 < F.\n58.2002 > F.\n58.201 < .")
    for number in range(4):
        late = wire.talk(f"10.183.1.{20 + number}:{49_600 + number}", "10.183.1.9:3306", at=63 + 0.7 * number)
        late.play("0 > S\n1.02 > S again\n3.04 > S again\n7.2 > S again\n15.4 > S again")


@story(
    Says("D24", ("10.184.1.20", "too big|too large"), "likely", "warning"),
    Never("D24", words=("tells itself",)),
    Never("D09", severity="error"),
    Ends("10.184.1.20:46000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def complaint_is_dropped_by_the_host_that_it_is_for(wire: Wire) -> None:
    """A pod's uploads through a tunnel hang; its router says "too big" again and again, and is not listened to.

    True: a rule of the pod's host drops all ICMP, so the pod never learns of the tunnel's MTU. The tap is at the
    router, before that rule.

    Source: RFC 2923, 2.1.
    """
    talk = wire.talk("10.184.1.20:46000", "198.51.100.132:443", client_ttl=63, server_ttl=52)
    talk.play("0 > S\n0.02 < S.\n0.021 > .\n0.022 > P. 517\n0.043 < P. 1300\n0.0435 > .")
    talk.play("0.05 > P. 90\n0.071 < P. 240\n0.0715 > .")
    began = talk.client.next
    for wait in (0, 0.31, 0.93, 2.2, 4.7, 9.8):
        talk.play(f"{0.1 + wait} > . 1448 seq={began}")
        time, _, frame = wire.frames[-1]
        said = ip.ethernet(ip.icmp_error("too-big", "10.184.1.1", frame[14:]))
        wire.frames.append((time + 60_000, len(said), said))
    crowd(wire, Crowd("198.51.100.132:443", "10.184.2", 6, every=2.0, seed=5, trip=0.02, share=0.05))


@story(
    Says("D35|D44|D27|D16", ("One device near the client",), count=4),
    Never("D02"),
    Never("D26"),
    Never("D35", words=("access list", "TCP wrappers"), confidence="likely"),
    kept=False,
)
def proxy_on_the_phone_line_accepts_for_everybody(wire: Wire) -> None:
    """On a mobile line every connect succeeds at once, also to hosts that are off; then it is reset.

    True: a proxy of the carrier answers each SYN itself, and only then calls the server. Where that does not answer,
    it resets the client's connection twenty seconds later. All its packets have one TTL, whomever they are of.

    Source: impalex/knockonports#23.
    """
    for number in range(8):
        site = f"{(23, 52, 93, 104, 142, 151, 185, 203)[number]}.{0 if number == 7 else 40 + number}.113.9"
        talk = wire.talk(f"10.185.1.20:{47_000 + number}", f"{site}:443", at=3.0 * number, server_ttl=62)
        talk.play("0 > S\n0.022 < S.\n0.02203 > .\n0.023 > P. 517\n0.045 < .")
        if number % 2:
            talk.play("20.1 < R. ack=518")
        else:
            talk.play(
                "0.19 < P. 1400\n0.1901 > .\n0.2 > P. 90\n0.35 < P. 600\n0.3501 > .\n0.6 > F.\n0.622 < F.\n0.6221 > ."
            )


@story(
    Says("D07|D20|D27", ("10.186.1.9:6379",), "possible", "info"),
    Never("D27", words=("made an ACK",)),
    Never("D18", confidence="certain"),
    kept=False,
)
def host_was_restarted_and_is_called_from_the_same_port(wire: Wire) -> None:
    """A controller with one fixed port acknowledges something old, is reset, and connects again with another number.

    True: the server was restarted. The controller's keepalive draws a reset; it calls again from its port, by a SYN
    of its own choice. No firewall has changed anything.

    Source: the rival of a SYN that was made an acknowledgement; forums on controllers with fixed ports.
    """
    for number in range(5):
        old = wire.talk("10.186.1.3:1025", "10.186.1.9:6379", at=30.0 * number, stamps=False)
        old.client.isn = (77_000_000 + 9_100_003 * number) % 2**32
        seq = 5_000_000 + 1000 * number
        old.play(f"0 > . seq={seq} ack=9000\n0.0004 < R seq=9000")
        old.client.next = old.server.next = 0
        old.play(HANDSHAKE, at=1.0)
        old.play("1.01 > P. 40\n1.012 < P. 12\n1.0121 > .\n20 > F.\n20.0004 < F.\n20.0005 > .")
