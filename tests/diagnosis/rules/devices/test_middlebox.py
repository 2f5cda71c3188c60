"""D18, D19: resets that came from neither end."""

from pathlib import Path

import pytest

from tests.diagnosis.builders import found, look
from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Confidence, Fault, Severity, State

INJECTED = look(
    "server:rst-sent", "server:rst-ttl-differs", "server:spoke-after-own-rst", client=State.CLOSED
)
LATE = look(
    "server:data-resent",
    "client:rst-sent",
    "client:rst-no-socket",
    "client:rst-answers-late-segment",
    "client:spoke-after-own-rst",
    server=State.CLOSED,
)


def test_injected_reset() -> None:
    findings = found(INJECTED)
    assert findings.keys() == {"D18"}
    finding = findings["D18"]
    assert (finding.severity, finding.confidence, finding.fault) == (
        Severity.ERROR,
        Confidence.CERTAIN,
        Fault.PATH,
    )
    assert finding.doubts == ()


def test_words_that_a_reset_has_overtaken_do_not_make_it_a_stranger_s() -> None:
    reset = look(
        "server:rst-sent",
        "server:rst-no-socket",
        "server:spoke-after-own-rst",
        client=State.CLOSED,
        frame_of={"server:rst-no-socket": 9, "server:spoke-after-own-rst": 9},
    )
    assert "D18" in found(reset)
    assert "D18" not in found(reset._replace(changes={"client_end": {"out_of_order_frames": 2}}))


def test_another_ttl_alone_is_a_hint() -> None:
    finding = found(
        look("server:rst-sent", "server:rst-ttl-differs", client=State.CLOSED, server=State.CLOSED)
    )["D18"]
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.POSSIBLE)


def test_the_reset_of_a_scanner_s_kernel_is_not_injected() -> None:
    scanned = look(
        "client:rst-sent",
        "client:rst-ttl-differs",
        "client:rst-answers-syn-ack",
        client=State.CLOSED,
        server=State.CLOSED,
        client_end={"frames": 2},
    )
    assert found(scanned).keys() == {"D27"}


def test_a_reset_like_all_else_of_the_host_is_its_own() -> None:
    assert "D18" not in found(
        look("server:rst-sent", "server:rst-aborts", client=State.CLOSED, server=State.CLOSED)
    )


def test_injected_reset_means_less_where_the_opening_is_missing() -> None:
    assert found(INJECTED.also("mid-stream"))["D18"].confidence is Confidence.LIKELY


def test_reset_by_connection_tracking() -> None:
    findings = found(LATE)
    assert findings.keys() == {"D19"}
    assert "nf_conntrack_tcp_be_liberal=1" in findings["D19"].advice


def test_a_late_segment_after_the_close_may_be_reset() -> None:
    assert "D19" not in found(LATE.also("client:fin-sent"))


def test_reset_by_connection_tracking_means_less_where_the_order_is_lost() -> None:
    assert found(LATE.also("reordered-by-tap"))["D19"].confidence is Confidence.POSSIBLE


def test_a_front_end_that_answered_the_syn_may_reset() -> None:
    front_end = look(
        "client:sent-data",
        "server:sent-data",
        "server:syn-ack-ttl-differs",
        "server:rst-sent",
        "server:rst-aborts",
        "server:rst-looks-foreign",
        client=State.CLOSED,
        server=State.CLOSED,
        figures={"server:syn-ack-ttl-differs": 244, "server:rst-sent": 244},
    )
    findings = found(front_end)
    assert "the front end that answered the SYN reset it" in findings["D27"].explanation
    assert "D18" not in findings
    other = front_end._replace(figures={"server:syn-ack-ttl-differs": 244, "server:rst-sent": 30})
    assert "D18" in found(other)


def test_a_reset_that_is_all_of_the_capture_is_like_or_unlike_nothing() -> None:
    alone = look(
        "server:rst-sent",
        "server:rst-looks-foreign",
        "mid-stream",
        client_end={"frames": 0},
        server_end={"frames": 1},
    )
    assert "D18" not in found(alone)


@pytest.mark.parametrize(("ttl", "severity"), [(61, Severity.ERROR), (49, Severity.WARNING)])
def test_a_refusal_before_the_answer_is_held_against_it(tmp_path: Path, ttl: int, severity: Severity) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.9:443", server_ttl=49)
        talk.play(f"0 > S\n0.002 < R. seq=0 ttl={ttl}\n0.09 < S.\n0.0901 > R seq=1")

    finding = told(tmp_path, play)["D18"]
    assert finding.severity is severity
    assert ("its TTL is 61, and that of the answer 49" in finding.explanation) == (ttl == 61)
