"""The confidence of a verdict: computed from its grounds, and never chosen by a rule.

It starts as certain and is lowered: by a state among its grounds that is presumed or refuted, by too few witnesses,
by rivals that are not ruled out, by its own doubts, and by what is wrong with the capture as far as the rule rests on
that.
"""

import msgspec

from wirestat.diagnosis import grounds
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.doubts import MILDER, Quality, doubts
from wirestat.diagnosis.grounds import Proof
from wirestat.diagnosis.registry import Rule
from wirestat.diagnosis.rivals import Standing
from wirestat.diagnosis.verdict import Judgement, Overall, Verdict
from wirestat.model import Confidence, Severity

ENOUGH = 2
"""Frames that show it independently of each other, for certainty: one alone may be forged, or misread."""
_LADDER = (Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE)


class Weighed(msgspec.Struct, frozen=True):
    """How sure, how grave, and why not more."""

    confidence: Confidence
    severity: Severity
    doubts: tuple[str, ...] = ()


def weigh(rule: Rule, verdict: Verdict, case: Case, quality: Quality) -> Weighed:
    """Weigh a verdict on one connection."""
    rung, why = _own(verdict)
    weight = grounds.weigh(verdict.grounds, case)
    if weight.proof is not Proof.PROVEN:
        rung = max(rung, 1 if weight.proof is Proof.PRESUMED else 2)
        why.append(weight.words)
    elif weight.witnesses < ENOUGH:
        rung = max(rung, 1)
        if not why:
            why.append("one frame is all that shows it")
    severity = verdict.severity or rule.severity
    spoilt = [doubt for doubt in doubts(case, quality) if doubt.takes_from(rule.rests_on)]
    if spoilt:
        rung = min(rung + sum(doubt.steps for doubt in spoilt), len(_LADDER) - 1)
        why += [doubt.words for doubt in spoilt]
        if _LADDER[rung] is Confidence.POSSIBLE:
            # A finding that the capture may have made up must not stand beside what is known.
            severity = MILDER.get(severity, severity)
    return Weighed(_LADDER[rung], severity, tuple(why))


def weigh_overall(rule: Rule, verdict: Overall) -> Weighed:
    """Weigh a verdict on a capture, a server or an address."""
    rung, why = _own(verdict)
    return Weighed(_LADDER[rung], verdict.severity or rule.severity, tuple(why))


def _own(verdict: Judgement) -> tuple[int, list[str]]:
    """Return how far a verdict's own doubts and rivals lower it, and those doubts."""
    why = list(verdict.doubts)
    unsettled = [rival for rival in verdict.rivals if rival.standing is Standing.OPEN]
    if unsettled and not why:
        why.append(f"{unsettled[0].what} would look the same")
    return 2 if verdict.weak else 1 if why else 0, why


def strengthen(confidence: Confidence) -> Confidence:
    """Go one step up, never to certainty: what many show alike is likely, not proven."""
    return Confidence.LIKELY if confidence is Confidence.POSSIBLE else confidence
