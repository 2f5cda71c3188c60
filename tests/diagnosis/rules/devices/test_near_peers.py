"""D04 and D07: routers that take only what their neighbours send."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire


@pytest.mark.parametrize(
    ("port", "own", "its", "is_named"),
    [(179, 255, 64, True), (8179, 255, 64, False), (179, 64, 64, False), (179, 255, 255, False)],
    ids=["router", "another-port", "usual-ttl", "full-ttl"],
)
def test_answers_that_may_be_dropped_for_their_ttl(
    tmp_path: Path, port: int, own: int, its: int, *, is_named: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.2:50000", f"10.0.0.1:{port}", client_ttl=own, server_ttl=its)
        talk.play("0 > S\n0.001 < S.\n1 > S again\n1.001 < S. again\n3 > S again\n3.001 < S. again")

    finding = told(tmp_path, play)["D04"]
    assert ("RFC 5082" in finding.explanation) == is_named
    assert (
        "a listening socket that answers with the TTL of its system" in " ".join(finding.rivals)
    ) == is_named


@pytest.mark.parametrize(
    ("ttl", "own", "goes_on", "is_named"),
    [(64, 255, True, True), (255, 255, True, False), (64, 64, True, False), (64, 255, False, False)],
    ids=["of-the-system", "full", "far-session", "taken"],
)
def test_resets_that_may_be_dropped_for_their_ttl(
    tmp_path: Path, ttl: int, own: int, *, goes_on: bool, is_named: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.2:50000", "10.0.0.1:179", client_ttl=255, server_ttl=own).play(GREETING)
        talk.play(f"40 > P. 19\n40.001 < R seq=301 ttl={ttl}")
        for at in (40.2, 40.6, 41.4, 43.0) if goes_on else ():
            talk.play(f"{at} > P. again\n{at + 0.001} < R seq=301 ttl={ttl}")

    findings = told(tmp_path, play).values()
    assert any("RFC 5082" in finding.explanation for finding in findings) == is_named
