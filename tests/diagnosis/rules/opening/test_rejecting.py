"""D18 and D07: live connections that a rule on the way rejects, beside connects that it refuses."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire


@pytest.mark.parametrize(
    ("reset_ttl", "refused_ttl", "id"),
    [
        (64, 64, "D18"),
        (64, 63, "D07"),  # the host refuses, and somebody else reset
        (127, 127, "D07"),  # it comes from as far as the host
    ],
)
def test_resets_with_the_ttl_of_refusals(tmp_path: Path, reset_ttl: int, refused_ttl: int, id: str) -> None:
    def play(wire: Wire) -> None:
        for number in range(3):
            talk = wire.talk(f"10.0.0.9:{40_000 + number}", "10.0.0.2:9100", at=0.01 * number, server_ttl=63)
            talk.play(GREETING).play("0.4 > P. 12\n0.401 < P. 12\n0.4011 > .")
            talk.play(f"0.8 > P. 12\n0.8001 < R ttl={reset_ttl}")
        for number in range(4):
            talk = wire.talk(f"10.0.0.9:{41_000 + number}", "10.0.0.2:9100", at=1 + 0.2 * number)
            talk.play(f"0 > S\n0.0001 < R. seq=0 ttl={refused_ttl}")

    findings = told(tmp_path, play)
    assert findings.keys() & {"D07", "D18", "D27"} == {id}
    assert "a rule on the host rejects" not in findings[id].explanation
    if id == "D18":
        assert "4 connects to this socket were refused within seconds of it" in findings[id].explanation
        assert findings[id].confidence == "likely"


@pytest.mark.parametrize("refusals", [4, 0])
def test_resets_and_refusals_with_the_ttl_of_the_host_are_a_rule_on_it(tmp_path: Path, refusals: int) -> None:
    def play(wire: Wire) -> None:
        for number in range(4):
            talk = wire.talk(f"10.0.0.9:{40_000 + number}", "10.0.0.2:9100", at=0.05 * number)
            talk.play(GREETING).play("0.8 > P. 12\n0.8001 < R")
        for number in range(refusals):
            talk = wire.talk(f"10.0.0.9:{41_000 + number}", "10.0.0.2:9100", at=1 + 0.2 * number)
            talk.play("0 > S\n0.0001 < R. seq=0")

    finding = told(tmp_path, play)["D07"]
    assert ("a rule on the host rejects what goes there" in finding.explanation) == bool(refusals)
    assert any(rival.startswith("a host that restarted: unlikely") for rival in finding.rivals) == bool(
        refusals
    )
