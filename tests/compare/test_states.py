"""The states of both ends are those of the kernels, wherever the two outer taps can know them."""

import pytest

from tests.compare import lab
from tests.quick import some_quick
from wirestat.model import Connection, Side, State
from wirestat.report.history import end

UNKNOWABLE = {
    "accept-queue-full-cookies": "with SYN cookies the kernel forgets the connection without a packet",
    "capture-ends-in-handshake": "the SYN-ACK is held behind the client's tap",
    "icmp-host-unreachable": "nothing came as far as the server",
    "one-direction-to-client": "the last ACK is in the direction that was not captured",
    "syn-cookie-server-speaks-first": "with SYN cookies there is no SYN_RECV",
    "nat-forgets-and-leaks": "what leaks past the gateway is answered by no socket",
}


def _alike(state: State, told: str) -> bool:
    """A server that nothing reached may listen or not; a capture cannot tell."""
    return state == told or (told == "LISTEN" and state in (State.UNKNOWN, State.CLOSED))


@pytest.mark.parametrize(
    "name", some_quick([name for name in lab.SCENARIOS if name not in UNKNOWABLE], each=9)
)
def test_final_states(name: str) -> None:
    known = {_key(one): one for one in lab.compare(name).report.connections()}
    for told in lab.truth(name)["connections"]:
        if told.get("forged_client"):
            continue
        one = known[told["client"]["address"], told["client"]["port"], told["incarnation"]]
        silent = {item["endpoint"] for item in told["unknowable"]}
        for side in Side:
            if side.value not in silent:
                state = end(one, side)
                final = told["final"][side.value]
                assert _alike(state.state, final) or final in state.or_since, (side, final, state)


def _key(connection: Connection) -> tuple[str, int, int]:
    return connection.client.address, connection.client.port, connection.incarnation
