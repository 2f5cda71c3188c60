"""Stories of captures that hold little, and of what becomes of sessions at a border."""

from random import Random

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import BASE_NS, FAREWELL, GREETING, HANDSHAKE, Wire

_IP_AT = 14


def _flags(frame: bytes) -> int:
    """Return the flags of TCP of a frame of IP without options."""
    return frame[_IP_AT + (20 if frame[_IP_AT] >> 4 == 4 else 40) + 13]


@story(
    Says("D25", ("SYN, FIN and RST",), "likely", "warning", fault="capture"),
    Says("D02", ("10.130.1.9:9100",), "likely", fault="server"),
    Never("D05"),
    Never("D06"),
    Never("D10", confidence="likely"),
    Never("D35"),
    Never("D49"),
    Never("D50"),
    Never("D51"),
    Ends("10.130.1.20:40000", ("TIME_WAIT|CLOSED", "CLOSED")),
    kept=False,
)
def only_syns_fins_and_resets_were_captured(wire: Wire) -> None:
    """Somebody captures with a filter for SYN, FIN and RST, to see who connects.

    True: eight sessions of seconds, all well; one connect in six is refused. The filter left out all else.

    Source: the filter of tcpdump's own manual, "the start and end packets of each TCP conversation".
    """
    for number in range(8):
        at = 1.7 * number
        talk = wire.talk(f"10.130.1.{20 + number % 3}:{40_000 + number}", "10.130.1.9:8080", at=at).play(
            GREETING
        )
        for ask in range(3):
            talk.play(f"{0.5 + ask} > P. 200\n{0.53 + ask} < P. 3000\n{0.531 + ask} > .")
        talk.play(FAREWELL, at=4)
    wire.talk("10.130.1.23:40100", "10.130.1.9:9100", at=3).play("0 > S\n0.001 < R. seq=0")
    wire.talk("10.130.1.23:40101", "10.130.1.9:9100", at=8).play("0 > S\n0.001 < R. seq=0")
    wire.frames[:] = [frame for frame in wire.frames if _flags(frame[2]) & 0x07]


@story(
    Says("D25", ("data|payload",), "likely", "warning", fault="capture"),
    Never("D*", severity="note"),
    Ends("10.130.2.20:40000", ("ESTABLISHED|UNKNOWN", "ESTABLISHED|UNKNOWN")),
    kept=False,
)
def only_segments_with_data_were_captured(wire: Wire) -> None:
    """Somebody captures with a filter for segments that bear data, to see requests and answers.

    True: all is well. No SYN, no FIN and no bare acknowledgement is in the capture.

    Source: the filter of tcpdump's own manual for packets of HTTP that contain data.
    """
    for number in range(5):
        talk = wire.talk(f"10.130.2.{20 + number}:40000", "10.130.2.9:80", at=0.9 * number).play(HANDSHAKE)
        for ask in range(6):
            at = 0.01 + 0.7 * ask
            talk.play(f"{at} > P. 180\n{at + 0.02} < . 1448\n{at + 0.0201} < P. 700\n{at + 0.0205} > .")
        talk.play(FAREWELL, at=5)
    wire.frames[:] = [frame for frame in wire.frames if len(frame[2]) > _IP_AT + 40 + 32 + 20]


