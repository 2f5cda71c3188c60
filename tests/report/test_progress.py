"""The steps that a connection still lacks, and the packet it is waiting for."""

import pytest

from tests.diagnosis.builders import connection, look, step
from wirestat.model import Side, State
from wirestat.report.progress import progress, waiting_for

C, S = Side.CLIENT, Side.SERVER
OPENED = (
    step(C, State.CLOSED, State.SYN_SENT, 1),
    step(S, State.LISTEN, State.SYN_RECV, 2),
    step(C, State.SYN_SENT, State.ESTABLISHED, 3),
    step(S, State.SYN_RECV, State.ESTABLISHED, 3),
)


def test_an_open_connection_lacks_its_close() -> None:
    client, server = progress(connection(look(steps=OPENED)))
    assert client.lacks == (State.FIN_WAIT1, State.FIN_WAIT2, State.TIME_WAIT, State.CLOSED)
    assert server.lacks == (State.CLOSE_WAIT, State.LAST_ACK, State.CLOSED)


def test_who_closes_first_decides_the_path() -> None:
    steps = (
        *OPENED,
        step(S, State.ESTABLISHED, State.FIN_WAIT1, 5),
        step(C, State.ESTABLISHED, State.CLOSE_WAIT, 5),
    )
    client, server = progress(connection(look(client=State.CLOSE_WAIT, server=State.FIN_WAIT1, steps=steps)))
    assert client.lacks == (State.LAST_ACK, State.CLOSED)
    assert server.lacks == (State.FIN_WAIT2, State.TIME_WAIT, State.CLOSED)


def test_a_disproved_step_is_still_lacking() -> None:
    steps = (*OPENED[:3], step(S, State.SYN_RECV, State.ESTABLISHED, 3, retracted_by=9))
    _, server = progress(connection(look(server=State.SYN_RECV, steps=steps)))
    assert server.lacks[0] is State.ESTABLISHED


def test_a_finished_connection_lacks_nothing() -> None:
    steps = (
        *OPENED,
        step(C, State.ESTABLISHED, State.FIN_WAIT1, 5),
        step(S, State.ESTABLISHED, State.CLOSE_WAIT, 5),
        step(C, State.FIN_WAIT1, State.FIN_WAIT2, 6),
        step(S, State.CLOSE_WAIT, State.LAST_ACK, 7),
        step(C, State.FIN_WAIT2, State.TIME_WAIT, 7),
        step(S, State.LAST_ACK, State.CLOSED, 8),
        step(C, State.TIME_WAIT, State.CLOSED, 8),
    )
    for end in progress(connection(look(client=State.CLOSED, server=State.CLOSED, steps=steps))):
        assert end.lacks == ()
        assert end.waiting_for is None


@pytest.mark.parametrize(
    ("client", "server", "side", "words"),
    [
        (State.SYN_SENT, State.UNKNOWN, C, "server's SYN-ACK (ack 1)"),
        (State.ESTABLISHED, State.SYN_RECV, S, "client's ACK of the server's SYN-ACK (ack 1)"),
        (State.ESTABLISHED, State.ESTABLISHED, C, "nothing: it is open until one end sends a FIN"),
        (State.FIN_WAIT1, State.ESTABLISHED, C, "server's ACK of the client's FIN (ack 102)"),
        (State.FIN_WAIT2, State.CLOSE_WAIT, C, "server's FIN"),
        (State.FIN_WAIT2, State.CLOSE_WAIT, S, "its own FIN: the application has yet to close"),
        (State.TIME_WAIT, State.LAST_ACK, S, "client's ACK of the server's FIN (ack 102)"),
        (State.TIME_WAIT, State.CLOSED, C, "no packet: 2MSL must pass"),
        (State.CLOSED, State.CLOSED, C, None),
        (State.UNKNOWN, State.ESTABLISHED, C, None),
    ],
)
def test_the_packet_that_an_end_waits_for(
    client: State, server: State, side: Side, words: str | None
) -> None:
    assert waiting_for(connection(look(client=client, server=server)))[side] == words


def test_no_number_where_none_is_known() -> None:
    closing = look(client=State.TIME_WAIT, server=State.LAST_ACK, server_end={"isn": None})
    assert waiting_for(connection(closing))[S] == "client's ACK of the server's FIN"


def test_resent_bytes_do_not_move_the_number() -> None:
    resent = {"bytes": 150, "retransmitted_bytes": 50}
    assert "(ack 102)" in str(waiting_for(connection(look(client=State.FIN_WAIT1, client_end=resent)))[C])


def test_unacknowledged_data_is_waited_for() -> None:
    waiting = {"unacknowledged_bytes": 40}
    assert waiting_for(connection(look(client_end=waiting)))[C] == "server's ACK of 40 bytes (ack 101)"
