"""The rules that may apply: a family is loaded when its first rule is to be asked.

Most captures show few of the facts that rules are about, and to load all rules takes longer than to read a small one.
"""

from collections.abc import Iterator, Set
from functools import cache

from wirestat.diagnosis import rules
from wirestat.diagnosis.premises import FAMILIES, OF_CAPTURES, PREMISES
from wirestat.diagnosis.registry import RULES, Rule
from wirestat.vocabulary import Fact

_ALWAYS = FAMILIES.keys() - PREMISES.keys() - OF_CAPTURES.keys()
"""Those that go by more than facts."""


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
    by_fact = _by_fact()
    may_speak = {id for fact in shown if fact in by_fact for id in by_fact[fact]}
    yield from map(rule, sorted(may_speak.union(_ALWAYS)))


@cache
def _by_fact() -> dict[str, list[str]]:
    """Return which rules go by each fact."""
    found: dict[str, list[str]] = {}
    for id, premises in PREMISES.items():
        for fact in premises:
            found.setdefault(fact, []).append(id)
    return found


def _load(family: str) -> None:
    __import__(f"{rules.__name__}.{family}")  # importlib takes longer to load than a family
