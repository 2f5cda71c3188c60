"""The colours of states, the same in every picture and in the page: one for light ground, one for dark.

Opening is yellow and orange, open is green, closing first is blue, closing second is red, closing at the same time is
violet, and what is over is grey. No picture tells a state by its colour alone.
"""

from wirestat.model import State

STATES: dict[State, tuple[str, str]] = {
    State.UNKNOWN: ("#b9c0c9", "#6b7480"),
    State.CLOSED: ("#d5dae1", "#454d59"),
    State.LISTEN: ("#9cc3d5", "#3f7187"),
    State.SYN_SENT: ("#f0c24b", "#c99a26"),
    State.SYN_RECV: ("#ef8f3a", "#d9762a"),
    State.ESTABLISHED: ("#35a06b", "#2f9161"),
    State.FIN_WAIT1: ("#6d9bf1", "#5a86dd"),
    State.FIN_WAIT2: ("#3564c9", "#3f6fd8"),
    State.CLOSE_WAIT: ("#d83a5e", "#e2496d"),
    State.CLOSING: ("#7b52cc", "#8f68e0"),
    State.LAST_ACK: ("#a52a6a", "#b93c7c"),
    State.TIME_WAIT: ("#93a1b8", "#66748b"),
}
"""On light ground, and on dark."""

_INK = {
    "ground": ("#ffffff", "#14181d"),
    "ink": ("#1d232a", "#e3e8ee"),
    "faint": ("#5b6672", "#9aa6b2"),
    "line": ("#c9d0d8", "#39424d"),
    "client": ("#1f5fc4", "#7aaaf5"),
    "server": ("#b4500b", "#f0a35e"),
    "bad": ("#b3203f", "#ff7d93"),
}
"""The colours of everything but states."""

FONT = "ui-sans-serif, system-ui, 'Segoe UI', 'Helvetica Neue', 'Liberation Sans', 'DejaVu Sans', Arial, sans-serif"
MONO = "ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace"


def style(ground: str = "auto") -> str:
    """Return the style of a picture: classes for ink and for states, as the ground is: auto, light or dark."""
    rules = [f"svg{{font:12px {FONT}}}", f".mono{{font-family:{MONO}}}", ".small{font-size:10.5px}"]
    rules += [".strong{font-weight:600}", ".large{font-size:15px}"]
    rules += _rules(1 if ground == "dark" else 0)
    if ground == "auto":
        rules += ["@media (prefers-color-scheme:dark){", *_rules(1), "}"]
    return "".join(rules)


def _rules(ground: int) -> list[str]:
    rules = [f".f-{name}{{fill:{shades[ground]}}}" for name, shades in _INK.items()]
    rules += [f".s-{name}{{stroke:{shades[ground]};fill:none}}" for name, shades in _INK.items()]
    rules.append(
        f".halo{{paint-order:stroke;stroke:{_INK['ground'][ground]};stroke-width:4px;stroke-linejoin:round}}"
    )
    rules.append(f".s-box{{stroke:{_INK['faint'][ground]}}}")
    rules += [
        f".{state}{{fill:{shades[ground]};stroke:{shades[ground]}}}" for state, shades in STATES.items()
    ]
    return rules
