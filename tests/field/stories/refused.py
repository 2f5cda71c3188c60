"""Refusals, real and forged."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, Wire


@story(
    Says("D18", ("1.1.1.1:443", "TTL"), "likely", "error", fault="path"),
    Never("D02"),
    Never("D27"),
)
def forged_refusals_before_syn_ack(wire: Wire) -> None:
    """Somebody on the way refuses in a server's name, and the server's own answer comes after.

    True: three resets with a TTL of 57 come 30 ms after the SYN, the SYN-ACK with a TTL of 48 comes after 180 ms. The
    server listens; the resets are not its own.

    Source: measurements of censored networks.
    """
    talk = wire.talk(
        "10.93.0.5:44000", "1.1.1.1:443", client_ttl=64, server_ttl=48, server_mss=1400, server_scale=10
    )
    talk.play("0 > S")
    for number, at in enumerate((0.03, 0.0303, 0.0305)):
        talk.play(f"{at} < R. seq=0 ttl=57 id={4001 + number}")
    talk.play("0.18 < S. nots\n0.18003 > R seq=1")
    for number, at in enumerate((0.21, 0.2102, 0.2103)):
        talk.play(f"{at} < R seq=1 ttl=57 id={4004 + number}")


@story(
    Says("D02", ("10.2.2.2:8554", "accepted"), "possible", "note"),
    Never("D02", confidence="certain"),
    Never("D02", ("nothing listens on that port, or",)),
    Ends("10.1.1.10:52478", ("ESTABLISHED", "ESTABLISHED")),
)
def refused_then_accepted(wire: Wire) -> None:
    """A SYN is refused, and half a second later the same client is accepted at the same port.

    True: the server was starting up, or its queue was full and it refuses for that. "Nothing listens" is wrong.

    Source: a public capture of a camera's RTSP port; Windows clients try three times.
    """
    talk = wire.talk("10.1.1.10:52478", "10.2.2.2:8554", client_ttl=128)
    talk.play("0 > S\n0.0013 < R. seq=0")
    again = wire.talk("10.1.1.10:52478", "10.2.2.2:8554", client_ttl=128)
    again.client.isn = talk.client.isn
    again.play(GREETING, at=0.505)


@story(
    Says("D02", ("10.84.9.9:8080",), "likely", "warning", count=5),
    Says("D02", ("answered|accepted|listens again|since",)),
    Never("D02", confidence="certain"),
    Never("D26"),
)
def server_restarts_and_refuses(wire: Wire) -> None:
    """A service is restarted: for three seconds its port refuses, before and after it accepts.

    True: 5 connects of 15 are refused, all between second 5 and second 8. The service was down for that time.

    Source: any deployment without draining.
    """
    for number in range(15):
        talk = wire.talk(f"10.84.0.{1 + number % 3}:{50_000 + number}", "10.84.9.9:8080", at=number * 0.7)
        if 7 <= number < 12:
            talk.play("0 > S\n0.0004 < R. seq=0")
        else:
            talk.play(GREETING).play(FAREWELL, at=0.05)


@story(
    Says("D02", ("10.85.9.9:80",), "possible", "note", count=4),
    Never("D02", confidence="certain"),
    Never("D02", ("nothing listens on that port, or",)),
)
def one_backend_of_three_refuses(wire: Wire) -> None:
    """A virtual address hands every third connect to a backend that is gone.

    True: 4 of 12 connects to one socket are refused, in turn with others that are accepted: one of several machines
    behind that address has no listener.

    Source: kube-proxy with a stale endpoint; many reports.
    """
    for number in range(12):
        talk = wire.talk(f"10.85.0.2:{51_000 + number}", "10.85.9.9:80", at=number * 0.4)
        talk.play("0 > S\n0.0009 < R. seq=0" if number % 3 == 2 else GREETING)
        if number % 3 != 2:
            talk.play(FAREWELL, at=0.05)


@story(
    Says("D43", ("10.64.66.77",), "likely", "warning"),
    Never("D27", ("never asked",)),
    Never("D18", confidence="certain"),
)
def two_stacks_answer_one_syn(wire: Wire) -> None:
    """A kernel and a stack in user space both answer for one address.

    True: one SYN draws two SYN-ACKs with two first numbers, and the client resets what does not fit.

    Source: reports on user-space stacks that share an interface with the kernel.
    """
    talk = wire.talk("10.64.11.22:54692", "10.64.66.77:9966", server_scale=6)
    talk.play("0 > S\n0.00013 < S.")
    first, other = talk.server.isn, talk.server.isn + 588_169_494
    talk.server.isn, talk.server.scale, talk.server.next = other % 2**32, 5, 0
    talk.play("0.001686 < S. ts=367897807 win=41015\n0.214346 > R seq=1")
    talk.server.isn = first
    talk.play("0.214465 > . ack=1\n0.214508 < R seq=1 id=29538\n0.215012 > R seq=1")


@story(
    Says("D26", ("60", "10.104.0.1"), "likely", "warning"),
    Never("D32", ("60 sockets",)),
    Never("D06"),
)
def cookie_firewall_answers_every_port(wire: Wire) -> None:
    """A firewall answers for every port, and resets whoever acknowledges.

    True: one source tries 60 ports in three seconds: a scan. Each SYN-ACK (TTL 250, window 8192) is the firewall's,
    and each reset follows the ACK: none of these is a listening socket.

    Source: SYN cookies of a firewall, met by port scanners.
    """
    for number in range(60):
        talk = wire.talk(
            f"10.104.0.1:{33_000 + number}",
            f"10.104.9.9:{20 + number}",
            at=number * 0.05,
            stamps=False,
            server_ttl=250,
            server_scale=None,
        )
        talk.play("0 > S\n0.01 < S. win=8192\n0.0101 > .\n0.0202 < R.")


@story(
    Says("D27|D18", ("10.87.1.1:60293",), "possible", "info"),
    Never("D18", confidence="likely"),
    Never("D18", severity="error"),
    Ends("10.87.1.1:60293", ("CLOSED", "CLOSED")),
)
def scanner_whose_kernel_resets(wire: Wire) -> None:
    """A scanner speaks through a raw socket, and its kernel resets what it never asked for.

    True: SYN, SYN-ACK, and the kernel's reset; 15 s later a raw segment with data, which the server resets. Nobody on
    the way made anything up.

    Source: a public capture of a scanner.
    """
    talk = wire.talk("10.87.1.1:60293", "10.87.9.9:502", client_ttl=44, stamps=False)
    talk.play("0 > S\n0.00006 < S.\n0.117 > R\n15.7 > . 109 id=0\n15.70005 < R")


@story(
    Ends("10.88.1.43:35532", ("ESTABLISHED", "ESTABLISHED")),
    Never("D02", confidence="likely"),
    Never("D09"),
)
def reset_in_syn_sent_then_accepted(wire: Wire) -> None:
    """A reset and a FIN come in the server's name before its SYN-ACK, and the client is not impressed.

    True: the client acknowledges the SYN-ACK, sends a request and gets the answer: ESTABLISHED at both ends.

    Source: a public capture for testing evasions.
    """
    wire.talk("10.88.1.43:35532", "10.88.1.90:80").play("""
        0.00000 > S
        0.06171 < R. seq=1 ack=1 win=64240
        0.06253 < F. seq=1 ack=1
        0.06265 > R seq=1
        0.06456 < S. seq=0
        0.06458 > . ack=1
        0.06459 > P. 338 ack=1
        0.18191 < . seq=1
        0.18350 < P. 79 seq=1
        0.18431 > . ack=80
    """)


@story(
    Ends("10.89.1.1:6705", ("UNKNOWN", "SYN_RECV")),
    Never("D04", severity="warning"),
    Never("D05"),
)
def lone_syn_ack(wire: Wire) -> None:
    """One SYN-ACK, and nothing else: backscatter of a flood with forged sources.

    True: nothing says that the client asked for it, or that it is connected.

    Source: a public capture.
    """
    wire.talk("10.89.1.1:6705", "173.192.163.128:80", stamps=False, server_ttl=112).play(
        "0 > S lost\n0.02 < S."
    )


@story(
    Says("D02|D43", ("10.89.7.2:80", "128", "64"), "possible", "warning", count=4),
    Never("D02", confidence="certain"),
    kept=False,
)
def two_machines_have_one_address_and_one_refuses(wire: Wire) -> None:
    """Two machines have one address: every second connection meets the one that has no such service.

    True: the refusals come with a TTL of 128, and the answers with 64: they are of two machines.

    Source: reports of duplicate addresses after a machine was cloned.
    """
    for number in range(8):
        talk = wire.talk(f"10.89.7.9:{40_000 + number}", "10.89.7.2:80", at=number * 1.0)
        if number % 2:
            talk.play("0 > S\n0.001 < R. seq=0 ack=1 ttl=128")
        else:
            talk.play(GREETING).play(FAREWELL, at=0.4)
