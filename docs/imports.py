"""Which room imports which, read from the sources: of the core's ``use`` lines, and of Python's ``import``."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

Graph = dict[str, set[str]]
"""Of each module or room, those that it imports."""

_USE = re.compile(r"^\s*(?:pub )?use (crate|super)((?:::\w+)*)(?:::\{([^}]*)\})?", re.MULTILINE)
_INLINE = re.compile(r"(?<![\w:])(crate|super)((?:::\w+)+)()")
_NESTED = re.compile(r"^\s*(?:pub )?use [^;{]*\{[^};]*\{", re.MULTILINE)
_FROM_WITHIN = re.compile(r"^(?:pub )?use (?:self::)?(\w+)::(\w+|\{[^}]*\});", re.MULTILINE)
_PART = re.compile(r"^(?:pub(?:\([\w: ]+\))? )?mod (\w+);", re.MULTILINE)
_COMMENT = re.compile(r"//[^\n]*")
_VISIBILITY = re.compile(r"pub\((?:super|crate|in [\w:]+)\)")
_OF_TESTS = re.compile(r"#\[cfg\(test\)\]\s*(?:pub )?mod \w+ *\{")


def of_core(folder: Path) -> Graph:
    """Return which module of the core imports which, tests aside."""
    paths = {_module(path.relative_to(folder)): path for path in _sources(folder)}
    known = {name: name for name in paths} | dict(_handed_on(paths))
    return {name: set(_uses(name, path, known)) - {name} for name, path in paths.items()}


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*.rs")):
        parts = path.relative_to(folder).parts
        is_test = path.stem in ("tests", "testing") or "tests" in parts
        if not is_test and parts[0] not in ("target", "fuzz", "examples", "lib.rs"):
            yield path


def _module(path: Path) -> str:
    parts = path.with_suffix("").parts
    return "::".join(parts[:-1] if parts[-1] == "mod" else parts)


def _handed_on(paths: Mapping[str, Path]) -> Iterator[tuple[str, str]]:
    """Yield the second names that a folder gives to modules in it, and to their content: ``use turn::Turn``."""
    for name, path in paths.items():
        if path.name == "mod.rs":
            for inner, group in _FROM_WITHIN.findall(path.read_text(encoding="utf-8")):
                for member in filter(None, (part.strip() for part in group.strip("{}").split(","))):
                    whole = f"{name}::{inner}"
                    if whole in paths:
                        target = f"{whole}::{member}"
                        yield f"{name}::{member}", target if target in paths else whole


def _uses(name: str, path: Path, known: Mapping[str, str]) -> Iterator[str]:
    text = _VISIBILITY.sub("", _COMMENT.sub("", path.read_text(encoding="utf-8")))
    text = _OF_TESTS.split(text)[0]
    if _NESTED.search(text):
        raise ValueError(f"{path}: a group of imports within another is not read: write two lines")
    if path.name == "mod.rs":
        yield from _calls_of_parts(name, text, known)
    above = name.split("::") if path.name == "mod.rs" else name.split("::")[:-1]
    # `super` in a folder's own file is the folder above it.
    above = above[:-1] if path.name == "mod.rs" else above
    for root, steps, group in [*_USE.findall(text), *_INLINE.findall(text)]:
        inner = [*filter(None, steps.split("::"))]
        further = next((at for at, step in enumerate(inner) if step != "super"), len(inner))
        over = above[: len(above) - further] if root == "super" else []
        begun = [*over, *inner[further:]]
        members = [part.strip().split("::")[0].split(" ")[0] for part in group.split(",") if part.strip()]
        for member in members or [None]:
            yield from _longest([*begun, *filter(None, [member])], known)


def _calls_of_parts(name: str, text: str, known: Mapping[str, str]) -> Iterator[str]:
    """Yield the parts of a folder that its own file calls: what it only hands on is no use of its own."""
    for part in _PART.findall(text):
        if (whole := f"{name}::{part}") in known and re.search(rf"(?<![\w:]){part}::\w+\(", text):
            yield known[whole]


def _longest(steps: list[str], known: Mapping[str, str]) -> Iterator[str]:
    """Yield the module that a path leads to: its last steps name what is in it."""
    for length in range(len(steps), 0, -1):
        if (name := "::".join(steps[:length])) in known:
            yield known[name]
            return


def of_python(folder: Path) -> Graph:
    """Return which module of the package imports which, when it runs; what is only for types is left out."""
    graph: Graph = {}
    for path in sorted(folder.rglob("*.py")):
        parts = (folder.name, *path.relative_to(folder).with_suffix("").parts)
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        graph[name] = set(_imported(tree))
    return {
        name: {target for target in targets - {name} if target in graph} for name, targets in graph.items()
    }


def _imported(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module:
            yield child.module
            yield from (f"{child.module}.{alias.name}" for alias in child.names)
        else:
            yield from _imported(child)


def between(graph: Graph, rooms: Iterable[str], mark: str) -> Graph:
    """Return which of some rooms imports which, itself or through modules that are in none of them."""
    rooms = set(rooms)

    def room(module: str) -> str | None:
        steps = module.split(mark)
        found = (mark.join(steps[:length]) for length in range(len(steps), 0, -1))
        return next((one for one in found if one in rooms), None)

    def reached(module: str, seen: set[str]) -> Iterator[str]:
        for target in graph.get(module, ()):
            if (there := room(target)) is not None:
                yield there
            elif target not in seen:
                seen.add(target)
                yield from reached(target, seen)

    found: Graph = {name: set() for name in sorted(rooms)}
    for module in graph:
        if (here := room(module)) is not None:
            found[here] |= set(reached(module, set())) - {here}
    return found


def circles(graph: Graph) -> list[list[str]]:
    """Return the modules that import each other, in circles."""
    below = {name: reachable(name, graph) for name in graph}
    found = {
        frozenset(other for other in below[name] if name in below[other])
        for name in graph
        if name in below[name]
    }
    return sorted(sorted(circle) for circle in found)


def reachable(name: str, graph: Graph) -> set[str]:
    """Return all that a module imports, and what those import."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for target in graph.get(waiting.pop(), set()) - found:
            found.add(target)
            waiting.append(target)
    return found


def essential(graph: Graph) -> Graph:
    """Return the graph without imports that follow from others: enough for a picture."""
    below = {name: reachable(name, graph) for name in graph}
    return {
        name: {one for one in targets if not any(one in below[other] for other in targets - {one})}
        for name, targets in graph.items()
    }
