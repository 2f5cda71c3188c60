"""D57, D45 and D62, where receivers report by SACK and D-SACK what came, and what came twice."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.diagnosis.rules.path.test_heavy_loss import upload
from tests.field.talk import HANDSHAKE, Wire
from tests.packets.files import pcap
from wirestat import analyze
from wirestat.model import Fault, Severity

SERVER = "10.0.0.2:873"
COPIES_IN_VAIN = "\n".join(f"{at} > . 1448 seq=1 bad" for at in (0.05, 0.3, 0.7, 1.5, 3.1, 6.3))


def reporting(every: int, copies: int = 24) -> str:
    """Return an upload of which each segment of ``every`` comes again, and its receiver reports that it had it."""
    lines = []
    for line in upload(every, copies).splitlines():
        lines.append(line)
        words = line.split()
        if words[1] == "<" and (int(words[-1][4:]) // 1000 - 1) % every == 0:
            ack = int(words[-1][4:])
            lines.append(f"{float(words[0]) + 0.01:.4f} < . ack={ack} sack={ack - 1000}-{ack}")
    return "\n".join(lines)


def test_copies_that_the_receiver_had_are_no_loss(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.9:40000", SERVER).play(HANDSHAKE).play(reporting(3))

    finding = told(tmp_path, play)["D57"]
    assert (
        "reports 24 times that it got octets twice (D-SACK): next to nothing was lost" in finding.explanation
    )


def test_copies_of_which_no_receiver_says_so_may_be_loss(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.9:40000", SERVER).play(HANDSHAKE).play(upload(3))

    assert "did not get them at first" in told(tmp_path, play)["D57"].explanation


def holes(every: int, count: int, *, twice: bool = False) -> str:
    """Return a download, captured at its receiver: of so many segments one in ``every`` fills its hole 60 ms late."""
    lines, seq = [], 1
    for number in range(count):
        at = 0.1 + 0.1 * number
        if number % every == 0:
            lines += [
                f"{at:.4f} < . 1448 seq={seq + 1448}",
                f"{at + 0.0001:.4f} > . ack={seq} sack={seq + 1448}-{seq + 2896}",
                f"{at + 0.06:.4f} < . 1448 seq={seq}",
            ]
            seq += 2896
            if twice:
                lines.append(f"{at + 0.0602:.4f} > . ack={seq} sack={seq - 1448}-{seq}")
        else:
            lines.append(f"{at:.4f} < . 1448 seq={seq}")
            seq += 1448
        lines.append(f"{at + 0.061:.4f} > . ack={seq}")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("every", "count", "twice", "is_told"),
    [(4, 100, False, True), (40, 1000, False, False), (10, 100, False, False), (4, 100, True, False)],
)
def test_holes_that_are_filled_late_were_lost_before_the_tap(
    tmp_path: Path, every: int, count: int, *, twice: bool, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.9:40000", SERVER).play(HANDSHAKE).play(holes(every, count, twice=twice))

    assert ("D57" in told(tmp_path, play)) is is_told


def test_data_whose_every_copy_is_damaged_hang_and_their_size_is_not_why(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", SERVER).play(HANDSHAKE)
        talk.play("0.04 > . 1448 seq=1 bad\n0.041 > . 1448 seq=1449\n0.042 < . ack=1 sack=1449-2897")
        talk.play(COPIES_IN_VAIN).play("8 < F. ack=1")

    finding = told(tmp_path, play)["D45"]
    assert finding.fault is Fault.PATH
    assert "The 1,448 bytes that it lacks for that never came right" in finding.explanation


@pytest.mark.parametrize(
    ("sizes", "from_octet", "has_large"),
    [
        ([1448] * 10 + [100], 1449, True),
        ([1448] * 10 + [100], 14481, False),
        ([1448, 1200, 1095], 1449, False),
    ],
    ids=["large", "the-small-one", "two-that-make-up-a-large-one"],
)
def test_large_segments_in_vain_are_no_black_hole_where_others_as_large_pass(
    tmp_path: Path, sizes: list[int], from_octet: int, *, has_large: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", SERVER).play(HANDSHAKE)
        talk.play("\n".join(f"{0.03 + number / 1000} > . {size}" for number, size in enumerate(sizes)))
        talk.play(f"0.05 < . ack=1 sack={from_octet}-{sum(sizes) + 1}")
        talk.play(COPIES_IN_VAIN.replace(" bad", "")).play("8 < F. ack=1")

    found = told(tmp_path, play)
    assert ("D45" in found, "D24" in found) == (has_large, not has_large)
    assert "D09" not in found


@pytest.mark.parametrize("is_reported", [True, False])
def test_frames_that_come_many_times_are_the_networks_where_hosts_report_them(
    tmp_path: Path, *, is_reported: bool
) -> None:
    def play(wire: Wire) -> None:
        for port in (40000, 40001, 40002):
            talk = wire.talk(f"10.0.0.9:{port}", SERVER).play(HANDSHAKE, at=port - 40000)
            for number in range(6):
                at = port - 40000 + 0.1 + 0.1 * number
                talk.send(at, ">", ".", "1000")
                wire.again(20)
                time, length, data = wire.frames[-1]
                wire.frames.append((time + 40_000_000, length, data))
                ack = 1001 + 1000 * number
                words = [f"sack={ack - 1000}-{ack}"] if is_reported else []
                talk.send(at + 0.05, "<", ".", f"ack={ack}", *words)

    wire = Wire()
    play(wire)
    path = tmp_path / "copies.pcap"
    path.write_bytes(pcap(wire.in_order()))
    findings = analyze(path).findings
    assert any(finding.id == "D62" for finding in findings) is is_reported
    assert any("twice: the tap sees" in finding.explanation for finding in findings) is not is_reported


@pytest.mark.parametrize(
    ("segments", "ports", "again", "is_told"),
    [(60, 2, False, True), (40, 2, False, False), (120, 1, False, False), (60, 2, True, False)],
    ids=["some", "few", "one-connection", "sent-again"],
)
def test_frames_that_come_twice_now_and_then_are_told_by_who_gets_them(
    tmp_path: Path, segments: int, ports: int, *, again: bool, is_told: bool
) -> None:
    """The tap is before the device that repeats frames: it sees each once, and the D-SACKs that come back."""

    def play(wire: Wire) -> None:
        for port in range(ports):
            talk = wire.talk(f"10.0.0.9:{40_000 + port}", SERVER, at=port).play(HANDSHAKE)
            for number in range(segments):
                at, ack = 0.1 + 0.01 * number, 1001 + 1000 * number
                talk.send(at, ">", ".", "1000")
                talk.send(at + 0.001, "<", ".", f"ack={ack}")
                if again:
                    talk.send(at + 0.002, ">", ".", "1000", f"seq={ack - 1000}")
                talk.send(at + 0.004, "<", ".", f"ack={ack}", f"sack={ack - 1000}-{ack}")

    finding = told(tmp_path, play).get("D62")
    assert (finding is not None) is is_told
    if finding:
        assert (finding.severity, finding.count) == (Severity.NOTE, 2)
        assert "they got 120 segments twice (D-SACK) that were sent once" in finding.explanation
