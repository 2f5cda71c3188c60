"""An annotated capture is the same capture, and Wireshark's own tools find what was added."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from wirestat.commands import main

PCAPS = Path(__file__).parents[2] / "pcaps"
LOST = PCAPS / "last-ack-lost-once" / "middle.pcap"

with_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")


def annotated(capture: Path, folder: Path, *more: str) -> Path:
    out = folder / "annotated.pcapng"
    assert main(["annotate", "-q", str(capture), "-o", str(out), *more]) == 0
    return out


def tshark(capture: Path, *more: str) -> list[str]:
    done = subprocess.run(
        ["tshark", "-n", "-r", str(capture), *more],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    return done.stdout.splitlines()


def comments(capture: Path) -> dict[int, list[str]]:
    packets = json.loads(
        "\n".join(tshark(capture, "-T", "json", "-Y", "frame.comment", "--no-duplicate-keys"))
    )
    found = {}
    for packet in packets:
        layers = packet["_source"]["layers"]
        told = layers["pkt_comment"]["frame.comment"]
        found[int(layers["frame"]["frame.number"])] = told if isinstance(told, list) else [told]
    return found


def frames(capture: Path) -> list[str]:
    return tshark(capture, "-x", "-t", "e")


@with_tshark
def test_frames_that_move_prove_or_retract_a_state_are_commented(tmp_path: Path) -> None:
    found = comments(annotated(LOST, tmp_path))
    assert found[8] == [
        "wirestat #1 client ESTABLISHED → FIN_WAIT1, seen",
        "wirestat #1 server ESTABLISHED → CLOSE_WAIT, presumed, proved by 9",
    ]
    assert "wirestat #1 server LAST_ACK → CLOSED, presumed, retracted by 11" in found[10]
    assert "wirestat #1 retracts server LAST_ACK → CLOSED at 10" in found[11]
    assert any("D14 Last ACK lost (info" in text for text in found[11])
    assert {4, 6, 7}.isdisjoint(found)


@with_tshark
def test_frames_and_times_are_the_same(tmp_path: Path) -> None:
    assert frames(annotated(LOST, tmp_path)) == frames(LOST)


@with_tshark
def test_a_filter_of_wireshark_finds_them(tmp_path: Path) -> None:
    out = annotated(LOST, tmp_path)
    found = tshark(
        out, "-Y", 'frame.comment contains "retracted by 11"', "-T", "fields", "-e", "frame.number"
    )
    assert found == ["10"]


@pytest.mark.skipif(shutil.which("editcap") is None, reason="editcap is not installed")
def test_interfaces_and_comments_that_were_there_stay(tmp_path: Path) -> None:
    before = tmp_path / "before.pcapng"
    subprocess.run(["editcap", "-a", "8:somebody was here", LOST, before], check=True, capture_output=True)
    out = annotated(before, tmp_path)
    assert comments(out)[8][0] == "somebody was here"
    described = [
        subprocess.run(
            ["capinfos", "-M", "-I", "-c", path], check=True, capture_output=True, text=True
        ).stdout
        for path in (before, out)
    ]
    assert described[0].splitlines()[1:] == described[1].splitlines()[1:]
    again = tmp_path / "again"
    again.mkdir()
    assert annotated(out, again).read_bytes() == out.read_bytes()


@with_tshark
def test_only_connections_that_are_asked_for(tmp_path: Path) -> None:
    capture = PCAPS / "accept-queue-full" / "middle.pcap"
    told = [
        text
        for texts in comments(annotated(capture, tmp_path, "-Y", "finding==D05")).values()
        for text in texts
    ]
    assert told
    assert all("wirestat #3 " in text or "wirestat D05" in text for text in told)


def test_a_compressed_capture_is_annotated_alike(tmp_path: Path) -> None:
    import gzip

    plain = annotated(LOST, tmp_path).read_bytes()
    packed = tmp_path / "packed.pcap.gz"
    packed.write_bytes(gzip.compress(LOST.read_bytes()))
    assert annotated(packed, tmp_path).read_bytes() == plain


def test_states_in_other_words(tmp_path: Path) -> None:
    text = annotated(LOST, tmp_path, "--names", "rfc").read_bytes().decode("utf-8", "ignore")
    assert "server ESTABLISHED → CLOSE-WAIT" in text


def test_a_capture_that_is_cut_short_is_annotated_as_far_as_it_goes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut, out = tmp_path / "cut.pcap", tmp_path / "out.pcapng"
    cut.write_bytes(LOST.read_bytes()[:-20])
    assert main(["annotate", str(cut), "-o", str(out)]) == 3
    assert "cut short" in capsys.readouterr().err
    assert b"wirestat #1" in out.read_bytes()


@pytest.mark.parametrize("same", [True, False])
def test_senseless_options_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], same: bool
) -> None:
    capture = tmp_path / "capture.pcap"
    capture.write_bytes(LOST.read_bytes())
    arguments = [str(capture), "-o", str(capture)] if same else ["-", "-o", str(tmp_path / "out")]
    assert main(["annotate", *arguments]) == 2
    assert ("is an input" if same else "a pipe can be read once") in capsys.readouterr().err
    assert capture.read_bytes() == LOST.read_bytes()


def test_a_file_that_is_no_capture_leaves_nothing_behind(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pcap"
    wrong.write_bytes(b"no capture at all, but text")
    assert main(["annotate", str(wrong), "-o", str(tmp_path / "out.pcapng")]) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["wrong.pcap"]


@with_tshark
@pytest.mark.slow
def test_live_comments_on_what_it_writes(tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    assert main(["live", "-q", "-r", str(LOST), "-w", str(out), "--annotate", "--no-sandbox"]) == 0
    found = comments(out)
    assert found[8] == [
        "wirestat #1 client ESTABLISHED → FIN_WAIT1, seen",
        "wirestat #1 server ESTABLISHED → CLOSE_WAIT, presumed",
    ]
    # Later comments are not known yet.
    assert "wirestat #1 server LAST_ACK → CLOSED, presumed" in found[10]
    assert "wirestat #1 retracts server LAST_ACK → CLOSED at 10" in found[11]
    assert frames(out) == frames(LOST)


def test_live_needs_a_file_to_comment_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["live", "-r", str(LOST), "--annotate"]) == 2
    assert "-w" in capsys.readouterr().err
