"""The summary as a page that needs no network and no script: its rows open the captures' own reports."""

from collections.abc import Iterator, Sequence
from html import escape

from wirestat.batch.digest import Common
from wirestat.batch.task import Done
from wirestat.titles import title
from wirestat.words import some

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --faint: #888; --error: #c62828; --warning: #b26a00; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .6rem; text-align: left; vertical-align: top; }
th { color: var(--faint); font-weight: 600; } .number { text-align: right; font-variant-numeric: tabular-nums; }
.error { color: var(--error); } .warning { color: var(--warning); } td.name { overflow-wrap: anywhere; }
"""


def lines(done: Sequence[Done], found: Sequence[Common], *, pages: bool) -> Iterator[str]:
    """Yield the page line by line; with ``pages``, names are links to the captures' reports."""
    connections = sum(one.connections for one in done)
    heading = f"{some(len(done), 'capture')}, {some(connections, 'connection')}"
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    yield (
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    )
    yield f"<title>wirestat: {heading}</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{heading}</h1>"
    yield from _findings(found, len(done))
    yield from _captures(done, pages=pages)
    yield "</body></html>"


def _findings(found: Sequence[Common], captures: int) -> Iterator[str]:
    yield "<h2>Findings, the worst first</h2>"
    if not found:
        yield "<p>Nothing wrong was found.</p>"
        return
    yield _heading(("severity", "finding", "captures", "certain", "connections", "for instance in"))
    for one in found:
        severity = f'<span class="{escape(one.severity)}">{escape(one.severity)}</span>'
        yield (
            f"<tr><td>{severity}</td><td>{escape(one.id)} {escape(one.title)}</td>"
            f'<td class="number">{one.captures} of {captures}</td><td class="number">{one.certain}</td>'
            f'<td class="number">{one.connections}</td><td class="name">{escape(title(one.examples[0]))}</td></tr>'
        )
    yield "</tbody></table>"


def _captures(done: Sequence[Done], *, pages: bool) -> Iterator[str]:
    yield "<h2>Captures</h2>"
    yield _heading(("capture", "findings", "connections", "frames", "remark"))
    for one in done:
        name = escape(title(one.name))
        if pages and one.key is not None:
            name = f'<a href="reports/{one.number:06}.html">{name}</a>'
        findings = escape(", ".join(sorted({told.id for told in one.findings})))
        yield (
            f'<tr><td class="name">{name}</td><td>{findings}</td><td class="number">{one.connections}</td>'
            f'<td class="number">{one.frames}</td><td class="name">{escape(one.reason or "")}</td></tr>'
        )
    yield "</tbody></table>"


def _heading(texts: Sequence[str]) -> str:
    cells = "".join(f'<th scope="col">{escape(text)}</th>' for text in texts)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>"
