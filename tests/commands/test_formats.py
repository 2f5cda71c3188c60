"""Every format of the table, as each verb writes it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from wirestat.report.formats import FORMATS

CASE = Path(__file__).parents[2] / "pcaps" / "last-ack-lost"
WIRESTAT = [sys.executable, "-m", "wirestat"]
VERBS = {
    "analyze": [str(CASE / "client.pcap")],
    "compare": [str(CASE / "client.pcap"), str(CASE / "server.pcap")],
    "live": ["-r", "-"],
}


def run(verb: str, format: str) -> str:
    with (CASE / "client.pcap").open("rb") as capture:
        command = [*WIRESTAT, verb, *VERBS[verb], "--format", format]
        done = subprocess.run(command, stdin=capture, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_writes_every_format(verb: str, format: str) -> None:
    assert "D14" in run(verb, format) or verb == "compare"


@pytest.mark.parametrize("verb", VERBS)
def test_json_is_one_document(verb: str) -> None:
    document = json.loads(run(verb, "json"))
    assert document["schema"] == ("compare-1" if verb == "compare" else 1)


@pytest.mark.parametrize("verb", VERBS)
def test_ndjson_names_the_kind_of_each_line(verb: str) -> None:
    kinds = [json.loads(line)["type"] for line in run(verb, "ndjson").splitlines()]
    assert ("comparison" if verb == "compare" else "report") in kinds
    assert kinds[-1] in ("connection", "finding")
