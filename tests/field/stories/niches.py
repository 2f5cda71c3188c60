"""Stories of hosts and pools that do something at the wrong moment, or in the wrong place."""

from tests.field.company import Crowd, crowd
from tests.field.story import Ends, Never, Says, story
from tests.field.talk import GREETING, Wire
from tests.packets import ip


@story(
    Says("D59", ("10.36.1.9:5432", "30 min"), "possible", "info", count=12),
    Says("D49|D34|D59", ("at one instant|at the same moment|within|at once|together",), count=12),
    Never("D16"),
    Never("D08"),
    Never("D26"),
    Never("D59", words=("server closes", "limits how old"), confidence="certain"),
    kept=False,
)
def pool_renews_all_of_its_connections_at_one_instant(wire: Wire) -> None:
    """Every half hour a database is busy for three seconds with nothing but logins.

    True: a pool opened its twenty connections at one moment, and closes each when it is thirty minutes old, without
    any jitter. All of them end and are made anew within milliseconds, and the logins wait for each other.

    Source: PostHog/posthog#49745, eclipse-vertx/vertx-sql-client#1496.
    """
    for generation in range(3):
        for number in range(20):
            talk = wire.talk(
                f"10.36.1.20:{40_000 + 100 * generation + number}",
                "10.36.1.9:5432",
                at=1800.01 * generation + 0.0005 * number,
            )
            slow = 0.15 * (number + 1)
            talk.play(
                f"0 > S\n0.0005 < S.\n0.00053 > .\n0.001 > P. 240\n{slow} < P. 320\n{slow + 0.0001} > ."
            )
            for step in range(1, 11):
                at = 170.0 * step + 0.7 * number
                talk.play(f"{at} > P. 90\n{at + 0.002} < P. 400\n{at + 0.0021} > .")
            if generation < 2:
                talk.play("1800 > P. 5\n1800.00005 > F.\n1800.0006 < .\n1800.0008 < F.\n1800.0009 > .")


