"""D25 of acknowledgements that count what was sent only later."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Wire


@pytest.mark.parametrize("is_sent_later", [True, False])
def test_an_acknowledgement_of_what_is_sent_only_later_shows_no_gap(
    tmp_path: Path, *, is_sent_later: bool
) -> None:
    """The sender repeats what lies before, and has the octet to send that seems acknowledged."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:80", stamps=False).play(HANDSHAKE)
        talk.play(
            "0.01 > P. 40\n0.0105 < P. 69\n0.011 > .\n0.012 > F.\n0.036 < .\n0.2 < P. 5\n0.2006 > . ack=76"
        )
        for at in (0.4, 0.8, 1.6):
            talk.play(f"{at} < P. 5 seq=70\n{at + 0.0005} > . ack=76")
        talk.play(
            "2.2 < F. 5 seq=75\n2.2006 > R seq=41" if is_sent_later else "2.2 < P. 5 seq=76\n2.2006 > ."
        )

    said = told(tmp_path, play)["D25"].explanation
    assert said.startswith("Bytes were acknowledged")
    assert ("all of them came later" in said) == is_sent_later
    assert ("the capture missed packets" in said) != is_sent_later
