"""D08, D09: an established connection on which one end stops answering."""

from tests.diagnosis.builders import T0, Look, found, look, step
from wirestat.model import Confidence, Fault, Severity, Side, State
from wirestat.timers import F5, SECOND

AFTER_IDLE = look(
    "client:idle-gap",
    "client:unanswered-after-idle",
    "client:data-resent",
    "client:data-resent-unanswered",
    figures={"client:idle-gap": 400 * SECOND},
    client_end={"unacknowledged_bytes": 100},
    server_end={"last_time_ns": T0 + 5 * SECOND},
)
SILENT = look(
    "client:sent-data",
    "client:data-resent",
    "client:data-resent-unanswered",
    figures={"client:data-resent-unanswered": 9},
    client_end={"unacknowledged_bytes": 100},
    server_end={"last_time_ns": T0 + 5 * SECOND},
)
PROBING = look(
    "client:keepalive-sent",
    "client:keepalive-unanswered",
    figures={"client:keepalive-unanswered": 4},
    server_end={"last_time_ns": T0 + 5 * SECOND},
)


def test_nothing_answers_after_a_long_silence() -> None:
    findings = found(AFTER_IDLE)
    assert findings.keys() == {"D08"}
    finding = findings["D08"]
    assert (finding.severity, finding.confidence, finding.fault) == (
        Severity.ERROR,
        Confidence.POSSIBLE,
        Fault.PATH,
    )
    assert "broke a silence of 6 min 40 s, and nothing has answered it since" in finding.explanation


def test_a_request_answered_later_was_not_in_vain() -> None:
    assert "D08" not in found(AFTER_IDLE._replace(changes={"client_end": {"unacknowledged_bytes": 100}}))


def test_the_same_on_many_connections_is_likely() -> None:
    finding = found(*[AFTER_IDLE] * 4)["D08"]
    assert finding.count == 4
    assert finding.confidence is Confidence.LIKELY


def reset_after(seconds: int) -> Look:
    return look(
        "server:idle-gap",
        "server:rst-sent",
        "server:rst-aborts",
        figures={"server:idle-gap": seconds * SECOND},
        frame_of={"server:idle-gap": 9, "server:rst-sent": 9},
    )


def test_a_reset_at_a_known_idle_timeout() -> None:
    findings = found(reset_after(350))
    assert findings.keys() == {"D08"}
    assert "an AWS network load balancer" in findings["D08"].explanation


def test_a_reset_at_the_idle_timeout_of_the_profile() -> None:
    assert "D08" not in found(reset_after(777))
    own = found(reset_after(777), timers=F5.override("idle_timeout", "777s"))
    assert "the 12 min 57 s of the f5 profile" in own["D08"].explanation


def test_a_fin_after_a_long_silence_is_no_timeout_on_the_way() -> None:
    assert found(look("server:idle-gap", "server:fin-sent", "client:fin-sent")) == {}


def test_resending_into_silence() -> None:
    findings = found(SILENT)
    assert findings.keys() == {"D09"}
    assert (
        "resent the same data 9 times; server 10.0.0.2:80 has been silent for 15 s"
        in findings["D09"].explanation
    )


def test_who_gave_up_in_vain_has_not_aborted() -> None:
    """The path comes back: what the other end sends then draws nothing that was resent before."""
    gave_up = SILENT.also("client:rst-sent", "client:rst-aborts")
    later = gave_up._replace(
        changes={
            "client_end": {"unacknowledged_bytes": 700},
            "server_end": {"last_time_ns": T0 + 60 * SECOND},
        },
        frame_of={"client:rst-sent": 19, "client:rst-aborts": 19},
    )
    findings = found(later)
    assert findings.keys() == {"D56"}
    assert "gave up with a reset" in findings["D56"].explanation
    assert "was out of reach meanwhile" in findings["D56"].explanation
    repaired = later._replace(changes={"server_end": {"last_time_ns": T0 + 60 * SECOND}})
    assert "D09" not in found(repaired)


def test_probing_into_silence() -> None:
    assert "probed the connection 4 times" in found(PROBING)["D09"].explanation


def test_one_probe_without_an_answer_is_chance() -> None:
    once = PROBING._replace(figures={"client:keepalive-unanswered": 1, "client:keepalive-sent": 75 * SECOND})
    assert found(once).keys() == {"D29"}


