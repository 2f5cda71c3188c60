"""Shows a play: the script as written, the states that the tracker inferred, and their differences."""

from tests.wirescript.play import Played
from tests.wirescript.script import Script
from tests.wirescript.wire import Variant


def show(script: Script, variant: Variant, played: list[Played]) -> str:
    """Return the ladder, with an arrow before every failing line."""
    width = max(len(step.line.text) for step in played)
    rows = [f"{script.path.name}:{script.number}: {script.title} ({variant.name})"]
    for step in played:
        got = "  ".join(f"{end} {state}" for end, state in step.got.items())
        rows.append(f"{'->' if step.differences else '  '} {step.line.text:{width}}  | {got}")
        rows += [f"{'':{width}}      | ^ {difference}" for difference in step.differences]
    return "\n".join(rows)
