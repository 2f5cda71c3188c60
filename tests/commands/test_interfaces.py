"""The list of ``wirestat interfaces``."""

import pytest

from wirestat.capture import interfaces
from wirestat.capture.interfaces import Card
from wirestat.commands import main


def test_a_name_steers_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(interfaces, "cards", lambda: (Card("h\x1b[31mx", ("192.0.2.1",), "Ethernet", True),))
    assert main(["interfaces"]) == 0
    out, _ = capfd.readouterr()
    assert "h\\x1b[31mx  Ethernet" in out
    assert "\x1b" not in out
