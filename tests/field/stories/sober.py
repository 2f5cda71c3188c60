"""Stories in which nothing is wrong, or nothing but the capture, though it looks like it."""

from random import Random

from tests.field.company import SNAPLEN_68, Crowd, crowd, cut, in_vlan, port_of
from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, Wire
from tests.packets import ip


@story(
    Never("D45"),
    Never("D43"),
    Never("D38"),
    Never("D*", severity="error"),
    Never("D01"),
    Never("D20", severity="note"),
)
def each_connection_has_a_clock_of_its_own(wire: Wire) -> None:
    """Behind one address the time stamps go up and down from connection to connection, and all are accepted.

    True: nothing is wrong: many hosts share the address, and since Linux 4.10 each pair of hosts starts at an offset
    of its own. One SYN was lost by chance; that its time stamp is lower than the last one means nothing.

    Source: the change of 2016 that made time stamps random, and rules that look for ``tcp_tw_recycle`` everywhere.
    """
    chance = Random(31)
    for number in range(36):
        talk = wire.talk(
            f"10.30.40.1:{40_000 + 7 * number}", "10.30.40.9:443", at=0.9 * number, client_ttl=57
        )
        stamp = chance.randrange(2**32)
        talk.play(f"0 > S ts={stamp}")
        start = 0.0
        if number == 21:
            start = 1.02
            talk.play(f"{start} > S again ts={stamp + 1020}")
        talk.play(f"{start + 0.00005} < S.\n{start + 0.02} > . ts={stamp + 20}")
        talk.play(f"0.021 > P. 60 ts={stamp + 21}\n0.024 < P. 120\n0.044 > F. ts={stamp + 44}", at=start)
        talk.play(f"0.0441 < F.\n0.064 > . ts={stamp + 64}", at=start)


@story(Never("D26"), Never("D*", severity="warning"), Never("D42", severity="warning"), Never("D35"))
def monitor_asks_its_own_hosts(wire: Wire) -> None:
    """A monitor connects to forty sockets of its own hosts, says a word and closes, and does so a minute later.

    True: nothing is wrong, and it is no scan: every socket answers, and every time they are the same.

    Source: blackbox exporters, and intrusion detection that wakes people for them.
    """
    for round_ in range(2):
        for number in range(40):
            server = f"10.30.41.{100 + number % 8}:{(22, 80, 443, 5432, 9100)[number // 8]}"
            talk = wire.talk(
                f"10.30.41.5:{33_000 + 211 * round_ + number}", server, at=60.0 * round_ + 0.05 * number
            )
            talk.play("0 > S\n0.0005 < S.\n0.0006 > .\n0.0008 > P. 20\n0.002 < P. 30\n0.0021 > .")
            talk.play("0.003 > F.\n0.0035 < F.\n0.0036 > .")
    cut(wire, SNAPLEN_68)


@story(
    Never("D01", severity="error"),
    Never("D26"),
    Never("D03", severity="warning"),
    Never("D*", severity="error"),
    Never("D04"),
)
def way_is_traced_with_syns(wire: Wire) -> None:
    """Somebody traces the way to a web server with SYNs whose TTL grows.

    True: nothing is wrong: each of the first seven routers says "time exceeded", and the server answers the last
    SYNs, which the tracing host resets.

    Source: ``traceroute -T`` and tcptraceroute.
    """
    for hop in range(1, 9):
        for attempt in range(3):
            at = 0.4 * hop + 0.05 * attempt
            talk = wire.talk(
                f"10.30.42.5:{47_000 + 3 * hop + attempt}", "203.0.113.42:443", at=at, stamps=False
            )
            talk.play(f"0 > S ttl={hop}")
            if hop < 8:
                time, _, data = wire.frames[-1]
                frame = ip.ethernet(ip.icmp_error("time-exceeded", f"10.31.{hop}.1", data[14:]))
                wire.frames.append((time + hop * 2_000_000, len(frame), frame))
            else:
                talk.play("0.018 < S. ttl=57\n0.01804 > R seq=1")


@story(
    Says("D25", ("order|clock",)),
    Never("D*", severity="error"),
    Never("D07"),
    Never("D28"),
    Never("D38"),
    Ends("10.30.43.20:38000", ("TIME_WAIT|CLOSED", "CLOSED|TIME_WAIT")),
    Ends("10.30.43.22:38026", ("TIME_WAIT|CLOSED", "CLOSED|TIME_WAIT")),
)
def two_fibres_have_two_clocks(wire: Wire) -> None:
    """The two fibres of a link are captured by two cards, and the clock of one is 3 ms behind.

    True: every answer stands before what it answers. All connections open and close in good order.

    Source: reports on merged captures of optical taps.
    """
    crowd(wire, Crowd("10.30.43.9:8080", "10.30.43", 16, trip=0.002, share=0.5, every=0.3, seed=43))
    wire.frames[:] = [
        (time - 3_000_000 if port_of(data) == 8080 else time, length, data)
        for time, length, data in wire.frames
    ]


