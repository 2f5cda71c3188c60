"""States in every spelling."""

import pytest

from wirestat.errors import UsageError
from wirestat.model import State
from wirestat.names import GROUPS, Dialect, parse_state, parse_states, spell

SPELLINGS = {
    State.CLOSED: "CLOSE CLOSED UNCONN CONN_CLOSE close",
    State.LISTEN: "LISTEN LISTENING CONN_LISTEN listen",
    State.SYN_SENT: "SYN_SENT SYN-SENT syn-sent CONN_SYN_SENT",
    State.SYN_RECV: "SYN_RECV SYN-RECEIVED SYN_RECEIVED SYN_RCVD syn-recv CONN_SYN_RECV syn_received",
    State.ESTABLISHED: "ESTABLISHED ESTAB estab CONN_ESTABLISHED",
    State.FIN_WAIT1: "FIN_WAIT1 FIN-WAIT-1 FIN_WAIT_1 fin-wait-1 fin_wait_1 CONN_FIN_WAIT1",
    State.FIN_WAIT2: "FIN_WAIT2 FIN-WAIT-2 FIN_WAIT_2 finwait2",
    State.CLOSE_WAIT: "CLOSE_WAIT CLOSE-WAIT close_wait CONN_CLOSE_WAIT",
    State.CLOSING: "CLOSING closing CONN_CLOSING",
    State.LAST_ACK: "LAST_ACK LAST-ACK last-ack CONN_LAST_ACK",
    State.TIME_WAIT: "TIME_WAIT TIME-WAIT time-wait CONN_TIME_WAIT",
    State.UNKNOWN: "UNKNOWN unknown",
}


@pytest.mark.parametrize(
    ("spelling", "state"), [(s, state) for state, all in SPELLINGS.items() for s in all.split()]
)
def test_any_spelling_is_understood(spelling: str, state: State) -> None:
    assert parse_state(spelling) is state


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("state", State)
def test_a_written_state_is_understood(state: State, dialect: Dialect) -> None:
    assert parse_state(spell(state, dialect)) is state


@pytest.mark.parametrize("nonsense", ["", "OPEN", "CONN", "FIN_WAIT", "FIN_WAIT3"])
def test_an_unknown_state_is_refused(nonsense: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_state(nonsense)
    assert "CLOSE_WAIT" in (caught.value.hint or "")


def test_groups_are_those_of_ss() -> None:
    assert GROUPS["bucket"] == {State.SYN_RECV, State.TIME_WAIT}
    assert GROUPS["connected"].isdisjoint({State.LISTEN, State.CLOSED})
    assert State.SYN_SENT not in GROUPS["synchronized"]
    assert GROUPS["big"] | GROUPS["bucket"] == GROUPS["all"]


def test_states_and_groups_are_joined() -> None:
    assert parse_states(["Bucket,last-ack", "estab"]) == GROUPS["bucket"] | {
        State.LAST_ACK,
        State.ESTABLISHED,
    }
    assert parse_states([]) == frozenset()