@story(
    Says("D54|D56|D57|D64|D47|D49", ("10.36.2.9:2000",), "possible", "note"),
    Says("D54|D56|D57|D64|D47|D49", ("not lost|held|late|delay",), "possible", "note"),
    Never("D09"),
    Never("D08"),
    Never("D24"),
    Never("D57", words=("are lost", "were lost"), confidence="likely"),
    Never("D47"),
    Ends("10.36.2.20:41000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def card_sends_a_packet_only_when_the_next_one_comes(wire: Wire) -> None:
    """A board answers each question a fifth of a second late, just after the question has been asked again.

    True: the driver of its card leaves the last packet in its queue until another is written. The copy of the
    question draws an acknowledgement, and that pushes the answer out before it. Nothing is lost. Tap at the client.

    Source: apache/nuttx#12446, Koheron/koheron-sdk#569.
    """
    talk = wire.talk("10.36.2.20:41000", "10.36.2.9:2000").play(GREETING)
    for step in range(1, 30):
        at = 5.0 * step
        talk.play(f"{at} > P. 24")
        began = talk.client.next - 24
        talk.play(f"{at + 0.204:.4f} > P. again\n{at + 0.2051:.4f} < P. 60")
        talk.play(f"{at + 0.2052:.4f} < . sack={began}-{began + 24}\n{at + 0.2053:.4f} > .")


@story(
    Says("D01|D02|D34", ("10.36.3.9:80", "reuse|used before"), "possible", "warning", count=6),
    Never("D26"),
    Never("D06"),
    Never("D01", words=("server is down",)),
    Ends("10.36.3.20:42003", ("CLOSED|SYN_SENT", "CLOSED|LISTEN|UNKNOWN"), incarnation=2),
    kept=False,
)
def reused_ports_lead_to_a_backend_that_is_gone(wire: Wire) -> None:
    """After an update of a service one client in ten of its connects times out, for as long as it goes on asking.

    True: the virtual server (IPVS, ``conn_reuse_mode=0``) still has entries of the backend that was removed. Who
    connects from a port of such an entry is sent to that backend; from any other port all goes well.

    Source: kubernetes/kubernetes#81775.
    """
    for number in range(24):
        first = wire.talk(f"10.36.3.20:{42_000 + number}", "10.36.3.9:80", at=0.5 * number, server_ttl=63)
        first.play("0 > S\n0.001 < S.\n0.00103 > .\n0.002 > P. 90\n0.005 < P. 400\n0.0051 > .")
        first.play("0.01 > F.\n0.011 < F.\n0.0111 > .")
    for number in range(24):
        again = wire.talk(
            f"10.36.3.20:{42_000 + number}", "10.36.3.9:80", at=70 + 0.5 * number, server_ttl=63
        )
        if number % 3 == 0:
            again.play("0 > S\n1.01 > S again\n3.03 > S again\n7.06 > S again")
            continue
        again.play("0 > S\n0.001 < S.\n0.00103 > .\n0.002 > P. 90\n0.005 < P. 400\n0.0051 > .")
        again.play("0.01 > F.\n0.011 < F.\n0.0111 > .")
    for number in range(40):
        fresh = wire.talk(
            f"10.36.3.20:{43_000 + number}", "10.36.3.9:80", at=70.2 + 0.5 * number, server_ttl=63
        )
        fresh.play("0 > S\n0.001 < S.\n0.00103 > .\n0.002 > P. 90\n0.005 < P. 400\n0.0051 > .")
        fresh.play("0.01 > F.\n0.011 < F.\n0.0111 > .")


@story(
    Says("D07|D27|D43", ("[2001:db8:36::9]:6443",), "possible", "warning", count=4),
    Says(
        "D07|D27|D43",
        ("another machine|other machine|several machines|another host|another backend",),
        count=4,
    ),
    Never("D08"),
    Never("D16"),
    Never("D18", confidence="likely"),
    kept=False,
)
def long_requests_end_at_another_of_three_nodes(wire: Wire) -> None:
    """Long requests to a cluster are reset now and then, in their midst; short ones hardly ever. Tap: the router.

    True: three nodes announce one address, and the router spreads connections over them. A change of any route makes
    its kernel look up the next hop of an open connection anew (in IPv6), so that its next packet goes to a node
    that knows nothing of it, and resets it. The router itself is the client.

    Source: moehl.eu, "IPv6 ECMP Instability in the Linux Kernel".
    """
    for number in range(6):
        talk = wire.talk(
            f"[2001:db8:36::1]:{44_000 + number}", "[2001:db8:36::9]:6443", at=3.0 * number, server_ttl=64
        )
        talk.play("0 > S\n0.0003 < S.\n0.00032 > .\n0.001 > P. 300\n0.003 < P. 900\n0.0031 > .")
        end = 40 + 17 * number
        for step in range(1, end):
            talk.play(f"{step} < P. 700\n{step + 0.00005:.5f} > .")
        if number < 4:
            at = end + 0.3
            talk.play(
                f"{at} < P. 700\n{at + 0.00005:.5f} > .\n{at + 0.00025:.5f} < R seq={talk.server.next + 700}"
            )
    for number in range(40):
        short = wire.talk(
            f"[2001:db8:36::1]:{45_000 + number}", "[2001:db8:36::9]:6443", at=2.5 * number, server_ttl=64
        )
        short.play("0 > S\n0.0003 < S.\n0.00032 > .\n0.001 > P. 300\n0.003 < P. 900\n0.0031 > .")
        short.play("0.01 > F.\n0.0104 < F.\n0.01042 > .")


@story(
    Never("D*", severity="warning"),
    Never("D48"),
    Never("D45"),
    Never("D46"),
    Never("D54"),
    Never("D25", severity="note"),
    Ends("10.36.5.20:49152", ("TIME_WAIT|CLOSED", "CLOSED")),
    kept=False,
)
def clock_of_the_time_stamps_stands_still(wire: Wire) -> None:
    """A host that has been up for fifty days sends the same time stamp in all that it says; all goes well as yet.

    True: the clock of its TCP (macOS) has come to its end and stands. Nothing on the wire is wrong but the stamp; the
    host itself keeps each closed connection in TIME_WAIT for ever, and will run out of ports tomorrow.

    Source: core-jmp.org, "The 49-day macOS time bomb".
    """
    for number in range(30):
        talk = wire.talk(f"10.36.5.20:{49_152 + number}", "203.0.113.60:443", at=4.0 * number, server_ttl=54)
        stuck = "ts=4294967295"
        talk.play(f"0 > S {stuck}\n0.03 < S.\n0.03003 > . {stuck}\n0.031 > P. 300 {stuck}\n0.08 < P. 1200")
        talk.play(f"0.0801 > . {stuck}\n1.2 > P. 200 {stuck}\n1.24 < P. 800\n1.2401 > . {stuck}")
        talk.play(f"2 > F. {stuck}\n2.03 < F.\n2.0301 > . {stuck}")


@story(
    Says("D03", ("10.36.6.9:7000",), "likely", "note", count=5),
    Never("D26"),
    Never("D01"),
    Never("D04"),
    kept=False,
)
def carrier_asks_on_for_a_phone_that_has_left(wire: Wire) -> None:
    """A server that rejects a port by ICMP is asked there four times by each of some addresses of one carrier.

    True: a proxy of the carrier asks on behalf of phones, takes no notice of the ICMP error, and repeats its SYN
    though the phone has hung up long ago. Knocks on another port then open this one. Tap at the server.

    Source: impalex/knockonports#23.
    """
    for number in range(6):
        talk = wire.talk(
            f"198.51.100.{30 + number}:{50_000 + 7 * number}",
            "10.36.6.9:7000",
            at=9.0 * number,
            client_ttl=52,
        )
        for tries, wait in enumerate((0, 1.01, 3.03, 7.09)):
            talk.send(wait, ">", "S", *(["again"] if tries else []))
            time, _, frame = wire.frames[-1]
            said = ip.ethernet(ip.icmp_error("port-unreachable", "10.36.6.9", frame[14:]))
            wire.frames.append((time + 40_000, len(said), said))
    crowd(wire, Crowd("10.36.6.9:22", "203.0.113", 8, every=6.0, seed=9, trip=0.03, share=0.95))