@story(
    Never("D*", severity="warning"),
    Never("D28"),
    Never("D09"),
    Ends("10.30.44.5:50044", ("TIME_WAIT|CLOSED", "CLOSED")),
)
def tunnel_sends_the_small_before_the_large(wire: Wire) -> None:
    """A tunnel sorts the packets of each batch by size, so the last of an answer arrives first.

    True: nothing is lost, and nothing sent again: the client says with selective acknowledgements that it has the
    end, and then the rest comes, 0.3 ms later.

    Source: firezone/firezone#8906.
    """
    talk = wire.talk("10.30.44.5:50044", "10.30.44.9:443", client_ttl=128)
    talk.play("0 > S\n0.03 < S.\n0.03004 > .")
    sent = 1
    for number in range(14):
        at = 0.1 + 0.2 * number
        talk.play(f"{at} > P. 80")
        small = 200 + 31 * number
        whole = 3 * 1388
        talk.play(f"{at + 0.034} < P. {small} seq={sent + whole}")
        talk.play(f"{at + 0.03404} > . ack={sent} sack={sent + whole}-{sent + whole + small}")
        for part in range(3):
            talk.play(f"{at + 0.0343 + 0.00001 * part} < . 1388 seq={sent + 1388 * part}")
        sent += whole + small
        talk.play(f"{at + 0.0344} > . ack={sent}")
    talk.play(FAREWELL, at=5)
    cut(wire, 96)


@story(
    Never("D24"),
    Never("D25", ("missing",)),
    Never("D*", severity="warning"),
    Ends("10.30.45.5:50045", ("TIME_WAIT|CLOSED", "CLOSED|TIME_WAIT")),
)
def segments_of_the_sender_are_cut_by_its_card(wire: Wire) -> None:
    """A server's own capture shows segments of 14,480 bytes; the card cuts them, and one in a hundred parts is lost.

    True: nothing is wrong: what was lost is named by selective acknowledgements and sent again as single segments
    within a round trip.

    Source: every capture on a host with segmentation offload.
    """
    talk = wire.talk("10.30.45.5:50045", "10.30.45.9:80")
    talk.play("0 > S\n0.00004 < S.\n0.02 > .\n0.021 > P. 200\n0.02104 < .")
    sent = 1
    for number in range(24):
        at = 0.05 + 0.022 * number
        talk.play(f"{at} < P. 14480 seq={sent}")
        if number % 7 == 3:
            hole = sent + 2896
            end = sent + 14480
            for copy in range(3):
                talk.play(
                    f"{at + 0.02 + 0.0001 * copy} > . ack={hole} sack={hole + 1448}-{end - 1448 * (3 - copy)}"
                )
            talk.play(f"{at + 0.0205} < . 1448 seq={hole}\n{at + 0.0405} > . ack={end}")
        else:
            talk.play(f"{at + 0.02} > . ack={sent + 14480}")
        sent += 14480
    talk.play("1 < F.\n1.02 > F.\n1.02004 < .")
    cut(wire, 96)


@story(
    Says("D25", ("one way|one direction|only",)),
    Never("D01"),
    Never("D04"),
    Never("D05"),
    Never("D09"),
    Never("D26"),
    Never("D11", severity="warning"),
)
def only_what_the_server_sends_is_mirrored(wire: Wire) -> None:
    """A switch mirrors one direction of a busy server's port, in a VLAN.

    True: nothing is wrong with the traffic: forty connections open, are answered and close. What the clients said
    can be seen from the acknowledgements alone.

    Source: SPAN sessions with ``tx`` only.
    """
    crowd(wire, Crowd("10.30.46.9:443", "10.30.46", 40, clients=8, every=0.25, share=1.0, trip=0.02, seed=46))
    wire.frames[:] = [frame for frame in wire.frames if port_of(frame[2]) == 443]
    in_vlan(wire, 46)


@story(
    Says("D09|D54", ("10.30.47.9:6379",), "likely", "warning", count=6),
    Never("D08"),
    Never("D26"),
    Never("D24"),
    Never("D25", ("one direction",)),
    Ends("10.30.47.21:40001", ("ESTABLISHED", "ESTABLISHED|UNKNOWN")),
)
def way_dies_in_a_capture_begun_late(wire: Wire) -> None:
    """The capture begins in mid-traffic of six connections; twenty seconds later the way to their server dies.

    True: all six send their data again with growing pauses, and nobody answers any more; another server answers the
    same clients. Nothing of the openings is in the capture.

    Source: captures that are begun when somebody complains.
    """
    for number in range(6):
        talk = wire.talk(f"10.30.47.{20 + number}:40001", "10.30.47.9:6379", at=0.11 * number)
        talk.client.next, talk.server.next = 5001, 9001
        for second in range(20):
            talk.play("0 > P. 40\n0.0012 < P. 60\n0.00124 > .", at=float(second))
        talk.play("20 > P. 40")
        for wait in (0.2, 0.61, 1.42, 3.05, 6.3, 12.9, 26.1):
            talk.play(f"{20 + wait} > P. again")
    crowd(wire, Crowd("10.30.47.10:6379", "10.30.47", 14, clients=6, every=3.2, seed=47))
