"""Each use of a threshold is put behind the switch, but for those of tests, imports and the list itself."""

from pathlib import Path

from tests.mutants.thresholds import shift

LIST = """\
thresholds! {
    PAUSE: i64 = 500, Ns, "why", "source";
    ELSEWHERE: u8 = 5, Times, "why", "source";
}
"""
ASKING = """\
use crate::tcp::machine::thresholds::{
    PAUSE,
};
fn is_long(ns: i64) -> bool { ns > PAUSE }
#[cfg(test)]
mod tests {
    fn at_the_edge() { super::is_long(PAUSE); }
}
"""


def test_a_use_has_a_mutant_that_is_one_more_and_one_that_is_one_less(tmp_path: Path) -> None:
    listed, asking = tmp_path / "tcp/machine/thresholds.rs", tmp_path / "tcp/asking.rs"
    listed.parent.mkdir(parents=True)
    listed.write_text(LIST, encoding="utf-8")
    asking.write_text(ASKING, encoding="utf-8")
    assert shift(tmp_path, "") == {2: "PAUSE one more", 3: "PAUSE one less"}
    assert listed.read_text(encoding="utf-8") == LIST
    woven = ASKING.replace("ns > PAUSE", "ns > crate::switch::i64(2, 3, PAUSE)")
    assert asking.read_text(encoding="utf-8") == woven
