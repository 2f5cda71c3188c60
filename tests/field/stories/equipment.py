"""Stories of equipment: controllers, small stacks, routers, and captures that were taken on the move."""

from tests.field.company import Crowd, crowd
from tests.field.story import Ends, Never, Says, story
from tests.field.talk import BASE_NS, FAREWELL, GREETING, HANDSHAKE, Wire
from tests.packets import ip


@story(
    Says("D23", ("10.40.1.1:179", "window"), "likely", "warning", fault="server"),
    Never("D09"),
    Never("D08"),
    Never("D07"),
    Never("D16", severity="warning"),
    Ends("10.40.1.2:33001", ("CLOSED", "CLOSED")),
    kept=False,
)
def routing_peer_reads_no_more_and_still_greets(wire: Wire) -> None:
    """A router's peer shuts its window for eight minutes and sends its greetings all the while.

    True: the peer's process writes and does not read. Its own keepalives arrive every 60 s, so its hold timer at our
    end never runs out; our end resets when it could send nothing for 480 s.

    Source: RFC 9687 (the send hold timer), Exa-Networks/exabgp#1207.
    """
    talk = wire.talk("10.40.1.2:33001", "10.40.1.1:179", client_ttl=255, server_ttl=255).play(HANDSHAKE)
    talk.play("0.01 > P. 53\n0.02 < P. 53\n0.021 > P. 19\n0.022 < P. 19\n0.03 > .")
    talk.play("9 > . 1448\n9.0001 > . 1448\n9.001 < . win=9\n9.002 > P. 1152\n9.043 < . win=0")
    for wait in (0.2, 0.6, 1.4, 3.0, 6.2, 12.6, 25.4, 51.0, 102.2, 204.6, 324.6, 444.6):
        probe = talk.client.next - 1
        talk.play(f"{9.043 + wait} > . seq={probe}\n{9.044 + wait} < . win=0")
    for number in range(1, 9):
        at = 60.0 * number
        talk.play(f"{at} < P. 19 win=0\n{at + 0.0004} > .")
    talk.play("489.1 > R.")


@story(
    Says("D24", ("10.40.2.9", "10.40.2.254|ICMP"), "likely", "error", count=3),
    Never("D09"),
    Never("D08"),
    Never("D49"),
    Never("D24", ("no router", "filtered")),
    kept=False,
)
def server_does_not_listen_to_the_router(wire: Wire) -> None:
    """A router says "too big" to each large segment, and the server sends it again as it was.

    True: the message arrives at the server's host, whose own filter drops all ICMP. The tap is at the server. Pages
    of less than 1,000 bytes arrive. The largest that fits is 1,400 bytes, as the router says.

    Source: hosts and cloud security groups that "block ICMP for safety", and RFC 2923, 2.1.
    """
    for number in range(3):
        talk = wire.talk(
            f"10.40.2.{3 + number}:50000", "10.40.2.9:443", at=4.0 * number, client_ttl=56, stamps=False
        )
        talk.play("0 > S\n0.00004 < S.\n0.03 > .\n0.031 > P. 180\n0.0311 < P. 700\n0.0612 > .")
        talk.play("0.1 > P. 200\n0.102 < . 1460")
        _complain(wire, "10.40.2.254")
        talk.play("0.1021 < P. 1200\n0.1323 > . ack=701")
        for wait in (0.23, 0.69, 1.6, 3.4, 7.1, 14.4):
            talk.play(f"{0.102 + wait} < . 1460 seq=701")
            _complain(wire, "10.40.2.254")
    crowd(wire, Crowd("10.40.2.9:80", "10.40.2", 12, every=1.5, trip=0.03, share=0.97))


def _complain(wire: Wire, router: str) -> None:
    """Have a router say that the last frame is too big."""
    time, _, data = wire.frames[-1]
    frame = ip.ethernet(ip.icmp_error("too-big", router, data[14:]))
    wire.frames.append((time + 3_000_000, len(frame), frame))


