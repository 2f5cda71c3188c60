"""Small stacks of boards and devices, and the mistakes that they have been reported for."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import GREETING, HANDSHAKE, Wire


@story(
    Says("D13|D14|D46", ("172.24.1.9",), "possible", "note"),
    Never("D09", severity="error"),
    Never("D08"),
    Never("D10", ("CLOSE_WAIT for",), severity="warning"),
    Ends("172.24.1.1:50000", ("LAST_ACK|CLOSED", "FIN_WAIT1")),
)
def both_repeat_their_fins(wire: Wire) -> None:
    """A board closes, takes no notice of the answer, and so both ends send their FINs again and again.

    True: the host acknowledges the board's FIN, closes as well and acknowledges each copy; the board ignores all of
    it: a mistake of its stack when the first FIN or its ACK was lost.

    Source: zephyrproject-rtos/zephyr#46350.
    """
    talk = wire.talk("172.24.1.1:50000", "172.24.1.9:80", stamps=False).play(GREETING)
    talk.play("1 < F.\n1.0001 > .\n1.0003 > F.")
    for at in (1.2, 1.6, 2.4, 4.0, 7.2):
        talk.play(f"{at} < F. again ack=101\n{at + 0.0001} > .\n{at + 0.01} > F. again")


@story(
    Never("D09"),
    Never("D25"),
    Never("D46"),
    Never("D*", severity="warning"),
    Ends("172.24.2.1:51000", ("ESTABLISHED", "ESTABLISHED")),
)
def sends_again_before_an_answer_can_come(wire: Wire) -> None:
    """A board sends its data again after five milliseconds, where a round trip takes thirty-five.

    True: nothing is lost: its timer is wrong now and then. The server acknowledges both copies.

    Source: espressif/esp-idf#14934.
    """
    talk = wire.talk("172.24.2.1:51000", "172.24.2.9:443", stamps=False).play("0 > S\n0.035 < S.\n0.0351 > .")
    for number in range(12):
        at = 1 + 5.0 * number
        talk.play(f"{at} > P. 60")
        if number % 3 == 1:
            talk.play(f"{at + 0.005} > P. 60 again\n{at + 0.035} < .\n{at + 0.04} < .")
        else:
            talk.play(f"{at + 0.035} < .")


@story(
    Says(
        "D49|D53", ("172.24.3.9:80", "delayed acknowledgement", "one segment"), "possible", "info", fault=""
    ),
    Never("D09"),
    Never("D*", severity="error"),
)
def one_line_at_a_time_and_acknowledged_late(wire: Wire) -> None:
    """A board's answer of twenty lines takes four seconds: each line waits for the acknowledgement of the last.

    True: the board's stack has one segment under way at a time; the client's delays acknowledgements of single
    segments for 0.2 s. Neither is broken; together they are slow.

    Source: ethersex/ethersex#257.
    """
    talk = wire.talk("172.24.3.1:50000", "172.24.3.9:80", stamps=False).play(HANDSHAKE).play("0.002 > P. 90")
    for number in range(20):
        at = 0.004 + 0.203 * number
        talk.play(f"{at} < P. 60\n{at + 0.2} > .")


@story(
    Says("D46|D28|D25", ("172.24.4.9",), "possible", "note", fault=""),
    Never("D09"),
    Never("D23"),
    Never("D08"),
)
def board_repeats_what_was_acknowledged(wire: Wire) -> None:
    """A board sends one segment a hundred times, though each copy is acknowledged at once.

    True: the board's stack loops on its retransmission queue and does not read the acknowledgements that come in the
    meantime. Nothing is lost on the way.

    Source: ghaerr/elks#2487.
    """
    talk = wire.talk("172.24.4.1:50000", "172.24.4.9:23", stamps=False).play(GREETING)
    talk.play("2 < P. 80\n2.0003 > .")
    for number in range(100):
        at = 2.1 + 0.1 * number
        talk.play(f"{at} < P. 80 again\n{at + 0.0003} > .")


@story(
    Says("D13|D09", ("172.24.5.9",), "possible", "note"),
    Never("D08"),
    Never("D24"),
    Ends("172.24.5.1:50000", ("FIN_WAIT1", "ESTABLISHED|CLOSE_WAIT|CLOSED|UNKNOWN")),
)
def board_is_switched_off_before_the_close(wire: Wire) -> None:
    """A board is switched off; half a minute later the client closes, and its FIN is never acknowledged.

    True: nothing of the board is on the wire after its last answer. The silence before the FIN is the client's own.

    Source: every laboratory.
    """
    talk = wire.talk("172.24.5.1:50000", "172.24.5.9:502", stamps=False).play(GREETING)
    talk.play("10 > P. 12\n10.004 < P. 30\n10.0041 > .\n40 > F.")
    for at in (40.21, 40.63, 41.5, 43.2, 46.6, 53.4, 67.0):
        talk.play(f"{at} > F. again")


@story(
    Says("D23", ("172.24.6.9:9100",), "possible", "warning"),
    Never("D09"),
    Never("D08"),
    Never("D16"),
)
def server_takes_one_buffer_and_never_reads(wire: Wire) -> None:
    """A server takes what its buffer holds, shuts the window and never reads; after a minute the client aborts.

    True: the server's program waits for something else. Each probe is answered; the client gives up by a time-out
    of its own.

    Source: printers, and any thread that is stuck on a lock.
    """
    talk = wire.talk(
        "172.24.6.1:50000", "172.24.6.9:9100", stamps=False, server_scale=None, client_scale=None
    )
    talk.server.window = 4096
    talk.play(
        "0 > S\n0.001 < S.\n0.0011 > .\n0.002 > . 1448\n0.0021 > . 1448\n0.0022 > . 1200\n0.003 < . win=0"
    )
    at, wait = 0.2, 0.2
    while at < 55:
        talk.play(f"{at} > . seq=4096\n{at + 0.001} < . win=0")
        wait = min(2 * wait, 15.0)
        at += wait
    talk.play("60 > R.")
