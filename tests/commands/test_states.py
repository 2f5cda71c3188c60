"""``wirestat states``: the documented machine."""

import pytest

from tests.commands.conftest import Wirestat
from wirestat import rfc9293


def test_every_statement_is_listed_with_its_section(wirestat: Wirestat) -> None:
    text = wirestat("states", "--names", "rfc").stdout
    for arrow in rfc9293.ARROWS:
        assert any(
            line.strip().startswith(f"{arrow.origin} → {arrow.target}") and line.endswith(arrow.section)
            for line in text.splitlines()
        )


@pytest.mark.parametrize(("format", "first"), [("mermaid", "stateDiagram-v2"), ("dot", "digraph tcp {")])
def test_diagrams(wirestat: Wirestat, format: str, first: str) -> None:
    assert wirestat("states", "--format", format).stdout.startswith(first)
