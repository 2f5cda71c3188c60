"""D01: clients with an address that holds on their own link alone."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire


@pytest.mark.parametrize(
    ("client", "servers", "words"),
    [
        ("169.254.3.4", ("10.0.0.2:445", "10.0.0.3:80"), "DHCP"),
        ("[fe80::7]", ("[2001:db8::2]:445", "[2001:db8::3]:80"), "RFC 4291"),
        ("169.254.3.4", ("169.254.9.9:445",), None),
        ("10.0.0.4", ("10.0.0.2:445",), None),
    ],
)
def test_an_address_of_its_link_alone_is_one_cause(
    tmp_path: Path, client: str, servers: tuple[str, ...], words: str | None
) -> None:
    def play(wire: Wire) -> None:
        for number, server in enumerate(servers):
            wire.talk(f"{client}:{40_000 + number}", server).play("0 > S\n1 > S again\n3 > S again")

    finding = told(tmp_path, play)["D01"]
    assert finding.count == len(servers)
    assert ("own link alone" in finding.explanation) == (words is not None)
    assert words is None or words in finding.explanation
