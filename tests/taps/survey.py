"""Every case, at every tap, through every mutation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from random import Random

from tests.lab.pcap import LINKTYPE_ETHERNET
from tests.packets.files import Frame, pcap
from tests.score.incarnations import Incarnations
from tests.score.journeys import Travels, follow
from tests.score.strict import Verdict, View, Wrong, judge
from tests.score.truth import TAPS, load
from wirestat.timers import LINUX
from wirestat.tracker import Tracker

from .mutations import MUTATIONS, Mutation


@dataclass(frozen=True)
class Seen:
    """One capture as one mutation makes it, judged."""

    case: str
    tap: str
    mutation: str
    verdict: Verdict

    @property
    def story(self) -> str:
        """The case without the number of its seed."""
        return self.case.rstrip("0123456789-")


@dataclass(frozen=True)
class Job:
    """The settings for examining a case."""

    mutations: tuple[Mutation, ...] = MUTATIONS
    seed: int = 1
    out: Path | None = None
    """The folder for mutated captures with errors."""


def survey(cases: Iterable[Path], job: Job, processes: int) -> list[Seen]:
    """Judge all of them."""
    with ProcessPoolExecutor(processes) as pool:
        return list(chain.from_iterable(pool.map(partial(_survey_case, job), cases)))


def _survey_case(job: Job, folder: Path) -> list[Seen]:
    return list(survey_case(folder, job))


def survey_case(folder: Path, job: Job) -> Iterator[Seen]:
    """Judge one case through all mutations."""
    truth = load(folder)
    travels = follow(folder, truth)
    incarnations = Incarnations(truth, travels)
    for tap in TAPS:
        clients = _clients(travels, tap)
        for mutation in job.mutations:
            random = Random(f"{job.seed} {truth.name} {tap} {mutation.name}")
            frames = mutation.change(travels.records[tap], clients, random)
            if not frames:
                continue
            view = View(truth, travels, incarnations, tap, frames[-1][0], mutation.late_ns)
            verdict = judge(view, told(frames).connections())
            if job.out and verdict.wrong:
                _keep(job.out, f"{truth.name}.{tap}.{mutation.name}", frames)
            yield Seen(truth.name, tap, mutation.name, verdict)


def told(frames: list[Frame]) -> Tracker:
    """Wirestat's statements on these frames."""
    tracker = Tracker(LINUX)
    tracker.feed(LINKTYPE_ETHERNET, frames)
    tracker.settle()
    return tracker


def _clients(travels: Travels, tap: str) -> frozenset[int]:
    """The positions, in the capture of a tap, of the frames that clients sent."""
    return frozenset(j.passed[tap][1] - 1 for j in travels.at(tap) if j.toward == "server")


def _keep(folder: Path, name: str, frames: list[Frame]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / (name.replace(" ", "-").replace("%", "percent").replace("'", "") + ".pcap")
    file.write_bytes(pcap(frames, nanoseconds=True))


def sum_up(seen: Iterable[Seen]) -> dict[str, Verdict]:
    """All captures together, by mutation."""
    sums: dict[str, Verdict] = {mutation.name: Verdict() for mutation in MUTATIONS}
    for each in seen:
        sums[each.mutation] += each.verdict
    return sums


def worst(seen: Iterable[Seen]) -> list[tuple[int, str, str, list[tuple[Seen, Wrong]]]]:
    """Errors in groups of equal ones: count, kind, statement, and examples; the most frequent first."""
    groups: dict[tuple[str, str], list[tuple[Seen, Wrong]]] = {}
    for each in seen:
        for wrong in each.verdict.wrong:
            groups.setdefault((wrong.kind, f"{wrong.side} {wrong.said}"), []).append((each, wrong))
    return sorted(((len(g), kind, said, g) for (kind, said), g in groups.items()), key=lambda g: -g[0])


def stories(group: list[tuple[Seen, Wrong]]) -> Counter[str]:
    """The count of each story in a group."""
    return Counter(seen.story for seen, _ in group)
