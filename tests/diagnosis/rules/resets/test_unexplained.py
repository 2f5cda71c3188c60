"""D07, D12, D16, D17, D27, D28: who reset the connection, and why."""

from pathlib import Path

import pytest

from tests.diagnosis.builders import T0, analysed, found, look, step
from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Wire
from wirestat.diagnosis import diagnose
from wirestat.model import Confidence, Fault, Finding, Severity, Side, State
from wirestat.timers import SECOND

FORGOTTEN = look(
    "client:idle-gap",
    "server:rst-sent",
    "server:rst-no-socket",
    "server:rst-after-idle",
    client=State.CLOSED,
    server=State.CLOSED,
    figures={"server:rst-after-idle": 3600 * SECOND},
)
TOO_LATE = look(
    "client:fin-sent",
    "client:fin-wait2-held",
    "server:close-wait-held",
    "server:data-after-peer-fin",
    "client:rst-sent",
    "client:rst-no-socket",
    client=State.CLOSED,
    server=State.CLOSED,
)
UNREAD = look(
    "client:sent-data",
    "server:rst-sent",
    "server:rst-aborts",
    "server:rst-after-unread-data",
    client=State.CLOSED,
    server=State.CLOSED,
)
RACE = look(
    "client:sent-data",
    "server:fin-sent",
    "server:fin-after-idle",
    "server:close-crossed-request",
    "server:rst-sent",
    "server:rst-no-socket",
    client=State.CLOSED,
    server=State.CLOSED,
    figures={"server:close-crossed-request": 75 * SECOND, "server:fin-after-idle": 75 * SECOND},
)
ABORT = look(
    "client:rst-sent",
    "client:rst-aborts",
    client=State.CLOSED,
    server=State.CLOSED,
    steps=(
        step(Side.CLIENT, State.ESTABLISHED, State.CLOSED, 9),
        step(Side.SERVER, State.CLOSE_WAIT, State.CLOSED, 9),
    ),
)
BLIND = look("client:rst-in-window", "server:challenge-ack")


def test_half_open_connection_found() -> None:
    findings = found(FORGOTTEN)
    assert findings.keys() == {"D07"}
    finding = findings["D07"]
    assert (finding.confidence, finding.fault) == (Confidence.LIKELY, Fault.SERVER)
    assert "after a silence of 1 h and was answered by a reset" in finding.explanation


def test_a_reset_without_a_silence_may_be_a_forgotten_connection() -> None:
    sudden = look("server:rst-sent", "server:rst-no-socket", client=State.CLOSED, server=State.CLOSED)
    assert found(sudden)["D07"].confidence is Confidence.POSSIBLE


def test_an_end_that_has_just_spoken_may_have_aborted_as_well() -> None:
    sudden = look("server:rst-sent", "server:rst-no-socket", "server:rst-right-after-words")
    finding = found(sudden)["D07"]
    assert finding.severity is Severity.INFO
    assert any("abort" in doubt for doubt in finding.doubts)
    probed = found(sudden.also("client:keepalive-sent"))["D07"]
    assert probed.severity is Severity.WARNING


def test_a_late_segment_finds_a_forgotten_connection_too() -> None:
    assert found(FORGOTTEN.also("server:rst-answers-late-segment")).keys() == {"D07"}


def test_a_reset_of_which_nothing_before_was_captured_answers_nothing() -> None:
    lone = FORGOTTEN._replace(changes={"client_end": {"frames": 0}})
    assert found(lone).keys() == {"D27"}


def test_an_end_that_closed_has_not_forgotten() -> None:
    assert "D07" not in found(FORGOTTEN.also("server:fin-sent"))


def test_half_open_means_less_where_the_opening_is_missing() -> None:
    assert found(FORGOTTEN.also("mid-stream"))["D07"].confidence is Confidence.POSSIBLE


@pytest.mark.parametrize("has_spoken", [False, True])
def test_the_ttl_of_a_reset_is_held_against_other_packets_alone(tmp_path: Path, has_spoken: bool) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.9:41000", "10.0.0.3:443").play(HANDSHAKE)
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:443", at=5.0).play(HANDSHAKE)
        talk.play("0.1 > P. 20\n0.101 < P. 20\n0.102 > .")
        if not has_spoken:
            del wire.frames[3:]
        talk.play("3 > P. 40\n3.01 < R seq=21")

    finding = told(tmp_path, play)["D07"]
    assert ("its TTL does not differ" in str(finding.rivals)) is has_spoken
    assert ("nothing else of this end was captured" in str(finding.rivals)) is not has_spoken