@story(
    Says("D10|D31", ("10.40.3.9",), "likely", "warning", fault="server", count=8),
    Says("D02", ("10.40.3.9:502",), "likely", "warning", count=4),
    Never("D09"),
    Never("D26"),
    Never("D18"),
    Ends("10.40.3.3:41000", ("FIN_WAIT2|CLOSED", "CLOSE_WAIT")),
    kept=False,
)
def controller_keeps_what_its_visitors_have_left(wire: Wire) -> None:
    """A controller has eight sockets, never closes one that its client has closed, and then refuses.

    True: eight connections stay in CLOSE_WAIT at the controller; from the ninth on each connect is refused, until
    it is switched off and on.

    Source: emelianov/modbus-esp8266#125.
    """
    for number in range(8):
        talk = wire.talk(
            f"10.40.3.3:{41_000 + number}",
            "10.40.3.9:502",
            at=1.1 * number,
            server_scale=None,
            server_ttl=128,
            server_window=2048,
            stamps=False,
        )
        talk.play("0 > S\n0.0009 < S. win=2048\n0.001 > .\n0.002 > P. 12\n0.0042 < P. 11\n0.0043 > .")
        talk.play("0.006 > F.\n0.0068 < .")
    for number in range(4):
        late = wire.talk(
            f"10.40.3.3:{41_010 + number}", "10.40.3.9:502", at=10.0 + 11 * number, server_ttl=128
        )
        late.play("0 > S\n0.0007 < R. seq=0")