@story(
    Never("D*", severity="note"),
    Ends("10.130.3.20:40000", ("TIME_WAIT|CLOSED", "CLOSED")),
    Ends("10.130.3.25:40005", ("CLOSED", "TIME_WAIT|CLOSED")),
    kept=False,
)
def clock_of_the_capture_has_coarse_steps(wire: Wire) -> None:
    """An old capturing host has a clock that goes on by 15.6 ms at a time.

    True: nothing is wrong. Many packets bear the same time, and a whole handshake seems to take none.

    Source: old WinPcap's time stamps, which follow the system's timer.
    """
    for number in range(10):
        talk = wire.talk(f"10.130.3.{20 + number}:{40_000 + number}", "10.130.3.9:443", at=0.37 * number)
        talk.play(GREETING)
        for ask in range(5):
            at = 0.1 + 0.21 * ask
            talk.play(f"{at} > P. 120\n{at + 0.006} < . 1448\n{at + 0.0061} < P. 700\n{at + 0.0065} > .")
        if number % 2:
            talk.play("1.5 < F.\n1.5004 > .\n1.501 > F.\n1.5014 < .")
        else:
            talk.play(FAREWELL, at=1.5)
    wire.frames[:] = [
        (BASE_NS + (time - BASE_NS) // 15_625_000 * 15_625_000, length, data)
        for time, length, data in wire.in_order()
    ]
    wire.is_as_written = True


@story(
    Says("D35", ("10.130.4.2:2181", "10.130.4.20 had 24 others open"), "possible", "note", count=5),
    Never("D26"),
    Never("D18"),
    Never("D17"),
    Ends("10.130.4.20:40000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def one_client_opens_and_never_closes(wire: Wire) -> None:
    """A monitor opens a connection every ten seconds and keeps each; after the twenty-fourth it is let in no more.

    True: it leaks connections, which its library keeps alive by pings. The server allows so many of one address, and
    closes further ones without a word; another client goes in and out all the time.

    Source: linkedin/kafka-monitor#192 ("Too many connections from ... - max is 60").
    """
    for number in range(30):
        at = 10.0 * number
        talk = wire.talk(f"10.130.4.20:{40_000 + number}", "10.130.4.2:2181", at=at).play(HANDSHAKE)
        if number >= 24:
            talk.play("0.0016 < F.\n0.002 > F.\n0.0024 < .")
            continue
        talk.play("0.002 > P. 49\n0.006 < P. 41\n0.0062 > .")
        since = 10.0
        while at + since < 300:
            talk.play(f"{since} > P. 12\n{since + 0.001} < P. 20\n{since + 0.0012} > .")
            since += 30
        other = wire.talk(f"10.130.4.30:{41_000 + number}", "10.130.4.2:2181", at=at + 3).play(HANDSHAKE)
        other.play("0.002 > P. 49\n0.006 < P. 41\n0.0062 > .").play(FAREWELL, at=0.5)
    for number in range(5):
        other = wire.talk(f"10.130.4.30:{42_000 + number}", "10.130.4.2:2181", at=243 + 10 * number)
        other.play(HANDSHAKE).play("0.002 > P. 49\n0.006 < P. 41\n0.0062 > .").play(FAREWELL, at=0.5)


@story(
    Says("D01", ("192.0.2.80:80", "10.130.5.2:443"), "likely", "error", count=4),
    Never("D49", severity="warning"),
    Never("D51"),
    Never("D30"),
    kept=False,
)
def client_asks_for_a_revocation_list_in_vain(wire: Wire) -> None:
    """A site inside the house takes fifteen seconds to open, from machines that may not reach the Internet.

    True: within the TLS handshake the client asks where certificates are revoked, gets no answer, gives up after
    fifteen seconds, and goes on. Both are in the capture.

    Source: concurrency.com, "Diagnosing Slow Page Loads due to CRL Checks"; PowerShell and .NET on closed networks.
    """
    for number in range(4):
        at = 40.0 * number
        site = wire.talk(f"10.130.5.20:{50_000 + 2 * number}", "10.130.5.2:443", at=at).play(HANDSHAKE)
        site.play("0.002 > P. 517\n0.0024 < .\n0.004 < . 1448\n0.0041 < . 1448\n0.0042 < P. 900\n0.0045 > .")
        list_ = wire.talk(f"10.130.5.20:{50_001 + 2 * number}", "192.0.2.80:80", at=at + 0.006)
        list_.play("0 > S\n3.0 > S again\n9.0 > S again")
        site.play("15.01 > P. 126\n15.013 < P. 51\n15.02 > P. 300\n15.03 < P. 1200\n15.0304 > .")
        site.play(FAREWELL, at=16)


@story(
    Says("D26", ("10.130.6.9:443",), "possible", "warning"),
    Says("D60", ("10.130.6.9:443", "SYN cookie"), "possible", "note"),
    Never("D49"),
    Never("D55"),
    kept=False,
)
def answers_lose_their_options_under_a_flood(wire: Wire) -> None:
    """Uploads over a long way become slow while a server is flooded with SYNs, though none is refused.

    True: the server answers with SYN cookies, which have no room for a scale of the window; clients without time
    stamps get a window of 64 KiB at most. Before, the same client had more.

    Source: the drawbacks of SYN cookies; "TCP: request_sock_TCP: Possible SYN flooding on port 443. Sending cookies."
    """
    chance = Random(6)
    for number in range(500):
        source = ".".join(str(chance.randrange(1, 223)) for _ in range(4))
        stray = wire.talk(
            f"{source}:{1024 + chance.randrange(60_000)}", "10.130.6.9:443", at=4 + 0.01 * number
        )
        stray.stamps, stray.server.scale = False, None
        stray.play("0 > S\n0.00003 < S.")
    for number, start in enumerate((0.0, 4.5)):
        talk = wire.talk(
            f"10.130.60.3:{42_000 + number}", "10.130.6.9:443", at=start, stamps=False, client_ttl=50
        )
        talk.server.scale = None if number else 7
        talk.server.window = 65_160 if number else 4000
        talk.play("0 > S\n0.00004 < S.\n0.08 > .\n0.081 > P. 60\n0.0811 < P. 20\n0.161 > .")
        sent = 61
        for round_ in range(40 if number else 10):
            at = 0.25 + 0.0806 * round_
            for part in range(4):
                talk.play(f"{at + 0.0001 * part} > . 16290 seq={sent + 16290 * part}")
                talk.play(f"{at + 0.0001 * part + 0.00004} < . ack={sent + 16290 * (part + 1)}")
            sent += 4 * 16290
        talk.play(FAREWELL, at=4)


@story(
    Says("D09", ("DSCP", "af21|AF21|18"), "likely", "error", count=3),
    Never("D24"),
    Never("D49"),
    Never("D54"),
    Ends("10.130.7.20:42000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def session_hangs_when_its_packets_are_marked(wire: Wire) -> None:
    """Logging in by SSH works, and at the first prompt the session hangs; on other clients it goes on.

    True: after the login the client marks its packets as interactive (DSCP AF21), and a device on the way drops what
    is so marked. Unmarked packets pass, among them the bare acknowledgements of its kernel in TIME_WAIT.

    Source: microsoft/WSL#7058, clearlinux/distribution#602, mkj/dropbear#193.
    """
    for number in range(3):
        talk = wire.talk(f"10.130.7.20:{42_000 + number}", "10.130.7.9:22", at=70.0 * number).play(HANDSHAKE)
        talk.play(
            "0.01 < P. 41\n0.0101 > .\n0.011 > P. 41\n0.0114 < .\n0.02 > P. 1400\n0.03 < P. 1100\n0.031 > ."
        )
        talk.play("2 > P. 148\n2.01 < P. 52\n2.0101 > .")
        talk.play(
            "2.02 > P. 112 tos=72\n2.23 > P. again tos=72\n2.65 > P. again tos=72\n3.5 > P. again tos=72"
        )
        talk.play(
            "5.2 > P. again tos=72\n8.6 > P. again tos=72\n15.4 > P. again tos=72\n29 > P. again tos=72"
        )
        other = wire.talk(f"10.130.7.30:{43_000 + number}", "10.130.7.9:22", at=70.0 * number + 20)
        other.play(HANDSHAKE).play("0.01 < P. 41\n0.0101 > .\n0.011 > P. 41\n0.0114 < .\n0.02 > P. 1400")
        other.play("0.03 < P. 1100\n0.031 > .\n2 > P. 148\n2.01 < P. 52\n2.0101 > .\n9 > P. 60\n9.01 < P. 80")
        other.play("9.0101 > .").play(FAREWELL, at=12)


@story(
    Says("D09|D08|D39", ("10.130.8.9:1521", "120 s|2m00|121 s", "half"), "likely", "error", count=3),
    Never("D10", confidence="likely"),
    Never("D13"),
    Never("D54"),
    Never("D24"),
    Ends("10.130.8.20:45000", ("FIN_WAIT2|CLOSED", "CLOSE_WAIT")),
    kept=False,
)
def half_closed_sessions_are_dropped_after_two_minutes(wire: Wire) -> None:
    """Reports that take longer than two minutes break off: their client has closed its direction and reads on.

    True: the firewall keeps what is half closed for 120 s (``tcp-halfclose-timer``), counted from the FIN, whatever
    is sent meanwhile; then it drops what the server sends. The tap is at the server.

    Source: Fortinet's technical tip on half-closed sessions ("no session matched"); SQL*Net, rsh and lpr.
    """
    for number in range(3):
        talk = wire.talk(f"10.130.8.{20 + number}:45000", "10.130.8.9:1521", at=31.0 * number, client_ttl=61)
        talk.play("0 > S\n0.00003 < S.\n0.012 > .\n0.013 > P. 300\n0.01304 < .\n0.1 > F.\n0.10003 < .")
        for step in range(1, 24):
            talk.play(f"{5 * step} < P. 900\n{5 * step + 0.012} > .")
        talk.play("120.4 < P. 900\n120.6 < P. again\n121.1 < P. again\n122 < P. again\n123.8 < P. again")
        talk.play("127.4 < P. again\n134.6 < P. again\n149 < P. again\n177.8 < P. again")
    for number in range(3):
        quick = wire.talk(f"10.130.8.{30 + number}:45000", "10.130.8.9:1521", at=40.0 * number, client_ttl=61)
        quick.play("0 > S\n0.00003 < S.\n0.012 > .\n0.013 > P. 300\n0.01304 < .\n0.1 > F.\n0.10003 < .")
        quick.play("5 < P. 900\n5.012 > .\n60 < P. 900\n60.012 > .\n60.1 < F.\n60.112 > .")
