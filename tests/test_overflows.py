"""One fact, mark, cue or alternative too many: the build fails and names the number to raise, and then succeeds."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from wirestat import _core
from wirestat.vocabulary import Cue, Fact

CORE = Path(__file__).parent.parent / "src/core"
MACHINE = "tcp/machine"


@dataclass(frozen=True)
class Kind:
    """A list of the core that has a limit."""

    file: str
    begins: str
    """The line below which entries are added."""
    entry: str
    room: int
    now: int
    says: str
    """The sentence of the compiler."""
    raised: tuple[str, str, str]
    """The file, the line that the sentence names, and that line raised."""

    def too_many(self) -> str:
        return "\n".join(self.entry.format(n) for n in range(self.room - self.now + 1))


def count(file: str, line: str) -> int:
    return len(re.findall(line, (CORE / file).read_text(encoding="utf-8"), re.MULTILINE))


KINDS = {
    "facts": Kind(
        f"{MACHINE}/fact.rs",
        '    ClockLeapt = "clock-leapt",',
        '    Another{0} = "another-{0}",',
        192,
        len(Fact),
        "there are more facts than bits: raise `Facts::WORDS` (tcp/machine/fact.rs)",
        (f"{MACHINE}/fact.rs", "const WORDS: usize = 3;", "const WORDS: usize = 4;"),
    ),
    "marks": Kind(
        "tcp/end/marks.rs",
        "    SenselessNumbers has_senseless_numbers;",
        "    /// Another.\n    Another{0} is_another_{0};",
        64,
        count("tcp/end/marks.rs", r"^    [A-Z]\w+ [a-z_]+(, Clearable)?;$"),
        "there are more marks than bits: widen `Bits` (tcp/end/marks.rs), which makes every endpoint larger",
        ("tcp/end/marks.rs", "type Bits = u64;", "type Bits = u128;"),
    ),
    "cues": Kind(
        f"{MACHINE}/cue.rs",
        '    FinWait2Over = "fin_timeout passed in FIN_WAIT2",',
        '    /// Another.\n    Another{0} = "another {0}",',
        256,
        len(Cue),
        "there are more cues than numbers: widen `Number` (tcp/machine/number.rs)",
        (f"{MACHINE}/number.rs", "type Number = u8;", "type Number = u16;"),
    ),
    "alternatives": Kind(
        f"{MACHINE}/alternatives.rs",
        "pub const ALTERNATIVES: &[Alternative] = &[",
        '    row(&[FinWait2], SilentAsAnOrphan, or(Closed), "another {0}"),',
        128,
        len(_core.alternatives()),
        "there are more alternatives than bits: raise `Rows::WORDS` (tcp/machine/rows.rs)",
        (f"{MACHINE}/rows.rs", "const WORDS: usize = 2;", "const WORDS: usize = 3;"),
    ),
}


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file.name} has changed: {old}"
    file.write_text(text.replace(old, new), encoding="utf-8")


def check(core: Path) -> str:
    """Compile the core in a folder; return what the compiler says, in a line."""
    command = [
        "cargo",
        "check",
        "--quiet",
        "--offline",
        "--locked",
        "--target-dir",
        str(CORE / "target/overflows"),
    ]
    ran = subprocess.run(command, cwd=core, capture_output=True, text=True, check=False, env=os.environ)
    assert ran.returncode == 0 or "error" in ran.stderr
    return re.sub(r"\s+", " ", ran.stderr) if ran.returncode else ""


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_one_too_many_names_the_number_to_raise(name: str, tmp_path: Path) -> None:
    kind = KINDS[name]
    core = tmp_path / "core"
    shutil.copytree(CORE, core, ignore=shutil.ignore_patterns("target", "fuzz"))
    replace(core / kind.file, kind.begins, f"{kind.begins}\n{kind.too_many()}")
    assert kind.says in check(core)
    file, line, raised = kind.raised
    replace(core / file, line, raised)
    assert not check(core)
