"""Stories of small stacks: boards, sensors, repeaters, and what they do not do."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import GREETING, HANDSHAKE, Wire
from tests.packets import ip


@story(
    Says("D28|D46", ("10.71.1.50",), "possible", "note", fault=""),
    Never("D07", confidence="certain"),
    Never("D18"),
    Never("D09"),
    Ends("10.71.1.50:49160", ("ESTABLISHED", "CLOSED")),
)
def board_streams_on_through_resets(wire: Wire) -> None:
    """A board sends its measurements each second and takes no notice of the resets that answer them.

    True: the collector was stopped, and its kernel reset the connection and each segment since. The resets are exact
    and arrive; the board's stack ignores them and goes on for as long as it has something to say.

    Source: cesanta/mongoose#1958.
    """
    talk = wire.talk(
        "10.71.1.50:49160", "10.71.1.9:9000", stamps=False, client_scale=None, client_window=5744
    )
    talk.play(HANDSHAKE)
    for second in range(1, 6):
        talk.play(f"{second} > P. 200\n{second}.0004 < .")
    talk.play("5.5 < R.")
    for second in range(6, 26):
        talk.play(f"{second} > P. 200 ack=1\n{second}.0003 < R seq=1")


@story(
    Says("D13|D12|D11", ("192.0.2.1",), "possible", "info", fault=""),
    Never("D10"),
    Never("D51"),
    Never("D49"),
    Ends("192.0.2.2:40003", ("ESTABLISHED", "FIN_WAIT1|CLOSED")),
)
def lost_fin_is_never_sent_again(wire: Wire) -> None:
    """A board's last data and its FIN are lost; it sends the data again and never the FIN. The tap is at the board.

    True: the client acknowledges all data and not the FIN, so it still waits for the end of the page, and the board
    has forgotten the connection. One client closes after a minute and is reset, the other waits on.

    Source: zephyrproject-rtos/zephyr#8188.
    """
    for number in range(2):
        talk = wire.talk(f"192.0.2.2:{40_002 + number}", "192.0.2.1:80", at=number * 3.0, stamps=False)
        talk.play("0 > S\n0.0002 < S.\n0.02 > .\n0.021 > P. 90\n0.0212 < .\n0.03 < . 1452\n0.0302 < P. 729")
        talk.play("0.0304 < F.\n0.07 > . ack=1453\n0.33 < P. 729 seq=1453\n0.36 > . ack=2182")
        if number == 0:
            talk.play("60.1 > F. ack=2182\n60.1002 < R seq=2182")
    talk.play("75 > . seq=90 ack=2182\n90 > . seq=90 ack=2182")


@story(
    Says("D46|D28", ("10.71.3.50",), "possible", "note", fault=""),
    Never("D09"),
    Never("D24"),
    Never("D51"),
    Never("D23"),
)
def acknowledgement_inside_a_segment_is_not_understood(wire: Wire) -> None:
    """A board joins ten new bytes to those that it repeats, and does not understand that the old ones arrived.

    True: the acknowledgement of the first 1447 bytes was lost on its way to the board; the server throws away each
    copy of 1457 bytes and acknowledges the 1447 anew, every time. After seven copies the board resets.

    Source: ARMmbed/mbed-os#4140.
    """
    talk = wire.talk("10.71.3.50:49153", "10.71.3.9:7000", stamps=False, client_scale=None).play(GREETING)
    talk.play("1 > P. 1447\n1.0002 < .")
    for copy, at in enumerate((1.5, 2.0, 3.0, 4.5, 7.5, 13.5, 25.5)):
        talk.play(f"{at} > P. 1457 seq=101 id={300 + copy}\n{at + 0.0002} < . ack=1548")
    talk.play("37.5 > R.")


@story(
    Says("D49|D51|D54|D47|D56", ("10.71.4.50:1235",), "possible", "info", count=3),
    Never("D09"),
    Never("D24"),
    Never("D01"),
    Never("D13"),
)
def board_listens_only_when_its_client_leaves(wire: Wire) -> None:
    """A board acknowledges nothing for seconds, and everything at the moment that its client closes.

    True: it sleeps until an interrupt wakes it, and the client's data does not. Nothing is lost: with the FIN it
    acknowledges data and FIN at once and answers.

    Source: quartiq/stabilizer#145.
    """
    for number in range(3):
        talk = wire.talk(
            f"10.71.4.1:{50_000 + number}",
            "10.71.4.50:1235",
            at=number * 9.0,
            server_scale=None,
            server_window=5744,
        )
        talk.play("0 > S\n0.001 < S. win=5744\n0.0011 > .\n0.5 > P. 60")
        for at in (0.71, 1.13, 1.97, 3.65):
            talk.play(f"{at} > P. again")
        talk.play("5.2 > F.\n5.202 < .\n5.203 < P. 30\n5.2031 > .\n5.21 < F.\n5.2101 > .")


@story(
    Says("D09|D54|D12|D13|D56", ("10.71.5.50",), "possible", "info", count=2),
    Never("D51"),
    Never("D49"),
    Never("D07"),
    Never("D08"),
)
def device_gives_its_broker_four_seconds(wire: Wire) -> None:
    """A device asks whether its broker lives, does not get the answer in time, closes and connects anew.

    True: the tap is at the broker, which answers each ping within a millisecond. Two answers are lost by the radio
    link for a few seconds, with all their copies; the device gives up after four and its FIN does get through.

    Source: arendst/Tasmota#24985.
    """
    for number in range(3):
        talk = wire.talk(f"10.71.5.50:{52_000 + number}", "10.71.5.9:1883", at=34.5 * number, stamps=False)
        talk.play("0 > S\n0.0001 < S.\n0.02 > .\n0.021 > P. 60\n0.0213 < P. 4\n0.05 > .")
        for at in (10, 20):
            talk.play(f"{at} > P. 2\n{at}.0003 < P. 2\n{at}.03 > .")
        if number == 2:
            break
        talk.play("30 > P. 2\n30.0003 < P. 2")
        for again in (30.24, 30.71, 31.65, 33.5):
            talk.play(f"{again} < P. again")
        talk.play("34.0 > F. ack=9\n34.0001 < F.\n34.02 > R seq=68")


def _complain(wire: Wire) -> None:
    """Have the repeater say that it knows of no such port."""
    time, _, data = wire.frames[-1]
    frame = ip.ethernet(ip.icmp_error("port-unreachable", "192.168.4.1", data[14:]))
    wire.frames.append((time + 1_600_000, len(frame), frame))


@story(
    Says("D08|D09|D03", ("192.168.4.1",), "possible", "warning"),
    Never("D07"),
    Never("D02"),
    Never("D01"),
    Ends("192.168.4.2:25324", ("ESTABLISHED", "ESTABLISHED|UNKNOWN")),
)
def repeater_forgets_its_mapping(wire: Wire) -> None:
    """After three minutes of silence a repeater answers each segment of its client with "port unreachable".

    True: the repeater translates addresses and has dropped the mapping; the broker behind it hears nothing. The
    client's kernel takes the errors for passing ones and sends on; half a minute later it connects anew, and works.

    Source: martin-ger/esp_wifi_repeater#386.
    """
    talk = wire.talk("192.168.4.2:25324", "192.168.1.63:1883", stamps=False, server_ttl=63)
    talk.play("0 > S\n0.009 < S.\n0.0092 > .\n0.02 > P. 60\n0.03 < P. 4\n0.14 > .")
    talk.play("60 > P. 2\n60.009 < P. 2\n60.12 > .")
    talk.play("227.0 > P. 20")
    _complain(wire)
    for at in (227.64, 229.1, 232.1, 238.1, 250.1):
        talk.play(f"{at} > P. again")
        _complain(wire)
    wire.talk("192.168.4.2:25325", "192.168.1.63:1883", at=257.0, stamps=False, server_ttl=63).play(
        "0 > S\n0.009 < S.\n0.0092 > .\n0.02 > P. 60\n0.03 < P. 4\n0.14 > ."
    )


@story(
    Never("D*", severity="warning"),
    Never("D46"),
    Never("D25", ("twice",)),
    Ends("10.71.7.1:18442", ("CLOSED|TIME_WAIT", "CLOSED|TIME_WAIT")),
    kept=False,
)
def stack_acknowledges_twice_and_then_resets(wire: Wire) -> None:
    """A library's stack closes in good order, says each last thing twice, and ends with a reset.

    True: nothing is wrong. All data and both FINs were acknowledged before.

    Source: mirage/mirage-tcpip#140.
    """
    talk = wire.talk("10.71.7.1:18442", "10.71.7.9:5001", stamps=False).play(GREETING)
    talk.play("1 > F.\n1.0001 < .\n1.0002 < F.\n1.0003 > .\n1.0004 < .\n1.0005 > .\n1.0008 < R.")


@story(
    Says("D29", ("1 min|60 s",), "possible", "info"),
    Never("D*", severity="warning"),
    Never("D46"),
    Never("D28"),
    Never("D53"),
    Ends("10.71.8.1:33000", ("ESTABLISHED", "ESTABLISHED")),
    kept=False,
)
def probes_hold_one_byte_of_garbage(wire: Wire) -> None:
    """An old system's keepalive probes hold one byte that was sent long ago.

    True: nothing is wrong: RFC 9293 allows for such a byte, since some stacks do not answer an empty probe. Each is
    answered at once.

    Source: RFC 9293, 3.8.4; the manuals of AIX and Solaris.
    """
    talk = wire.talk("10.71.8.1:33000", "10.71.8.9:1414", stamps=False, client_scale=None).play(GREETING)
    for number in range(1, 11):
        talk.play(f"{60 * number} > . 1 seq=100\n{60 * number}.0006 < .")
    talk.play("630 > P. 80\n630.002 < P. 90\n630.0021 > .")
