"""D25: the capture itself."""

from pathlib import Path

import pytest

import wirestat
from tests.commands.pcap import LOST_LAST_ACK, pcap
from tests.diagnosis.builders import T0, Look, analysed, capture, look
from tests.diagnosis.played import told
from tests.documents import ROOT
from tests.field.talk import GREETING, Wire
from tests.packets.files import pcap as frames_of
from wirestat.diagnosis import diagnose
from wirestat.model import Capture, Fault, Finding, Interface, Severity, State


def defects(*looks: Look, of: Capture | None = None) -> list[Finding]:
    findings = diagnose(analysed(*looks, captures=(of or capture(),)))
    return [finding for finding in findings if finding.id == "D25"]


def test_a_good_capture_is_no_finding() -> None:
    assert defects(look("client:sent-data", "server:sent-data")) == []


@pytest.mark.parametrize(
    ("flawed", "severity", "words"),
    [
        (capture(error="record 17 at byte 900 is cut off"), Severity.ERROR, "could not be read to its end"),
        (
            capture(error="not a capture file", frames=0),
            Severity.ERROR,
            "could not be read: not a capture file.",
        ),
        (
            capture(defects=("block 3: odd length",)),
            Severity.WARNING,
            "was read on: block 3",
        ),
        (
            capture(format="live", defects=("eth1 is gone",)),
            Severity.WARNING,
            "a.pcap: eth1 is gone, and the capture went on without",
        ),
        (
            capture(format="live", error="eth1 is gone"),
            Severity.ERROR,
            "The capture on a.pcap ended early: eth1 is gone. Everything before that is reported.",
        ),
        (capture(dropped=250), Severity.WARNING, "lost 250 packets of 1,250 (20 %)"),
        (capture(backward_steps=2), Severity.NOTE, "Time runs backward 2 times"),
        (capture(snapped_frames=9), Severity.INFO, "9 frames of a.pcap are cut"),
    ],
)
def test_flaws_of_the_file(flawed: Capture, severity: Severity, words: str) -> None:
    (finding,) = defects(of=flawed)
    assert finding.severity is severity
    assert finding.fault is Fault.CAPTURE
    assert words in finding.explanation


def test_frames_that_lack_a_part_of_their_headers_are_told_from_those_that_lack_payload(
    tmp_path: Path,
) -> None:
    path = tmp_path / "snapped.pcap"
    path.write_bytes(pcap(LOST_LAST_ACK, snaplen=30))
    (finding,) = wirestat.analyze(path).findings
    assert (finding.id, finding.severity) == ("D25", Severity.WARNING)
    assert "8 frames of 8 are cut to a snap length too short for the headers" in finding.explanation


def test_a_clock_that_runs_backward_damages_nothing(tmp_path: Path) -> None:
    path = tmp_path / "two-queues.pcap"
    path.write_bytes(pcap([(0.010, *LOST_LAST_ACK[0][1:]), *LOST_LAST_ACK[:1]]))
    findings = [finding for finding in wirestat.analyze(path).findings if finding.id == "D25"]
    assert [finding.severity for finding in findings] == [Severity.NOTE]
    assert "Time runs backward 1 time" in findings[0].explanation


@pytest.mark.parametrize(
    ("ethernet", "severity"),
    [(0, Severity.ERROR), (900, Severity.WARNING)],
    ids=["nothing can be decoded", "some can"],
)
def test_link_types_without_a_decoder(ethernet: int, severity: Severity) -> None:
    cards = (
        Interface("eth0", 1, "ETHERNET", None, ethernet, None, None, decoded=True),
        Interface("can0", 227, "CAN_SOCKETCAN", None, 100, None, None, decoded=False),
        Interface("can1", 227, "CAN_SOCKETCAN", None, 0, None, None, decoded=False),
    )
    (finding,) = defects(of=capture(interfaces=cards, frames=ethernet + 100))
    assert finding.severity is severity
    assert (
        "no decoder for link type 227 (CAN_SOCKETCAN) of interface 1 (can0): 100 frames"
        in finding.explanation
    )
    assert finding.advice.endswith("$ wirestat --engine pyshark a.pcap")


def test_a_capture_through_a_pipe_is_not_read_again() -> None:
    (finding,) = defects(of=capture(name="-", size=None, error="cut short"))
    assert finding.explanation.startswith("standard input could not be read to its end")
    assert "capinfos" not in finding.advice