def test_data_after_the_half_close_ran_out() -> None:
    findings = found(TOO_LATE)
    assert findings.keys() == {"D12"}
    assert findings["D12"].severity is Severity.WARNING
    assert findings["D12"].fault is Fault.SERVER


def test_a_client_that_breaks_off_is_information() -> None:
    broken_off = look(
        "client:fin-sent",
        "server:data-after-peer-fin",
        "client:rst-sent",
        client=State.CLOSED,
        server=State.CLOSED,
    )
    assert found(broken_off)["D12"].severity is Severity.INFO


def test_reset_after_fin_means_less_where_the_order_is_lost() -> None:
    assert found(TOO_LATE.also("reordered-by-tap"))["D12"].confidence is Confidence.POSSIBLE


def test_unread_data() -> None:
    findings = found(UNREAD)
    assert findings.keys() == {"D16"}
    assert findings["D16"].fault is Fault.SERVER


def test_an_abort_with_nothing_unread_is_another_matter() -> None:
    assert "D16" not in found(ABORT)


def test_unread_data_means_less_where_the_order_is_lost() -> None:
    assert found(UNREAD.also("reordered-by-tap"))["D16"].confidence is Confidence.POSSIBLE


def test_keep_alive_race() -> None:
    findings = found(RACE)
    assert findings.keys() == {"D17"}
    assert (
        "a silence of 75 s, which matches the 75 s of nginx's keepalive_timeout"
        in findings["D17"].explanation
    )


def test_a_race_after_a_silence_of_no_particular_length_is_possible() -> None:
    finding = found(RACE._replace(figures={"server:close-crossed-request": 2 * SECOND}))["D17"]
    assert (finding.severity, finding.confidence) == (Severity.NOTE, Confidence.POSSIBLE)


def test_keep_alive_race_means_less_where_the_order_is_lost() -> None:
    assert found(RACE.also("reordered-by-tap"))["D17"].confidence is Confidence.POSSIBLE


def test_reset_names_who_and_in_which_states() -> None:
    findings = found(ABORT)
    assert findings.keys() == {"D27"}
    assert findings["D27"].explanation == (
        "Client 10.0.0.1:40001 in ESTABLISHED reset the connection with server 10.0.0.2:80, which was in CLOSE_WAIT."
    )


def test_a_reset_that_answers_a_syn_ack_answers_no_stray_syn() -> None:
    unwanted = look("client:rst-sent", "client:rst-answers-syn-ack", client=State.CLOSED, server=State.CLOSED)
    assert "answered the SYN-ACK" in found(unwanted)["D27"].explanation
    assert "answered the SYN-ACK" in found(unwanted.also("server:stray-syn"))["D27"].explanation


def test_a_reset_without_effect_hides_no_later_one_that_answers_a_syn_ack() -> None:
    frames = {"client:rst-sent": 3, "client:rst-out-of-window": 3, "client:rst-answers-syn-ack": 5}
    astray = look("client:rst-sent", "client:rst-out-of-window", frame_of=frames, server=State.SYN_RECV)
    assert "D27" not in found(astray)
    both = astray.also("client:rst-answers-syn-ack")
    assert "answered the SYN-ACK" in found(both)["D27"].explanation


def test_a_reset_after_all_is_said_is_information() -> None:
    closed = ABORT.also("server:fin-sent", "client:fin-sent")._replace(frame_of={"client:rst-sent": 30})
    finding = found(closed)["D27"]
    assert finding.severity is Severity.INFO
    assert "after both had closed" in finding.explanation


def test_a_fin_that_came_after_the_reset_is_no_excuse() -> None:
    assert found(ABORT.also("client:fin-sent", "client:sent-data"))["D27"].severity is Severity.NOTE


def test_reset_means_less_where_the_order_is_lost() -> None:
    assert found(ABORT)["D27"].confidence is Confidence.LIKELY
    assert found(ABORT.also("reordered-by-tap"))["D27"].confidence is Confidence.POSSIBLE


def test_a_client_that_leaves_without_a_word_does_no_harm() -> None:
    assert found(ABORT)["D27"].severity is Severity.INFO
    assert found(ABORT.also("client:sent-data"))["D27"].severity is Severity.NOTE


def test_a_blind_reset_has_no_effect() -> None:
    findings = found(BLIND)
    assert findings.keys() == {"D28"}
    assert "answered with a challenge ACK" in findings["D28"].explanation


