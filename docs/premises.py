"""``src/wirestat/diagnosis/premises.py``: the facts without which a rule has nothing to say, drawn from the rules.

A rule sees of a connection whatever its signature tells, before it asks for exact figures. So each is tried on a
connection that shows no fact, with its ends in every pair of states. A rule that then says nothing, and has asked for
nothing but facts, says nothing either of a connection that shows none of those it asked for: wherever it would go
another way, one of them shows.
"""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any, NoReturn

from wirestat.diagnosis import roster
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.registry import Rule
from wirestat.model import State
from wirestat.summary import Signature

_WIDTH = 110
"""Columns of a line of Python, as pyproject.toml has them."""
_ROOM = "wirestat.diagnosis.rules."


class _BeyondFactsError(Exception):
    """A rule asks for more than facts and states."""


class _NoFacts(frozenset[Any]):
    """No facts at all, and a note of those that somebody asks for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def isdisjoint(self, facts: Iterable[Any]) -> bool:
        self.asked.update(facts)
        return True

    def __contains__(self, fact: object) -> bool:
        self.asked.add(str(fact))
        return False

    def _refuse(self, *_: object) -> NoReturn:
        raise _BeyondFactsError

    __and__ = __rand__ = __or__ = __ror__ = __sub__ = __rsub__ = __le__ = __lt__ = __ge__ = __gt__ = _refuse
    __iter__ = __len__ = __bool__ = __eq__ = __ne__ = _refuse
    __hash__ = object.__hash__


class _Nothing:
    """The analysis, and the study of it, of which a rule may ask nothing here."""

    def __getattr__(self, name: str) -> NoReturn:
        raise _BeyondFactsError


def premises() -> str:
    """Return the file."""
    rules = roster.every()
    families = {id: _family(rule.judge or rule.judge_capture) for id, rule in rules.items()}
    of_captures = {id: _family(rule.judge_capture) for id, rule in rules.items() if rule.judge_capture}
    facts = {id: _tuple(id, found) for id, rule in rules.items() if (found := _facts(rule)) is not None}
    return (
        '"""The diagnoses, and the facts without which each has nothing to say of a connection.\n\n'
        'Drawn from the rules by ``docs/build.py``: do not edit.\n"""\n\n'
        + _table("FAMILIES", "str", families)
        + '"""The file under ``rules`` that enters each."""\n\n'
        + _table("OF_CAPTURES", "str", of_captures)
        + '"""Those that judge a capture as a whole, and the file that they do it in."""\n\n'
        + _table("PREMISES", "tuple[str, ...]", facts)
        + '"""One of these facts shows wherever a rule speaks of a connection; others may speak of any."""\n'
    )


def _facts(rule: Rule) -> list[str] | None:
    """Return the facts of which one has to show; ``None`` where the rule may say something without."""
    if rule.judge is None:
        return None
    none = _NoFacts()
    for signature in _signatures(none):
        nothing: Any = _Nothing()
        case = Case(signature, 1, nothing, nothing)
        try:
            says = rule.judge(case)
        except _BeyondFactsError:
            return None
        if says or case.is_exact:
            return None
    return sorted(none.asked)


def _signatures(facts: frozenset[Any]) -> Iterator[Signature]:
    is_proven = (False, True)
    for client, server, client_proven, server_proven in product(State, State, is_proven, is_proven):
        yield Signature(client, server, client_proven, server_proven, 1, (1,), facts, facts, facts)


def _family(judge: object) -> str:
    return f'"{str(getattr(judge, "__module__", "")).removeprefix(_ROOM)}"'


def _table(name: str, of: str, rows: dict[str, str]) -> str:
    lines = "".join(f'    "{id}": {value},\n' for id, value in rows.items())
    return f"{name}: dict[str, {of}] = {{\n{lines}}}\n"


def _tuple(id: str, facts: list[str]) -> str:
    """Write a tuple of texts as the formatter would."""
    names = [f'"{fact}"' for fact in facts]
    line = f"({names[0]},)" if len(names) == 1 else f"({', '.join(names)})"
    if len(f'    "{id}": {line},') <= _WIDTH:
        return line
    return "(\n" + "".join(f"        {name},\n" for name in names) + "    )"
