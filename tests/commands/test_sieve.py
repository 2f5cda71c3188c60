"""A live capture reports only events that match the filter."""

from pathlib import Path

from tests import programs

CAPTURE = Path(__file__).parents[2] / "pcaps" / "close-wait-leak" / "middle.pcap"


def told(*more: str) -> list[str]:
    """Capture in a separate process, as it gives up its rights."""
    done = programs.run("live", "-r", CAPTURE, "--duration", "1s", *more)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().splitlines()


def test_only_events_of_matching_connections_are_reported() -> None:
    everything = told()
    some = told("-Y", "port==40002")
    assert any("#1 " in line for line in everything)
    changes = [line for line in some if " → " in line and "#" in line]
    assert changes
    assert all("#2 " in line for line in changes if " > " in line)


def test_only_findings_about_matching_connections_are_announced() -> None:
    announced = " opened warning D10 CLOSE_WAIT held: #1: "
    assert any(announced in line for line in told())
    assert not any(announced in line for line in told("-Y", "port==40002"))
    assert any(announced in line for line in told("-Y", "port==40001"))


def test_states_are_asked_for_as_of_a_file() -> None:
    assert not any(" > " in line for line in told("--state", "last-ack"))
    both = [line for line in told("--state", "close-wait", "-Y", "port==40001") if " > " in line]
    assert both
    assert all("#1 " in line for line in both)


def test_a_filter_on_findings_uses_the_last_report() -> None:
    assert not any(" > " in line for line in told("-Y", "finding==D16"))
