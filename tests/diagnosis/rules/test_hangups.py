"""D35, D51: who hung up without a word, and who only seems to have."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire

UPLOAD = "\n".join(f"{0.1 + step / 10} > . 1400\n{0.12 + step / 10} < ." for step in range(60))


def _talk(wire: Wire, syn: str, syn_ack: str, said: str, closed: float) -> None:
    talk = wire.talk("10.0.0.1:40001", "10.0.0.2:5201")
    talk.play(f"0 > S {syn}\n0.02 < S. {syn_ack}\n0.021 > .")
    talk.play(said)
    talk.play(f"{closed} < F.\n{closed + 0.01} > .\n{closed + 0.02} > F.\n{closed + 0.04} < .")


@pytest.mark.parametrize(
    ("syn", "syn_ack", "said", "expected"),
    [
        ("", "", "0.1 > P. 100\n0.12 < .", True),
        ("", "", UPLOAD, False),
        ("mptcp", "", "0.1 > P. 100\n0.12 < .", True),
        ("mptcp", "mptcp", "0.1 > P. 100\n0.12 < .", False),
    ],
    ids=["request", "upload", "asked-for-multipath", "subflow"],
)
def test_hung_up(tmp_path: Path, syn: str, syn_ack: str, said: str, *, expected: bool) -> None:
    findings = told(tmp_path, lambda wire: _talk(wire, syn, syn_ack, said, 8))
    assert ("D35" in findings) is expected
