"""Findings of conversations that are played line by line, as the stories of the field are."""

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.field.talk import Wire
from tests.packets.files import pcap
from wirestat import analyze
from wirestat.model import Finding
from wirestat.vocabulary import Fact


def told(tmp_path: Path, play: Callable[[Wire], object]) -> dict[str, Finding]:
    """Play it, and return what is found, by id: of several the gravest."""
    findings: dict[str, Finding] = {}
    for finding in every(tmp_path, play):
        findings.setdefault(finding.id, finding)
    return findings


def every(tmp_path: Path, play: Callable[[Wire], object]) -> Sequence[Finding]:
    """Play it, and return all that is found, the gravest first."""
    wire = Wire()
    play(wire)
    path = tmp_path / "played.pcap"
    path.write_bytes(pcap(wire.in_order()))
    return analyze(path).findings


def facts(tmp_path: Path) -> dict[Fact, int | None]:
    """Return the facts of the first connection of what was played last, with their figures."""
    first = next(iter(analyze(tmp_path / "played.pcap").connections()))
    return {seen.fact: seen.figure for seen in first.facts}