def test_an_abort_behind_lost_data_leaves_the_other_end_open() -> None:
    aborted = look(
        "server:rst-sent",
        "server:rst-in-window",
        "server:rst-aborts",
        server=State.CLOSED,
        frame_of={"server:rst-in-window": 9, "server:rst-aborts": 9},
    )
    finding = found(aborted)["D28"]
    assert finding.severity is Severity.NOTE
    assert "reset the connection, and data that it had sent before are missing" in finding.explanation
    assert any("loss of the reset itself" in rival for rival in finding.rivals)
    assert "D28" not in found(aborted._replace(client=State.CLOSED))
    challenged = found(aborted.also("client:challenge-ack"))["D28"]
    assert not any("loss of the reset itself" in rival for rival in challenged.rivals)


def test_an_exact_reset_has_effect() -> None:
    assert "D28" not in found(ABORT)


def test_a_blind_reset_means_less_without_the_opening() -> None:
    assert found(BLIND.also("mid-stream"))["D28"].confidence is Confidence.LIKELY


def test_of_two_resets_the_first_is_told() -> None:
    both = ABORT.also("server:rst-sent")
    assert "Client 10.0.0.1:40001 in" in found(both)["D27"].explanation
    crossed = both._replace(frame_of={"server:rst-sent": 5})
    assert "Server 10.0.0.2:80 in" in found(crossed)["D27"].explanation


def test_a_client_that_resets_long_after_its_answer_has_read_it() -> None:
    by_client = look(
        "server:sent-data",
        "client:rst-sent",
        "client:rst-aborts",
        "client:rst-after-unread-data",
        client=State.CLOSED,
        server=State.CLOSED,
        frame_of={"client:rst-after-unread-data": 20},
    )
    assert "D16" in found(by_client)
    late = by_client._replace(frame_of={"client:rst-after-unread-data": 23})
    assert found(late).keys() == {"D27"}


def test_a_state_that_the_reset_itself_disproves_is_not_named() -> None:
    undone = step(Side.CLIENT, State.SYN_RECV, State.ESTABLISHED, 3, retracted_by=9)
    assert (
        "Client 10.0.0.1:40001 reset the connection"
        in found(ABORT._replace(steps=(undone, *ABORT.steps)))["D27"].explanation
    )


def test_a_listening_socket_answers_an_ack_that_comes_before_its_syn_ack() -> None:
    early = look(
        "client:ack-beyond",
        "server:rst-sent",
        "server:rst-out-of-window",
        frame_of={"client:ack-beyond": 10, "server:rst-sent": 10, "server:rst-out-of-window": 10},
        steps=(step(Side.SERVER, State.LISTEN, State.SYN_RECV, 12),),
    )
    assert "D28" not in found(early)
    after = early._replace(steps=(step(Side.SERVER, State.LISTEN, State.SYN_RECV, 2),))
    assert "D28" in found(after)


def test_an_early_ack_that_nothing_has_judged_yet_is_answered_as_well(tmp_path: Path) -> None:
    def play(wire: Wire, ack: str) -> None:
        wire.talk("10.0.0.9:39000", "10.0.0.2:80").play(f"0 > S\n{ack}0.1 < R seq=5000")

    assert "D28" not in told(tmp_path, lambda wire: play(wire, "0.001 > . ack=5000\n"))
    assert "D28" in told(tmp_path, lambda wire: play(wire, ""))


def test_resets_in_the_name_of_either_end_are_two_findings() -> None:
    other = look("server:rst-sent", "server:rst-in-window", "client:challenge-ack")
    told = [one for one in diagnose(analysed(BLIND, other)) if one.id == "D28"]
    assert [one.count for one in told] == [1, 1]


def reset_after_fin(tmp_path: Path, lines: str) -> Finding:
    """Play a server that answers, closes, and resets what still comes."""
    opening = "0.01 > P. 100\n0.02 < P. 500\n0.021 < F."
    return told(
        tmp_path,
        lambda wire: wire.talk("10.0.0.9:39000", "10.0.0.2:80").play(HANDSHAKE).play(opening).play(lines),
    )["D12"]


def test_a_reset_takes_an_answer_from_whoever_has_not_closed(tmp_path: Path) -> None:
    finding = reset_after_fin(tmp_path, "0.03 > P. 50\n0.05 < R")
    assert finding.severity is Severity.NOTE
    assert "may take its answer" in finding.explanation


@pytest.mark.parametrize(
    "lines",
    ["0.03 > P. 31\n0.0301 > F.\n0.05 < R", "0.03 > P. 31\n0.0301 > R.\n0.05 < R"],
    ids=["closed", "reset"],
)
def test_a_reset_takes_nothing_from_whoever_has_left_before(tmp_path: Path, lines: str) -> None:
    finding = reset_after_fin(tmp_path, lines)
    assert finding.severity is Severity.INFO
    assert "may take its answer" not in finding.explanation


