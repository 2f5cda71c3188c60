"""Mutants of the tracker's thresholds: each one more and one less, wherever the core asks for it while it runs."""

import re
from pathlib import Path

_USE = r"^[ \t]*(?:pub(?:\([^)]*\))? )?use [^;]*;"
_TESTS = re.compile(r"^#\[cfg\(test\)\]\n(?:mod (\w+);|mod tests \{)", re.MULTILINE)


def shift(copy: Path, pattern: str) -> dict[int, str]:
    """Put two mutants of each threshold behind the switch, in a copy of the core; return their numbers and names.

    Tests keep the thresholds as they are: one that asks for the threshold would move with it. A constant that the
    compiler computes from a threshold stays as it is. Those that only other rooms ask for are left out.
    """
    text = (copy / "tcp/machine/thresholds.rs").read_text(encoding="utf-8")
    kinds = dict(re.findall(r"^    ([A-Z_]+): (\w+) = ", text, re.MULTILINE))
    kinds = {name: kind for name, kind in kinds.items() if re.search(pattern, name)}
    sources = {path: path.read_text(encoding="utf-8") for path in _asking(copy)}
    asked = re.sub(_USE, "", "\n".join(sources.values()), flags=re.MULTILINE)
    kinds = {name: kind for name, kind in kinds.items() if re.search(rf"\b{name}\b", asked)}
    if not kinds:
        return {}
    numbers = {name: 2 * place for place, name in enumerate(kinds, 1)}
    known = re.compile(rf"{_USE}|\b(?:\w+::)*({'|'.join(kinds)})\b", re.MULTILINE)

    def woven(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return found[0]
        return f"crate::switch::{kinds[name]}({numbers[name]}, {numbers[name] + 1}, {found[0]})"

    for path, source in sources.items():
        inline = next((found.start() for found in _TESTS.finditer(source) if not found[1]), len(source))
        path.write_text(known.sub(woven, source[:inline]) + source[inline:], encoding="utf-8")
    names = {number: f"{name} one more" for name, number in numbers.items()}
    return names | {number + 1: f"{name} one less" for name, number in numbers.items()}


def _asking(copy: Path) -> list[Path]:
    """Return the files that may ask for thresholds, without those that are compiled for tests alone."""
    files = sorted((copy / "tcp").rglob("*.rs"))
    for_tests = {
        path.with_name(f"{name}.rs")
        for path in files
        for name in _TESTS.findall(path.read_text(encoding="utf-8"))
        if name
    }
    return [
        path for path in files if path not in for_tests and path.name not in ("thresholds.rs", "tests.rs")
    ]