def test_two_probes_without_an_answer_and_a_reset_are_a_death() -> None:
    twice = PROBING._replace(figures={"client:keepalive-unanswered": 2, "client:keepalive-sent": 75 * SECOND})
    assert found(twice).keys() == {"D29"}
    assert "D09" in found(twice.also("client:rst-sent", "client:rst-aborts"))


def test_data_that_was_acknowledged_in_the_end_is_no_finding() -> None:
    repaired = SILENT._replace(changes={"client_end": {"unacknowledged_bytes": 0}})
    assert found(repaired) == {}


def test_a_zero_window_is_an_answer() -> None:
    assert "D09" not in found(SILENT.also("server:zero-window", "server:zero-window-held"))


def test_silence_means_little_in_one_direction() -> None:
    finding = found(SILENT.also("one-way"))["D09"]
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.POSSIBLE)
    assert "D08" not in found(AFTER_IDLE.also("one-way"))


def test_a_segment_sent_once_after_a_silence_was_acknowledged_out_of_sight() -> None:
    once = AFTER_IDLE._replace(facts=("client:idle-gap", "client:unanswered-after-idle"))
    assert found(once) == {}


def test_a_reset_is_an_answer() -> None:
    assert "D08" not in found(AFTER_IDLE.also("server:rst-sent"))


def test_a_strange_reset_after_any_long_silence() -> None:
    strange = look(
        "client:idle-gap",
        "client:rst-sent",
        "client:rst-aborts",
        "client:rst-ttl-differs",
        client=State.CLOSED,
        server=State.CLOSED,
        figures={"client:idle-gap": 181 * SECOND},
        frame_of={"client:idle-gap": 9, "client:rst-sent": 9},
    )
    findings = found(strange)
    assert findings.keys() == {"D08"}
    assert findings["D08"].confidence is Confidence.LIKELY
    assert "a device on the way sent it" in findings["D08"].explanation


def test_a_device_that_answers_in_the_name_of_the_end() -> None:
    answered_for = look(
        "client:idle-gap",
        "server:rst-sent",
        "server:rst-no-socket",
        "server:rst-after-idle",
        "server:rst-ttl-differs",
        client=State.CLOSED,
        server=State.CLOSED,
        figures={"server:rst-after-idle": 62 * SECOND},
    )
    findings = found(answered_for)
    assert findings.keys() == {"D08"}
    assert "a silence of 62 s, which matches the 60 s of an AWS application" in findings["D08"].explanation


def test_an_outage_that_has_just_begun_is_possible() -> None:
    begun = look(
        "client:data-resent",
        client_end={"unacknowledged_bytes": 100, "retransmitted_frames": 3},
        server_end={"last_time_ns": T0 + 5 * SECOND},
    )
    finding = found(begun)["D09"]
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.POSSIBLE)


def test_copies_before_the_other_end_spoke_tell_of_no_outage() -> None:
    begun = look(
        "client:data-resent",
        client_end={"unacknowledged_bytes": 100, "retransmitted_frames": 3},
        server_end={"last_time_ns": T0 + 15 * SECOND},
    )
    assert found(begun) == {}
    spoke_unseen = {"last_time_ns": T0 + 5 * SECOND, "unseen_bytes": 1448}
    assert "D09" not in found(begun._replace(changes={**begun.changes, "server_end": spoke_unseen}))


def test_data_and_a_fin_in_vain_are_one_silence() -> None:
    closed = SILENT.also("server:fin-sent", "client:fin-sent", "client:fin-resent", "client:rst-sent")
    left = closed._replace(
        client=State.CLOSED, steps=(step(Side.CLIENT, State.CLOSE_WAIT, State.LAST_ACK, 9),)
    )
    assert "D13" not in found(left)


def test_who_complains_by_icmp_of_an_open_connection_is_named() -> None:
    silent = look(
        "client:sent-data",
        "server:sent-data",
        "client:data-resent",
        "client:data-resent-unanswered",
        figures={"client:data-resent-unanswered": 9},
        client_end={"unacknowledged_bytes": 60, "last_time_ns": T0 + 20 * SECOND},
        server_end={"last_time_ns": T0 + 5 * SECOND},
    )
    told = silent.also("client:icmp-prohibited")._replace(
        figures={"client:data-resent-unanswered": 9, "client:icmp-prohibited": 0x0A000001}
    )
    assert found(silent)["D09"].fault is Fault.UNDECIDED
    finding = found(told)["D09"]
    assert finding.fault is Fault.PATH
    assert "10.0.0.1 told it by ICMP that the traffic is prohibited" in finding.explanation
