"""Stories that look odd in a capture and are explained by where and how it was taken, or by how TCP mends itself."""

from tests.field.story import Ends, Never, Says, story
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire
from tests.packets import ip


@story(
    Says("D15", ("10.245.0.1",), "possible", "info"),
    Never("D02", confidence="certain"),
    Never("D01"),
    Never("D18"),
    Ends("10.245.0.1:4001", ("ESTABLISHED", "ESTABLISHED")),
)
def hole_is_punched_at_the_second_try(wire: Wire) -> None:
    """Two peers behind translators call each other at one time: one SYN comes too early, and then two cross.

    True: the first SYN meets a translator that has no entry yet and drops it; the copy crosses the peer's own, and
    the connection is opened at both ends at once (RFC 9293, figure 7).

    Source: libp2p/go-libp2p#1021, Mic92/tincr#12.
    """
    talk = wire.talk("10.245.0.1:4001", "10.246.0.1:4001")
    talk.play("0 > S\n1.0 > S again\n1.001 < S\n1.031 > S. seq=0\n1.032 < S. seq=0\n1.06 > .\n1.061 < .")
    talk.play("1.1 > P. 100\n1.16 < P. 100\n1.1601 > .")


@story(
    Never("D24", severity="note"),
    Never("D*", severity="warning"),
)
def segments_are_larger_than_the_mss(wire: Wire) -> None:
    """A capture at the sender holds segments of 30 kB, because the card cuts them.

    True: offload: what goes out on the wire is of the size that was agreed upon.

    Source: google/gvisor#1398, and captures on any host of today.
    """
    talk = wire.talk("10.247.0.1:61000", "10.247.0.2:8080").play(HANDSHAKE).play("0.002 > P. 90\n0.003 < .")
    for number in range(2):
        at = 0.01 + number * 0.002
        talk.play(f"{at} < . 28960\n{at + 0.0008} > .")
    talk.play("0.02 < P. 900\n0.0205 > .").play(FAREWELL, at=0.1)


@story(
    Says("D26", ("10.248.0.66", "40 ports|38 ports"), "possible", "note"),
    Never("D07"),
    Never("D13"),
    Never("D18"),
    Never("D27"),
)
def scan_without_a_single_syn(wire: Wire) -> None:
    """Somebody sends a lone FIN to forty ports of a host; the closed ones answer with a reset.

    True: a scan that slips past filters which look for SYNs alone: thirty-eight closed ports answer, and two say
    nothing, as a listener does (RFC 9293, 3.10.7.2).

    Source: ``nmap -sF``.
    """
    for number in range(40):
        talk = wire.talk(
            f"10.248.0.66:{50_123}", f"10.248.0.2:{20 + number * 7}", at=0.02 * number, stamps=False
        )
        talk.client.scale = None
        talk.play("0 > F")
        if number in (3, 11):
            talk.play("0.5 > F again")
        else:
            talk.play("0.0004 < R. seq=0 ack=1")


@story(
    Never("D24", severity="warning"),
    Never("D09"),
    Ends("10.249.0.1:62000", ("ESTABLISHED", "ESTABLISHED")),
)
def path_mtu_is_found(wire: Wire) -> None:
    """A router says once that packets are too big; the server sends smaller ones, and all goes well.

    True: path MTU discovery (RFC 1191) at work: 50 ms are lost, once.

    Source: any tunnel whose router is allowed to speak.
    """
    talk = wire.talk("10.249.0.1:62000", "10.249.0.2:443").play(HANDSHAKE).play("0.01 > P. 300\n0.011 < .")
    talk.play("0.02 < . 1448")
    time, _, data = wire.frames[-1]
    frame = ip.ethernet(ip.icmp_error("too-big", "10.249.254.1", data[14:]))
    wire.frames.append((time + 400_000, len(frame), frame))
    talk.play(
        "0.0201 < P. 600\n0.045 > . ack=1\n0.046 < . 1348 seq=1\n0.0461 < . 100 seq=1349\n0.071 > . ack=2049"
    )
    talk.play("0.08 < . 1348\n0.0801 < P. 500\n0.105 > .\n0.5 > P. 200\n0.503 < P. 700\n0.528 > .")


