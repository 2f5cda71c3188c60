"""D55: windows that are meant scaled, and read as bytes."""

from pathlib import Path

from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Confidence, Fault, Finding, Severity

OPENED = "0 > S\n0.040 < S.\n0.0401 > ."


def upload(tmp_path: Path, window: int, scale: int | None = None, offered: int | None = 7) -> Finding | None:
    """The finding of an upload to a server with that window, in IPv6."""

    def play(wire: Wire) -> None:
        talk = wire.talk("[2001:db8::1]:50000", "[2001:db8::9]:80", server_scale=scale, client_scale=offered)
        talk.server.window = window
        talk.play(OPENED)
        for number in range(12):
            talk.play(f"{0.041 + 0.041 * number} > . {window}\n{0.081 + 0.041 * number} < .")

    return told(tmp_path, play).get("D55")


def test_a_scale_that_was_taken_off_the_syn_ack(tmp_path: Path) -> None:
    finding = upload(tmp_path, 501)
    assert finding is not None
    assert (finding.severity, finding.confidence, finding.fault) == (
        Severity.WARNING,
        Confidence.LIKELY,
        Fault.PATH,
    )
    assert "the windows after it are 501" in finding.explanation
    assert "[2001:db8::9]:80" in finding.explanation
    assert "dst [2001:db8::1]" in finding.advice  # or ss takes the last group for a port


def test_windows_whose_scale_is_known_are_what_they_are(tmp_path: Path) -> None:
    assert upload(tmp_path, 501, scale=7) is None


def test_who_was_offered_no_scale_has_lost_none(tmp_path: Path) -> None:
    assert upload(tmp_path, 501, offered=None) is None


def test_a_window_that_is_a_little_smaller_is_one_of_bytes(tmp_path: Path) -> None:
    assert upload(tmp_path, 29_200) is None


def test_a_client_that_sends_little_is_not_held_up(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:50000", "10.0.0.9:80", server_scale=None)
        talk.server.window = 501
        talk.play(OPENED).play("0.1 > P. 90\n0.14 < P. 900\n0.1401 > .")

    assert told(tmp_path, play)["D55"].severity is Severity.NOTE


def crawl(tmp_path: Path, first: int, second: int) -> dict[str, Finding]:
    """Play an upload that waits before each segment, as long as the window's number: ``first``, then ``second``."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:50000", "10.0.0.9:80", server_scale=10)
        talk.play(OPENED)
        for number in range(12):
            talk.server.window = first if number < 6 else second
            size = first if number <= 6 else second
            talk.play(f"{0.1 + 0.24 * number} > P. {size}\n{0.101 + 0.24 * number} < .")

    return told(tmp_path, play)


def test_windows_that_are_filled_without_their_scale(tmp_path: Path) -> None:
    finding = crawl(tmp_path, 69, 75)["D55"]
    assert (finding.confidence, finding.fault) == (Confidence.LIKELY, Fault.PATH)
    assert "75 bytes where 76,800 are meant" in finding.explanation
    assert "D23" not in crawl(tmp_path, 69, 75)
    assert "D55" not in crawl(tmp_path, 75, 75)
