"""Defaults heed what memory there is."""

from pathlib import Path

import pytest

from wirestat import memory
from wirestat.join import MOST_SEGMENTS, segments
from wirestat.tracker import Limits

GIB = 1 << 30


def system(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


MACHINE = {"proc/meminfo": "MemTotal:       16777216 kB\nMemFree: 1 kB\n"}
GROUP = {"proc/self/cgroup": "0::/a.slice/b.scope\n"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (MACHINE, 16 * GIB),
        (MACHINE | GROUP | {"sys/fs/cgroup/a.slice/b.scope/memory.max": "max\n"}, 16 * GIB),
        (MACHINE | GROUP | {"sys/fs/cgroup/a.slice/b.scope/memory.max": f"{GIB}\n"}, GIB),
        (MACHINE | GROUP | {"sys/fs/cgroup/a.slice/memory.max": f"{2 * GIB}\n"}, 2 * GIB),
        (MACHINE | GROUP | {"sys/fs/cgroup/memory.max": f"{GIB}\n"}, GIB),
        (
            MACHINE
            | {
                "proc/self/cgroup": "4:memory:/docker/x\n3:cpu:/y\n",
                "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{GIB}\n",
                "sys/fs/cgroup/memory/docker/memory.limit_in_bytes": "9223372036854771712\n",
            },
            GIB,
        ),
        ({}, 8 * GIB),
        ({"proc/meminfo": "nonsense\n", "proc/self/cgroup": "0::/\n"}, 8 * GIB),
    ],
)
def test_the_smaller_limit_counts(files: dict[str, str], expected: int, tmp_path: Path) -> None:
    assert memory.available(str(system(tmp_path, files))) == expected


def test_a_comparison_divides_the_memory_among_its_captures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available", lambda: 1 * GIB)
    assert segments(2) == GIB // 2 // 2 // 48
    monkeypatch.setattr(memory, "available", lambda: 1024 * GIB)
    assert segments(2) == MOST_SEGMENTS


def test_the_table_takes_a_share_of_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available", lambda: 1 * GIB)
    assert Limits().max_bytes == GIB // 2
    monkeypatch.setattr(memory, "available", lambda: 64 * GIB)
    assert Limits().max_bytes == 4 * GIB
