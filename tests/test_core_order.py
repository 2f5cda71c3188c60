"""The rooms of the core import downward only, and no two files of a room import one another."""

import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

CORE = Path(__file__).parent.parent / "src" / "core"
ORDER = ("tcp", "flows", "intake", "pieces", "join", "columns", "py")
"""Rooms that know what connections are: each may use those before it, and whatever else is not among them."""
IN_TCP = ("machine", "end", "connection", "reading")
TESTS = re.compile(r"^#\[cfg\(test\)\]\n(?!use)(?:pub )?mod \w+ \{.*", re.MULTILINE | re.DOTALL)
USE = re.compile(
    r"^\s*(?:pub(?:\([^)]*\))? )?use ((?:super|crate)(?:::\w+)*)(?:::\{([^}]*)\})?", re.MULTILINE
)
ARE_TESTS = {"tests", "testing", "hostile"}


def used(file: Path) -> set[tuple[str, ...]]:
    """Return the paths that a file uses outside its tests, from the root of the crate on."""
    parents = file.relative_to(CORE).with_suffix("").parts
    module = parents[:-1] if parents[-1] == "mod" else parents
    found = set()
    for path, members in USE.findall(TESTS.sub("", file.read_text())):
        parts = path.split("::")
        base = list(module) if parts[0] == "super" else []
        while parts and parts[0] in ("super", "crate"):
            if parts.pop(0) == "super":
                base = base[:-1]
        names = [name.split("::") for name in re.findall(r"[\w:]+", members)] or [[]]
        found |= {(*base, *parts, *name) for name in names}
    return found


def files(room: Path) -> list[Path]:
    return [
        file
        for file in sorted(room.rglob("*.rs"))
        if not ARE_TESTS & {*file.relative_to(CORE).parts, file.stem}
    ]


def imports(room: str) -> dict[str, set[str]]:
    """Return what each file or folder of a room uses of the others."""
    own = CORE / room
    at = tuple(room.split("/"))
    depth = len(at)
    names = {path.stem for path in own.iterdir()} - {"mod"} - ARE_TESTS
    graph: dict[str, set[str]] = {name: set() for name in names}
    for file in files(own):
        name = Path(file.relative_to(own).parts[0]).stem
        if name in names:
            graph[name] |= {
                path[depth]
                for path in used(file)
                if path[:depth] == at and path[depth : depth + 1] and path[depth] in names
            }
            graph[name].discard(name)
    return graph


ROOMS = ("file", "file/pcapng", "flows", "intake", "columns", "join", "pieces", "filter", "zeek", "tcp")


@pytest.mark.parametrize("room", [*ROOMS, *(f"tcp/{part}" for part in IN_TCP)])
def test_no_two_files_of_a_room_need_one_another(room: str) -> None:
    graph = imports(room)
    assert any(graph.values()), "nothing was found to judge by"
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"{room}: a circle of {' <- '.join(error.args[1])}")


def test_rooms_import_downward_only() -> None:
    for rank, room in enumerate(ORDER):
        above = set(ORDER[rank + 1 :])
        wrong = {
            f"{file.relative_to(CORE)} uses {'::'.join(path)}"
            for file in files(CORE / room)
            for path in used(file)
            if path[0] in above
        }
        assert not wrong


def test_the_parts_of_tcp_import_downward_only() -> None:
    graph = imports("tcp")
    for rank, part in enumerate(IN_TCP):
        assert not graph[part] & set(IN_TCP[rank + 1 :]), part


def test_a_circle_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = tmp_path / "flows"
    room.mkdir()
    (room / "a.rs").write_text("use super::b::B;\n")
    (room / "b.rs").write_text(
        "use crate::flows::a::A;\n\n#[cfg(test)]\nmod tests {\n    use super::super::c::C;\n}\n"
    )
    (room / "c.rs").write_text("use super::a::A;\n")
    monkeypatch.setitem(globals(), "CORE", tmp_path)
    assert imports("flows") == {"a": {"b"}, "b": {"a"}, "c": {"a"}}
