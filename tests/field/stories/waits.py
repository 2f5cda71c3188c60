"""Stories of ends that wait, of half-closed ones, and of what only looks like a fault."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D54|D56", ("10.120.1.9:6379",), "possible", "note"),
    Never("D49"),
    Never("D09"),
    Never("D24"),
    Never("D23"),
    Never("D51"),
    Ends("10.120.1.20:51434", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def pipeline_stalls_for_four_seconds(wire: Wire) -> None:
    """A client of a cache sends request after request, and three times nothing is acknowledged for four seconds.

    True: the host of the virtual machine loses packets for that time, in both directions. What was sent is sent again
    and acknowledged in the end; another client on another host is answered all the while.

    Source: redis/lettuce#1494.
    """
    talk = wire.talk("10.120.1.20:51434", "10.120.1.9:6379").play(HANDSHAKE)
    sent, got = 1, 1
    for second in range(60):
        if second in (15, 33, 51):
            for part in range(6):
                talk.play(f"{second + 0.014 * part} > P. 268 seq={sent + 268 * part}")
            for wait in (0.056, 0.27, 0.69, 1.53, 3.21):
                talk.play(f"{second + wait} > P. 268 seq={sent}")
            sent += 6 * 268
            talk.play(f"{second + 4.2} < . ack={sent}\n{second + 4.2005} < P. 90\n{second + 4.2006} > .")
        elif second not in range(16, 20) and second not in range(34, 38) and second not in range(52, 56):
            talk.play(f"{second} > P. 268 seq={sent}\n{second}.0008 < P. 15\n{second}.0009 > .")
            sent += 268
        got += 15
    other = wire.talk("10.120.1.21:40000", "10.120.1.9:6379", at=0.4).play(HANDSHAKE)
    for second in range(1, 60):
        other.play(f"{second} > P. 60\n{second}.0007 < P. 15\n{second}.0008 > .")


@story(
    Says("D09|D13|D14|D36|D56", ("10.121.1.9:443",), "possible", "note", count=3),
    Never("D07"),
    Never("D24"),
    Never("D08"),
    Never("D02"),
    Ends("10.121.1.20:45000", ("CLOSE_WAIT|LAST_ACK|CLOSED", "FIN_WAIT2|CLOSED|UNKNOWN")),
    kept=False,
)
def firewall_takes_no_more_after_the_first_fin(wire: Wire) -> None:
    """A server closes, the phone acknowledges that, and all that the phone still says is sent again in vain.

    True: a firewall has ended the connection in its table at the server's FIN, and drops the phone's goodbye and its
    FIN. The phone gives up after some copies. Nothing that users need is lost.

    Source: opnsense/core#4391.
    """
    for number in range(3):
        talk = wire.talk(f"10.121.1.20:{45_000 + number}", "10.121.1.9:443", at=20.0 * number)
        talk.play("0 > S\n0.03 < S.\n0.0301 > .\n0.031 > P. 500\n0.07 < P. 1200\n0.0701 > .")
        talk.play("5.0 < F.\n5.0401 > .\n5.2 > P. 31\n5.21 > F.")
        for at in (5.45, 5.93, 6.9, 8.8, 12.6):
            talk.play(f"{at} > FP. 31 seq=501")


@story(
    Says("D07|D28|D46", ("10.122.1.9:3306",), "possible", "note"),
    Never("D09"),
    Never("D24"),
    Never("D18"),
    Never("D51"),
    Ends("10.122.1.28:41800", ("ESTABLISHED", "CLOSED")),
    kept=False,
)
def stack_sends_its_query_again_after_each_reset(wire: Wire) -> None:
    """A sandbox's stack sends a query again and again, though a reset answers each copy.

    True: the database was restarted and knows of no such connection. The resets have the number that is due, and
    they do not reach the stack: a proxy in the sandbox's network takes them.

    Source: google/gvisor#6317.
    """
    talk = wire.talk("10.122.1.28:41800", "10.122.1.9:3306").play(GREETING)
    talk.play("9 > P. 60\n9.001 < P. 120\n9.0011 > .\n40 > P. 80\n40.0005 < R seq=421")
    for at in (40.21, 40.63, 41.47, 43.15, 46.5, 53.2, 66.6):
        talk.play(f"{at} > P. 80 seq=161\n{at + 0.0005} < R seq=421")


@story(
    Says("D10", ("10.123.1.9:6379", "61"), "possible", "note", fault="server"),
    Never("D11", severity="warning"),
    Never("D08"),
    Never("D12"),
    Never("D13"),
    Ends("10.123.1.20:42003", ("TIME_WAIT|CLOSED", "CLOSED")),
    kept=False,
)
def server_closes_its_half_a_minute_later(wire: Wire) -> None:
    """Four of twelve times a cache's server acknowledges the client's FIN and sends its own 61 seconds later.

    True: a single thread does all the work, and a command of a minute kept it from reading the end of the stream.

    Source: redis/redis#14212.
    """
    for number in range(12):
        talk = wire.talk(f"10.123.1.20:{42_000 + number}", "10.123.1.9:6379", at=2.0 * number).play(GREETING)
        if number % 3 == 0:
            talk.play(f"1 > F.\n1.0004 < .\n{62.3 + 0.0001 * number} < F.\n{62.3002 + 0.0001 * number} > .")
        else:
            talk.play(FAREWELL, at=1)


@story(
    Never("D*", severity="warning"),
    Never("D08"),
    Never("D09"),
    Never("D47"),
    Ends("10.124.1.20:50022", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def session_sleeps_for_a_night(wire: Wire) -> None:
    """A terminal is left alone for nine hours without keepalives, and goes on at the first key.

    True: nothing is wrong: nothing on the way forgets.

    Source: any office.
    """
    talk = wire.talk("10.124.1.20:50022", "10.124.1.9:22").play(GREETING)
    for key in range(8):
        talk.play(f"{5 + key} > P. 36\n{5 + key}.003 < P. 36\n{5 + key}.0031 > .")
    for key in range(8):
        at = 32_400 + 0.4 * key
        talk.play(f"{at} > P. 36\n{at + 0.003} < P. 36\n{at + 0.0031} > .")


@story(
    Says("D01", ("10.125.1.9:49671",), "possible", "warning", count=3),
    Never("D26"),
    Never("D54"),
    Never("D51"),
    Never("D01", ("10.125.1.9:135",)),
    Ends("10.125.1.20:52000", ("TIME_WAIT|CLOSED", "CLOSED|TIME_WAIT")),
    kept=False,
)
def port_that_the_mapper_names_is_filtered(wire: Wire) -> None:
    """A Windows client asks port 135 for a service's port, is told 49671, and calls that in vain.

    True: a firewall between lets the mapper's port pass and none of those that it names. The mapper is quick.

    Source: Microsoft's guide to RPC over firewalls.
    """
    for number in range(3):
        at = 30.0 * number
        talk = wire.talk(f"10.125.1.20:{52_000 + 2 * number}", "10.125.1.9:135", at=at, stamps=False)
        talk.play(GREETING).play(FAREWELL, at=0.01)
        called = wire.talk(
            f"10.125.1.20:{52_001 + 2 * number}", "10.125.1.9:49671", at=at + 0.02, stamps=False
        )
        called.play("0 > S\n1.01 > S again\n3.02 > S again\n7.03 > S again\n15.03 > S again")


@story(
    Says("D23", ("10.126.1.9:445",), "possible", "note"),
    Never("D09"),
    Never("D24"),
    Never("D08"),
    Never("D51"),
    Ends("10.126.1.20:60001", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def tarpit_holds_its_visitor(wire: Wire) -> None:
    """Somebody answers for an address that is not in use, takes ten bytes, and shuts the window for ever.

    True: it is a trap for scanners: each probe of the window is answered, so the visitor's socket stays open.

    Source: LaBrea.
    """
    talk = wire.talk(
        "10.126.1.20:60001",
        "10.126.1.9:445",
        stamps=False,
        server_mss=None,
        server_scale=None,
        server_window=10,
    )
    talk.play("0 > S\n0.0006 < S. win=10\n0.0007 > .\n0.001 > P. 10\n0.0014 < . win=0")
    at, wait = 0.0014, 0.3
    while at < 400:
        at += wait
        wait = min(2 * wait, 60.0)
        talk.play(f"{at} > . seq=10\n{at + 0.0004} < . win=0")


@story(
    Never("D26"),
    Never("D*", severity="warning"),
    Never("D54"),
    Ends("10.127.1.20:33333", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def ports_are_knocked_on(wire: Wire) -> None:
    """A client sends one SYN each to three ports that nobody answers at, and then logs in at a fourth.

    True: nothing is wrong: this is how it has its firewall open the door. It does so before each of four logins.

    Source: knockd.
    """
    for number in range(4):
        start = 300.0 * number
        for order, port in enumerate((7000, 8000, 9000)):
            knock = wire.talk(
                f"10.127.1.20:{33_100 + 10 * number + order}", f"10.127.1.9:{port}", at=start + 0.3 * order
            )
            knock.play("0 > S")
        talk = wire.talk(f"10.127.1.20:{33_333 + number}", "10.127.1.9:22", at=start + 1.2).play(GREETING)
        talk.play("2 > P. 36\n2.003 < P. 36\n2.0031 > .")


@story(
    Never("D*", severity="warning"),
    Never("D07"),
    Never("D18"),
    Never("D28"),
    Never("D46"),
    Ends("10.128.1.20:47001", ("ESTABLISHED", "ESTABLISHED"), 2),
    kept=False,
)
def old_segment_comes_back_on_a_new_connection(wire: Wire) -> None:
    """A port is used again after two minutes, and a segment of the first connection arrives once more.

    True: nothing is wrong: its number is far from what is due, so the server answers with an ACK and drops it.

    Source: RFC 9293, 3.4.1, and captures on ways that double packets late.
    """
    first = wire.talk("10.128.1.20:47001", "10.128.1.9:80", stamps=False).play(GREETING).play(FAREWELL, at=1)
    second = wire.talk("10.128.1.20:47001", "10.128.1.9:80", at=125.0, stamps=False, client_isn=900_000_000)
    second.play(GREETING)
    first.play("126.2 > P. 100 seq=1 ack=1")
    second.play("1.2003 < .\n2 > P. 60\n2.002 < P. 90\n2.0021 > .")


@story(
    Says("D23", ("10.129.1.9:9100",), "possible", "note", count=2),
    Never("D44", confidence="likely"),
    Never("D09"),
    Never("D05"),
    Never("D51"),
    kept=False,
)
def printer_lets_the_next_ones_wait_with_a_shut_window(wire: Wire) -> None:
    """A printer accepts the second and the third job at once, with a window of zero until the first is done.

    True: it prints one after the other and answers each probe meanwhile. Nothing stands before it.

    Source: HP's notes on port 9100.
    """
    for number in range(3):
        opens = 40.0 * number - 2.0 * number
        talk = wire.talk(
            f"10.129.1.{20 + number}:49000",
            "10.129.1.9:9100",
            at=2.0 * number,
            stamps=False,
            server_scale=None,
        )
        talk.server.window = 8192
        talk.play(f"0 > S\n0.001 < S. win={0 if number else 8192}\n0.0012 > .")
        at, wait = 0.3, 0.3
        while at < opens:
            talk.play(f"{at} > . seq=0\n{at + 0.001} < . win=0")
            wait = min(2 * wait, 10.0)
            at += wait
        start = opens + 0.01
        talk.play(f"{start} < .")
        for part in range(20):
            at = start + 0.01 + 1.8 * part
            talk.play(f"{at} > . 1460\n{at + 0.002} < .")
        talk.play(f"{at + 0.1} > F.\n{at + 0.102} < F.\n{at + 0.1022} > .")


@story(
    Says("D34", ("10.130.1.9:8080",), "possible", "note", count=8),
    Never("D26"),
    Never("D05"),
    Never("D06"),
    Never("D09"),
    Ends("10.130.1.20:40019", ("TIME_WAIT|CLOSED", "CLOSED|TIME_WAIT")),
    kept=False,
)
def more_than_five_a_second_have_to_ask_again(wire: Wire) -> None:
    """Of twenty connects in half a second five succeed at once, and the others after one, three or seven seconds.

    True: a packet filter lets five SYNs a second pass and drops the rest. Between bursts every connect is quick.

    Source: iptables' hashlimit, and "connections are slow only under load".
    """
    for burst in range(2):
        for number in range(20):
            start = 30.0 * burst + 0.025 * number
            talk = wire.talk(f"10.130.1.20:{40_000 + 100 * burst + number}", "10.130.1.9:8080", at=start)
            copies = (0.0, 1.02, 3.06, 7.1)[: 1 + number // 5]
            for at in copies:
                talk.play(f"{at} > S{' again' if at else ''}")
            talk.play("0.0004 < S.\n0.0005 > .\n0.001 > P. 90\n0.003 < P. 300\n0.0031 > .", at=copies[-1])
            talk.play(FAREWELL, at=copies[-1] + 0.1)
    for number in range(8):
        talk = wire.talk(f"10.130.1.21:{41_000 + number}", "10.130.1.9:8080", at=45 + 1.7 * number)
        talk.play(GREETING).play(FAREWELL, at=0.1)


@story(
    Never("D*", severity="error"),
    Never("D24"),
    Never("D09"),
    Never("D08"),
    Never("D25", ("never captured",)),
    Never("D56"),
    Ends("10.131.1.20:46001", ("CLOSED|TIME_WAIT", "TIME_WAIT|CLOSED")),
    kept=False,
)
def policer_drops_the_end_of_each_burst(wire: Wire) -> None:
    """A provider's policer drops the last segments of each burst of a backup, and all are sent again at once.

    True: some loss, made up for within two round trips each time: the backup is slower than the line, and whole.

    Source: "policing and TCP" in the papers of large providers. The tap is at the sender.
    """
    talk = wire.talk("10.131.1.20:46001", "10.131.1.9:873").play(HANDSHAKE)
    sent = 1
    for burst in range(16):
        at = 0.1 + 0.4 * burst
        for part in range(10):
            talk.play(f"{at + 0.0002 * part} > . 1448 seq={sent + 1448 * part}")
        hole, end = sent + 1448 * 7, sent + 1448 * 10
        talk.play(f"{at + 0.03} < . ack={hole}")
        talk.play(
            f"{at + 0.06} > . 1448 seq={end - 1448}\n{at + 0.09} < . ack={hole} sack={end - 1448}-{end}"
        )
        talk.play(f"{at + 0.0901} > . 1448 seq={hole}\n{at + 0.0902} > . 1448 seq={hole + 1448}")
        talk.play(f"{at + 0.12} < . ack={end}")
        sent = end
    talk.play(f"7 > F. seq={sent}\n7.03 < F.\n7.0301 > .")


@story(
    Never("D*", severity="warning"),
    Never("D49"),
    Never("D51"),
    Never("D50"),
    Ends("10.132.1.20:44100", ("TIME_WAIT|CLOSED", "CLOSED|TIME_WAIT")),
    kept=False,
)
def client_waits_for_leave_to_send(wire: Wire) -> None:
    """A client sends the head of each upload, waits a second for "100 Continue", and sends the body without.

    True: nothing is broken: the server does not know that header, and curl waits for one second. The server answers
    each body within two milliseconds.

    Source: curl's manual on "Expect: 100-continue".
    """
    talk = wire.talk("10.132.1.20:44100", "10.132.1.9:80").play(HANDSHAKE)
    for number in range(8):
        at = 0.01 + 1.5 * number
        talk.play(f"{at} > P. 220\n{at + 0.04} < .\n{at + 1.0} > . 1448\n{at + 1.0001} > P. 700")
        talk.play(f"{at + 1.001} < .\n{at + 1.003} < P. 150\n{at + 1.0031} > .")
    talk.play(FAREWELL, at=14)


@story(
    Never("D*", severity="warning"),
    Never("D49"),
    Never("D08"),
    Never("D09"),
    Never("D50"),
    Ends("10.133.1.20:44200", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def events_are_pushed_for_an_hour(wire: Wire) -> None:
    """A browser asks for events once, and the server sends one every 25 to 40 seconds for an hour.

    True: nothing is wrong.

    Source: server-sent events.
    """
    talk = wire.talk("10.133.1.20:44200", "10.133.1.9:443").play(GREETING)
    at = 5.0
    for number in range(110):
        at += 25 + (number * 7) % 16
        talk.play(f"{at} < P. {60 + number}\n{at + 0.0001} > .")


@story(
    Says("D27|D30", ("10.134.1.9:445",), "possible", "info", count=4),
    Never("D08"),
    Never("D18"),
    Never("D07"),
    Never("D*", severity="error"),
    Ends("10.134.1.20:49200", ("CLOSED", "CLOSED")),
    kept=False,
)
def client_drops_its_shares_after_a_quarter_of_an_hour(wire: Wire) -> None:
    """A Windows client resets connections to file shares that were not used for fifteen minutes.

    True: it does so of its own accord, and opens a new one when it needs one.

    Source: Microsoft on "autodisconnect" and KeepConn.
    """
    for number in range(4):
        talk = wire.talk(
            f"10.134.1.20:{49_200 + number}", "10.134.1.9:445", at=61.0 * number, stamps=False, client_ttl=128
        )
        talk.play(GREETING).play("3 > P. 120\n3.002 < P. 200\n3.2 > .")
        talk.play(f"{903.2 + 0.01 * number} > R.")


@story(
    Says("D01|D04|D27|D34", ("10.135.1.9:12865",), "possible", "note", count=2),
    Never("D02"),
    Never("D05"),
    Never("D26"),
    Never("D42"),
    Ends("10.135.1.20:38001", ("CLOSED", "CLOSED")),
    kept=False,
)
def answer_comes_when_the_client_has_given_up(wire: Wire) -> None:
    """A SYN is sent five times in fifteen seconds; the answer comes after thirty-three and is reset.

    True: the tap is at the client. The server had answered each time, and a node's rules lost the answers until they
    were written anew; by then the program had left.

    Source: cilium/cilium#18014.
    """
    for number in range(2):
        talk = wire.talk(f"10.135.1.20:{38_001 + number}", "10.135.1.9:12865", at=50.0 * number)
        talk.play("0 > S\n1.02 > S again\n3.06 > S again\n7.1 > S again\n15.3 > S again")
        talk.play("33.42 < S.\n33.42004 > R seq=1 ttl=64 id=0")
