"""The list of diagnoses. A rule enters it by its decorator; its docstring is its manual page.

A rule that judges connections is called with a ``Case`` and returns a ``Verdict`` or ``None``. It must ask about
facts and states first: they are the same for all connections of one signature and cost nothing. Whatever else it
touches of the case is the exact figures of one connection, fetched on first use. A rule that judges the capture as
a whole is called with the analysis and yields as many verdicts as it likes.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.verdict import Overall, Verdict
from wirestat.model import Severity


class Basis(StrEnum):
    """The kind of evidence that a rule rests on, and that a bad capture can take away from it."""

    SILENCE = "something was not sent"
    REPEATS = "something was sent again"
    ORDER = "one segment came before another"
    TIMES = "so much time passed between segments"
    OPENING = "how the connection was opened"


ConnectionJudge = Callable[[Case], Verdict | None]
CaptureJudge = Callable[[Analysis], Iterable[Overall]]


class Rule(msgspec.Struct, frozen=True):
    """One diagnosis."""

    id: str
    """``D05``: the number in the catalogue, never reused."""
    name: str
    """The function's name, hyphenated: ``final-ack-ignored``."""
    title: str
    severity: Severity
    """The usual severity; a verdict may say otherwise."""
    rests_on: frozenset[Basis] = frozenset()
    replaces: frozenset[str] = frozenset()
    """Diagnoses that it includes: where both hold, they are not reported beside it."""
    corroborates: bool = False
    """Whether the same on several connections makes it more certain."""
    judge: ConnectionJudge | None = None
    judge_capture: CaptureJudge | None = None

    @property
    def page(self) -> str:
        """Its manual page."""
        from inspect import getdoc  # here, because few ask for a page, and loading it takes long

        return getdoc(self.judge or self.judge_capture) or ""


RULES: dict[str, Rule] = {}
"""Every diagnosis that is loaded, by its id; ``wirestat.diagnosis.roster`` loads them."""

_TO_ADD: dict[str, CaptureJudge] = {}
"""Judges of captures that were loaded before the rule to which they belong."""


def rule(
    id: str,
    title: str,
    severity: Severity,
    *,
    rests_on: Iterable[Basis] = (),
    replaces: Iterable[str] = (),
    corroborates: bool = False,
) -> Callable[[ConnectionJudge], ConnectionJudge]:
    """Enter a rule that judges connections."""

    def enter(judge: ConnectionJudge) -> ConnectionJudge:
        _add(
            Rule(
                id,
                _name(judge),
                title,
                severity,
                frozenset(rests_on),
                frozenset(replaces),
                corroborates,
                judge=judge,
            )
        )
        return judge

    return enter


def capture_rule(id: str, title: str, severity: Severity) -> Callable[[CaptureJudge], CaptureJudge]:
    """Enter a rule that judges a capture as a whole."""

    def enter(judge: CaptureJudge) -> CaptureJudge:
        _add(Rule(id, _name(judge), title, severity, judge_capture=judge))
        return judge

    return enter


def also_of_captures(id: str) -> Callable[[CaptureJudge], CaptureJudge]:
    """Let a rule that judges connections judge a capture as a whole as well."""

    def enter(judge: CaptureJudge) -> CaptureJudge:
        if id in RULES:
            RULES[id] = replace(RULES[id], judge_capture=judge)
        else:
            _TO_ADD[id] = judge
        return judge

    return enter


def _name(judge: ConnectionJudge | CaptureJudge) -> str:
    return getattr(judge, "__name__", "").replace("_", "-")


def _add(new: Rule) -> None:
    if new.id in RULES:
        raise ValueError(f"{new.id} is taken by {RULES[new.id].name}")
    judge = _TO_ADD.pop(new.id, None)
    RULES[new.id] = new if judge is None else replace(new, judge_capture=judge)
