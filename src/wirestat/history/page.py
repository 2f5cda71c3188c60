"""An instant, or a series of them, as a page that needs no network and no script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --faint: #888; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .6rem; text-align: left; overflow-wrap: anywhere; }
th { color: var(--faint); font-weight: 600; } .number { text-align: right; font-variant-numeric: tabular-nums; }
svg { width: 100%; height: 12rem; } polyline { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; }
.client { stroke: #1565c0; color: #1565c0; } .server { stroke: #b26a00; color: #b26a00; }
"""
_WIDTH, _HEIGHT = 1000, 200


def of_table(heading: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a page with one table; columns of numbers are those whose cells are digits."""
    yield from _head(heading)
    yield (
        "<table><thead><tr>"
        + "".join(f'<th scope="col">{escape(one)}</th>' for one in columns)
        + "</tr></thead>"
    )
    yield "<tbody>"
    for row in rows:
        cells = (
            f'<td class="number">{cell}</td>' if cell.isdigit() else f"<td>{escape(cell)}</td>"
            for cell in row
        )
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</tbody></table></body></html>"


def of_series(
    heading: str, times: Sequence[str], states: Sequence[tuple[str, Sequence[int], Sequence[int]]]
) -> Iterator[str]:
    """Yield a page with a drawing for each state: how many clients and servers were in it at each instant."""
    yield from _head(heading)
    yield '<p><span class="client">clients</span> and <span class="server">servers</span>, from '
    yield f"{escape(times[0])} to {escape(times[-1])}</p>" if times else "nothing to nothing</p>"
    for state, clients, servers in states:
        most = max(*clients, *servers, 1)
        yield f"<h2>{escape(state)}: {most:,} at most</h2>"
        yield f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" role="img">'
        yield f"<title>{escape(state)}, {max(clients):,} clients and {max(servers):,} servers at most</title>"
        for side, counts in (("client", clients), ("server", servers)):
            yield f'<polyline class="{side}" points="{_points(counts, most)}"/>'
        yield "</svg>"
    yield "</body></html>"


def _points(counts: Sequence[int], most: int) -> str:
    step = _WIDTH / max(1, len(counts) - 1)
    places = (
        f"{number * step:.1f},{_HEIGHT - count * (_HEIGHT - 2) / most - 1:.1f}"
        for number, count in enumerate(counts)
    )
    return " ".join(places)


def _head(heading: str) -> Iterator[str]:
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    yield (
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    )
    yield f"<title>wirestat: {escape(heading)}</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{escape(heading)}</h1>"
