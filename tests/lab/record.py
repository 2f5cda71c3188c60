"""Run one scenario from beginning to end and write its folder: three captures, truth.json and README.md."""

from __future__ import annotations

import json
import re
from pathlib import Path

from . import pcap
from .lab import Lab, ScenarioError
from .scenario import Scenario, unexpected
from .tracepoint import RESOLUTION_NS, Trace
from .truth import SCHEMA, Connection, Evidence, assemble, check, connections
from .wire import TAPS


def record(scenario: Scenario, seed: int, folder: Path) -> list[str]:
    """Run the scenario; return what is wrong with the result, nothing when all is well."""
    trace = Trace()
    try:
        evidence, lab = _perform(scenario, seed, trace)
    finally:
        trace.close()
    found = connections(evidence)
    problems = check(found, evidence)
    for endpoint, expected in (("client", scenario.client), ("server", scenario.server)):
        paths = [
            [t.after for t in each.transitions(endpoint) if t.time_ns <= evidence.end_ns] for each in found
        ]
        problems += unexpected(expected, paths, endpoint)
    truth = {
        "schema": SCHEMA,
        "scenario": scenario.name,
        "description": scenario.description,
        "seed": seed,
        "sysctls": {host.name: host.settings() for host in (lab.client, lab.server)},
        "clock": {"clock": "CLOCK_REALTIME", "trace_resolution_ns": RESOLUTION_NS},
        "taps": {tap: _describe_tap(tap, lab, evidence.end_ns) for tap in TAPS},
        "diagnoses": [*scenario.diagnoses, *lab.extra_diagnoses],
    } | assemble(evidence, found)
    folder.mkdir(parents=True, exist_ok=True)
    for tap in TAPS:
        pcap.write(folder / f"{tap}.pcap", _until(evidence.end_ns, lab.wire.journal.records[tap]))
    (folder / "truth.json").write_text(_one_line_each(json.dumps(truth, indent=1)) + "\n")
    (folder / "README.md").write_text(_readme(scenario, seed, truth, found, evidence.end_ns))
    return problems


def _perform(scenario: Scenario, seed: int, trace: Trace) -> tuple[Evidence, Lab]:
    """Tell the story; end the captures while all sockets still live; only then ask for the last states."""
    lab = Lab(scenario.name, seed, scenario.setting)
    trace.begin(lab.client.address, lab.server.address)
    lab.wire.start()
    lab.watcher.start()
    try:
        try:
            scenario.story(lab)
        except OSError as error:
            raise ScenarioError(f"{scenario.name}: {error}") from error
        end_ns = lab.wire.stop()
        final_dumps = {host.name: host.inspector().dump() for host in (lab.client, lab.server)}
        lab.watcher.stop()
        evidence = Evidence(
            lab.client.address,
            lab.server.address,
            lab.wire.journal,
            trace.read(),
            lab.watcher.sightings,
            final_dumps,
            end_ns,
            cookies_used=lab.server.counter("SyncookiesSent") > 0,
        )
    finally:
        lab.wire.stop()
        lab.dismantle()
    return evidence, lab


def _one_line_each(text: str) -> str:
    """Indented JSON with every innermost object on a line of its own."""
    return re.sub(r"\{[^{}\[\]]*\}", lambda match: " ".join(match.group().split()), text)


def _until(end_ns: int, records: list[pcap.Record]) -> list[pcap.Record]:
    return [record for record in records if record[0] <= end_ns]


def _describe_tap(tap: str, lab: Lab, end_ns: int) -> dict[str, object]:
    seen = {step for name, step in lab.wire.recording if name == tap}
    directions = [name for step, name in ((1, "client-to-server"), (-1, "server-to-client")) if step in seen]
    start_ns = lab.wire.capture_start_ns
    return {"file": f"{tap}.pcap", "start_ns": start_ns, "end_ns": end_ns, "directions": directions}


def _readme(
    scenario: Scenario, seed: int, truth: dict[str, object], found: list[Connection], end_ns: int
) -> str:
    lines = [
        f"# {scenario.name}",
        "",
        scenario.description,
        "",
        "## What is true",
        "",
        "| connection | client | server |",
        "|---|---|---|",
    ]
    for each in found[:20]:
        ends = []
        for endpoint in ("client", "server"):
            path = [each.initial[endpoint]]
            path += [t.after for t in each.transitions(endpoint) if t.time_ns <= end_ns]
            ends.append(" → ".join(path))
        name = f"{each.client[0]}:{each.client[1]} → {each.server[0]}:{each.server[1]} #{each.incarnation}"
        lines.append(f"| {name} | {ends[0]} | {ends[1]} |")
    if len(found) > 20:
        lines.append(f"| … {len(found) - 20} more, see truth.json | | |")
    diagnoses = truth["diagnoses"]
    assert isinstance(diagnoses, list)
    lines += [
        "",
        f"Diagnoses deserved: {', '.join(diagnoses) or 'none'}.",
        "",
        "## How it was made",
        "",
        f"`python -m tests.lab --only {scenario.name} --seed {seed} --out DIR` on {truth['kernel']}:",
        "two network namespaces and a wire with three taps, one at the client's port, one in the middle, one at",
        f"the server's. The story is in `tests/lab/scenarios/{scenario.module}.py`; `truth.json` has every",
        "transition as the kernels recorded it, the settings in force, and everything the wire did.",
        "",
    ]
    return "\n".join(lines)
