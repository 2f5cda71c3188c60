"""Stories of the ends themselves: what a stack, a kernel's option or a limit of a program does to its connections."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire
from tests.packets import ip


@story(
    Says("D56|D57", ("10.200.1.9:8080", "back-off|backs off|longer each time|doubl"), "possible", "note"),
    Never("D09"),
    Never("D54"),
    Never("D51"),
    Never("D24"),
    Ends("10.200.1.20:40000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def back_off_is_never_taken_back(wire: Wire) -> None:
    """A board on Wi-Fi streams its readings well at first, and stalls for longer each time a packet is lost.

    True: one segment in twenty is lost behind the tap, which is at the access point. The board sends it again after
    1.5 s the first time, after 3, 6, 12 and 24 s the next times: acknowledgements never set its timer back.

    Source: apache/nuttx#13161.
    """
    talk = wire.talk("10.200.1.20:40000", "10.200.1.9:8080", stamps=False, client_ttl=64, client_window=8192)
    talk.client.scale = talk.server.scale = None
    talk.server.window = 64240
    talk.play("0 > S\n0.006 < S.\n0.0061 > .")
    at, wait = 0.1, 1.5
    for reading in range(1, 106):
        if reading % 20:
            talk.play(f"{at} > P. 240\n{at + 0.006} < .")
            at += 0.5
        else:
            talk.play(f"{at} > P. 240\n{at + wait} > P. again\n{at + wait + 0.006} < .")
            at, wait = at + wait + 0.5, wait * 2


@story(
    Says("D49|D53|D56|D63|D65", ("10.200.2.9:80", "CORK", "0.2 s|200 ms|0.20 s|201 ms"), "possible", "note"),
    Never("D56", severity="warning"),
    Never("D57"),
    Never("D49", severity="warning"),
    kept=False,
)
def last_piece_of_each_file_is_corked(wire: Wire) -> None:
    """Each small file takes a fifth of a second, whatever its size, on a local network.

    True: the server sends with TCP_CORK set and never takes the cork out, so its kernel holds the last piece, which
    does not fill a segment, for 200 ms. All that went before was acknowledged within a millisecond.

    Source: erlang/otp#1915 ("Use tcp cork/uncork around sendfile() on Linux").
    """
    talk = wire.talk("10.200.2.20:41000", "10.200.2.9:80").play(HANDSHAKE)
    for file in range(14):
        at = 0.01 + 0.9 * file
        talk.play(f"{at} > P. 130\n{at + 0.0004} < .")
        full = 2 * (1 + file % 3)
        for part in range(full):
            talk.play(f"{at + 0.0011 + 0.00002 * part} < . 1448")
            if part % 2:
                talk.play(f"{at + 0.0014 + 0.00002 * part} > .")
        done = at + 0.2011 + 0.0007 * (file % 4)
        talk.play(f"{done} < P. {300 + 57 * file}\n{done + 0.0002} > .")
    talk.play(FAREWELL, at=14)


@story(
    Says(
        "D13|D33|D45|D28",
        ("10.200.3.9:8883", "without ACK|no ACK|lacks ACK|ACK flag"),
        "possible",
        "note",
        count=3,
    ),
    Never("D14"),
    Never("D10"),
    Never("D09", severity="warning"),
    Never("D54"),
    Ends("10.200.3.20:42000", ("LAST_ACK", "FIN_WAIT2")),
    kept=False,
)
def fin_without_the_flag_ack_is_dropped(wire: Wire) -> None:
    """A gateway closes the connections of its devices, and each device goes on saying goodbye.

    True: in CLOSE_WAIT the device's stack sends a FIN without the flag ACK, which each segment of an open connection
    has to bear. Linux drops that without a word, so the device sends it again and again.

    Source: zephyrproject-rtos/zephyr#89381.
    """
    for number in range(3):
        talk = wire.talk(
            f"10.200.3.{20 + number}:42000", "10.200.3.9:8883", at=2.0 * number, stamps=False, client_ttl=64
        )
        talk.client.scale = talk.server.scale = None
        talk.client.window, talk.server.window = 1280, 64240
        talk.play(GREETING)
        talk.play("5 < F.\n5.004 > .\n5.005 > F\n5.205 > F again\n5.605 > F again\n6.405 > F again")
        talk.play("8.005 > F again\n11.205 > F again\n17.605 > F again")


@story(
    Says("D09|D27|D29|D54", ("10.200.4.9:7777", "probes", "3 s|3.0 s"), "possible", "note", count=2),
    Says("D54|D56|D57|D47", ("10.200.4.9:7778",), "possible", "note"),
    Never("D07", ("restarted",)),
    Never("D18"),
    Never("D26"),
    Ends("10.200.4.20:43000", ("CLOSED", "ESTABLISHED|CLOSED")),
    Ends("10.200.4.20:43100", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def probes_of_a_second_give_up_within_a_blip(wire: Wire) -> None:
    """A network is away for five seconds; the workers' transport fails, while all else on the hosts goes on.

    True: the transport probes after ten idle seconds, each second, three times, and gives up. Other connections of
    the same hosts wait for their retransmissions and live. What the servers send afterwards is reset. The tap is at
    the client.

    Source: openucx/ucx#7093 (#6705, #6471).
    """
    for number in range(2):
        talk = wire.talk(f"10.200.4.20:{43_000 + number}", "10.200.4.9:7777", at=0.1 * number).play(GREETING)
        for probe in range(1, 6):
            at = 10.02 * probe
            talk.play(f"{at} > . seq=100\n{at + 0.0003} < .")
        talk.play("60.12 > . seq=100\n61.12 > . seq=100\n62.12 > . seq=100\n63.12 > R.")
        talk.play("75 < P. 200 ack=101\n75.00003 > R")
    other = wire.talk("10.200.4.20:43100", "10.200.4.9:7778").play(GREETING)
    for step in range(1, 120):
        at = 0.75 * step
        if 59.9 < at < 60.6:
            other.play(f"{at} > P. 80\n{at + 0.2} > P. again\n{at + 0.62} > P. again\n{at + 1.45} > P. again")
            other.play(f"{at + 3.1} > P. again\n{at + 6.4} > P. again\n{at + 6.4003} < .")
            other.play(f"{at + 6.401} < P. 40\n{at + 6.4011} > .")
        elif not 60 < at < 67:
            other.play(f"{at} > P. 80\n{at + 0.0004} < P. 40\n{at + 0.0005} > .")


@story(
    Says("D27|D16", ("10.200.5.9:443", "orphan"), "possible", "note", count=8),
    Says("D13", ("10.200.5.9:443",), "possible", "note", count=6),
    Never("D18"),
    Never("D08"),
    Never("D54"),
    kept=False,
)
def proxy_resets_when_it_has_too_many_orphans(wire: Wire) -> None:
    """A proxy closes in good order for an hour, and then resets each client right after its answer.

    True: phones have left without a word, and the FINs for them are still sent again. The kernel holds no more such
    orphans than ``tcp_max_orphans``, and what is closed beyond that is reset instead ("too many orphaned sockets").

    Source: haproxy/haproxy#958, telemt/telemt#677.
    """
    for number in range(6):
        gone = wire.talk(
            f"198.51.100.{20 + number}:44000", "10.200.5.9:443", at=1.0 + 0.4 * number, client_ttl=52
        ).play("0 > S\n0.00004 < S.\n0.05 > .\n0.051 > P. 300\n0.053 < P. 900\n0.103 > .")
        gone.play("20 < F.")
        for copy in (0.22, 0.66, 1.55, 3.33, 6.9, 14.0, 28.2):
            gone.play(f"{20 + copy} < F. again")
    for number in range(18):
        at = 4.0 + 2.1 * number
        talk = wire.talk(
            f"203.0.113.{20 + number}:{45_000 + 7 * number}", "10.200.5.9:443", at=at, client_ttl=52
        ).play("0 > S\n0.00004 < S.\n0.03 > .\n0.031 > P. 300\n0.0313 < .")
        talk.play("0.036 < P. 1200\n0.066 > .")
        if at < 24:
            talk.play("0.0661 < F.\n0.0962 > F.\n0.09625 < .")
        else:
            talk.play("0.0661 < R.")


@story(
    Says(
        "D02",
        ("10.200.6.9:6556", "8.8 s", "limit|at once|burst|xinetd"),
        "possible",
        "note",
        count=6,
    ),
    Never("D26"),
    Never("D02", ("restart",), "likely"),
    Never("D18"),
    Never("D01"),
    kept=False,
)
def super_server_shuts_a_port_after_a_burst(wire: Wire) -> None:
    """An agent's port is refused now and then, for ten seconds; who is connected notices nothing.

    True: ``xinetd`` listens for it and lets 25 connections a second start (``cps = 25 10``). Whenever more come at
    once, it closes the socket for ten seconds and says so in its log.

    Source: picoCTF/picoCTF#121 (#117), xinetd-org/xinetd#21.
    """
    session = wire.talk("10.200.6.40:46000", "10.200.6.9:6556").play(GREETING)
    for beat in range(1, 75):
        session.play(f"{2 * beat} > P. 30\n{2 * beat + 0.001} < P. 50\n{2 * beat + 0.0011} > .")
    made = 0

    def ask(at: float, refused: bool) -> None:
        nonlocal made
        made += 1
        talk = wire.talk(f"10.200.6.{20 + made % 5}:{47_000 + made}", "10.200.6.9:6556", at=at)
        if refused:
            talk.play("0 > S\n0.0002 < R. seq=0")
        else:
            talk.play(HANDSHAKE).play("0.012 < P. 900\n0.0121 > .\n0.0125 < F.\n0.0127 > F.\n0.0129 < .")

    for burst in (20.0, 80.0):
        for number in range(26):
            ask(burst + 0.011 * number, refused=False)
        for number in range(5):
            ask(burst + 0.4 + 2.2 * number, refused=True)
    for number in range(28):
        at = 3.0 + 4.7 * number
        if not (19 < at < 31 or 79 < at < 91):
            ask(at, refused=False)


@story(
    Never("D*", severity="note"),
    Ends("10.200.7.20:48000", ("CLOSED", "TIME_WAIT|CLOSED")),
    kept=False,
)
def fin_is_recorded_before_the_last_data(wire: Wire) -> None:
    """In a capture of transfers from a controller the FIN comes some frames too early, now and then.

    True: nothing is wrong. A tap hands the two directions to two adapters, and what joins them swaps frames that come
    within some tens of microseconds. All data is acknowledged, and so is the FIN.

    Source: seladb/PcapPlusPlus#1979.
    """
    for number in range(4):
        talk = wire.talk(
            f"10.200.7.20:{48_000 + number}", f"10.200.7.9:{1030 + number}", at=3.0 * number, stamps=False
        ).play(HANDSHAKE)
        sent, at = 1, 0.01
        for _ in range(6):
            for part in range(4):
                talk.play(f"{at + 0.00013 * part} < . 1460 seq={sent + 1460 * part}")
            sent += 5840
            talk.play(f"{at + 0.0007} > . ack={sent}")
            at += 0.002
        # the FIN is the last of four, and is written to the file as the second
        talk.play(f"{at} < . 1460 seq={sent}")
        talk.play(f"{at + 0.00002} < F. 700 seq={sent + 4380}")
        talk.play(f"{at + 0.00004} < . 1460 seq={sent + 1460}\n{at + 0.00006} < . 1460 seq={sent + 2920}")
        talk.play(f"{at + 0.0005} > . ack={sent + 5081}\n{at + 0.0011} > F.\n{at + 0.0013} < .")


@story(
    Says("D54|D56|D57", ("10.200.8.9:1433",), "possible", "note"),
    Says(
        "D09|D27|D07|D54|D56",
        ("10.200.8.20", "gave up|given up|gives up|give up"),
        "possible",
        "note",
        count=2,
    ),
    Never("D07", ("restarted",), "likely"),
    Never("D18"),
    Never("D26"),
    Ends("10.200.8.20:49150", ("CLOSED", "CLOSED|ESTABLISHED")),
    Ends("10.200.8.30:37000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def windows_hosts_lose_what_others_keep(wire: Wire) -> None:
    """A link fails over in fourteen seconds; sessions of Windows hosts are lost, those of Linux hosts go on.

    True: Windows sends a segment again five times (``TcpMaxDataRetransmissions``), which on a near server takes nine
    seconds, and drops the connection; Linux tries for a quarter of an hour. The tap is at the server's side of the
    link's clients, so it sees what they send in vain. What the server sends to a dropped session is reset.

    Source: benohead.com, "Network connections timing out too quickly on temporary connectivity loss".
    """
    for number in range(2):
        talk = wire.talk(
            f"10.200.8.20:{49_150 + number}",
            "10.200.8.9:1433",
            at=0.05 * number,
            stamps=False,
            client_ttl=128,
        )
        talk.client.scale, talk.client.window = 8, 1026
        talk.play(GREETING)
        for ask in range(1, 40):
            talk.play(f"{0.5 * ask} > P. 90\n{0.5 * ask + 0.0006} < P. 200\n{0.5 * ask + 0.04} > .")
        talk.play(
            "20 > P. 90\n20.3 > P. again\n20.9 > P. again\n22.1 > P. again\n24.5 > P. again\n29.3 > P. again"
        )
        talk.play("38.9 > R.\n50 < P. 60 ack=3611\n50.0005 > R seq=3611")
    for number in range(2):
        other = wire.talk(f"10.200.8.30:{37_000 + number}", "10.200.8.9:1433", at=0.1 * number).play(GREETING)
        for ask in range(1, 120):
            at = 0.5 * ask
            if at == 20:
                other.play(f"{at} > P. 90")
                for copy in (0.21, 0.43, 0.87, 1.75, 3.5, 7.0, 14.1):
                    other.play(f"{at + copy} > P. again")
                other.play(f"{at + 14.1006} < P. 200\n{at + 14.1007} > .")
            elif at < 20 or at > 34.5:
                other.play(f"{at} > P. 90\n{at + 0.0006} < P. 200\n{at + 0.0007} > .")


@story(
    Says("D27|D28|D33|D38|D18|D26", ("10.200.9.9:5000", "FIN", "SYN"), "possible", "note"),
    Never("D43"),
    Never("D15"),
    Never("D20"),
    Never("D21"),
    Ends("10.200.9.20:50000", ("ESTABLISHED|CLOSED", "CLOSED")),
    kept=False,
)
def window_overflows_into_the_flags(wire: Wire) -> None:
    """A board's connection breaks whenever a lost segment is made up for, and its own log says "reset by peer".

    True: the board counts its window below zero, and the number runs over into length and flags: each segment that it
    sends from then on bears FIN, SYN, RST, PSH, ACK, URG, ECE and CWR. To its peer that is a reset in the right
    place, so the connection is gone; the board goes on sending.

    Source: eclipse-threadx/netxduo#433.
    """
    talk = wire.talk("10.200.9.20:50000", "10.200.9.9:5000", stamps=False, client_ttl=128, client_window=8192)
    talk.client.scale = talk.server.scale = None
    talk.server.window = 64240
    talk.play("0 > S win=8192\n0.0003 < S.\n0.001 > .")
    for step in range(30):
        at = 0.01 + 0.05 * step
        talk.play(f"{at} < P. 244\n{at + 0.002} > P. 64\n{at + 0.0021} < .")
    talk.play("2 < . 244 lost")
    for part in range(1, 9):
        talk.play(f"{2 + 0.0001 * part} < . 953\n{2.001 + 0.0001 * part} > . ack=7321")
    talk.play("2.003 < . 244 seq=7321")
    for step, window in enumerate((57912, 58072, 59776, 64236)):
        talk.play(f"{2.005 + 0.2 * step} > P. 64 ack=15189 win={window}")
        time, length, data = wire.frames[-1]
        segment = data[34:46] + b"\xff\xff" + data[48:50] + b"\0\0" + data[52:]
        packet = ip.ipv4("10.200.9.20", "10.200.9.9", segment, id=int.from_bytes(data[18:20]), ttl=128)
        wire.frames[-1] = (time, length, ip.ethernet(packet))


@story(
    Says("D60|D63|D23|D57", ("10.200.10.20", "63 bytes"), "possible", "note"),
    Never("D23", severity="warning"),
    Never("D49", severity="warning"),
    Never("D24"),
    Never("D54"),
    kept=False,
)
def board_cuts_its_messages_into_pieces_of_63_bytes(wire: Wire) -> None:
    """After a restart a board's telemetry lags behind: each message goes in many small segments.

    True: the peer closed a connection of before the restart, and its FIN carried a window of 63, unscaled. The board
    reset that, and has used 63 as the limit on its new connection ever since, though the window there is 64 KB and
    each piece is acknowledged.

    Source: smoltcp-rs/smoltcp#518.
    """
    old = wire.talk("10.200.10.20:49152", "10.200.10.9:1883", stamps=False, server_window=63)
    old.client.next, old.server.next = 5001, 301
    talk = wire.talk(
        "10.200.10.20:49153", "10.200.10.9:1883", stamps=False, client_ttl=64, client_window=4096
    )
    talk.client.scale = None
    talk.server.scale, talk.server.window = None, 64240
    talk.play("0 > S win=4096\n0.0003 < S.\n0.001 > .\n0.002 > P. 120\n0.003 < P. 4\n0.004 > .")
    for step in range(6):
        at = 0.2 + 0.5 * step
        talk.play(f"{at} > P. 540\n{at + 0.04} < .")
    old.play("3.3 < F.\n3.3008 > R seq=5001")
    for step in range(24):
        at = 3.6 + 0.5 * step
        for part in range(8):
            talk.play(f"{at + 0.003 * part} > P. 63\n{at + 0.003 * part + 0.0004} < .")
        talk.play(f"{at + 0.024} > P. 36\n{at + 0.0244} < .")
