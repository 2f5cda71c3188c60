"""Metrics, read by the parsers of Prometheus: the strict one of OpenMetrics, and that of the older text."""

import ipaddress
import json
import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as strict
from prometheus_client.parser import text_string_to_metric_families as older

from tests.documents import ROOT
from tests.quick import some_quick
from wirestat.capture.native import NativeSource
from wirestat.export.metrics import families
from wirestat.export.openmetrics import Family, openmetrics, prometheus
from wirestat.model import Side, State
from wirestat.report.build import Report, build
from wirestat.timers import LINUX
from wirestat.tracked import Tracked
from wirestat.tracker import Tracker

CAPTURES = sorted((ROOT / "pcaps").glob("*/middle.pcap"))[::5]


def judged(path: Path, sockets: int = 0) -> tuple[Report, tuple[Family, ...]]:
    tracker = Tracker(LINUX, release=True)
    source = NativeSource([str(path)])
    source.drain(tracker.core)
    report = build(Tracked(source, tracker, LINUX, "summary"))
    opened = {(finding.id, finding.severity.value): 1 for finding in report.findings}
    return report, tuple(families(report, tracker.core.intake(), opened, sockets=sockets))


def values(read: Any, text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in read(text)
        for sample in family.samples
    }


@pytest.fixture(params=some_quick(CAPTURES, each=6), ids=lambda path: path.parent.name)
def capture(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_the_strict_parser_reads_the_figures_of_the_report(capture: Path) -> None:
    report, told = judged(capture)
    found = values(strict, openmetrics(told))
    for side in Side:
        for state in State:
            labels = (("side", side.value), ("state", state.value))
            count = report.summary.states.get(side, {}).get(state, 0)
            assert found["wirestat_endpoint_states", labels] == count
    assert found["wirestat_packets_total", ()] == report.summary.frames
    assert found["wirestat_connections_total", ()] == report.summary.connections
    speak = sum(value for (name, _), value in found.items() if name == "wirestat_finding_connections")
    assert speak == sum(finding.count for finding in report.findings)
    made = sum(value for (name, _), value in found.items() if name == "wirestat_transitions_total")
    assert made == sum(one.count + one.retracted for one in report.summary.transitions)


def test_both_text_formats_have_the_same_values(capture: Path) -> None:
    _, told = judged(capture)
    assert values(strict, openmetrics(told)) == values(older, prometheus(told))


def test_handshakes_are_counted_once_each(capture: Path) -> None:
    report, told = judged(capture)
    found = values(strict, openmetrics(told))
    expected = sum(one.syn_to_syn_ack.count for one in report.summary.listeners if one.syn_to_syn_ack)
    assert found["wirestat_handshake_answer_seconds_bucket", (("le", "+Inf"),)] == expected


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def test_no_address_is_a_label_unless_asked_for(capture: Path) -> None:
    def labels(sockets: int) -> set[str]:
        _, told = judged(capture, sockets)
        text = openmetrics(told)
        return {value for _, pairs in values(strict, text) for _, value in pairs}

    assert not any(map(_is_address, labels(0)))
    report, _ = judged(capture)
    assert any(map(_is_address, labels(3))) == bool(report.summary.listeners)


def test_hostile_names_stay_labels() -> None:
    _, told = judged(CAPTURES[0])
    from wirestat.export.openmetrics import Sample

    hostile = 'eth"0\n# EOF\\'
    odd = Family("odd", "gauge", "A\nb.", (Sample(1, {"interface": hostile}),))
    assert values(strict, openmetrics((*told, odd)))["odd", (("interface", hostile),)] == 1


def test_the_dashboard_and_the_page_know_the_metrics() -> None:
    _, told = judged(CAPTURES[0], sockets=1)
    kinds = {"counter": "_total", "info": "_info", "histogram": "_bucket", "gauge": ""}
    known = {family.name + kinds[family.kind] for family in told}
    dashboard = json.loads((ROOT / "docs" / "grafana.json").read_text())
    asked = " ".join(target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ()))
    used = set(re.findall(r"wirestat_\w+", asked))
    assert used
    assert used <= known
    page = (ROOT / "docs" / "metrics.md").read_text()
    assert set(re.findall(r"^\| `(wirestat_\w+)`", page, re.MULTILINE)) == known