@pytest.mark.parametrize(
    ("fact", "severity", "words"),
    [
        ("frames-missing", Severity.WARNING, "Bytes were acknowledged that were never captured"),
        ("frames-duplicated", Severity.INFO, "The capture holds 1 frame of 1,000 twice"),
        ("reordered-by-tap", Severity.NOTE, "captured before what they acknowledge"),
        ("mid-stream", Severity.INFO, "1 connection of 2 began before the capture"),
        (
            "syn-missing",
            Severity.INFO,
            "The SYN of 1 connection of 2 was not captured, though its SYN-ACK was",
        ),
        ("client:oversized-segments", Severity.INFO, "larger than the MSS"),
        ("numbers-senseless", Severity.WARNING, "of 1 connection of 2 make no sense: they are zero"),
    ],
)
def test_flaws_of_the_contents(fact: str, severity: Severity, words: str) -> None:
    (finding,) = defects(look(fact, "client:sent-data"), look("client:sent-data"))
    assert finding.severity is severity
    assert words in finding.explanation
    assert finding.examples == (1,)


def test_one_direction_only() -> None:
    (finding,) = defects(look("one-way", "client:sent-data"), look("one-way", client=State.TIME_WAIT))
    assert finding.explanation.startswith("Only one direction of every connection was captured")
    assert finding.severity is Severity.WARNING


def test_a_syn_that_nobody_answers_is_no_flaw_of_the_capture() -> None:
    assert defects(look("client:syn-resent", client=State.SYN_SENT, server=State.UNKNOWN)) == []


def test_findings_about_the_capture_come_first() -> None:
    worse = look(
        "client:data-resent",
        "client:data-resent-unanswered",
        client_end={"unacknowledged_bytes": 9},
        server_end={"last_time_ns": T0},
    )
    findings = diagnose(analysed(worse, dropped=1))
    assert [finding.id for finding in findings] == ["D25", "D09"]


@pytest.mark.parametrize(
    ("fact", "device", "command"),
    [
        ("frames-duplicated", "eth0", "$ editcap -d a.pcap once.pcapng"),
        ("frames-missing", "eth0", "$ tcpdump -ni eth0 -B 65536 -s 128 -w again.pcap tcp"),
        ("frames-missing", None, "$ tcpdump -ni any -B 65536 -s 128 -w again.pcap tcp"),
        ("client:oversized-segments", "bond0", "$ ethtool -K bond0 tso off gso off gro off lro off"),
        ("client:oversized-segments", None, "$ ethtool -K eth0 tso off gso off gro off lro off"),
        (
            "frames-missing",
            "vlan-5@bond0.7",
            "$ tcpdump -ni vlan-5@bond0.7 -B 65536 -s 128 -w again.pcap tcp",
        ),
        ("frames-missing", "eth0;id", "$ tcpdump -ni any -B 65536 -s 128 -w again.pcap tcp"),
        ("frames-missing", "-z", "$ tcpdump -ni any -B 65536 -s 128 -w again.pcap tcp"),
        ("frames-missing", "\x1b[31m", "$ tcpdump -ni any -B 65536 -s 128 -w again.pcap tcp"),
        ("frames-missing", "eth0\n", "$ tcpdump -ni any -B 65536 -s 128 -w again.pcap tcp"),
        ("client:oversized-segments", "$(id)", "$ ethtool -K eth0 tso off gso off gro off lro off"),
    ],
)
def test_commands_name_the_file_and_the_device(fact: str, device: str | None, command: str) -> None:
    card = Interface(device, 1, "ETHERNET", None, 1000, None, None, decoded=True)
    (finding,) = defects(look(fact, "client:sent-data"), of=capture(interfaces=(card,)))
    assert finding.advice.splitlines()[-1].strip() == command


