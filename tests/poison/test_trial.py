"""The harm of a forged segment is found, and all copies of a conversation get the same report."""

from functools import cache
from random import Random

import pytest

from tests.lab.frames import _packed, _pseudo_header, checksum, parse
from tests.score.case import COMMITTED, find
from tests.score.replay import Claim

from . import bars
from .__main__ import PCAPS
from .conversation import Case, Conversation
from .copies import copier, number_of
from .forgery import ACKS, Forged, Recipe, forge
from .survey import survey
from .trial import Told, _compare, _tell

CASES = {name: PCAPS / name for name in ("normal-close-by-client", "ipv6-normal-close")}


@cache
def conversation(name: str) -> Conversation:
    return next(c for c in Case.of(CASES[name]).conversations() if c.tap == "middle")


def forged(flags: str, seq: str = "current", ack: str = "current", checksum: str = "right") -> Forged:
    recipe = Recipe(flags, seq, ack, "equal", "equal", "next", checksum)
    made = forge(conversation("normal-close-by-client"), recipe, 5, "server")
    assert made is not None
    return made


@pytest.mark.parametrize("name", CASES)
def test_copies_have_right_checksums_and_addresses_of_their_own(name: str) -> None:
    raw = conversation(name).captured[0].frames["middle"].raw
    for number in (0, 1, 200, 3999):
        copy = parse(made := copier(raw)(number))
        segment = made[54:] if ":" in copy.source else made[34 : 14 + int.from_bytes(made[16:18], "big")]
        pseudo = _pseudo_header(_packed(copy.source), _packed(copy.destination), 6, len(segment))
        assert checksum(pseudo + segment) == 0
        assert ":" in copy.source or checksum(made[14:34]) == 0
        assert number_of(copy.source, parse(raw).source) == number
        assert (copy.seq, copy.ack, copy.flags) == (parse(raw).seq, parse(raw).ack, parse(raw).flags)


def test_every_copy_without_harm_has_the_report_of_the_original() -> None:
    harmless = [forged(".")] * 20
    told = _tell(conversation("normal-close-by-client"), harmless)
    assert len(told) == 42
    for side in ("client", "server"):
        assert {(told[n, side].states, len(told[n, side].claims)) for n in range(21)} == {
            (told[0, side].states, len(told[0, side].claims))
        }


ADDRESS = ("10.0.0.1", 40001)


def told(state: str, *others: str, is_proven: bool = False, claims: tuple[Claim, ...] = ()) -> Told:
    return Told(claims, state, frozenset(others), is_proven)


def harms(after: Told) -> list[str]:
    """The harm found where the client is told so, and as ESTABLISHED without the forged segment."""
    before = told("ESTABLISHED", is_proven=True)
    talk = conversation("normal-close-by-client")
    return [harm.kind for harm in _compare(talk, forged("F."), "client", (before, after))]


def test_another_final_state_is_harm_unless_it_is_hedged() -> None:
    assert harms(told("FIN_WAIT1")) == ["astray"]
    assert harms(told("FIN_WAIT1", "ESTABLISHED")) == []
    assert harms(told("UNKNOWN")) == []


def test_another_proven_final_state_is_the_worse_harm() -> None:
    assert harms(told("FIN_WAIT1", is_proven=True)) == ["proven"]


@pytest.mark.parametrize(
    ("kind", "found"), [("seen", ["proven"]), ("confirmed", ["proven"]), ("presumed", [])]
)
def test_a_transition_that_did_not_happen_is_harm_where_it_is_called_proven(
    kind: str, found: list[str]
) -> None:
    lie = Claim(ADDRESS, "ESTABLISHED", "LAST_ACK", 1, 1, kind, is_believed=True)
    assert harms(told("LAST_ACK", "ESTABLISHED", claims=(lie,))) == found


def test_a_segment_that_nobody_takes_is_known_as_such() -> None:
    talk = conversation("normal-close-by-client")
    for ack in ACKS:
        made = forged("F.", ack=ack, checksum="wrong")
        assert not talk.might_take("server", made.segment, made.time_ns)
    made = forged("F.")
    assert talk.might_take("server", made.segment, made.time_ns)


def test_recipes_are_the_same_for_the_same_seed() -> None:
    assert [Recipe.choose(Random(3)) for _ in range(9)] == [Recipe.choose(Random(3)) for _ in range(9)]


@pytest.mark.slow
def test_no_more_harm_is_done_than_may_be() -> None:
    excess = bars.load().excess(survey(find([*COMMITTED]), bars.COUNT, bars.SEED))
    assert not excess, "; ".join(excess)
