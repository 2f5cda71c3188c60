"""The permitted errors under each mutation: the bars, and until they are met the present figures as ceilings."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.score.strict import Verdict
from tests.score.tally import Ratio

FILE = Path(__file__).with_name("bars.toml")
_HEAD = FILE.read_text(encoding="utf-8").split("\n\n", 1)[0]


@dataclass(frozen=True)
class Bar:
    """The bars of one mutation, and today's errors beyond them."""

    proven: float
    """The maximum share of proven transitions that the kernel contradicts."""
    final: float
    """The maximum share of final states that are wrong, including their alternatives."""
    proven_ceiling: int | None = None
    """The number wrong today; ``None`` if the bar is met."""
    final_ceiling: int | None = None

    def excess(self, verdict: Verdict) -> list[str]:
        """The measures beyond their bar, or their ceiling if there is one, in words."""
        return [
            f"{wrong_of(ratio)} of {ratio.total} {words} wrong, at most {most} may be"
            for words, ratio, bar, ceiling in (
                ("proven transitions", verdict.proven, self.proven, self.proven_ceiling),
                ("final states", verdict.final, self.final, self.final_ceiling),
            )
            if wrong_of(ratio) > (most := ceiling if ceiling is not None else int(bar * ratio.total))
        ]

    def is_met(self, verdict: Verdict) -> bool:
        """Whether the figures keep both bars, ceilings aside."""
        return not Bar(self.proven, self.final).excess(verdict)

    def lowered(self, verdict: Verdict) -> Bar:
        """The same bars with the ceilings at the present figures; none if the bar is met."""
        proven = _ceiling(verdict.proven, self.proven)
        return Bar(self.proven, self.final, proven, _ceiling(verdict.final, self.final))


def wrong_of(ratio: Ratio) -> int:
    return round(ratio.total - ratio.right)


def _ceiling(ratio: Ratio, bar: float) -> int | None:
    wrong = wrong_of(ratio)
    return wrong if wrong > bar * ratio.total else None


def load() -> dict[str, Bar]:
    """The bars by the names of the mutations."""
    told = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {name: Bar(**fields) for name, fields in told.items()}


def write(known: dict[str, Bar]) -> None:
    """Write the file anew."""
    parts = [_HEAD]
    for name, bar in known.items():
        lines = [f'["{name}"]', f"proven = {bar.proven}", f"final = {bar.final}"]
        lines += [
            f"{field} = {value}"
            for field, value in (
                ("proven_ceiling", bar.proven_ceiling),
                ("final_ceiling", bar.final_ceiling),
            )
            if value is not None
        ]
        parts.append("\n".join(lines))
    FILE.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
