"""Compares verdicts with today's findings: whether wrong ones are gone, and right ones still reported."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import wirestat
from tests.precision.verdicts import Verdict, counted, verdicts
from wirestat.errors import WirestatError
from wirestat.model import Finding
from wirestat.report.build import Report


def again(folder: Path) -> list[str]:
    """Report the verdicts whose captures are in ``folder``, as ``owner+repository/.../name``."""
    known = [one for one in verdicts() if one.client]
    said: list[Verdict] = []
    lost: list[Verdict] = []
    mended = 0
    for one, report in _reports(known, folder):
        today = _said(report, one)
        if today:
            is_right = one.right or (bool(one.now) and one.now in words_of(today))
            said.append(one._replace(confidence=today.confidence, severity=today.severity, right=is_right))
            mended += is_right and not one.right
        else:
            lost.append(one)
    gone = sum(not one.right for one in lost)
    return [
        *counted(said),
        f"said in other words, by which they are right: {mended} that were wrong",
        f"no longer said: {gone} that were wrong, {len(lost) - gone} that were right",
        *(f"  wrong and still said: {one.capture} {one.finding}" for one in said if not one.right),
        *(f"  right and no longer said: {one.capture} {one.finding}" for one in lost if one.right),
    ]


def _reports(known: list[Verdict], folder: Path) -> Iterator[tuple[Verdict, Report]]:
    by_path: defaultdict[Path, list[Verdict]] = defaultdict(list)
    for one in known:
        home = folder / one.origin.replace("/", "+")
        for path in sorted(home.rglob(one.capture))[:1]:
            by_path[path].append(one)
    for path, told in by_path.items():
        try:
            report = wirestat.analyze(path)
        except WirestatError:
            continue
        yield from ((one, report) for one in told)


def _said(report: Report, one: Verdict) -> Finding | None:
    """Return the same finding on the same connection as reported today."""
    id = one.finding.partition(".")[0]
    for finding in report.findings:
        if finding.id != id:
            continue
        for example in (finding.connection, *finding.examples):
            if example is not None and client_of(report, example) == one.client:
                return finding
    return None


def words_of(finding: Finding) -> str:
    """Join what a finding says: its grade, its explanation, its rivals and its doubts."""
    return " | ".join(
        (finding.severity, finding.confidence, finding.explanation, *finding.rivals, *finding.doubts)
    )


def client_of(report: Report, id: int) -> str:
    """Name the client of a connection: address and port."""
    client = report.connection(id).client
    return f"{client.address} {client.port}"
