"""Faults of TCP stacks themselves, mostly of small ones: what they send that others do not take."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire


@story(
    Says("D02|D28", ("10.170.0.2:4554", "number|acknowledg"), "possible", "warning"),
    Never("D02", confidence="certain"),
    Never("D01", ("nothing answers",)),
    Never("D18"),
)
def refusal_with_a_wrong_number_is_ignored(wire: Wire) -> None:
    """A closed port refuses with a reset that acknowledges the wrong number, and the client goes on trying.

    True: nothing listens; each SYN draws a reset whose acknowledgement is one too low, so the client's kernel ignores
    it (RFC 9293, 3.10.7.3), and "connection refused" becomes a time-out of two minutes.

    Source: zephyrproject-rtos/zephyr#90086, FreeRTOS/FreeRTOS-Plus-TCP#700.
    """
    talk = wire.talk("10.170.0.1:35946", "10.170.0.2:4554")
    for at in (0, 1.03, 3.05, 7.1, 15.3):
        talk.play(f"{at} > S {'again' if at else ''}\n{at + 0.004} < R. seq=0 ack=0")


@story(
    Says("D02|D27|D34|D04", ("10.171.0.2:80",), "possible", "note"),
    Never("D02", ("nothing listens on that port, or",)),
    Never("D02", confidence="certain"),
)
def copy_of_the_syn_is_reset(wire: Wire) -> None:
    """A small stack answers the first SYN and resets every copy of it.

    True: the SYN-ACK is lost on a radio link; the client asks again and is reset: the stack, in SYN_RECV, takes the
    copy for an error. Something listens.

    Source: tass-belgium/picotcp#148.
    """
    talk = wire.talk("10.171.0.1:41000", "10.171.0.2:80", stamps=False)
    talk.play("0 > S\n0.0004 < S.\n1.01 > S again\n1.0104 < R. seq=0")


@story(
    Says("D20|D34", ("10.172.0.2:8080", "1 s"), "possible", "note"),
    Never("D18"),
    Never("D07", severity="error"),
    Ends("10.172.0.1:33000", ("ESTABLISHED", "ESTABLISHED"), 2),
)
def waits_a_second_after_the_challenge(wire: Wire) -> None:
    """A SYN meets TIME_WAIT, is answered by an ACK, resets that, and the next SYN comes a whole second later.

    True: the port was used again too early; the stack in user space resets the old connection as it should, and then
    waits for its timer where others would ask again at once.

    Source: google/gvisor#7619.
    """
    talk = wire.talk("10.172.0.1:33000", "10.172.0.2:8080", stamps=False).play(GREETING)
    talk.play("0.01 < F.\n0.011 > F.\n0.0111 < .")
    again = wire.talk("10.172.0.1:33000", "10.172.0.2:8080", at=5, stamps=False)
    again.client.isn, old = talk.client.isn - 5_000_000, talk.server.isn
    fresh = again.server.isn
    again.server.isn = old
    again.play("0 > S\n0.0003 < . seq=302 ack=5000102\n0.0004 > R seq=5000102")
    again.server.isn = fresh
    again.play("1.0004 > S again\n1.0007 < S.\n1.0008 > .\n1.001 > P. 100\n1.003 < P. 300\n1.0031 > .")


@story(
    Says("D20|D21", ("10.173.0.2:443",), "possible", "note"),
    Never("D18"),
    Never("D43"),
    Ends("10.173.0.9:50200", ("ESTABLISHED", "ESTABLISHED"), 2),
)
def server_still_holds_the_old_connection(wire: Wire) -> None:
    """A client's gateway forgets a connection and uses its port again; the server still has it open.

    True: the server answers the SYN with an ACK in the old connection's numbers, is reset, and accepts the second
    SYN. The client sees a connect of one second.

    Source: istio/istio#13107.
    """
    old = wire.talk("10.173.0.9:50200", "10.173.0.2:443").play(GREETING)
    new = wire.talk("10.173.0.9:50200", "10.173.0.2:443", at=700)
    fresh, new.server.isn = new.server.isn, old.server.isn
    shift = old.client.isn + 101 - new.client.isn
    new.play(f"0 > S\n0.0004 < . seq=301 ack={shift}\n0.02 > R seq={shift}")
    new.server.isn = fresh
    new.client.next = 0
    new.play(GREETING, at=1.0)


@story(
    Says("D34|D21|D20", ("10.174.0.2:7000",), "possible", "info"),
    Never("D18"),
    Never("D43", confidence="likely"),
    Ends("10.174.0.1:2048", ("ESTABLISHED", "ESTABLISHED"), 2),
)
def old_attempt_is_answered_first(wire: Wire) -> None:
    """A device restarts in the middle of its handshake and asks again from the same port with another number.

    True: the server, in SYN_RECV, repeats the answer to the first attempt; the device resets what it never asked for,
    and its next SYN is accepted (RFC 9293, figure 8). One server, no forgery.

    Source: RFC 9293, 3.5; reports of devices with a fixed source port.
    """
    old = wire.talk("10.174.0.1:2048", "10.174.0.2:7000", stamps=False).play("0 > S\n0.0004 < S.")
    new = wire.talk("10.174.0.1:2048", "10.174.0.2:7000", stamps=False)
    fresh, new.server.isn = new.server.isn, old.server.isn
    shift = old.client.isn + 1 - new.client.isn
    new.play(f"0.5 > S\n0.5004 < . seq=1 ack={shift}\n0.502 > R seq={shift}")
    new.server.isn = fresh
    new.client.next = 0
    new.play(GREETING, at=3.5)


@story(
    Says("D45", ("checksum",), "likely", "warning"),
    Never("D01"),
    Never("D04", confidence="likely"),
    Never("D05"),
)
def syn_ack_with_a_wrong_checksum(wire: Wire) -> None:
    """A server in user space answers with a wrong checksum, and the client asks again and again.

    True: each SYN-ACK arrives and is dropped by the client's kernel for its checksum. The tap is at the client.

    Source: xdp-project/xdp-project#81, smoltcp-rs/smoltcp#503.
    """
    talk = wire.talk("10.175.0.1:40000", "10.175.0.2:80", stamps=False, server_ttl=63)
    for at in (0, 1.02, 3.03, 7.05):
        again = "again" if at else ""
        talk.play(f"{at} > S {again}\n{at + 0.0006} < S. {again} bad")


@story(
    Says("D23", ("10.176.0.2:9000",), "possible", "warning"),
    Never("D08"),
    Never("D49"),
)
def sender_never_probes_the_shut_window(wire: Wire) -> None:
    """A window closes, the update that opens it is lost, and the sender never asks.

    True: both wait for each other: the sender has no persist timer (RFC 9293, 3.8.6.1), so nothing is sent for five
    minutes. The other connection shows that the path is alive.

    Source: apsun/loliOS#34, arcboxlabs/arcbox#477.
    """
    talk = wire.talk("10.176.0.1:40000", "10.176.0.2:9000", stamps=False, server_scale=None).play(HANDSHAKE)
    for number in range(4):
        talk.play(f"{0.01 + number * 0.001} > . 1460")
    talk.play("0.02 < . win=0")
    wire.talk("10.176.0.1:40002", "10.176.0.2:9000", at=300, stamps=False).play(GREETING).play(FAREWELL, at=1)


@story(
    Says("D23", ("10.177.0.2:9000",), "possible", "warning"),
    Never("D08"),
)
def probes_of_the_window_are_not_answered(wire: Wire) -> None:
    """A receiver shuts its window, and the sender's empty probes draw no answer.

    True: the probes carry no data and a number that is in order, so nothing obliges the receiver to answer; its
    application reads nothing for two minutes.

    Source: google/gvisor#10243, zephyrproject-rtos/zephyr#47966.
    """
    talk = wire.talk("10.177.0.1:40000", "10.177.0.2:9000", stamps=False, server_scale=None).play(HANDSHAKE)
    talk.play("0.01 > . 1460\n0.0101 > P. 1000\n0.0104 < . win=0")
    at = 0.21
    for pause in (0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2):
        talk.play(f"{at} > .")
        at += pause


@story(
    Says("D46", ("10.178.0.1",), "likely", "warning"),
    Never("D25"),
)
def two_shut_windows_acknowledge_each_other(wire: Wire) -> None:
    """Two ends with shut windows answer each other's ACK for ever.

    True: each empty ACK with a window of zero draws another one: 60 in 30 ms.

    Source: espressif/esp-idf#2425.
    """
    talk = wire.talk(
        "10.178.0.1:50000", "10.178.0.2:3333", stamps=False, client_scale=None, server_scale=None
    ).play(HANDSHAKE)
    talk.play("0.01 > P. 1400\n0.011 < P. 1400\n0.012 > . win=0\n0.0121 < . win=0")
    for number in range(60):
        talk.play(f"{0.013 + number * 0.0005} {'<>'[number % 2]} . win=0")


@story(
    Says("D13|D14", ("10.179.0.1:44000",), "possible", "note"),
    Never("D09"),
    Never("D10", severity="warning"),
)
def one_fin_of_two_is_never_acknowledged(wire: Wire) -> None:
    """Both ends close at once, and one of them never acknowledges the other's FIN.

    True: the client's stack ignores a FIN in FIN_WAIT1; the server sends it again with growing pauses for three
    minutes.

    Source: shadow/shadow#3573.
    """
    talk = wire.talk("10.179.0.1:44000", "10.179.0.2:8080").play(GREETING)
    talk.play("0.1 > F. ack=301\n0.1001 < F. ack=101\n0.12 < . ack=102 seq=302")
    for at in (0.32, 0.74, 1.6, 3.3, 6.7, 13.5, 27.1, 54.3, 108.7):
        talk.play(f"{at} < F. again ack=102")


@story(
    Says("D13|D14", ("10.180.0.1:44000",), "possible", "note"),
    Never("D09"),
)
def second_fin_is_not_acknowledged(wire: Wire) -> None:
    """A client closes, its FIN is acknowledged, and it never acknowledges the server's.

    True: the client's stack drops the FIN in FIN_WAIT2; the server sends it six times.

    Source: baidu/dperf#55, zephyrproject-rtos/zephyr#24548.
    """
    talk = wire.talk("10.180.0.1:44000", "10.180.0.2:80").play(GREETING)
    talk.play("0.1 > F.\n0.1003 < .\n0.101 < F.")
    for at in (0.31, 0.73, 1.57, 3.25, 6.6):
        talk.play(f"{at} < F. again")


@story(
    Never("D07", severity="warning"),
    Never("D27", severity="warning"),
    Never("D09"),
    Never("D18", confidence="likely"),
)
def talks_on_in_time_wait(wire: Wire) -> None:
    """A small stack sends acknowledgements when all is over, and is reset for each.

    True: both ends had closed in good order; three needless ACKs two seconds apart are answered by resets. Nothing is
    lost.

    Source: ethersex/ethersex#486.
    """
    talk = wire.talk("10.181.0.2:40100", "10.181.0.1:80", stamps=False).play(GREETING)
    talk.play("0.1 > F.\n0.1003 < F.\n0.1006 > .")
    for at in (2, 4, 6):
        talk.play(f"{at} > .\n{at + 0.0002} < R seq=302")
