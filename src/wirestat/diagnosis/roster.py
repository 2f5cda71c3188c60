"""The rules that may have something to say: a family of them is loaded when the first of it is to be asked.

Most captures show few of the facts that rules are about, and to load all rules takes longer than to read a small one.
"""

from collections.abc import Iterator, Set
from importlib import import_module

from wirestat.diagnosis import rules
from wirestat.diagnosis.premises import FAMILIES, OF_CAPTURES, PREMISES
from wirestat.diagnosis.registry import RULES, Rule
from wirestat.vocabulary import Fact


def every() -> dict[str, Rule]:
    """Return every diagnosis by its id, in the order of ids."""
    for family in rules.FAMILIES:
        _load(family)
    return dict(sorted(RULES.items()))


def rule(id: str) -> Rule:
    """Return one diagnosis.

    Raises:
        KeyError: there is none of that id.
    """
    if id not in RULES:
        _load(FAMILIES[id])
    return RULES[id]


def of_captures() -> Iterator[Rule]:
    """Yield the rules that judge a capture as a whole."""
    for id, family in OF_CAPTURES.items():
        if rule(id).judge_capture is None:
            _load(family)
        yield RULES[id]


def of_connections(shown: Set[Fact]) -> Iterator[Rule]:
    """Yield the rules that may speak of connections that show these facts, and no others."""
    for id in FAMILIES:
        premises = PREMISES.get(id)
        if premises is None or not shown.isdisjoint(premises):
            yield rule(id)


def _load(family: str) -> None:
    import_module(f"{rules.__name__}.{family}")
