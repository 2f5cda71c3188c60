"""How many ends are in which state when the capture ends, as netstat on either side would count them."""

from collections.abc import Iterator

from wirestat.model import Side, State
from wirestat.names import spell
from wirestat.report.build import Report
from wirestat.report.layout import View, table


def lines(report: Report, view: View, when: str = "at the end") -> Iterator[str]:
    """Yield a line for each side; if that is too wide, a line for each state."""
    states = report.summary.states
    present = [state for state in State if any(states[side].get(state) for side in Side)]
    if not present:
        return
    header = [when, *(spell(state, view.names) for state in present)]
    rows = [header, *([side, *(_number(states[side], state) for state in present)] for side in Side)]
    flat = list(table(rows, "<" + ">" * len(present), indent=""))
    if max(map(len, flat)) > view.width:
        flat = list(table(list(zip(*rows, strict=True)), "<>>", indent=""))
    yield view.paint("title", flat[0])
    yield from flat[1:]


def _number(states: dict[State, int], state: State) -> str:
    return f"{states[state]:,}" if states.get(state) else "·"
