"""Judges all mutants of the tracker in one program: ``python -m tests.mutants FRAMES``, in an hour instead of days.

``cargo mutants`` lists them, and each is put behind a switch: see ``weaver``. FRAMES is a file of ``python -m
tests.wirescript``; a mutant that no dialogue of it fells is left to the core's tests of ``tcp/``.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import click

from tests.mutants.thresholds import shift

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CORE = ROOT / "src/core"
TEST_SECONDS = 120
"""Maximum seconds of the core's tests of ``tcp/``, which take a fraction of that: a slower mutant hangs."""
FEATURES = "#![feature(core_intrinsics, const_eval_select)]"
MEMORY = 6 << 30
"""Bytes of memory that a mutant may ask for."""
SWITCHES = 1 << 14
"""The bound of the numbers of mutants, all of which are below it, as in ``switch.rs``."""

Mutant = dict[str, Any]
"""A mutant as ``cargo mutants --list --json`` describes it."""
# The switch needs a compiler's own function; mutants leave variables unused, and more.
BUILDING = {
    **os.environ,
    "RUSTC_BOOTSTRAP": "1",
    "RUSTFLAGS": "--cap-lints=allow",
    "CARGO_INCREMENTAL": "0",
    "CARGO_PROFILE_DEV_OPT_LEVEL": "2",
    "CARGO_PROFILE_DEV_DEBUG": "false",
}


def run(*command: str | Path, given: str = "", env: dict[str, str] = BUILDING) -> str:
    ran = subprocess.run(command, input=given, capture_output=True, text=True, check=False, env=env)
    if ran.returncode:
        raise click.ClickException(f"{' '.join(map(str, command))}: {ran.stderr[-2000:]}")
    return ran.stdout


def cargo(copy: Path, *arguments: str) -> list[dict[str, Any]]:
    """Run cargo in the copy of the core; return its messages, whether it succeeded or not."""
    command = ["cargo", *arguments, "--quiet", "--message-format=json"]
    ran = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False, env=BUILDING)
    return [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]


def listed(pattern: str) -> dict[int, Mutant]:
    config = ("--config", ROOT / ".cargo/mutants.toml", "--manifest-path", CORE / "Cargo.toml")
    every = json.loads(run("cargo", "mutants", "--list", "--json", *config))
    if len(every) >= SWITCHES:
        raise click.ClickException(f"{len(every)} mutants are more than the switch holds: see SWITCHES")
    return {number: one for number, one in enumerate(every, 1) if re.search(pattern, one["name"])}


def copy_core(copy: Path) -> None:
    """Copy the core, with the switch of the mutants and their judge."""
    kept = shutil.ignore_patterns("target", "fuzz", "examples")
    shutil.copytree(CORE, copy, ignore=kept, dirs_exist_ok=True)
    (copy / "examples").mkdir(exist_ok=True)
    shutil.copy(HERE / "judge.rs", copy / "examples")
    shutil.copy(HERE / "switch.rs", copy)
    library = copy / "lib.rs"
    # Attributes of the crate come behind its own text, and before everything else.
    text = re.sub(
        r"^(?!//!)", f"{FEATURES}\n", library.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE
    )
    library.write_text(f"{text}\n/// Turns mutants on.\npub mod switch;\n", encoding="utf-8")


def weave(copy: Path, weaver: Path, mutants: dict[int, Mutant]) -> set[int]:
    """Copy the core, with these mutants in it; return those that no switch reaches."""
    copy_core(copy)
    places = {number: one["span"]["start"] for number, one in mutants.items()}
    lines = [
        "\t".join(
            map(
                str,
                (n, one["file"], one["genre"], places[n]["line"], places[n]["column"], one["replacement"]),
            )
        )
        for n, one in mutants.items()
    ]
    return {int(number) for number in run(weaver, copy, given="\n".join(lines)).split()}


def refused(copy: Path) -> set[int]:
    """Return the mutants in which the compiler finds errors."""
    found = set()
    for message in cargo(copy, "check", "--lib"):
        of_error = message.get("message", {}) if message["reason"] == "compiler-message" else {}
        for span in of_error.get("spans", []) if of_error.get("level") == "error" else []:
            before = (copy / span["file_name"]).read_bytes()[: span["byte_start"]]
            if span["is_primary"] and (numbers := re.findall(rb"switch :: is \((\d+)u32\)", before)):
                found.add(int(numbers[-1]))
    return found


