"""Stories of connections of which one direction has ended, or should have."""

from tests.field.company import Crowd, crowd, in_vlan
from tests.field.story import Ends, Never, Says, story
from tests.field.talk import GREETING, HANDSHAKE, Wire


@story(
    Says("D12|D08", ("10.30.10.9:9000",), "possible", "note", count=2),
    Says("D12|D08", ("1 min|60 s|59|55",)),
    Never("D16"),
    Never("D18"),
    Never("D07", ("restarted",)),
    Never("D49", severity="warning"),
)
def answers_after_a_minute_meet_a_reset(wire: Wire) -> None:
    """Clients send a request and shut down their side; answers that take longer than a minute are reset.

    True: the balancer keeps a connection of which one direction has ended for 60 s only. Answers after 5, 30 and 55 s
    arrive, those after 64 and 90 s meet a reset. The tap is at the server.

    Source: moby/moby#29655.
    """
    for number, pause in enumerate((5.0, 30.0, 55.0, 64.0, 90.0)):
        talk = wire.talk(f"10.30.10.3:{41_000 + number}", "10.30.10.9:9000", at=1.5 * number, client_ttl=63)
        talk.play("0 > S\n0.00004 < S.\n0.0008 > .\n0.001 > P. 240\n0.00104 < .\n0.0013 > F.\n0.0414 < .")
        if pause < 60:
            talk.play("0 < P. 700\n0.0008 > .\n0.001 < F.\n0.0018 > .", at=pause)
        else:
            talk.play("0 < P. 700\n0.0005 > R seq=242", at=pause)


@story(
    Says("D46|D28|D14|D13", ("10.30.11.3",), "possible", "info"),
    Never("D13", severity="warning"),
    Never("D09"),
    Never("D25", ("missing",)),
    Never("D08"),
    Ends("10.30.11.3:4242", ("TIME_WAIT|CLOSED", "CLOSED")),
)
def fin_is_sent_again_though_acknowledged(wire: Wire) -> None:
    """A board closes while its server still streams, and sends its FIN again with each acknowledgement.

    True: the server acknowledged the FIN at once and may go on sending; it closes three seconds later. The board's
    stack resends its FIN every time that data comes, and drops the data.

    Source: zephyrproject-rtos/zephyr#61181.
    """
    talk = wire.talk(
        "10.30.11.3:4242", "10.30.11.9:4242", stamps=False, client_scale=None, client_window=1280
    )
    talk.play(HANDSHAKE).play("0.01 > P. 60\n0.012 < . 600\n0.015 > .\n0.03 < . 600\n0.033 > .")
    talk.play("0.1 > F.\n0.1004 < .")
    for number in range(12):
        at = 0.15 + 0.24 * number
        talk.play(f"{at} < P. 600\n{at + 0.003} > F. again")
    talk.play("3.1 < F.\n3.103 > .")


@story(
    Never("D*", severity="warning"),
    Never("D07"),
    Never("D18"),
    Ends("10.30.12.3:1044", ("CLOSED|TIME_WAIT", "CLOSED")),
)
def one_acknowledgement_too_many_is_reset(wire: Wire) -> None:
    """A client that has shut down its side acknowledges the server's FIN twice; the second meets no socket any more.

    True: both have closed in good order; a delayed acknowledgement leaves after the last one was sent. All data has
    arrived; the client's program may read "connection reset" nevertheless.

    Source: Microsoft KB 152474.
    """
    for number in range(4):
        talk = wire.talk(
            f"10.30.12.{3 + number}:1044", "10.30.12.9:80", at=2.0 * number, stamps=False, client_ttl=128
        )
        talk.play(HANDSHAKE).play("0.01 > P. 220\n0.011 < .\n0.012 > F.\n0.0121 < .")
        talk.play("0.1 < . 1460\n0.1001 < P. 900\n0.1003 > .\n0.1005 < F.\n0.1007 > .")
        talk.play("0.22 > .\n0.2201 < R seq=2362")


