"""Rules that are not asked for want of a fact would have said nothing."""

from pathlib import Path

import pytest

import wirestat
from tests.quick import some_quick
from wirestat.diagnosis import roster, rules
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.members import Roll
from wirestat.diagnosis.premises import PREMISES
from wirestat.diagnosis.study import Study
from wirestat.summary import Signature
from wirestat.vocabulary import Fact

CAPTURES = sorted(map(str, Path("pcaps").glob("**/*.pcap*")))


def shown(signature: Signature) -> frozenset[Fact]:
    return signature.facts | signature.client_facts | signature.server_facts


@pytest.mark.parametrize("capture", some_quick(CAPTURES, each=24))
def test_who_is_not_asked_would_have_said_nothing(capture: str) -> None:
    analysis = wirestat.analyze(capture).analysis
    study = Study(analysis, Roll(analysis))
    for signature in analysis.summary.signatures:
        asked = {rule.id for rule in roster.of_connections(shown(signature))}
        for rule in roster.every().values():
            if rule.judge is not None and rule.id not in asked:
                case = Case(signature, signature.examples[0], analysis, study)
                assert (rule.judge(case), case.is_exact) == (None, False), rule.id


def test_who_is_asked_is_whoever_has_a_fact_to_go_by() -> None:
    assert {fact for facts in PREMISES.values() for fact in facts} <= set(Fact)
    plain = {rule.id for rule in roster.of_connections(frozenset({Fact.SYN_RESENT})) if rule.judge}
    assert {"D01", "D34"} <= plain
    assert "D10" not in plain
    assert {"D10"} <= {rule.id for rule in roster.of_connections(frozenset({Fact.CLOSE_WAIT_HELD}))}


def test_all_families_are_named_and_enter_what_the_table_says() -> None:
    folder = Path(rules.__path__[0])
    entering = {path.stem for path in folder.glob("*.py") if "\n@rule(" in path.read_text()}
    assert entering <= set(rules.FAMILIES)
    assert {rule.id for rule in roster.of_captures()} == {
        id for id, rule in roster.every().items() if rule.judge_capture
    }
