"""Manual pages: a title, sections, paragraphs, lists and examples, written in the macros of man(7)."""

import re
from collections.abc import Iterable

_SPECIAL = re.compile(r"[\\\-'`^~]")
_SPELLED = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"}
_MARKED = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\([^)]+\)")


def plain(text: str) -> str:
    """Write text so that nothing in it is taken for a macro or an escape."""
    spelled = _SPECIAL.sub(lambda found: _SPELLED[found[0]], text)
    return f"\\&{spelled}" if spelled.startswith(".") else spelled


def inline(text: str) -> str:
    """Write a text with the marks of Markdown: code and strong words are bold, emphasis is italic, links are text."""
    chunks, end = [], 0
    for found in _MARKED.finditer(text):
        chunks.append(plain(text[end : found.start()]))
        code, strong, emphasis, link = found.groups()
        bold, italic = code or strong, emphasis
        chunks.append(
            f"\\fB{plain(bold)}\\fR" if bold else f"\\fI{plain(italic)}\\fR" if italic else inline(link)
        )
        end = found.end()
    written = "".join([*chunks, plain(text[end:])])
    return f"\\&{written}" if written.startswith(("'", ".")) else written


class Page:
    """One manual page being written."""

    def __init__(self, name: str, section: int, date: str, about: str) -> None:
        """Begin with the name, and what it is in a line."""
        self._lines = [
            f'.TH {plain(name.upper())} {section} {date} wirestat "wirestat manual"',
            ".SH NAME",
            f"{plain(name)} \\- {plain(about)}",
        ]

    def heading(self, text: str, *, below: bool = False) -> None:
        """Begin a section, or one below a section."""
        self._lines.append(f'.{"SS" if below else "SH"} "{plain(text)}"')

    def paragraph(self, text: str) -> None:
        """Write a paragraph with the marks of Markdown."""
        above = self._lines[-1]
        if not above.startswith((".SH", ".SS")):
            self._lines.append(".PP")
        self._lines.append(inline(" ".join(text.split())))

    def item(self, term: str, text: str) -> None:
        """Write an item of a list: a term, and what it means."""
        self._lines += [".TP", f"\\fB{plain(term)}\\fR", inline(" ".join(text.split())) or "\\&"]

    def example(self, lines: Iterable[str]) -> None:
        """Write lines as they are."""
        self._lines += [".PP", ".RS 4", ".nf", *(plain(line) or "\\&" for line in lines), ".fi", ".RE"]

    def text(self) -> str:
        """Return the page."""
        return "\n".join(self._lines) + "\n"