@story(
    Never("D*", severity="note"),
    Ends("10.251.0.1:63000", ("TIME_WAIT|CLOSED", "CLOSED")),
    Ends("10.251.0.1:63001", ("TIME_WAIT|CLOSED", "CLOSED")),
)
def mirrored_before_and_after_a_router(wire: Wire) -> None:
    """A mirror sees each packet on its way into a router and again on its way out.

    True: each packet is there twice, 90 microseconds apart, the second time with a TTL of one less. Nothing was sent
    again.

    Source: any mirror of both sides of a routed hop.
    """
    for number in range(2):
        talk = wire.talk(f"10.251.0.1:{63_000 + number}", "10.252.0.2:8080", at=0.3 * number)
        talk.play(GREETING).play("0.03 > P. 120\n0.032 < . 1448\n0.0321 < P. 900\n0.033 > .").play(
            FAREWELL, at=0.1
        )
    wire.frames += [(time + 90_000, length, _routed(data)) for time, length, data in wire.frames]


def _routed(frame: bytes) -> bytes:
    """Return a frame as it leaves a router: one hop less to live."""
    changed = bytearray(frame)
    if frame[12:14] == b"\x86\xdd":
        changed[21] -= 1
        return bytes(changed)
    changed[22] -= 1
    changed[24:26] = b"\0\0"
    changed[24:26] = ip.checksum(bytes(changed[14:34])).to_bytes(2, "big")
    return bytes(changed)


@story(
    Says("D45|D25", ("checksum",), "possible", "note", count=1),
    Never("D09"),
    Never("D08"),
    Never("D24", severity="error"),
)
def large_answers_arrive_with_wrong_checksums(wire: Wire) -> None:
    """Each answer of more than one segment arrives with wrong checksums first, and right when it is sent again.

    True: the sender's virtual card cuts segments and gets their checksums wrong; single segments are right. Captured
    at the receiver, which drops the wrong ones and asks again.

    Source: nhorman/dropwatch#47, weaveworks/weave#1255.
    """
    talk = wire.talk("10.253.0.1:64000", "10.253.0.2:443").play(HANDSHAKE)
    for number in range(4):
        at = 0.01 + number * 1.0
        start = talk.server.next
        start = start if start else 1
        talk.play(f"{at} > P. 200\n{at + 0.0005} < .")
        talk.play(f"{at + 0.002} < . 1448 seq={start} bad\n{at + 0.0021} < P. 700 seq={start + 1448} bad")
        talk.play(f"{at + 0.21} < . 1448 seq={start}\n{at + 0.2101} > . ack={start + 1448}")
        talk.play(f"{at + 0.2105} < P. 700 seq={start + 1448}\n{at + 0.2106} > .")


@story(
    Never("D09", severity="warning"),
    Never("D24"),
    Never("D18"),
    Never("D*", severity="error"),
)
def selective_acknowledgements_of_other_numbers(wire: Wire) -> None:
    """A firewall changes sequence numbers and forgets those within selective acknowledgements.

    True: one segment is lost; the blocks that the receiver reports lie nowhere in the sender's stream, so its kernel
    ignores these ACKs and waits for its timer. It goes on, slowly.

    Source: OISF/suricata#1162, on firewalls that randomise initial sequence numbers.
    """
    talk = wire.talk("10.254.0.1:65000", "10.254.0.2:80").play(HANDSHAKE).play("0.01 > P. 200\n0.03 < .")
    talk.play("0.04 < . 1448\n0.0401 < . 1448 lost\n0.06 > . ack=1449")
    for number in range(3):
        at = 0.0402 + number * 0.0001
        talk.play(f"{at} < . 1448")
    for number in range(3):
        talk.play(
            f"{0.0602 + number * 0.0001} > . ack=1449 sack={900_000_000 + 2896}-{900_000_000 + 4344 + number}"
        )
    talk.play("0.27 < . 1448 seq=1449\n0.29 > .\n0.3 < P. 800\n0.32 > .")
