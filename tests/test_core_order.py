"""The rooms of the core import downward only, and no two files or folders import one another."""

from pathlib import Path

import pytest

from tests.rooms import IMPORTS

ROOT = Path(__file__).parent.parent
CORE = ROOT / "src" / "core"
ORDER = ("tcp", "flows", "intake", "pieces", "join", "columns", "py")
"""Rooms that know what connections are: each may use those before it, and whatever else is not among them."""
IN_TCP = ("tcp::machine", "tcp::end", "tcp::connection", "tcp::reading")


GRAPH: dict[str, set[str]] = IMPORTS.of_core(CORE)
FOLDERS = sorted({name.rpartition("::")[0] for name in GRAPH} - {"wire"})
"""All but that of the headers, which are nested. The root of the crate has no name."""


def test_no_two_files_import_one_another() -> None:
    assert "tcp::machine::fact" in GRAPH["tcp::end::counts"], "nothing was found to judge by"
    circles = [circle for circle in IMPORTS.circles(GRAPH) if not circle[0].startswith("wire::")]
    assert circles == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_two_parts_of_a_folder_import_one_another(folder: str) -> None:
    depth = len(folder.split("::")) + 1 if folder else 1
    within = [name.split("::") for name in GRAPH if name.startswith(f"{folder}::") or not folder]
    parts = {"::".join(steps[:depth]) for steps in within}
    assert IMPORTS.circles(IMPORTS.between(GRAPH, parts, "::")) == []


@pytest.mark.parametrize("order", [ORDER, IN_TCP])
def test_rooms_import_downward_only(order: tuple[str, ...]) -> None:
    graph = IMPORTS.between(GRAPH, order, "::")
    for rank, room in enumerate(order):
        assert not graph[room] & set(order[rank + 1 :]), room


def test_a_circle_would_be_found(tmp_path: Path) -> None:
    room = tmp_path / "flows"
    room.mkdir()
    (room / "a.rs").write_text("use super::b::B;\n")
    (room / "b.rs").write_text(
        "use crate::flows::a::A;\n\n#[cfg(test)]\nmod tests {\n    use super::super::c::C;\n}\n"
    )
    (room / "c.rs").write_text("pub(super) const fn of(a: super::a::A) {}\n")
    graph = IMPORTS.of_core(tmp_path)
    assert graph == {"flows::a": {"flows::b"}, "flows::b": {"flows::a"}, "flows::c": {"flows::a"}}
    assert IMPORTS.circles(graph) == [["flows::a", "flows::b"]]


def test_the_picture_leaves_out_what_follows() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": set()}
    assert IMPORTS.between(graph, ["a", "d"], "::") == {"a": {"d"}, "d": set()}
    assert IMPORTS.essential(graph | {"a": {"b", "d"}}) == graph
