"""Paragraphs are broken as ``textwrap`` breaks them."""

import textwrap

from hypothesis import given, strategies as st

from wirestat.report.layout import NARROWEST, paragraph

WORDS = st.lists(
    st.sampled_from(["a", "of", "three", "-", "re-sent", "10.0.0.1:80", "x" * 50, "\t", "\n", " ", "  "])
)


@given(WORDS, st.integers(0, 6), st.integers(10, 120), st.sampled_from(["", "  "]))
def test_lines_are_those_of_textwrap(words: list[str], blanks: int, width: int, hang: str) -> None:
    text, indent = " ".join(words).lstrip(), " " * blanks
    expected = textwrap.wrap(
        text,
        max(width, NARROWEST),
        initial_indent=indent,
        subsequent_indent=indent + hang,
        break_long_words=False,
        break_on_hyphens=False,
    )
    assert list(paragraph(text, indent, width, hang)) == expected
