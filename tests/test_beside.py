"""Which connections of the wire are beside which sockets of this host."""

from __future__ import annotations

import pytest

from tests.diagnosis.kernels import LEAK, beside, connections, socket_of
from wirestat.model import Side, State
from wirestat.testimony import packed

SIX = "ipv6-normal-close/middle.pcap"


@pytest.mark.parametrize("case", [LEAK, SIX])
@pytest.mark.parametrize("side", Side)
def test_an_end_of_this_host_is_found_by_its_address(case: str, side: Side) -> None:
    _, tracker, found = connections(case)
    made = beside(tracker, socket_of(found[0], side, State.ESTABLISHED))
    end = found[0].client if side is Side.CLIENT else found[0].server
    here = {one.id for one in found if end.address in (one.client.address, one.server.address)}
    assert {id for id, _ in made.known().values()} == here


def test_nothing_is_known_of_connections_between_other_hosts() -> None:
    _, tracker, found = connections(LEAK)
    stranger = socket_of(found[0], Side.SERVER, State.ESTABLISHED)
    made = beside(tracker)
    assert made.kernel.locals == set()
    assert made.known() == {}
    assert beside(tracker, stranger).known() != {}


def test_connections_are_chosen_by_the_addresses_of_their_ends() -> None:
    _, tracker, found = connections(LEAK)
    one = found[0].client.address
    chosen = tracker.having_ends([packed(one), packed("192.0.2.77")])
    assert chosen is not None
    ends = [(each.client.address, each.server.address) for each in found]
    assert [bool(byte) for byte in chosen] == [one in both for both in ends]
    assert tracker.having_ends([packed("192.0.2.77")]) is None
    assert tracker.having_ends([]) is None
    with pytest.raises(ValueError, match="sixteen bytes"):
        tracker.having_ends([b"\x0a\0\0\1"])
