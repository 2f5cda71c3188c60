"""D29, D30: how connections are kept, and who lets them go."""

from pathlib import Path

import pytest

from tests.diagnosis.builders import analysed, found, look
from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire
from wirestat.diagnosis.judge import diagnose
from wirestat.model import Confidence, Finding, Severity, State
from wirestat.timers import SECOND

KEPT = look("client:keepalive-sent", figures={"client:keepalive-sent": 7200 * SECOND})
LET_GO = look(
    "server:fin-sent",
    "client:fin-sent",
    "server:fin-after-idle",
    client=State.CLOSED,
    server=State.TIME_WAIT,
    figures={"server:fin-after-idle": 5 * SECOND + 900_000},
)


def test_keepalive_in_use() -> None:
    findings = found(KEPT)
    assert findings.keys() == {"D29"}
    assert findings["D29"].severity is Severity.INFO
    assert "after 2 h of silence, the default of the linux profile" in findings["D29"].explanation


def test_unanswered_probes_are_held_against_the_profile() -> None:
    probing = look(
        "client:keepalive-sent",
        "client:keepalive-unanswered",
        figures={"client:keepalive-sent": 60 * SECOND, "client:keepalive-unanswered": 2},
        frame_of={"client:keepalive-sent": 10, "client:keepalive-unanswered": 20},
    )
    assert found(probing)["D29"].explanation == (
        "Client 10.0.0.1:40001 probes the idle connection after 60 s of silence (the linux profile: 2 h), 10 s apart "
        "(the linux profile gives up after 9 of them, 75 s apart)."
    )


def test_a_probe_without_a_silence_before_is_something_else() -> None:
    assert found(look("client:keepalive-sent")) == {}


def test_a_client_has_the_time_outs_of_clients() -> None:
    by_client = look(
        "client:fin-sent", "client:fin-after-idle", figures={"client:fin-after-idle": 90 * SECOND}
    )
    assert "Go's http.DefaultTransport" in found(by_client)["D30"].explanation
    assert found(by_client._replace(figures={"client:fin-after-idle": 75 * SECOND})) == {}


def test_a_client_that_lets_go_of_several_servers_alike_has_a_timer() -> None:
    idle = [
        look(
            "client:fin-sent",
            "client:fin-after-idle",
            server_address=f"10.0.1.{number}",
            figures={"client:fin-after-idle": 40 * SECOND},
            frame_of={"client:fin-after-idle": 10 + number},
        )
        for number in range(1, 4)
    ]
    assert "D30" not in found(*idle[:2])
    finding = found(*idle)["D30"]
    assert "after a silence of 40 s, as on 2 other connections of this client" in finding.explanation
    at_once = [one._replace(frame_of={}) for one in idle]
    assert "D30" not in found(*at_once)  # a process ended, for all that is known


def test_who_closes_second_was_told_to() -> None:
    second = look(
        "server:fin-sent",
        "client:fin-sent",
        "client:fin-after-idle",
        figures={"client:fin-after-idle": 90 * SECOND},
    )
    assert "D30" not in found(second)


def test_a_timer_fires_on_time() -> None:
    late = look("client:fin-after-idle", figures={"client:fin-after-idle": 31 * SECOND})
    assert "D30" not in found(late)  # nobody's 30 s


def test_idle_connections_are_closed() -> None:
    finding = found(LET_GO)["D30"]
    assert (finding.severity, finding.confidence) == (Severity.INFO, Confidence.POSSIBLE)
    assert found(LET_GO, LET_GO, LET_GO)["D30"].confidence is Confidence.LIKELY


def test_closes_of_the_client_and_of_the_server_are_told_apart() -> None:
    by_client = [
        look(
            "client:fin-sent",
            "client:fin-after-idle",
            figures={"client:fin-after-idle": 90 * SECOND},
            frame_of={"client:fin-after-idle": frame},
        )
        for frame in (20, 40)
    ]
    both = diagnose(analysed(LET_GO, *by_client, LET_GO))
    told = sorted(one.explanation.split("instance: ")[1][:6] for one in both if one.id == "D30")
    assert told == ["client", "server"]
    alike = diagnose(analysed(LET_GO, LET_GO))
    assert len([one for one in alike if one.id == "D30"]) == 1


