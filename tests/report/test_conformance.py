"""The tracker's changes of state compared with the RFC's document."""

import pytest
from msgspec.structs import replace

from tests.diagnosis.builders import analysed
from wirestat import rfc9293
from wirestat.model import Side, State
from wirestat.report.conformance import RFC_NAMES, Conformity, conformance, standing, statements
from wirestat.summary import Summary, TransitionCount


def summary(*counts: TransitionCount) -> Summary:
    return replace(analysed().summary, transitions=counts)


def count(
    side: Side, from_state: State, to: State, number: int, *examples: int, retracted: int = 0
) -> TransitionCount:
    return TransitionCount(side, from_state, to, number, number, 0, 0, 0, 0, retracted, examples)


def test_every_state_but_unknown_has_its_name_in_the_document() -> None:
    assert set(RFC_NAMES) == set(State) - {State.UNKNOWN}
    assert set(RFC_NAMES.values()) == rfc9293.STATES.keys()


def test_documented_with_its_sections() -> None:
    result = conformance(
        summary(
            count(Side.CLIENT, State.ESTABLISHED, State.FIN_WAIT1, 7, 1, 2),
            count(Side.SERVER, State.ESTABLISHED, State.FIN_WAIT1, 3, 5, 1),
        )
    )
    (row,) = result.documented
    assert (row.count, row.client, row.server, row.examples) == (10, 7, 3, (1, 2, 5))
    assert row.documented
    assert row.sections == ("3.3.2 Figure 5",)
    assert not result.deviates


def test_undocumented_with_its_connections() -> None:
    result = conformance(summary(count(Side.SERVER, State.ESTABLISHED, State.LAST_ACK, 1, 9)))
    (row,) = result.undocumented
    assert not row.documented
    assert row.examples == (9,)
    assert result.deviates


@pytest.mark.parametrize("ends", [(State.UNKNOWN, State.ESTABLISHED), (State.ESTABLISHED, State.UNKNOWN)])
def test_a_change_from_unknown_is_not_comparable(ends: tuple[State, State]) -> None:
    result = conformance(summary(count(Side.CLIENT, *ends, 4)))
    assert [row.standing for row in result.not_comparable] == [Conformity.NOT_COMPARABLE]
    assert not result.not_comparable[0].documented
    assert not result.deviates


def test_changes_never_seen_are_listed() -> None:
    never = {(item.from_state, item.to) for item in conformance(summary()).never_seen}
    assert (State.CLOSED, State.SYN_SENT) in never
    seen = conformance(summary(count(Side.CLIENT, State.CLOSED, State.SYN_SENT, 1)))
    assert (State.CLOSED, State.SYN_SENT) not in {(item.from_state, item.to) for item in seen.never_seen}


def test_a_disproved_change_was_not_seen() -> None:
    result = conformance(summary(count(Side.SERVER, State.SYN_RECV, State.ESTABLISHED, 0, retracted=3)))
    assert result.documented == ()


def test_a_reset_embryo_is_documented_either_way() -> None:
    assert standing(State.SYN_RECV, State.LISTEN) is Conformity.DOCUMENTED
    assert standing(State.SYN_RECV, State.CLOSED) is Conformity.DOCUMENTED
    assert any(item.silent for item in statements(State.SYN_SENT, State.CLOSED))