def judge(program: Path, frames: Path, numbers: list[int]) -> set[int]:
    """Return the mutants that no dialogue fells."""
    standing, left = set[int](), numbers
    command = ("prlimit", f"--as={MEMORY}", program, frames)
    run(*command)  # of what fails without any mutant, each would be called felled
    while left:
        given = "\n".join(map(str, left))
        # One that hangs, or uses up the memory, is the last that is judged.
        ran = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
        judged = dict(line.split() for line in ran.stdout.splitlines())
        standing |= {int(number) for number, how in judged.items() if how == "stands"}
        left = left[len(judged) + (ran.returncode != 0) :]
    return standing


def is_felled(tests: Path, number: int) -> bool:
    """Whether a test of the core fails with this mutant."""
    command = ("prlimit", f"--as={MEMORY}", tests, "tcp::", "--test-threads=1")
    env = {**os.environ, "MUTANT": str(number), "RUST_BACKTRACE": "0"}
    try:
        ran = subprocess.run(command, capture_output=True, check=False, env=env, timeout=TEST_SECONDS)
    except subprocess.TimeoutExpired:
        return True
    return ran.returncode != 0


def programs(copy: Path) -> tuple[Path, Path]:
    """Build the judge, and the core's tests."""
    told = cargo(copy, "build", "--example", "judge") + cargo(copy, "test", "--no-run", "--lib")
    built = [one for one in told if one.get("executable")]
    made = {(one["target"]["name"], one["profile"]["test"]): Path(one["executable"]) for one in built}
    if len(made) != len(("judge", "tests")):
        raise click.ClickException("\n".join(one["message"]["rendered"] for one in told if "message" in one))
    return made["judge", False], made["wirestat_core", True]


def build_weaver(folder: Path) -> Path:
    weaver = ("--manifest-path", HERE / "weaver/Cargo.toml", "--target-dir", folder)
    run("cargo", "build", "--quiet", "--locked", *weaver)
    return folder / "debug/weaver"


def judge_all(copy: Path, frames: Path, names: dict[int, str]) -> None:
    """Judge the mutants woven into a copy; print the names of those that survive."""
    program, tests = programs(copy)
    if is_felled(tests, SWITCHES):  # no mutant has this number
        raise click.ClickException("the core's tests fail without any mutant")
    standing = sorted(judge(program, frames, sorted(names)))
    survivors = [number for number in standing if not is_felled(tests, number)]
    click.echo(
        f"{len(names)} ran: {len(names) - len(standing)} fell to the dialogues, "
        f"{len(standing) - len(survivors)} to the core's tests; {len(survivors)} survive"
    )
    for number in survivors:
        click.echo(names[number])


@click.command()
@click.argument("frames", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--only", "pattern", default="", help="Those whose names match this, as in cargo mutants --list."
)
@click.option(
    "--thresholds", is_flag=True, help="Each threshold, one more and one less, in place of those mutants."
)
def main(frames: Path, pattern: str, thresholds: bool) -> None:
    """Judge the mutants of the tracker by dialogues and by the core's tests; print those that survive."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "core")
        if thresholds:
            copy_core(copy)
            judge_all(copy, frames, shift(copy, pattern))
            return
        mutants = listed(pattern)
        weaver = build_weaver(Path(folder, "weaver"))
        out_of_reach, wrong = set[int](), set[int]()
        while True:
            kept = {number: one for number, one in mutants.items() if number not in wrong}
            out_of_reach = weave(copy, weaver, kept)
            if not (more := refused(copy)):
                break
            wrong |= more
        click.echo(
            f"{len(mutants)} mutants: {len(wrong)} do not compile, no switch reaches {len(out_of_reach)}"
        )
        on_trial = kept.keys() - out_of_reach
        judge_all(copy, frames, {number: mutants[number]["name"] for number in on_trial})


if __name__ == "__main__":
    main()