def test_a_pause_of_no_particular_length_is_no_finding() -> None:
    assert found(LET_GO._replace(figures={"server:fin-after-idle": 8 * SECOND})) == {}


def test_a_time_out_of_http_is_not_named_on_the_port_of_something_else() -> None:
    modbus, unassigned = LET_GO._replace(port=502), LET_GO._replace(port=8080)
    assert found(modbus) == {}
    assert "Apache's KeepAliveTimeout" in found(unassigned)["D30"].explanation


def test_silences_of_different_lengths_bear_nothing_out() -> None:
    def closed(*silences: int) -> Finding:
        looks = [
            look(
                "server:fin-sent",
                "server:fin-after-idle",
                figures={"server:fin-after-idle": seconds * SECOND},
                frame_of={"server:fin-after-idle": 10 + number},
            )
            for number, seconds in enumerate(silences)
        ]
        return found(*looks)["D30"]

    assert closed(75, 75, 76).confidence is Confidence.LIKELY
    assert closed(74, 77, 80).confidence is Confidence.POSSIBLE


def test_silences_of_different_lengths_that_end_at_one_instant_are_no_time_out() -> None:
    looks = [
        look("server:fin-after-idle", figures={"server:fin-after-idle": tenths * SECOND // 10})
        for tenths in (750, 700, 800)
    ]
    assert "D30" not in found(*looks)


def test_a_client_of_a_database_has_no_time_out_of_the_web() -> None:
    by_client = look(
        "client:fin-sent", "client:fin-after-idle", figures={"client:fin-after-idle": 90 * SECOND}
    )
    assert found(by_client._replace(port=3306)) == {}


def test_probes_are_no_words_and_break_no_silence_of_the_applications() -> None:
    assert "D30" in found(LET_GO.also("client:keepalive-sent"))


def held(tmp_path: Path, *, at_once: int = 6, late: float = 8.0) -> Finding | None:
    """The finding on a server that closes three connections late after its one answer, and others at once."""

    def play(wire: Wire) -> None:
        for number in range(at_once + 3):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:8080", at=0.3 * number).play(GREETING)
            at = 0.005 if number < at_once else late
            talk.play(f"{at} < F.\n{at + 0.0004} > F.\n{at + 0.0008} < .")

    return told(tmp_path, play).get("D30")


def test_a_close_that_comes_late_where_others_come_at_once_is_no_idle_time_out(tmp_path: Path) -> None:
    finding = held(tmp_path)
    assert finding is not None
    assert "though it closed 6 others right after theirs" in finding.explanation
    assert "drop idle connections sooner" not in finding.advice
    assert "a child process that inherited the descriptor" in finding.rivals[0]


@pytest.mark.parametrize("changes", [{"at_once": 2}, {"late": 5.0}], ids=["few-at-once", "known-time-out"])
def test_what_looks_like_an_idle_time_out_is_one(tmp_path: Path, changes: dict[str, float]) -> None:
    finding = held(tmp_path, at_once=int(changes.get("at_once", 6)), late=changes.get("late", 8.0))
    assert finding is None or "drop idle connections sooner" in finding.advice


def test_several_closes_after_one_silence_are_not_said_to_be_one(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for port in range(40000, 40004):
            talk = wire.talk(f"10.0.0.9:{port}", "10.0.0.2:80")
            talk.play("0 > S\n0.01 < S.\n0.02 > .\n0.03 > P. 80\n0.04 < P. 300\n0.05 > .")
            talk.play("10.05 < F.\n10.06 > F.\n10.07 < .")

    (doubt,) = told(tmp_path, play)["D30"].doubts
    assert doubt.startswith("whoever serves one connection after the other")
