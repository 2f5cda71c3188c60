"""Numbers that decide have a name and a reason: the tracker's are in its table, those of rules are constants."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TRACKER = ROOT / "src/core/tcp"
RULES = ROOT / "src/wirestat/diagnosis"

LAYOUT = {
    "doubts.rs",
    "log.rs",
    "packed.rs",
    "squeezed.rs",
    "endpoint.rs",
    "tick.rs",
    "conditions.rs",
    "edges.rs",
    "testing.rs",
}
"""Files about bits and bytes in memory, and tests: their numbers decide nothing."""
PLAIN = {
    "const MOST: usize = 32;": "room for holes; beyond it, they are counted as forgotten",
    "const ECN: u16 = 0x40 | 0x80;": "bits of the header (RFC 3168, 6.1.1)",
    "if is_first_unknown { 2 * last_ns } else { last_ns }": "the first of two waits, of which the second is known",
    "opener.frames() == 2 && opener.marks().answered_syn()": "its SYN and its SYN-ACK",
    "frames > 2 + u32::from(": "a SYN and a SYN-ACK, and their copies",
    "const ROOM: u32 = 4;": "the bit above the four that say what is kept beside a connection",
    "let half = (receiver.window() << scale) / 2;": "the share of a window that RFC 9293, 3.8.6.2.1 names",
}
"""Lines of code with numbers that follow from what they count, and what that is."""
NUMBER = re.compile(r"(?<![\w.])(\d[\d_]*(?:x[0-9a-f_]+)?)(?![\w.]*\w)")
NO_CHOICE = re.compile(
    r"//.*|\"[^\"]*\"|\[[\w<>(), ]+; \d+\]|(?:TOO_SOON|CROSSING|LONGER_BY) / 4|/ 4 \* OVERDUE|count\) \* 4 >=|"
    r"(?:rotate_left|wrapping_mul|<<|>>)[ (]?(?:0x)?[\w]+"
)
"""Comments, texts, lengths of arrays, the unit of quarters, and the mixing of bits."""


def chosen(code: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file of the tracker that have a number which somebody has chosen."""
    for place, line in enumerate(code.partition("#[cfg(test)]\nmod ")[0].splitlines(), 1):
        numbers = NUMBER.findall(NO_CHOICE.sub("", line))
        if set(numbers) - {"0", "1"} and not any(plain in line for plain in PLAIN):
            yield place, line.strip()


def test_every_number_of_the_tracker_is_in_its_table() -> None:
    paths = [path for room in ("end", "connection", "reading") for path in (TRACKER / room).rglob("*.rs")]
    paths = [path for path in paths if path.name not in LAYOUT and path.stem != "tests"]
    assert len(paths) > 50, "nothing was found to judge"
    unnamed = {
        f"{path.relative_to(TRACKER)}:{place}": line
        for path in paths
        for place, line in chosen(path.read_text(encoding="utf-8"))
    }
    assert unnamed == {}, "add a line to src/core/tcp/machine/thresholds.rs"


@pytest.mark.parametrize("line", PLAIN)
def test_no_line_is_excused_that_is_gone(line: str) -> None:
    assert any(line in path.read_text(encoding="utf-8") for path in TRACKER.rglob("*.rs"))


@pytest.mark.parametrize(
    ("line", "is_chosen"),
    [
        ("let is_often = end.resent() >= 5;", True),
        ("waited * 3 > gap", True),
        ("client.mss().max(536)", True),
        ("now_ns - then_ns < rtt_ns * CROSSING / 4", False),
        ("let ends: [Endpoint; 2] = both; // 3 of them", False),
        ("segment.payload <= 1", False),
    ],
)
def test_a_number_without_a_name_would_be_found(line: str, is_chosen: bool) -> None:
    assert bool(list(chosen(line))) == is_chosen


PARTS = {2, 10, 100}
"""Halves, decimal shares and percentages: a majority, or a length rounded."""


def constants(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """Yield the constants of a module that are numbers, and whether a sentence follows them or their block."""
    body = tree.body
    for place, node in enumerate(body):
        if not isinstance(node, ast.Assign) or not any(
            isinstance(part, ast.Constant) and isinstance(part.value, int | float)
            for part in ast.walk(node.value)
        ):
            continue
        follows = body[place + 1 :]
        while follows and isinstance(follows[0], ast.Assign):
            follows = follows[1:]
        is_told = (
            bool(follows) and isinstance(follows[0], ast.Expr) and isinstance(follows[0].value, ast.Constant)
        )
        yield ast.unparse(node.targets[0]), is_told


def compared(tree: ast.Module) -> Iterator[str]:
    """Yield the comparisons of a module with a chosen number."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            numbers = {
                part.value
                for part in ast.walk(node)
                if isinstance(part, ast.Constant)
                and isinstance(part.value, int | float)
                and not isinstance(part.value, bool)
            }
            numbers -= {32} if "2 ** 32" in ast.unparse(node) else set()  # the sequence space
            if {abs(number) for number in numbers} - PARTS - {0, 1}:
                yield f"{node.lineno}: {ast.unparse(node)}"


def modules() -> dict[str, ast.Module]:
    paths = sorted(RULES.rglob("*.py"))
    return {str(path.relative_to(RULES)): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def test_every_number_of_the_rules_has_a_sentence() -> None:
    untold = {
        f"{name}: {one}"
        for name, tree in modules().items()
        for one, is_told in constants(tree)
        if not is_told
    }
    assert untold == set(), "say below the constant why it is what it is"


def test_no_rule_compares_with_a_number_without_a_name() -> None:
    unnamed = {name: lines for name, tree in modules().items() if (lines := list(compared(tree)))}
    assert unnamed == {}, "give the number a name, and a sentence"


def test_an_untold_number_of_a_rule_would_be_found() -> None:
    tree = ast.parse(
        '_A = 3\n_B = 4\n"""Both are told."""\n_C = 5\n\n\ndef f(x):\n    return x > 7 or 2 * x > _A\n'
    )
    assert list(constants(tree)) == [("_A", True), ("_B", True), ("_C", False)]
    assert list(compared(tree)) == ["8: x > 7"]
