"""The rooms of the core import downward only, and no two files or folders import one another."""

from pathlib import Path

import pytest

from tests.rooms import IMPORTS

ROOT = Path(__file__).parent.parent
CORE = ROOT / "src" / "core"
ORDER = (
    *("at_once", "memory", "frame", "seq", "address", "segment", "checksum", "ring", "file", "wire", "bpf"),
    *("tcp", "zeek", "flows", "intake", "pieces", "join", "columns", "filter", "py"),
)
"""Every room of the core: each may import those before it. Rooms of the first line know no connections."""
IN_TCP = ("tcp::machine", "tcp::end", "tcp::connection", "tcp::reading")


GRAPH: dict[str, set[str]] = IMPORTS.of_core(CORE)
FOLDERS = sorted({name.rpartition("::")[0] for name in GRAPH} - {"wire"})
"""All folders but ``wire``, whose headers are nested. The root of the crate has an empty name."""


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


def upward(graph: dict[str, set[str]], order: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return each room that imports one which the order names after it, and that one."""
    between = IMPORTS.between(graph, order, "::")
    ranks = {room: rank for rank, room in enumerate(order)}
    return sorted((room, one) for room in order for one in between[room] if ranks[one] > ranks[room])


@pytest.mark.parametrize(("order", "within"), [(ORDER, ""), (IN_TCP, "tcp::")])
def test_rooms_import_downward_only(order: tuple[str, ...], within: str) -> None:
    depth = within.count("::") + 1
    there = {"::".join(name.split("::")[:depth]) for name in GRAPH if name.startswith(within)}
    assert there - {"tcp"} == set(order) - {"tcp"}, "a room is missing from the order, or is there no more"
    assert upward(GRAPH, order) == []


def write(folder: Path, files: dict[str, str]) -> dict[str, set[str]]:
    """Write sources of a core, and return their imports."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    graph: dict[str, set[str]] = IMPORTS.of_core(folder)
    return graph


def test_a_circle_would_be_found(tmp_path: Path) -> None:
    tests = "#[cfg(test)]\nmod tests {\n    use super::super::c::C;\n}\n"
    graph = write(
        tmp_path,
        {
            "flows/a.rs": "use super::b::B;\n",
            "flows/b.rs": f"use crate::flows::a::A;\n\n{tests}",
            "flows/c.rs": "pub(super) const fn of(a: super::a::A) {}\n",
        },
    )
    assert graph == {"flows::a": {"flows::b"}, "flows::b": {"flows::a"}, "flows::c": {"flows::a"}}
    assert IMPORTS.circles(graph) == [["flows::a", "flows::b"]]


def test_an_import_upward_would_be_found_however_it_is_written(tmp_path: Path) -> None:
    graph = write(
        tmp_path,
        {
            "tcp/end/deep/a.rs": "use super::super::super::reading::{\n    stream,\n};\n",
            "tcp/reading/stream.rs": "fn f() { crate::flows::table::g() }\n",
            "flows/table.rs": "pub fn g() {}\n",
        },
    )
    assert upward(graph, ("tcp", "flows")) == [("tcp", "flows")]
    assert upward(graph, ("tcp::end", "tcp::reading")) == [("tcp::end", "tcp::reading")]


def test_a_circle_of_a_folder_with_its_own_part_would_be_found(tmp_path: Path) -> None:
    """Parts may add methods to a type of their folder, but use nothing that is written in a file which calls them."""
    own = "mod part;\nmod word;\nuse word::Word;\npub struct Other;\nfn f() { part::g() }\n"
    files = {"bpf/mod.rs": own, "bpf/word.rs": "pub struct Word;\n", "bpf/part.rs": "use super::Word;\n"}
    assert IMPORTS.circles(write(tmp_path, files)) == []
    files["bpf/part.rs"] = "use super::Other;\n"
    assert IMPORTS.circles(write(tmp_path, files)) == [["bpf", "bpf::part"]]


def test_imports_that_are_not_read_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a group of imports within another"):
        write(tmp_path, {"flows/a.rs": "use super::{b::{B, C}, d};\n", "flows/b.rs": "", "flows/d.rs": ""})


def test_the_picture_leaves_out_what_follows() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": set()}
    assert IMPORTS.between(graph, ["a", "d"], "::") == {"a": {"d"}, "d": set()}
    assert IMPORTS.essential(graph | {"a": {"b", "d"}}) == graph