@story(
    Says("D10", ("10.30.13.9:8443",), "likely", "warning", fault="server"),
    Never("D31", severity="error"),
    Never("D09"),
    Never("D14"),
    Ends("10.30.13.99:50999", ("FIN_WAIT2|CLOSED", "CLOSE_WAIT")),
)
def one_of_many_is_never_closed(wire: Wire) -> None:
    """A server closes all of its connections but one.

    True: CLOSE_WAIT at the server for 75 s and more; forty-five others come and go beside it in the same VLAN.

    Source: the everyday search for the one leak in a busy capture.
    """
    crowd(wire, Crowd("10.30.13.9:8443", "10.30.13", 45, clients=9, every=2.0, lost=0.02, seed=13))
    talk = wire.talk("10.30.13.99:50999", "10.30.13.9:8443", at=12).play(GREETING)
    talk.play("3 > F.\n3.04 < .")
    in_vlan(wire, 130)


@story(
    Says("D13|D09", ("10.30.14.3",), "possible", "warning", count=2),
    Never("D26"),
    Never("D08", severity="error"),
    Never("D24"),
    Ends("10.30.14.3:50003", ("ESTABLISHED", "ESTABLISHED")),
)
def device_returns_on_new_ports_and_leaves_the_old_open(wire: Wire) -> None:
    """A device on a mobile network loses it twice, and each time comes back from a new port.

    True: nobody told the broker; it waits for a heartbeat, closes the old connections after 90 s, and its FINs are
    never acknowledged. The third connection lives. The tap is at the broker.

    Source: the "session taken over" of MQTT brokers with devices behind mobile carriers.
    """
    for number, last in enumerate((25.0, 85.0, 245.0)):
        start = (0.0, 40.0, 100.0)[number]
        talk = wire.talk(f"10.30.14.3:{50_001 + number}", "10.30.14.9:1883", at=start, client_ttl=49)
        talk.play("0 > S\n0.00005 < S.\n0.11 > .\n0.112 > P. 60\n0.1121 < .\n0.113 < P. 4\n0.23 > .")
        end = last - start
        at = 20.0
        while at <= end:
            talk.play(f"{at} > P. 2\n{at + 0.0003} < P. 2\n{at + 0.11} > .")
            at += 20.0
        if number < 2:
            closing = (at - 20.0) + 90.0
            talk.play(f"{closing} < F.")
            for wait in (0.33, 0.99, 2.3, 4.9, 10.2, 20.7, 41.7):
                talk.play(f"{closing + wait} < F. again")


@story(
    Says("D23|D53|D49|D30", ("10.30.15.3:21", "window"), "possible", "note"),
    Never("D24"),
    Never("D09"),
    Never("D08"),
    Ends("10.30.15.9:50001", ("ESTABLISHED", "ESTABLISHED")),
)
def window_stays_small_and_nobody_is_told(wire: Wire) -> None:
    """An upload to a console stalls again and again: its window never shuts, and is too small for a segment.

    True: the receiver reads its buffer and announces the room only when its window was zero. After 5600 of 5840
    bytes the sender waits with 240 left, until its timer makes it send just those; then the window is whole again.

    Source: KallistiOS/KallistiOS#1450.
    """
    talk = wire.talk(
        "10.30.15.9:50001",
        "10.30.15.3:21",
        stamps=False,
        server_scale=None,
        server_window=5840,
        server_ttl=255,
    )
    talk.play("0 > S\n0.001 < S. win=5840\n0.0011 > .")
    at = 0.01
    for wait in (0.21, 0.42, 0.83, 1.66, 3.3, 5.0, 5.0, 5.0):
        talk.play(f"{at} > . 1400\n{at + 0.0001} > . 1400\n{at + 0.0012} < . win=3040")
        talk.play(f"{at + 0.0013} > . 1400\n{at + 0.0014} > . 1400\n{at + 0.0026} < . win=240")
        at += 0.0026 + wait
        talk.play(f"{at} > P. 240\n{at + 0.001} < . win=5840")
        at += 0.0011
