"""Judging takes time in proportion to the connections: no rule goes through all of them for each of them.

Calls are counted, not seconds. A function that is called for every pair of connections is called four times as often
where there are twice as many.
"""

import cProfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.diagnosis.multiplied import multiplied
from tests.diagnosis.test_captures import SCENARIOS
from tests.field import stories as stories
from tests.field.story import STORIES
from tests.lab import pcap as lab
from tests.packets.files import Frame, pcap
from tests.quick import some_quick
from wirestat import analyze

COPIES = 40
SHORT = 120
"""Frames; longer conversations teach no more, and take long."""
PER_CONNECTION = 6
"""Calls for each connection; what is called less often costs nothing yet."""
GROWTH = 3.0
"""Between twice as often, in proportion, and four times as often, for each pair."""
PARTS = 96


def calls(frames: Sequence[Frame], copies: int, folder: Path, *, clients: bool) -> Counter[str]:
    """Count the calls of every function of wirestat while so many copies are analyzed."""
    path = folder / "many.pcap"
    path.write_bytes(pcap(multiplied(frames, copies, clients=clients), nanoseconds=True))
    profile = cProfile.Profile(builtins=False)
    profile.runcall(analyze, path)
    counted: Counter[str] = Counter()
    for entry in profile.getstats():
        if not isinstance(entry.code, str) and "wirestat" in entry.code.co_filename:
            place = Path(entry.code.co_filename).name
            counted[f"{place}:{entry.code.co_firstlineno} {entry.code.co_name}"] += entry.callcount
    return counted


def called_for_each_pair(frames: Sequence[Frame], folder: Path, *, clients: bool) -> set[str]:
    """Return the functions whose calls grow with the square of the connections, or faster."""
    few, more = (calls(frames, copies, folder, clients=clients) for copies in (COPIES, 2 * COPIES))
    suspects = {
        name
        for name, often in more.items()
        if often > PER_CONNECTION * 2 * COPIES and often >= GROWTH * few[name]
    }
    if not suspects:
        return set()
    many = calls(frames, 4 * COPIES, folder, clients=clients)  # a rule may speak up from some number on
    return {name for name in suspects if many[name] >= GROWTH * more[name]}


@pytest.mark.parametrize("clients", some_quick([False, True], each=2))
@pytest.mark.parametrize("part", some_quick(range(PARTS), each=PARTS))
def test_no_rule_compares_each_connection_with_each_other(part: int, clients: bool, tmp_path: Path) -> None:
    found: dict[str, set[str]] = {}
    for scenario in SCENARIOS[part::PARTS]:
        frames = [(time_ns, len(data), data) for time_ns, data in lab.read(scenario / "client.pcap")]
        if 0 < len(frames) <= SHORT:
            found[scenario.name] = called_for_each_pair(frames, tmp_path, clients=clients)
    for name in sorted(STORIES)[part::PARTS]:
        frames = next(iter(STORIES[name].captures().values())).in_order()
        if 0 < len(frames) <= SHORT:
            found[name] = called_for_each_pair(frames, tmp_path, clients=clients)
    assert not {name: pairs for name, pairs in found.items() if pairs}
