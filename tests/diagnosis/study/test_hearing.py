"""Who was heard when: the same as by going through all connections each time."""

from hypothesis import given, strategies as st
from msgspec.structs import replace

from tests.diagnosis.builders import Analysed, analysed, look
from wirestat.diagnosis.study.common import Neighbours
from wirestat.diagnosis.study.hearing import Hearing
from wirestat.diagnosis.study.once import Once
from wirestat.model import State

INSTANTS = st.integers(0, 30)
SPANS = st.tuples(INSTANTS, INSTANTS).map(sorted)
HOST = "10.0.0.2"
SOCKET = HOST, 80


def _heard(spans: list[list[int]], states: list[State]) -> Analysed:
    """Make connections to one socket, of which the server was heard for these spans."""
    told = analysed(*(look(server=state) for state in states))
    for one, (first, last) in zip(list(told.connections()), spans, strict=True):
        server = replace(one.server, first_time_ns=first, last_time_ns=last)
        answered = 1 if one.server.state is State.ESTABLISHED else None
        told._connections[one.id] = replace(
            one, server=server, first_time_ns=first, last_time_ns=last, syn_to_syn_ack_ns=answered
        )
    return told


@given(
    st.lists(st.tuples(SPANS, st.sampled_from([State.UNKNOWN, State.CLOSED, State.ESTABLISHED])), max_size=8),
    SPANS,
)
def test_it_is_as_by_going_through_all(drawn: list[tuple[list[int], State]], asked: list[int]) -> None:
    told = _heard([spans for spans, _ in drawn], [state for _, state in drawn])
    hearing = Hearing(told, Once(Neighbours(told)))
    (since, until), every = asked, list(told.connections())
    within = [one for one in every if since < one.first_time_ns < until]
    spans = [(one.server.first_time_ns or 0, one.server.last_time_ns or 0) for one in every]
    is_heard = any(first < until and last > since for first, last in spans)
    assert hearing.is_heard(HOST, since, until) == is_heard
    assert not hearing.is_heard("10.0.0.9", since, until)
    assert hearing.answered_between(SOCKET, since, until) == sum(
        one.server.state is not State.UNKNOWN for one in within
    )
    assert hearing.accepted_between(SOCKET, since, until) == sum(
        one.server.state is State.ESTABLISHED for one in within
    )
    answered = {one.client.address for one in every if one.server.state is State.ESTABLISHED}
    assert hearing.answered_clients(SOCKET) == answered
