"""Stories of hosts and ways that are frozen, full, or have more to do than they can."""

from tests.field.company import Crowd, crowd
from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D13", ("10.50.1.9:5432",), "likely", "warning", count=3),
    Never("D09"),
    Never("D18"),
    Never("D16", severity="warning"),
    Never("D08", severity="warning"),
    Ends("10.50.1.3:41000", ("CLOSED", "CLOSED")),
    Ends("10.50.1.6:41003", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def function_is_frozen_between_two_calls(wire: Wire) -> None:
    """A database closes what was idle for a minute; the function that holds the connection is frozen, and hears
    nothing.

    True: the virtual machine of a serverless function stands still between two calls. The FIN, sent nine times, is
    never acknowledged; the server gives up. When the function is called again it sends its next query on the same
    connection, and is reset. A function that is called every forty seconds works.

    Source: npgsql/npgsql#3559, brianc/node-postgres#2243.
    """
    for number in range(3):
        talk = wire.talk(
            f"10.50.1.{3 + number}:{41_000 + number}", "10.50.1.9:5432", at=11.0 * number, client_ttl=62
        )
        talk.play("0 > S\n0.00004 < S.\n0.001 > .\n0.0015 > P. 90\n0.004 < P. 400\n0.005 > .\n0.3 > P. 120")
        talk.play("0.31 < P. 700\n0.311 > .\n60.31 < FP. 150")
        wait, at = 0.2, 60.31
        for _ in range(8):
            at += wait
            talk.play(f"{at} < FP. again")
            wait *= 2
        talk.play("300 > P. 120 ack=1101\n300.00003 < R seq=1101")
    live = wire.talk("10.50.1.6:41003", "10.50.1.9:5432", at=3, client_ttl=62).play(GREETING)
    for step in range(1, 9):
        live.play(f"{40 * step} > P. 120\n{40 * step + 0.008} < P. 700\n{40 * step + 0.009} > .")


@story(
    Says("D60", ("10.50.2.9:873", "65,160", "80"), "possible", "note"),
    Never("D57"),
    Never("D49"),
    Never("D*", severity="error"),
    kept=False,
)
def window_of_64_kib_on_a_long_way(wire: Wire) -> None:
    """An upload over an ocean runs at 6 Mbit/s, on a line of a gigabit, without a single loss.

    True: the receiver fixed its buffer (``SO_RCVBUF``), so its window never exceeds 64 KiB, and the round trip takes
    80 ms. The sender fills the window in a millisecond and waits for the rest of each round.

    Source: erebe/wstunnel#80, and rsync over long ways.
    """
    talk = wire.talk("10.50.2.3:42000", "10.50.2.9:873", server_scale=0, client_ttl=64, server_ttl=50)
    talk.server.window = 65_160
    talk.play("0 > S\n0.08 < S. win=65160\n0.0801 > .\n0.081 > P. 60\n0.161 < P. 20\n0.1611 > .")
    sent = 61
    for round_ in range(60):
        at = 0.17 + 0.0806 * round_
        for part in range(4):
            talk.play(f"{at + 0.0001 * part} > . 16290 seq={sent + 16290 * part}")
        for part in range(4):
            talk.play(f"{at + 0.0802 + 0.0001 * part} < . ack={sent + 16290 * (part + 1)} win=65160")
        sent += 4 * 16290
    talk.play(FAREWELL, at=5.2)


@story(
    Says("D57", ("10.50.3.3", "30 transfers"), "possible", "note"),
    Never("D24"),
    Never("D09"),
    Never("D49"),
    Never("D45"),
    Never("D*", severity="error"),
    kept=False,
)
def answers_of_thirty_servers_collide(wire: Wire) -> None:
    """A client asks thirty storage servers for their stripe at one moment, and each read takes a quarter of a second.

    True: all answer within a millisecond, the buffer of the switch before the client overflows, and the ends of many
    answers are lost. A lost end draws no duplicate acknowledgement, so the servers' timers must send it again. The
    capture is made before that switch.

    Source: TCP incast as parallel file systems describe it; mar-file-system/marfs#41.
    """
    talks = []
    for number in range(30):
        talk = wire.talk(
            "10.50.3.3:" + str(43_000 + number), f"10.50.3.{20 + number}:6800", at=0.0003 * number
        )
        talks.append(talk.play(GREETING))
    for read in range(12):
        for number, talk in enumerate(talks):
            at = 1.0 + 0.5 * read
            talk.play(f"{at} > P. 64\n{at + 0.0006} < . 2896")
            if (number + 7 * read) % 3 == 0:
                talk.play(f"{at + 0.0007} < P. 1300\n{at + 0.0008} > . ack={talk.server.next - 1300}")
                talk.play(f"{at + 0.206} < P. again\n{at + 0.2061} > .")
            else:
                talk.play(f"{at + 0.0007} < P. 1300\n{at + 0.0008} > .")


@story(
    Says("D57|D25|D60|D61", ("order",), "possible", "info"),
    Never("D57", ("were lost", "gets lost", "So much loss")),
    Never("D24"),
    Never("D09"),
    Never("D*", severity="warning"),
    kept=False,
)
def packets_take_two_ways_of_unequal_length(wire: Wire) -> None:
    """A download over two lines, packet by packet in turn, is slow though no packet is lost.

    True: one line takes 4 ms more than the other, so every second segment arrives behind the next two. The receiver
    acknowledges the same byte three times, the sender takes it for a loss and sends again what arrives meanwhile; the
    receiver says so (duplicate selective acknowledgement, RFC 2883).

    Source: load sharing per packet on routers with two lines, and bonds in the mode balance-rr.
    """
    talk = wire.talk("10.50.4.3:44000", "203.0.113.44:443", server_ttl=54)
    talk.play("0 > S\n0.03 < S.\n0.0301 > .\n0.031 > P. 400\n0.062 < .")
    base, at = 1, 0.07
    for _ in range(40):
        a, b, c, d, e = (base + 1448 * part for part in range(5))
        end = e + 1448
        talk.play(f"{at} < . 1448 seq={a}\n{at + 0.00002} > . ack={b}")
        for step, part in enumerate((c, d, e)):
            talk.play(f"{at + 0.0003 * (step + 1)} < . 1448 seq={part}")
            talk.play(f"{at + 0.0003 * (step + 1) + 0.00002} > . ack={b} sack={c}-{part + 1448}")
        talk.play(f"{at + 0.004} < . 1448 seq={b}\n{at + 0.00402} > . ack={end}")
        talk.play(f"{at + 0.0315} < . 1448 seq={b}\n{at + 0.03152} > . ack={end} sack={b}-{c}")
        base, at = end, at + 0.0345
    talk.server.next = base
    talk.play(FAREWELL, at=3)


@story(
    Says("D56", ("10.50.5.9:1521", "URG"), "likely", "warning", count=3),
    Never("D09"),
    Never("D24"),
    Never("D08"),
    Never("D49"),
    Never("D23"),
    kept=False,
)
def urgent_byte_does_not_pass(wire: Wire) -> None:
    """Clients of a database hang while they log in, and are thrown out after a minute; an older driver works.

    True: the newer driver tries whether urgent data pass (an out-of-band break). The firewall drops segments with
    URG, so the one byte is sent again and again; the server waits a minute for the rest of the log-in and closes.

    Source: Oracle's check of out-of-band breaks since version 19, and ``DISABLE_OOB=ON``.
    """
    for number in range(3):
        talk = wire.talk(
            f"10.50.5.{3 + number}:{45_000 + number}", "10.50.5.9:1521", at=5.0 * number, server_ttl=62
        )
        talk.play("0 > S\n0.002 < S.\n0.0021 > .\n0.003 > P. 230\n0.006 < P. 45\n0.0061 > .\n0.007 > PU. 1")
        wait, at = 0.21, 0.007
        for _ in range(8):
            at += wait
            talk.play(f"{at} > PU. again")
            wait *= 2
        talk.play("60.006 < F. ack=231\n60.0061 > . ack=47")
    old = wire.talk("10.50.5.7:45100", "10.50.5.9:1521", at=2, server_ttl=62)
    old.play("0 > S\n0.002 < S.\n0.0021 > .\n0.003 > P. 230\n0.006 < P. 45\n0.0061 > .")
    for step in range(1, 30):
        old.play(f"{2 * step} > P. 130\n{2 * step + 0.004} < P. 600\n{2 * step + 0.0041} > .")


@story(
    Says("D01", ("10.50.6.9", "opened 1 connection"), "likely", "warning"),
    Never("D01", ("no answer of",)),
    Never("D26"),
    Never("D38"),
    Never("D01", ("10.50.6.9:5060",)),
    Never("D43"),
    kept=False,
)
def registrar_calls_phones_behind_a_translation(wire: Wire) -> None:
    """Phones register and can call, and nobody can call them.

    True: each phone registers over a connection that it opened, and names port 5060 of its router's address as where
    it can be called. For each call the registrar opens a connection to there, which the router has no mapping for:
    six SYNs in 32 seconds, and no answer.

    Source: baresip/baresip#690 and #792; "rewrite_contact" of Asterisk.
    """
    for number in range(5):
        phone = f"198.51.100.{20 + number}"
        talk = wire.talk(f"{phone}:{46_211 + 17 * number}", "10.50.6.9:5060", at=3.0 * number, client_ttl=51)
        talk.play("0 > S\n0.00005 < S.\n0.034 > .\n0.035 > P. 520\n0.037 < P. 480\n0.071 > .")
        talk.play("0.08 > P. 700\n0.084 < P. 420\n0.118 > .")
        for step in range(1, 6):
            talk.play(f"{30 * step} > P. 4\n{30 * step + 0.0003} < P. 2\n{30 * step + 0.034} > .")
        if number < 4:
            call = wire.talk(f"10.50.6.9:{51_000 + number}", f"{phone}:5060", at=40.0 + 13 * number)
            call.play("0 > S")
            for at in (1.02, 3.05, 7.1, 15.3, 31.4):
                call.play(f"{at} > S again")


@story(
    Says("D28|D02|D07", ("10.50.7.9:8086",), "likely", "warning", count=3),
    Says("D28|D02|D07", ("reset|refusal", "arrive|reach|effect|get back|on its way|on the way"), count=3),
    Never("D25", ("missing",)),
    Never("D46"),
    Never("D26"),
    kept=False,
)
def resets_do_not_pass_the_firewall(wire: Wire) -> None:
    """A service is stopped; its clients go on for minutes as if it were out of reach, and say "timed out".

    True: the server's host resets all that arrives, at once. A firewall between drops every RST, so the clients send
    their data and their SYNs again until they give up. The capture is made at the server.

    Source: rules such as ``--tcp-flags RST RST -j DROP`` against forged resets; cilium/cilium#11742 for a single RST.
    """
    for number in range(3):
        talk = wire.talk(
            f"10.50.7.{3 + number}:{47_000 + number}", "10.50.7.9:8086", at=1.3 * number, client_ttl=60
        )
        talk.play("0 > S\n0.00004 < S.\n0.008 > .\n0.009 > P. 200\n0.01 < P. 60\n0.018 > .")
        for step in range(1, 5):
            talk.play(f"{5 * step} > P. 900\n{5 * step + 0.002} < P. 60\n{5 * step + 0.01} > .")
        talk.play("22 < R. seq=301\n25 > P. 900\n25.00003 < R seq=301")
        wait, at = 0.21, 25.0
        for _ in range(8):
            at += wait
            talk.play(f"{at} > P. again\n{at + 0.00003} < R seq=301")
            wait *= 2
    for number in range(3):
        new = wire.talk(
            f"10.50.7.{3 + number}:{47_100 + number}", "10.50.7.9:8086", at=40 + 4.0 * number, client_ttl=60
        )
        new.play("0 > S\n0.00003 < R. seq=0")
        for at in (1.02, 3.05, 7.1, 15.3):
            new.play(f"{at} > S again\n{at + 0.00003} < R. seq=0")


@story(
    Says("D56", ("10.50.8.9", "copies arrive"), "likely", "note", fault="server", count=4),
    Never("D24"),
    Never("D08"),
    Never("D23"),
    Never("D25", ("missing",)),
    kept=False,
)
def host_has_no_memory_for_what_arrives(wire: Wire) -> None:
    """For eight seconds a host takes nothing on any of its connections, though its windows are open.

    True: the memory of all sockets together is at its limit, so the kernel drops segments that arrive, inside of
    windows that it has offered, without a word. The capture is made on that host. It goes on connecting meanwhile.

    Source: "Unbounded memory usage by TCP for receive buffers" (Cloudflare), ``TCPRcvQDrop`` and ``tcp_mem``.
    """
    for number in range(5):
        talk = wire.talk(
            f"10.50.8.{20 + number}:{48_000 + number}", "10.50.8.9:9000", at=0.13 * number, client_ttl=61
        )
        talk.play("0 > S\n0.00004 < S.\n0.012 > .\n0.013 > P. 100\n0.0131 < P. 40\n0.025 > .")
        for step in range(1, 22):
            talk.play(f"{step} > P. 1200\n{step + 0.0006} < P. 40\n{step + 0.0126} > .")
        talk.play("22 > P. 1200")
        for wait in (0.22, 0.66, 1.54, 3.3, 6.82):
            talk.play(f"{22 + wait} > P. again")
        talk.play("28.82003 < .\n28.8212 < P. 40\n28.833 > .")
        for step in range(30, 40):
            talk.play(f"{step} > P. 1200\n{step + 0.0006} < P. 40\n{step + 0.0126} > .")
    for number in range(4):
        new = wire.talk(
            f"10.50.8.{30 + number}:{48_100 + number}", "10.50.8.9:9000", at=23.0 + number, client_ttl=61
        )
        new.play("0 > S\n0.00004 < S.\n0.012 > .")
        new.play("8.013 > P. 100\n8.0131 < P. 40\n8.025 > .")


@story(
    Says("D01", ("10.50.9.7:8080",), "likely", "error", count=8),
    Never("D49", severity="warning"),
    Never("D51"),
    Never("D26"),
    Never("D08"),
    Never("D50"),
    kept=False,
)
def proxy_waits_for_a_backend_that_is_off(wire: Wire) -> None:
    """Some answers of a web server take ten seconds and are errors; the others take no time.

    True: behind the proxy, one of two backends is off. The proxy tries it for ten seconds, gives up, and answers 503.
    Both sides of the proxy are in the capture.

    Source: every "upstream timed out (110) while connecting to upstream".
    """
    for number in range(20):
        at = 1.7 * number
        client = wire.talk(
            f"203.0.113.{30 + number % 7}:{49_000 + number}", "10.50.9.2:443", at=at, client_ttl=52
        )
        client.play("0 > S\n0.00004 < S.\n0.03 > .\n0.031 > P. 300\n0.0311 < .")
        if number % 5 in (1, 3):
            dead = wire.talk(f"10.50.9.2:{39_000 + number}", "10.50.9.7:8080", at=at + 0.0313)
            dead.play("0 > S\n1.03 > S again\n3.05 > S again\n7.2 > S again")
            client.play("10.032 < P. 250\n10.062 > .\n10.07 > F.\n10.0701 < F.\n10.1 > .")
        else:
            back = wire.talk(f"10.50.9.2:{39_000 + number}", "10.50.9.8:8080", at=at + 0.0313)
            back.play("0 > S\n0.0004 < S.\n0.00045 > .\n0.0005 > P. 340\n0.004 < P. 900\n0.00405 > .")
            back.play("0.0041 > F.\n0.0045 < F.\n0.00455 > .")
            client.play("0.0358 < P. 880\n0.066 > .\n0.07 > F.\n0.0701 < F.\n0.1 > .")


@story(
    Says("D49", ("10.50.10.9:9200", "all at once"), "likely", "note", fault="server", count=12),
    Never("D08"),
    Never("D09"),
    Never("D17"),
    Never("D54"),
    Never("D24"),
    Ends("10.50.10.20:40000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def program_stands_still_for_eighteen_seconds(wire: Wire) -> None:
    """All clients of a search server wait at the same time, for up to eighteen seconds, and then all are answered.

    True: the runtime collects its garbage and lets nothing else run. The kernel goes on: it acknowledges requests and
    opens connections. All that was asked meanwhile is answered within 50 ms.

    Source: "stop the world" pauses in reports on Elasticsearch and Cassandra.
    """
    for number in range(10):
        talk = wire.talk(f"10.50.10.{20 + number}:{40_000 + number}", "10.50.10.9:9200", at=0.0).play(
            GREETING
        )
        step = 1.0 + 0.17 * number
        while step < 90:
            if 30 <= step < 48:
                talk.play(f"{step} > P. 300\n{step + 0.0403} < .")
                talk.play(f"{48 + 0.004 * number} < P. 700\n{48 + 0.004 * number + 0.0002} > .")
                step = 50.0 + 0.2 * number
                continue
            talk.play(f"{step} > P. 300\n{step + 0.006} < P. 700\n{step + 0.0062} > .")
            step += 2.0
    for number in range(5):
        new = wire.talk(f"10.50.10.{20 + number}:{40_100 + number}", "10.50.10.9:9200", at=33.0 + 2 * number)
        new.play(HANDSHAKE).play("0.002 > P. 300\n0.0405 < .")
        at = 15.05 - 2 * number
        new.play(f"{at} < P. 700\n{at + 0.0002} > .").play(FAREWELL, at=at + 0.1)


@story(
    Says("D57", ("4 of 16",), "possible", "note", count=4),
    Never("D57", ("16 of 16",)),
    Never("D49"),
    Never("D24"),
    Never("D*", severity="error"),
    kept=False,
)
def one_cable_of_four_loses_packets(wire: Wire) -> None:
    """Some connections between two hosts are slow for as long as they live, and the others beside them are not.

    True: a bundle of four cables spreads connections by their ports. One cable is damaged, and loses every eighth
    packet.

    Source: reports on bundles and equal-cost paths of which one member has errors; cloud users see it as "one in
    four".
    """
    for number in range(16):
        talk = wire.talk(f"10.50.11.3:{41_000 + number}", "10.50.11.9:3260", at=0.07 * number).play(GREETING)
        at, sent = 0.1, 301
        for step in range(48):
            bad = number % 4 == 2 and step % 8 == 5
            talk.play(f"{at} > P. 48")
            if bad:
                talk.play(f"{at + 0.0008} < P. 1400 seq={sent}\n{at + 0.2103} < P. 1400 seq={sent}")
                at += 0.21
            else:
                talk.play(f"{at + 0.0008} < P. 1400 seq={sent}")
            sent += 1400
            talk.play(f"{at + 0.0009} > . ack={sent}")
            at += 0.05


@story(
    Says("D01", ("10.50.12.9:445",), "likely", "warning", count=4),
    Says("D34", ("10.50.12.9:445",), "likely", count=3),
    Never("D26"),
    Never("D02"),
    Never("D04"),
    Never("D25", ("one direction",)),
    kept=False,
)
def neighbours_are_too_many(wire: Wire) -> None:
    """In a large flat network new clients cannot connect, or connect after seconds; those that were there work.

    True: the server's table of neighbours (ARP) is full. The SYN arrives, and the kernel cannot learn where to send
    its answer to, so none leaves. When an old entry is dropped, the next copy of a SYN is answered. The capture is
    made on the server.

    Source: "neighbour: arp_cache: neighbor table overflow!", Check Point's sk43772.
    """
    for number in range(8):
        talk = wire.talk(
            f"10.50.12.{20 + number}:{42_000 + number}", "10.50.12.9:445", at=0.4 * number, client_ttl=128
        )
        talk.play("0 > S\n0.00004 < S.\n0.0006 > .\n0.001 > P. 150\n0.0018 < P. 240\n0.0024 > .")
        for step in range(1, 30):
            talk.play(f"{2 * step} > P. 120\n{2 * step + 0.0008} < P. 330\n{2 * step + 0.0411} > .")
    for number in range(7):
        new = wire.talk(
            f"10.50.13.{20 + number}:{42_100 + number}",
            "10.50.12.9:445",
            at=10 + 3.0 * number,
            client_ttl=128,
        )
        new.play("0 > S\n1.01 > S again\n3.02 > S again")
        if number % 3 == 0:
            new.play("7.03 > S again\n7.03004 < S.\n7.0306 > .\n7.031 > P. 150\n7.0318 < P. 240\n7.0324 > .")
            new.play(FAREWELL, at=20)
        else:
            new.play("7.03 > S again\n15.04 > S again")
    crowd(wire, Crowd("10.50.12.9:445", "10.50.12", 6, clients=8, at=12, every=2.0, seed=12, share=1.0))