@story(
    Says("D25", ("backward|back ",), "likely", "note"),
    Never("D*", severity="warning"),
    Never("D08"),
    Never("D48"),
    Never("D46"),
    Never("D34"),
    Ends("10.40.4.3:50000", ("ESTABLISHED", "ESTABLISHED")),
    Ends("10.40.4.3:50003", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def clock_is_set_back_in_the_middle(wire: Wire) -> None:
    """The clock of the capturing host is set back by two and a half seconds while four connections are busy.

    True: nothing is wrong but the times. The frames stand in the file as they came.

    Source: a time server's first step on a host that runs tcpdump since its start.
    """
    for number in range(4):
        talk = wire.talk(f"10.40.4.3:{50_000 + number}", "10.40.4.9:443", at=0.07 * number).play(GREETING)
        for step in range(1, 40):
            at = 0.5 * step
            talk.play(f"{at} > P. 120\n{at + 0.003} < P. 900\n{at + 0.0031} > .")
    turn = BASE_NS + 10_000_000_000
    wire.frames[:] = [
        (time if time < turn else time - 2_500_000_000, length, data)
        for time, length, data in wire.in_order()
    ]
    wire.is_as_written = True


@story(
    Says("D25", (), "likely", "note"),
    Never("D08"),
    Never("D09"),
    Never("D54"),
    Never("D56"),
    Never("D*", severity="warning"),
    Ends("10.40.5.3:50000", ("ESTABLISHED", "ESTABLISHED")),
    Ends("10.40.5.3:50004", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def one_file_of_the_ring_is_missing(wire: Wire) -> None:
    """Three files of a ring are joined, and the one between the first and the last was left out.

    True: six seconds are missing from all connections at once. Nothing stood still: the numbers of both ends have
    moved on.

    Source: ``tcpdump -C 100 -W 10`` and ``mergecap`` on a busy evening.
    """
    for number in range(5):
        talk = wire.talk(f"10.40.5.3:{50_000 + number}", "10.40.5.9:5432", at=0.05 * number).play(GREETING)
        for step in range(1, 75):
            at = 0.4 * step
            talk.play(f"{at} > P. {60 + step % 7}\n{at + 0.002} < P. 300\n{at + 0.0021} > .")
    crowd(wire, Crowd("10.40.5.9:8080", "10.40.6", 30, every=0.95, seed=5))
    first, last = BASE_NS + 12_000_000_000, BASE_NS + 18_000_000_000
    wire.frames[:] = [frame for frame in wire.frames if not first <= frame[0] < last]


@story(
    Says("D02|D34|D27", ("10.40.6.9:80",), "possible", "note"),
    Never("D02", ("nothing listens", "Nothing listens")),
    Never("D26"),
    Never("D18", confidence="likely"),
    kept=False,
)
def copy_of_a_request_to_connect_is_refused(wire: Wire) -> None:
    """A board answers a SYN, the answer is lost, and the copy of the SYN is refused.

    True: the port listens: nine of twelve connects succeed. The board's stack takes the copy of a SYN for an error.
    The tap is at the client, where the lost answers are never seen.

    Source: tass-belgium/picotcp#148.
    """
    for number in range(12):
        talk = wire.talk(
            f"10.40.6.3:{42_000 + number}",
            "10.40.6.9:80",
            at=2.5 * number,
            server_ttl=64,
            server_scale=None,
            server_window=5840,
        )
        if number % 4 == 2:
            talk.play("0 > S\n0.003 < S. lost\n1.02 > S again\n1.023 < R. seq=0")
        else:
            talk.play("0 > S\n0.003 < S. win=5840\n0.0031 > .\n0.004 > P. 70\n0.012 < P. 200\n0.0121 > .")
            talk.play(FAREWELL, at=0.05)


@story(
    Says("D28|D02|D46", ("10.40.7.9:4554", "number|acknowledge"), "possible", "warning"),
    Never("D01", confidence="likely"),
    Never("D02", confidence="certain"),
    Never("D26"),
    Ends("10.40.7.3:43000", ("SYN_SENT|CLOSED", "CLOSED|LISTEN|UNKNOWN")),
    kept=False,
)
def refusal_acknowledges_too_little(wire: Wire) -> None:
    """A board refuses each SYN by a reset that acknowledges one byte too little, so the client tries on.

    True: nothing listens, and the client waits for two minutes where it should learn so at once: its kernel must
    not accept a reset in SYN_SENT that does not acknowledge its SYN.

    Source: zephyrproject-rtos/zephyr#90086, FreeRTOS/FreeRTOS-Plus-TCP#700.
    """
    talk = wire.talk("10.40.7.3:43000", "10.40.7.9:4554", server_scale=None, server_window=5840)
    for at in (0, 1.02, 3.04, 7.1, 15.3, 31.6):
        talk.play(f"{at} > S {'again' if at else ''}\n{at + 0.004} < R. seq=0 ack=0")
    shell = wire.talk("10.40.7.3:43100", "10.40.7.9:23", at=2, stamps=False, server_scale=None)
    shell.play("0 > S\n0.001 < S. win=512\n0.0011 > .\n0.002 > P. 100\n0.004 < P. 300\n0.0041 > .")
    for at in range(3, 20, 4):
        shell.play(f"{at} > P. 4\n{at + 0.005} < P. 40\n{at + 0.0051} > .")


@story(
    Says(
        "D57",
        ("10.40.8.9:443", "together|in a row|burst|at once|single|alone|one by one"),
        "likely",
        "warning",
    ),
    Never("D09"),
    Never("D08"),
    Never("D49"),
    Never("D54"),
    kept=False,
)
def router_merges_what_it_cannot_send(wire: Wire) -> None:
    """A virtual router joins segments that come together, and drops what is then too large for it.

    True: two full segments in a row are lost, each time; the copy that a timer sends alone arrives. So a download
    makes one segment in 0.2 s. Nothing is too large for the way. The tap is at the server.

    Source: google/gvisor#14011, vmware/open-vm-tools#166 (large receive offload on a router).
    """
    talk = wire.talk("10.40.8.3:51000", "10.40.8.9:443", client_ttl=62, stamps=False)
    talk.play("0 > S\n0.00004 < S.\n0.004 > .\n0.0042 > P. 300\n0.00425 < .")
    at, seq = 0.02, 1
    talk.play(f"{at} < . 1460\n{at + 0.00001} < . 1460")
    for _ in range(30):
        at += 0.212
        talk.play(f"{at} < . 1460 seq={seq}\n{at + 0.004} > . ack={seq + 1460}")
        seq += 1460
        talk.play(f"{at + 0.0041} < . 1460 seq={seq}\n{at + 0.0042} < . 1460 seq={seq + 1460}")
    crowd(wire, Crowd("10.40.8.9:22", "10.40.9", 8, every=0.8, trip=0.004, share=0.97, seed=8))
