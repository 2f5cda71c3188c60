"""D44: SYNs that somebody else answers for the server."""

from pathlib import Path

import pytest

from tests.diagnosis.builders import found, look
from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Confidence, Severity, State

OPENED = look("client:sent-data", "server:sent-data", "server:syn-ack-window-zero")
IN_VAIN = look(
    "client:sent-data",
    "client:data-resent",
    "server:syn-ack-window-zero",
    client=State.ESTABLISHED,
    client_end={"unacknowledged_bytes": 100},
)
FRONT_END = look(
    "client:sent-data",
    "server:sent-data",
    "server:syn-ack-ttl-differs",
    figures={"server:syn-ack-ttl-differs": 244},
)


def test_a_window_that_a_bare_ack_opens_is_a_proxy_s() -> None:
    finding = found(OPENED)["D44"]
    assert (finding.severity, finding.confidence) == (Severity.INFO, Confidence.LIKELY)
    assert "a window of zero" in finding.explanation


def test_data_that_nobody_behind_the_proxy_takes() -> None:
    finding = found(IN_VAIN)["D44"]
    assert finding.severity is Severity.NOTE
    assert "never acknowledged" in finding.explanation


def test_another_ttl_may_be_another_route() -> None:
    finding = found(FRONT_END)["D44"]
    assert finding.confidence is Confidence.POSSIBLE
    assert "a TTL of 244, and the packets that followed with 64" in finding.explanation


def test_a_capture_out_of_order_tells_nothing() -> None:
    assert "D44" not in found(OPENED.also("reordered-by-tap"))
    assert found(look("client:sent-data", "server:sent-data")) == {}


def test_a_route_that_is_a_hop_longer_is_no_proxy() -> None:
    assert found(FRONT_END._replace(figures={"server:syn-ack-ttl-differs": 63})) == {}


def test_a_router_that_lowers_its_ttl_for_its_neighbour_is_no_proxy() -> None:
    near = FRONT_END._replace(figures={"server:syn-ack-ttl-differs": 255}, changes={"server_end": {"ttl": 1}})
    assert found(near) == {}


def test_acknowledgements_with_a_ttl_of_their_own_are_an_accelerator_s() -> None:
    accelerated = look(
        "client:sent-data",
        "server:sent-data",
        "server:acks-from-elsewhere",
        figures={"server:acks-from-elsewhere": 112},
    )
    finding = found(accelerated)["D44"]
    assert finding.confidence is Confidence.LIKELY
    assert "Somebody else acknowledges in the name of server 10.0.0.2:80" in finding.explanation
    assert "with a TTL of 112 and its data with another" in finding.explanation


def test_copies_that_were_answered_in_the_end_are_no_evidence() -> None:
    """Only data in vain show that nobody behind the proxy takes them."""
    resent = OPENED.also("client:data-resent")._replace(frame_of={"client:data-resent": 15})
    assert 15 not in found(resent)["D44"].frames
    assert 15 in found(IN_VAIN._replace(frame_of={"client:data-resent": 15}))["D44"].frames


@pytest.mark.parametrize(("ttl", "is_told"), [(245, True), (54, False)])
def test_a_reset_of_the_front_end_itself_is_told(tmp_path: Path, ttl: int, *, is_told: bool) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:51296", "10.0.0.9:12350", server_ttl=54)
        talk.play(f"0 > S\n0.05 < S. ttl=245\n0.0501 > .\n0.051 > P. 107\n0.1 < .\n0.7 < R. ttl={ttl}")

    finding = told(tmp_path, play)["D44"]
    assert "a TTL of 245, and the packets that followed with 54" in finding.explanation
    assert ("but for its reset, which has 245 again" in finding.explanation) == is_told
