"""D49: whose time it is that clients wait."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.diagnosis.builders import Analysed, capture, look
from tests.diagnosis.played import told as played
from tests.field.talk import FAREWELL, GREETING, HANDSHAKE, Wire
from wirestat.diagnosis import diagnose
from wirestat.model import Confidence, Fault, Finding, Severity
from wirestat.timers import LINUX, MILLISECOND, SECOND


def told(think_ns: int, network_ns: int, turns: int = 3, longest: int = 0, resent: int = 0) -> Finding | None:
    """The findings on a socket with two connections, each of which waited so long; ``resent`` of its 400 bytes."""
    end = {"turns": turns, "think_ns": think_ns, "longest_think_ns": longest}
    client = {"turns": turns, "think_ns": 0, "bytes": 400, "retransmitted_bytes": resent}
    copies = ("client:data-resent",) if resent else ()
    talk = look("client:sent-data", "server:sent-data", *copies, server_end=end, client_end=client)
    analysis = Analysed((talk, talk), (capture(),), (), LINUX)
    analysis._connections = {
        id: replace(one, network_ns=network_ns) for id, one in analysis._connections.items()
    }
    return next((one for one in diagnose(analysis) if one.id == "D49"), None)


def test_a_server_that_takes_most_of_the_time() -> None:
    finding = told(6 * SECOND, 60 * MILLISECOND)
    assert finding is not None
    assert (finding.severity, finding.fault, finding.count) == (Severity.INFO, Fault.SERVER, 2)
    assert "12.1 s in all for 6 answers of 10.0.0.2:80: 99 % of that" in finding.explanation


def test_a_network_that_takes_its_share() -> None:
    assert told(6 * SECOND, 3 * SECOND) is None


def test_answers_that_keep_nobody_waiting() -> None:
    assert told(1 * SECOND, 1 * MILLISECOND) is None
    assert told(6 * SECOND, 60 * MILLISECOND, turns=1) is None


def test_who_is_asked_to_wait_for_news_is_not_slow() -> None:
    assert told(180 * SECOND, 60 * MILLISECOND) is None


def test_requests_that_the_host_did_not_acknowledge_kept_no_server_busy() -> None:
    assert told(6 * SECOND, 60 * MILLISECOND, resent=300) is None
    assert told(6 * SECOND, 60 * MILLISECOND, resent=40) is not None


def test_few_answers_are_a_hint() -> None:
    few, many = told(6 * SECOND, 60 * MILLISECOND), told(18 * SECOND, 60 * MILLISECOND, turns=9)
    assert few is not None
    assert few.confidence is Confidence.POSSIBLE
    assert "6 answers may be chance" in few.doubts
    assert many is not None
    assert not any("may be chance" in doubt for doubt in many.doubts)


def test_a_client_that_answers_at_once_may_be_the_one_that_is_asked() -> None:
    finding = told(18 * SECOND, 60 * MILLISECOND, turns=9)
    assert finding is not None
    assert finding.confidence is Confidence.POSSIBLE
    assert "a server that asks, as through a tunnel, or pushes news: open" in finding.rivals


def test_a_few_long_waits_are_no_slow_server() -> None:
    even = told(12 * SECOND, 60 * MILLISECOND, turns=4, longest=4 * SECOND)
    uneven = told(12 * SECOND, 60 * MILLISECOND, turns=4, longest=13 * SECOND)
    assert even is not None
    assert even.confidence is Confidence.LIKELY
    assert uneven is not None
    assert uneven.confidence is Confidence.POSSIBLE
    assert any("two ends that each send by a timer" in rival for rival in uneven.rivals)


def _in_names_of(addresses: list[str], ttl: int = 16) -> bool:
    """Whether anything is said of servers that take 6 s to answer and a millisecond to acknowledge a SYN."""
    end = {"turns": 3, "think_ns": 6 * SECOND}
    talks = tuple(
        look(
            "client:sent-data",
            "server:sent-data",
            server_address=address,
            server_end={**end, "ttl": ttl + number * (ttl == 0)},
            client_end={"turns": 3, "think_ns": 0},
        )
        for number, address in enumerate(addresses)
    )
    analysis = Analysed(talks, (capture(),), (), LINUX)
    analysis._connections = {
        id: replace(one, network_ns=10, syn_to_syn_ack_ns=MILLISECOND)
        for id, one in analysis._connections.items()
    }
    return any(one.id == "D49" for one in diagnose(analysis))


PUBLIC = ["80.74.110.68", "173.243.0.110", "209.197.222.159", "64.68.121.153", "2a00:1450::5"]


def test_who_answers_in_the_names_of_all_hides_the_network() -> None:
    assert not _in_names_of(PUBLIC)


def test_servers_at_several_distances_answer_for_themselves() -> None:
    assert _in_names_of(PUBLIC, ttl=0)


def test_a_network_of_ones_own_may_be_near_and_flat() -> None:
    assert _in_names_of(["10.1.0.2", "10.2.0.2", "10.3.0.2", "192.168.1.1", "172.16.0.2"])


def sent_away(tmp_path: Path, waits: tuple[float, ...], close: str = "<") -> Finding | None:
    """The finding of clients that are answered after so many seconds and sent away, beside one that is served."""

    def play(wire: Wire) -> None:
        for number, wait in enumerate(waits):
            talk = wire.talk(f"10.0.0.{1 + number}:40000", "10.0.0.9:6432", at=2.0 * number).play(GREETING)
            talk.play(f"1 > P. 60\n1.04 < .\n{1 + wait} < P. 78\n{1 + wait + 0.001} > .")
            talk.play(f"{1 + wait + 0.002} {close} F.")
        wire.talk("10.0.0.77:40000", "10.0.0.9:6432", at=3.0).play(GREETING)

    return played(tmp_path, play).get("D49")


def test_clients_that_wait_for_a_limit_and_are_sent_away(tmp_path: Path) -> None:
    finding = sent_away(tmp_path, (120.0, 120.1, 120.0))
    assert finding is not None
    assert "let 3 clients wait 120 s for an answer" in finding.explanation
    assert "1 other connection to it did not have to wait so" in finding.explanation


def test_waits_of_all_lengths_are_no_limit(tmp_path: Path) -> None:
    assert sent_away(tmp_path, (120.0, 80.0, 33.0)) is None
    assert sent_away(tmp_path, (120.0, 120.0)) is None
    assert sent_away(tmp_path, (120.0, 120.0, 120.0), close=">") is None


@pytest.mark.parametrize(("spread", "is_told"), [(0.003, True), (0.1, False)])
def test_one_answer_of_each_connection_takes_equally_long(
    tmp_path: Path, spread: float, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        for number in range(9):
            talk = wire.talk(f"10.0.0.9:{40_000 + number}", "10.0.0.2:25", at=0.4 * number).play(HANDSHAKE)
            talk.play("0.002 < P. 40\n0.0021 > .")  # a greeting: an answer more than requests
            for turn in range(1, 6):
                talk.play(f"{turn * 0.01} > P. 20\n{turn * 0.01 + 0.001} < P. 20\n{turn * 0.01 + 0.0011} > .")
            talk.play(
                f"0.06 > P. 300\n0.0601 < .\n{1.06 + spread * number} < P. 20\n{1.061 + spread * number} > ."
            )
            talk.play(FAREWELL, at=1.2 + spread * number)

    finding = played(tmp_path, play).get("D49")
    assert (finding is not None) is is_told
    if finding:
        assert "for one answer on each of 9 connections" in finding.explanation
        assert finding.severity is Severity.INFO


@pytest.mark.parametrize(("answers", "is_told"), [(False, False), (True, True)])
def test_two_timers_are_no_answers(tmp_path: Path, answers: bool, is_told: bool) -> None:
    def play(wire: Wire) -> None:
        for number in range(3):
            talk = wire.talk(f"10.0.0.9:{40_000 + number}", "10.0.0.2:7788", at=0.1 * number).play(HANDSHAKE)
            asked = [(1.3 * turn, ">") for turn in range(1, 13)]
            told = [(1.7 * turn, "<") for turn in range(1, 10)]
            if answers:  # each takes 0.6 to 0.8 s
                told = [(at + 0.6 + 0.02 * turn, "<") for turn, (at, _) in enumerate(asked)]
            for at, way in sorted(asked + told):
                talk.play(f"{at:.3f} {way} P. 8\n{at + 0.0005:.4f} {'<' if way == '>' else '>'} .")

    assert ("D49" in played(tmp_path, play)) is is_told


@pytest.mark.parametrize("client_says", [180, 40])
def test_who_answers_longer_and_at_once_is_asked_through_a_tunnel(tmp_path: Path, client_says: int) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40001", "10.0.0.2:22").play(HANDSHAKE)
        at = 1.0
        for pause in (0.2, 0.4, 0.3, 9.0, 0.2, 0.3, 0.5, 0.2, 7.0, 0.3, 0.2, 0.4, 0.3):
            talk.play(f"{at} < P. 76\n{at + 0.0004} > P. {client_says}\n{at + 0.02} < .")
            at += pause

    assert ("D49" in played(tmp_path, play)) == (client_says < 76)


@pytest.mark.parametrize("elsewhere", [True, False])
def test_a_front_on_another_way_of_the_client_hides_what_is_behind(*, elsewhere: bool) -> None:
    end = {"turns": 9, "think_ns": 9 * SECOND, "longest_think_ns": SECOND}
    slow = look(
        *("client:sent-data", "server:sent-data"), server_end=end, client_end={"turns": 9, "think_ns": SECOND}
    )
    other = look("server:acks-from-elsewhere", server_address="10.0.0.9")
    analysis = Analysed((slow, other) if elsewhere else (slow,), (capture(),), (), LINUX)
    finding = next(one for one in diagnose(analysis) if one.id == "D49")
    assert ("behind whoever acknowledges" in finding.explanation) == elsewhere
    assert finding.confidence is (Confidence.POSSIBLE if elsewhere else Confidence.LIKELY)


@pytest.mark.parametrize("is_steady", [True, False])
def test_some_wait_for_what_another_session_holds(tmp_path: Path, *, is_steady: bool) -> None:
    def play(wire: Wire) -> None:
        for number in range(7):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:5432", at=0.02 * number).play(HANDSHAKE)
            for at in (*(step / 10 for step in range(1, 10)), *(7 + step / 10 for step in range(1, 10))):
                late = 5.9 if at == 0.9 else 0.001
                talk.play(f"{at} > P. 20\n{at + 0.0004} < .\n{at + late} < P. 20\n{at + late + 0.0004} > .")
        other = wire.talk("10.0.0.9:50000", "10.0.0.2:5432").play(HANDSHAKE)
        for step in range(21):
            at = 0.1 + 0.4 * step
            if is_steady or not 0.9 < at < 6.8:
                other.play(f"{at} > P. 20\n{at + 0.001} < P. 20\n{at + 0.0014} > .")

    finding = played(tmp_path, play)["D49"]
    assert ("10.0.0.9:50000 was answered at once all along" in finding.explanation) == is_steady
    assert ("a lock" in " ".join(finding.rivals)) == is_steady


@pytest.mark.parametrize(
    ("waits", "words"),
    [
        (
            (2.0, 0.002, 2.001, 0.002, 2.003, 0.002, 2.002, 0.003),
            "took 2 s for one answer at least on each of 4",
        ),
        ((2.0, 0.002, 2.4, 0.002, 1.6, 0.002, 2.2, 0.003), "8 answers of"),
        ((2.0, 0.002, 2.001, 0.002, 2.003, 0.002), "6 answers of"),
    ],
    ids=["equal", "uneven", "few"],
)
def test_some_that_wait_equally_long_are_told_beside_those_that_do_not(
    waits: tuple[float, ...], words: str, tmp_path: Path
) -> None:
    """An average of one second is what nobody waited: a time-out of what the server asks runs out after two."""

    def play(wire: Wire) -> None:
        for number, wait in enumerate(waits):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=5 * number)
            talk.play("0 > S\n0.001 < S.\n0.0011 > .\n0.0012 > P. 80\n0.0014 < .")
            talk.play(f"{0.0012 + wait} < P. 300\n{0.0013 + wait} > .\n{0.0014 + wait} > F.")
            talk.play(f"{0.0015 + wait} < F.\n{0.0016 + wait} > .")

    assert words in played(tmp_path, play)["D49"].explanation
