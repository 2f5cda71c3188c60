"""Kinds of misreading that the sixth reading of others' captures showed, each beside what must still be told."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.diagnosis.builders import Analysed, capture, look
from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat import analyze
from wirestat.diagnosis import diagnose
from wirestat.timers import LINUX, MILLISECOND, SECOND

OPENED = "0 > S\n0.02 < S.\n0.021 > .\n0.1 > P. 100\n0.13 < P. 400\n0.14 > ."


def _several(wire: Wire, lines: str, count: int = 4) -> None:
    for number in range(count):
        talk = wire.talk(f"10.0.0.1:{40001 + number}", "10.0.0.2:443")
        talk.start = number * 2.0
        talk.play(OPENED)
        talk.play(lines)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("90 > P. 80\n90.02 < R seq=401 noack", True),
        ("20 < F.\n20.02 > .\n110 > F.\n110.02 < R seq=402", False),
        ("90 > F.\n90.02 < .\n90.1 < P. 31\n90.11 > R.", False),
    ],
    ids=["nobody-closed", "server-closed-before", "client-closed-and-got-a-farewell"],
)
def test_what_an_end_resets_after_its_own_fin_is_no_idle_time_out(
    tmp_path: Path, lines: str, *, expected: bool
) -> None:
    findings = told(tmp_path, lambda wire: _several(wire, lines))
    assert ("D08" in findings) is expected


def _idle_reset(wire: Wire, last: str) -> None:
    wire.talk("10.0.0.1:40001", "10.0.0.2:443").play(f"{OPENED}\n{last}")


def test_a_server_that_resets_what_is_idle_leaves_nothing_unread(tmp_path: Path) -> None:
    findings = told(tmp_path, lambda wire: _idle_reset(wire, "0.2 > P. 38\n0.22 < .\n127 < R."))
    assert "D16" not in findings
    assert "reset the connection" in findings["D27"].explanation
    assert "after a silence of 127 s" in findings["D27"].explanation


def test_a_server_that_resets_at_once_leaves_a_request_unread(tmp_path: Path) -> None:
    findings = told(tmp_path, lambda wire: _idle_reset(wire, "0.2 > P. 38\n0.22 < .\n0.3 < R."))
    assert "D16" in findings


def test_an_acknowledged_probe_is_no_unread_data(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:40001", "10.0.0.2:102").play(
            "0 < . 1 seq=5000 ack=7000\n0.001 > . seq=7000 ack=5001\n"
            "20 > R. seq=7000 ack=5001\n30 < . 1 seq=5000 ack=7000\n31 < . 1 seq=5000 ack=7000"
        )

    assert "D16" not in told(tmp_path, play)


def _begun_again(wire: Wire) -> None:
    talk = wire.talk("10.0.0.1:40001", "10.0.0.2:3306")
    talk.play("0 > S\n0.001 < S.\n0.002 > .\n0.01 < P. 69\n0.011 > .\n0.02 > F.")
    talk.play("3600 > S again seq=0\n3600.1 < S. again seq=0 ack=1\n3600.2 > . seq=1 ack=1")
    talk.play("3600.3 < P. 69 seq=1 ack=1\n3600.4 > . seq=1 ack=70")


def test_a_syn_ack_that_answers_another_syn_ignores_no_ack(tmp_path: Path) -> None:
    findings = told(tmp_path, _begun_again)
    assert "D05" not in findings
    assert "D33" not in findings


def _closed_with_data_to_come(wire: Wire, number: int, more: str) -> None:
    talk = wire.talk(f"10.0.0.1:{40001 + number}", "10.0.0.2:443")
    talk.start = number * 2.0
    talk.play(f"{OPENED}\n0.5 < P. 24\n0.51 < F.\n0.52 > P. 24\n{more}")


def test_a_reset_takes_nothing_from_who_has_reset_before(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        _closed_with_data_to_come(wire, 0, "0.53 < R seq=426")
        _closed_with_data_to_come(wire, 1, "0.521 > R.\n0.53 < R seq=426")

    path = tmp_path / "both.pcap"
    told(tmp_path, play)
    path = tmp_path / "played.pcap"
    taken = {
        finding.examples: "before that has read it" in finding.explanation
        for finding in analyze(path).findings
        if finding.id == "D12"
    }
    assert taken == {(1,): True, (2,): False}


def test_words_after_the_reset_are_timed_to_the_last(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40001", "10.0.0.2:443")
        talk.play(
            f"{OPENED}\n1 > P. 181\n1.3 > P. again\n1.9 > P. again\n3.1 > P. again\n5.5 > P. again\n10.3 > P. again"
        )
        talk.play("20 > R.\n20.1 < . ack=101\n22 < P. 41 ack=101\n30 < P. again ack=101")

    assert "again, last 28.7 s after the first copy" in told(tmp_path, play)["D56"].explanation


def test_how_long_an_end_waits_for_delayed_acknowledgements_is_told(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40001", "10.0.0.2:8443")
        talk.play("0 > S\n0.001 < S.\n0.0015 > .")
        for turn in range(12):
            at = 1 + turn * 0.1
            talk.play(
                f"{at} > P. 90\n{at + 0.001} < P. 300\n{at + 0.041} > .\n{at + 0.0411} < P. 200\n{at + 0.05} > ."
            )

    assert "waited about 480 ms in all" in told(tmp_path, play)["D53"].explanation


@pytest.mark.parametrize(("reach_ms", "share"), [(1, "100 %"), (500, "91 %")], ids=["near", "behind-a-proxy"])
def test_the_way_behind_a_proxy_is_the_networks(reach_ms: int, share: str) -> None:
    talk = look(
        "client:sent-data",
        "server:sent-data",
        server_end={"turns": 10, "think_ns": 60 * SECOND},
        client_end={"turns": 10, "think_ns": 9 * SECOND},
    )
    analysis = Analysed((talk, talk), (capture(),), (), LINUX)
    analysis._connections = {
        id: replace(
            one,
            network_ns=(reach_ms + 10) * MILLISECOND,
            connect_ns=reach_ms * MILLISECOND,
            syn_to_syn_ack_ns=reach_ms * MILLISECOND,
        )
        for id, one in analysis._connections.items()
    }
    finding = next(one for one in diagnose(analysis) if one.id == "D49")
    assert f"{share} of that for the server" in finding.explanation