def test_a_reset_that_the_other_end_never_heard() -> None:
    unheard = look(
        "client:rst-sent",
        "client:rst-aborts",
        "server:spoke-after-rst",
        frame_of={"client:rst-sent": 10, "server:spoke-after-rst": 18},
    )
    finding = found(unheard)["D28"]
    assert "spoke on 10 s later all the same" in finding.explanation
    assert "D27" not in found(unheard)
    crossed = unheard._replace(
        frame_of={"client:rst-sent": 10, "server:spoke-after-rst": 10},
        changes={"server_end": {"last_time_ns": T0 + 10 * SECOND}},
    )
    assert found(crossed).keys() == {"D27"}


def test_a_server_that_resets_at_once_is_told_apart() -> None:
    opened = (step(Side.CLIENT, State.SYN_SENT, State.ESTABLISHED, 5),)
    silent = {"bytes": 0}
    at_once = look(
        "server:rst-sent",
        "server:rst-aborts",
        frame_of={"server:rst-sent": 5},
        steps=opened,
        client_end=silent,
        server_end=silent,
    )
    late = at_once._replace(frame_of={"server:rst-sent": 90})
    told = [one for one in diagnose(analysed(at_once, late)) if one.id == "D27"]
    assert [one.count for one in told] == [1, 1]
    assert sum("after the handshake, before a word was said" in one.explanation for one in told) == 1


def test_a_host_that_answers_copies_only_by_a_reset_was_away_meanwhile(tmp_path: Path) -> None:
    copies = "\n".join(f"{1 + 0.2 * 2**number:.1f} > P. 80 again" for number in range(7))
    finding = told(
        tmp_path,
        lambda wire: (
            wire.talk("10.0.0.9:39000", "10.0.0.2:80")
            .play(HANDSHAKE)
            .play(f"0.01 > P. 100\n0.02 < P. 500\n0.021 > .\n1 > P. 80\n{copies}\n13.801 < R seq=501")
        ),
    )["D07"]
    assert finding.confidence is Confidence.LIKELY
    assert "sent the same again" in finding.explanation
    assert not any("no long silence" in doubt for doubt in finding.doubts)


def test_a_request_that_breaks_a_silence_and_is_left_unread() -> None:
    slept = UNREAD._replace(figures={"server:rst-after-unread-data": 41 * SECOND})
    finding = found(slept)["D16"]
    assert "which broke a silence of 41 s, and reset the connection" in finding.explanation
    assert any("had run out in the silence" in rival for rival in finding.rivals)
    assert "a keep-alive race (D17): ruled out, it had received the request" in finding.rivals
    brief = found(UNREAD._replace(figures={"server:rst-after-unread-data": SECOND}))["D16"]
    assert "broke a silence" not in brief.explanation


def test_a_front_end_that_aborts_is_asked_and_not_the_application() -> None:
    fronted = UNREAD.also("server:syn-ack-ttl-differs")._replace(
        figures={"server:syn-ack-ttl-differs": 245, "server:rst-sent": 245},
        changes={"server_end": {"ttl": 54}},
    )
    finding = found(fronted)["D16"]
    assert "the front end that answered the SYN reset it" in finding.explanation
    assert finding.advice.startswith("See in the front end's log")
    assert not any("SO_LINGER" in doubt for doubt in finding.doubts)


def test_a_reset_of_the_last_syn_ack_of_several_shows_no_late_answer(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:80")
        talk.play("0 > S\n0.001 < S.\n9.1 < S. again\n17.3 < S. again\n33.4 < S. again\n33.41 > R seq=1")

    told_of = told(tmp_path, play)["D27"].explanation
    assert "had been sent 4 times, and nothing of 10.0.0.9 answers it for 33.4 s" in told_of
    assert "given up" not in told_of


def test_a_reset_of_the_first_syn_ack_answers_no_copy_of_it(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:80")
        talk.play("0 > S\n0.004 < S.\n0.0041 > R seq=1\n1 > S again\n1.004 < S. again\n1.0041 > R seq=1")

    told_of = told(tmp_path, play)["D27"].explanation
    assert "answered the SYN-ACK" in told_of
    assert "had been sent" not in told_of


def test_a_reset_of_what_answers_a_copy_of_the_syn_at_once_shows_nobody_who_gave_up(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:80", client_scale=None)
        talk.play("0 > S\n1.7 > S again\n1.7001 < S.\n1.7002 > R seq=1\n2.7 > S again")

    assert "given up" not in told(tmp_path, play)["D27"].explanation
