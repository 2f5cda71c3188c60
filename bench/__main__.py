"""``python -m bench``: make the traces, run the races, print the tables."""

import argparse
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import table
from bench.bars import Bar
from bench.races import (
    Course,
    Race,
    batch,
    crowds,
    floor,
    frames,
    headers,
    judging,
    memory,
    outputs,
    startup,
    stream,
    walking,
)

RACES: dict[str, Race] = {
    "headers": headers.race,
    "frames": frames.race,
    "crowds": crowds.race,
    "crowds-frames": crowds.full_frames,
    "crowds-active": crowds.actives,
    "floor": floor.race,
    "floor-local": floor.local,
    "outputs": outputs.race,
    "walking": walking.race,
    "memory": memory.race,
    "judging": judging.race,
    "startup": startup.race,
    "batch": batch.race,
    "stream": stream.race,
}
_QUICK = 20


def main() -> int:
    """Run what was asked for; 1 if a promise does not hold."""
    options = _options()
    bars: list[Bar] = []
    with TemporaryDirectory(dir=_made(options.data)) as scratch:
        course = Course(
            data=options.data,
            scratch=Path(scratch),
            rounds=1 if options.quick else options.rounds,
            divisor=_QUICK if options.quick else 1,
        )
        for name in options.only or RACES:
            outcome = RACES[name](course)
            bars += outcome.bars
            _print(f"{name}: {outcome.title}", table.costs(outcome.costs, outcome.reference))
    _print("promises", table.bars(bars))
    return 0 if all(bar.holds for bar in bars) else 1


def _print(title: str, lines: Iterable[str]) -> None:
    print(f"\n{title}", *lines, sep="\n", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure wirestat.")
    parser.add_argument("--quick", action="store_true", help="traces a twentieth as long, one round")
    parser.add_argument("--only", nargs="+", choices=RACES, metavar="RACE", help=", ".join(RACES))
    parser.add_argument(
        "--rounds", type=int, default=3, help="how often each command runs; the median counts"
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(__file__).parent / "data",
        help="where the traces are kept (4 GB)",
    )
    return parser.parse_args()


def _made(directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    return directory


if __name__ == "__main__":
    raise SystemExit(main())
