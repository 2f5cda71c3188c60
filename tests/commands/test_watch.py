"""Progress on a terminal, and Ctrl-C while reading."""

import os
import signal

import pytest

from wirestat.commands import watch as watch_module
from wirestat.commands.watch import watching


def test_progress_is_drawn_and_wiped(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "_SILENCE", 0)
    with watching(visible=True) as watch:
        assert watch(500_000, 2_000_000)
    drawn = capsys.readouterr().err
    assert "read 500 kB of 2 MB (25 %)" in drawn
    assert drawn.endswith("\r")


def test_a_stream_has_no_total(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_module, "_SILENCE", 0)
    with watching(visible=True) as watch:
        watch(1_000_000, None)
    assert "read 1 MB" in capsys.readouterr().err


def test_a_short_reading_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with watching(visible=True) as watch:
        assert watch(1, 2)
    assert capsys.readouterr().err == ""


def test_the_first_interrupt_stops_the_read_and_the_second_aborts_it() -> None:
    with watching(visible=False) as watch:
        os.kill(os.getpid(), signal.SIGINT)
        assert not watch(1, 2)
        assert watch.interrupted
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_the_signal_handler_is_restored() -> None:
    before = signal.getsignal(signal.SIGINT)
    with watching(visible=False):
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before
