"""Names of captures and folders never steer a terminal, in text or in JSON."""

import json
import sys
import unicodedata
from functools import cache
from pathlib import Path

import pytest

from tests.capture import made
from wirestat.commands import main
from wirestat.report.encoding import encode
from wirestat.titles import printable


@cache
def unseen() -> list[str]:
    """All letters that control or format a text."""
    every = map(chr, range(sys.maxunicode + 1))
    return [letter for letter in every if unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp", "Cs")]


def test_all_that_unicode_calls_control_or_format_is_spelled_out() -> None:
    assert len(unseen()) > 2000
    assert printable("".join(unseen())).isascii()
    shown = [letter for letter in unseen() if unicodedata.category(letter) != "Cs"]
    encoded = encode("".join(shown))
    assert encoded.isascii()
    assert json.loads(encoded) == "".join(shown)


def test_letters_stay_what_they_are() -> None:
    text = "Büro → 漢字 🦀 مرحبا"
    assert printable(text) == text
    assert json.loads(encode(text)) == text
    assert encode(text).decode() == f'"{text}"'


@pytest.mark.parametrize(
    "name",
    ["a\x9b2Jb", "a\u202eb", "a\u200bb", "a\u200fb", "a\U000e0041b", "a\x1b[2Jb", "a\ufeffb", "a\x7fb"],
)
@pytest.mark.parametrize("format", ["text", "json", "ndjson"])
def test_the_name_of_a_file_steers_nothing(
    name: str, format: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = made.write(tmp_path / f"{name}.pcap", made.ETHERNET["last-ack-lost"]())
    assert main([str(path), "--format", format]) == 0
    told = capsys.readouterr()
    assert not set(told.out + told.err) & (set(unseen()) - {"\n"})
    main([str(tmp_path / name), "--format", format])
    told = capsys.readouterr()
    assert not set(told.out + told.err) & (set(unseen()) - {"\n"})