@pytest.mark.parametrize("device", ["eth0;id", "-z", "\x1b[31m"])
def test_a_capture_that_lost_packets_names_no_odd_device(device: str) -> None:
    card = Interface(device, 1, "ETHERNET", None, 1000, 1250, 250, decoded=True)
    (finding,) = defects(of=capture(interfaces=(card,)))
    assert finding.advice.endswith("$ tcpdump -ni any -B 65536 -s 128 -w again.pcap tcp")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("a b.pcap", "'a b.pcap'"),
        ("a;id.pcap", "'a;id.pcap'"),
        ("-z", "./-z"),
        ("-z b", "'./-z b'"),
        ("\x1b[31m", "FILE"),
        ("a\n$ id", "FILE"),
    ],
)
def test_commands_quote_the_file(name: str, written: str) -> None:
    can = Interface("can0", 227, "CAN_SOCKETCAN", None, 1000, None, None, decoded=False)
    flawed = capture(name=name, interfaces=(can,), error="cut short", backward_steps=1)
    commands = [finding.advice.splitlines()[-1].strip() for finding in defects(of=flawed)]
    commands += [
        finding.advice.splitlines()[-1].strip()
        for finding in defects(look("frames-duplicated", "client:sent-data"), of=capture(name=name))
    ]
    assert sorted(commands) == [
        f"$ capinfos {written}",
        f"$ editcap -d {written} once.pcapng",
        f"$ reordercap {written} sorted.pcapng",
        f"$ wirestat --engine pyshark {written}",
    ]


def test_numbers_that_make_no_sense_are_all_that_is_said() -> None:
    refused = look(
        "numbers-senseless", "server:refused", "server:rst-sent", client=State.CLOSED, server=State.CLOSED
    )
    assert [one.id for one in diagnose(analysed(refused))] == ["D25"]


def leapt(tmp_path: Path, *, both: bool = True, stamps: bool = True) -> dict[str, Finding]:
    """The findings of a clock that is set forward by an hour between two exchanges of three connections."""

    def play(wire: Wire) -> None:
        for number in range(3):
            talk = wire.talk(f"10.0.0.{1 + number}:50000", "10.0.0.9:443", stamps=stamps).play(GREETING)
            own, other = ("ts=2000", "ts=7000") if both else ("ts=2000", "ts=3607000")
            words = (own, other) if stamps else ("", "")
            talk.play(f"1 > P. 90 {'ts=1000' if stamps else ''}\n1.01 < P. 90 {'ts=6000' if stamps else ''}")
            talk.play(f"3602 > P. 90 {words[0]}\n3602.01 < P. 90 {words[1]}")

    return told(tmp_path, play)


def test_a_clock_that_leaps_is_told_and_no_silence_beside_it(tmp_path: Path) -> None:
    findings = leapt(tmp_path)
    assert "leapt ahead by 1 h" in findings["D25"].explanation
    assert "on 3 connections" in findings["D25"].explanation
    assert "D52" not in findings


def test_a_host_that_slept_and_one_that_did_not_were_silent(tmp_path: Path) -> None:
    assert "D52" in leapt(tmp_path, both=False)
    assert "D52" in leapt(tmp_path, stamps=False)


def captured(tmp_path: Path, *, acknowledged: bool) -> list[str]:
    """The defects of a capture of two connections' SYNs and FINs, beside another with all of it or not."""
    wire = Wire()
    words = "0.0011 > . lost\n0.002 > P. 90 lost\n0.003 < P. 90 lost"
    lone = f"0 > S\n0.001 < S.\n{words}\n1 > F.\n1.001 < F.\n1.002 > . lost"
    for number in range(2):
        wire.talk(f"10.0.0.{number}:40000", "10.0.0.9:443").play(lone)
    if acknowledged:
        wire.talk("10.0.0.7:40000", "10.0.0.9:443").play(GREETING)
    path = tmp_path / "x.pcap"
    path.write_bytes(frames_of(wire.in_order()))
    return [finding.explanation for finding in wirestat.analyze(path).findings if finding.id == "D25"]


def test_a_filter_on_flags_lets_no_bare_acknowledgement_pass(tmp_path: Path) -> None:
    assert any(
        "nothing but SYN, FIN and RST was captured" in told for told in captured(tmp_path, acknowledged=False)
    )
    assert not any("nothing but SYN" in told for told in captured(tmp_path, acknowledged=True))


def test_an_interface_that_is_gone_is_no_file_to_fetch_again() -> None:
    (finding,) = defects(of=capture(format="live", error="eth1 is gone"))
    assert finding.advice == "Capture again when it is back; 'any' goes on where one interface goes."


def test_frames_of_several_files_have_no_number_in_a_filter() -> None:
    one, two = ROOT / "pcaps/refused/client.pcap", ROOT / "pcaps/filtered/client.pcap"
    assert all("frame.number" in finding.display_filter for finding in wirestat.analyze(one).findings)
    of_both = wirestat.analyze(one, two).findings
    assert {finding.id for finding in of_both} == {"D01", "D02"}
    assert all("tcp.port" in finding.display_filter for finding in of_both)
    assert not any("frame.number" in finding.display_filter for finding in of_both)
