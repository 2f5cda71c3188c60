"""The weaver: a switch turns on each mutant alone, and those that it cannot reach are named."""

import os
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROBE = """\
const MOST: u32 = 2 + 3;

#[derive(Default)]
struct Two {
    one: u32,
    other: u32,
}

fn kind(number: u32) -> &'static str {
    match number {
        1 if MOST > 4 => "one",
        2 => "two",
        _ => "many",
    }
}

pub fn tell(number: u32) -> String {
    let two = Two { one: number + 7, ..Two::default() };
    let is_no_power = !number.is_power_of_two();
    format!("{} {} {} {is_no_power}", kind(number), two.one, two.other)
}
"""
MAIN = """\
#![feature(core_intrinsics, const_eval_select)]
mod probe;
mod switch;
fn main() {
    print!("{} | {}", probe::tell(1), probe::tell(2));
}
"""
MUTANTS = (
    (1, "FnValue", "match number {", '"none"', "none 8 0 false | none 9 0 false"),
    (2, "MatchArmGuard", "MOST > 4", "false", "many 8 0 false | two 9 0 false"),
    (3, "MatchArm", "2 =>", "", "one 8 0 false | many 9 0 false"),
    (4, "StructField", "one: number", "", "one 0 0 false | two 0 0 false"),
    (5, "BinaryOperator", "+ 7", "*", "one 7 0 false | two 14 0 false"),
    (6, "UnaryOperator", "!number", "", "one 8 0 true | two 9 0 true"),
)
"""A number, its genre, the text where it begins, what it puts there, and what the program then prints."""
IN_CONSTANT = (7, "BinaryOperator", "+ 3", "-")


def line(number: int, genre: str, text: str, replacement: str) -> str:
    """Return a mutant as the weaver reads it."""
    before = PROBE[: PROBE.index(text)]
    place = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
    return "\t".join(map(str, (number, "probe.rs", genre, *place, replacement)))


@pytest.mark.slow
def test_each_mutant_is_turned_on_alone(tmp_path: Path) -> None:
    build = ("cargo", "build", "--quiet", "--locked", "--manifest-path", HERE / "weaver/Cargo.toml")
    subprocess.run([*build, "--target-dir", tmp_path / "target"], check=True)
    for name, text in (
        ("probe.rs", PROBE),
        ("main.rs", MAIN),
        ("switch.rs", (HERE / "switch.rs").read_text()),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    lines = [*(line(*one[:4]) for one in MUTANTS), line(*IN_CONSTANT)]
    weave = [tmp_path / "target/debug/weaver", tmp_path]
    woven = subprocess.run(weave, input="\n".join(lines), capture_output=True, text=True, check=True)
    assert woven.stdout.split() == ["7"], "no switch reaches a constant"
    compiler = ("rustc", "--edition=2024", "--cap-lints=allow", tmp_path / "main.rs", "-o", tmp_path / "told")
    subprocess.run(compiler, check=True, env={**os.environ, "RUSTC_BOOTSTRAP": "1"})
    told = {
        number: subprocess.run(
            [tmp_path / "told"], capture_output=True, text=True, check=True, env={"MUTANT": str(number)}
        ).stdout
        for number in range(len(MUTANTS) + 1)
    }
    expected = {0: "one 8 0 false | two 9 0 false"} | {one[0]: one[4] for one in MUTANTS}
    assert told == expected
