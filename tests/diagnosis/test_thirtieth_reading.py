"""Kinds of misreading that the thirtieth reading and those before it showed, each beside what must still be told."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Wire
from tests.packets import ip
from wirestat.model import Severity

CLIENT, SERVER = "10.0.0.1:40000", "10.0.0.2:80"


def _told(tmp_path: Path, lines: str) -> dict[str, str]:
    """Return what is said of one connection, by the diagnoses' ids."""
    found = told(tmp_path, lambda wire: wire.talk(CLIENT, SERVER).play(lines))
    return {id: finding.explanation for id, finding in found.items()}


@pytest.mark.parametrize("same", [True, False])
def test_halves_under_two_addresses_with_the_same_numbers_are_one_connection(
    tmp_path: Path, same: bool
) -> None:
    """A redirection on the client's host: the SYN goes to a proxy, and the SYN-ACK comes from the service."""

    def play(wire: Wire) -> None:
        said = wire.talk(CLIENT, "127.0.0.1:15001", client_isn=5_000, server_isn=9_000)
        heard = wire.talk(CLIENT, "10.96.0.7:5000", client_isn=5_000, server_isn=9_000 if same else 11_000)
        for line in (HANDSHAKE + "0.002 > P. 100\n0.004 < P. 300\n0.0041 > .").strip().splitlines():
            seen, hidden = (said, heard) if ">" in line else (heard, said)
            seen.play(line)
            hidden.play(line + " lost")

    found = told(tmp_path, play)
    assert ("D40" in found) == same
    assert ("Only one direction" in found["D25"].explanation if "D25" in found else False) != same


@pytest.mark.parametrize(("waits", "is_told"), [(11.2, True), (0.4, False)])
def test_an_end_that_gives_up_after_one_probe_waited_for_its_answer(
    tmp_path: Path, waits: float, is_told: bool
) -> None:
    found = _told(tmp_path, HANDSHAKE + f"10 > . seq=0\n{10 + waits} > R. seq=1")
    assert ("D09" in found) == is_told
    assert ("D27" in found) != is_told
    if is_told:
        assert "probed the connection once" in found["D09"]


def test_a_probe_that_was_answered_is_not_what_an_end_gives_up_for(tmp_path: Path) -> None:
    assert "D09" not in _told(tmp_path, HANDSHAKE + "10 > . seq=0\n10.001 < .\n21.2 > R. seq=1")


@pytest.mark.parametrize("answers", [True, False])
def test_probes_of_the_other_end_answer_none(tmp_path: Path, answers: bool) -> None:
    """Both probe, and neither hears the other: no probe shows that a silence was survived."""
    between = "2.11 < ." if answers else "3.3 < . seq=0\n5.2 < . seq=0"
    lines = HANDSHAKE + f"0.1 > P. 10\n0.11 < .\n2.1 > . seq=10\n{between}\n"
    lines += "7.24 > . seq=10\n9.24 > . seq=10\n11.24 > . seq=10\n13.24 > R. seq=11"
    finding = told(tmp_path, lambda wire: wire.talk(CLIENT, SERVER, stamps=False).play(lines))["D09"]
    assert any("had been answered" in rival for rival in finding.rivals) == answers


def test_a_window_of_zero_that_nobody_is_seen_to_wait_for_is_no_stall(tmp_path: Path) -> None:
    lines = "0 > . seq=1000 ack=1000 win=0\n1059 > R. seq=1000 ack=1000"
    finding = told(tmp_path, lambda wire: wire.talk(CLIENT, SERVER, stamps=False).play(lines))["D23"]
    assert finding.severity is Severity.NOTE
    assert finding.confidence == "possible"
    assert "that it had to wait is not shown" in finding.explanation


@pytest.mark.parametrize(("sends", "is_told"), [("< P. 602", True), ("< .", False)])
def test_a_window_that_stays_at_zero_while_data_come_is_a_stall(
    tmp_path: Path, sends: str, is_told: bool
) -> None:
    lines = (
        HANDSHAKE
        + f"0.1 > P. 10\n0.11 < .\n0.2 > . win=0\n0.5 {sends}\n0.501 > . ack=1 win=0\n5 > . ack=1 win=0"
    )
    assert ("D23" in _told(tmp_path, lines)) == is_told


@pytest.mark.parametrize("last", [0, 502])
def test_a_fin_that_a_shut_window_does_not_take_waits(tmp_path: Path, last: int) -> None:
    lines = HANDSHAKE + "0.01 > P. 100\n0.011 < . win=0\n0.02 > F.\n0.021 < . ack=101 win=0\n2.5 < . ack=101"
    assert ("D23" in _told(tmp_path, f"{lines} win={last}")) == (not last)


@pytest.mark.parametrize(("count", "is_told"), [(5, True), (2, False)])
def test_several_shut_windows_of_one_host_are_told(tmp_path: Path, count: int, is_told: bool) -> None:
    def play(wire: Wire) -> None:
        for number in range(count):
            talk = wire.talk(f"10.0.0.1:{40_000 + number}", SERVER, at=number / 100)
            talk.play("0 > . seq=500 ack=2000 win=0")

    assert ("D23" in told(tmp_path, play)) == is_told


@pytest.mark.parametrize("resets", ["0.02 > R seq=301\n0.0201 < R seq=1", "0.0101 < R seq=1"])
def test_what_follows_a_reset_does_not_answer_the_handshake(tmp_path: Path, resets: str) -> None:
    """A device resets both ends: that is no server without the connection."""
    found = _told(tmp_path, HANDSHAKE + f"0.01 > P. 300\n{resets}")
    assert ("D06" in found) == (">" not in resets)
    assert ("D18" in found) == (">" in resets)


@pytest.mark.parametrize(("copies", "is_told"), [(3, True), (1, False)])
def test_a_connect_that_took_several_syn_acks_is_late(tmp_path: Path, copies: int, is_told: bool) -> None:
    again = "".join(f"{1.4 + at} < S. again\n" for at in (3, 9, 32)[:copies])
    last = 1.4 + (3, 9, 32)[copies - 1]
    lines = f"0 > S\n1.4 < S.\n{again}{last + 0.001} > .\n{last + 0.01} > P. 100\n{last + 0.02} < ."
    found = _told(tmp_path, lines)
    assert ("D04" in found) == is_told
    if is_told:
        assert "SYN-ACK 4 times" in found["D04"]


@pytest.mark.parametrize(("again", "is_told"), [(1.0, True), (0.2, False)])
def test_a_syn_that_comes_again_after_its_answer_did_not_get_it(
    tmp_path: Path, again: float, is_told: bool
) -> None:
    """Sooner than by any timer, it was under way."""
    found = told(
        tmp_path, lambda wire: wire.talk(CLIENT, SERVER).play(f"0 > S\n0.0001 < S.\n{again} > S again")
    )
    assert ("D04" in found) == is_told
    if is_told:
        assert found["D04"].severity is Severity.NOTE


@pytest.mark.parametrize(("copies", "is_told"), [((2, 6, 14), True), ((0.22,), False)])
def test_a_fin_that_is_acknowledged_after_seconds_waited(
    tmp_path: Path, copies: tuple[float, ...], is_told: bool
) -> None:
    again = "".join(f"{1 + at} < F. again\n" for at in copies)
    done = 1.1 + copies[-1]
    lines = (
        HANDSHAKE
        + f"0.1 > P. 9\n0.2 < P. 9\n0.21 > .\n1 < F.\n{again}{done} > .\n{done + 0.1} > F.\n{done + 0.2} < ."
    )
    assert ("D13" in _told(tmp_path, lines)) == is_told


@pytest.mark.parametrize(("size", "is_told"), [(1400, True), (1000, False)])
def test_who_is_told_twice_that_it_sends_too_much_and_sends_it_again_does_not_listen(
    tmp_path: Path, size: int, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk(CLIENT, SERVER).play("0 > S\n0.00001 < S.\n0.03 > .\n0.031 > P. 300")
        for line in (f"0.04 < . {size}", f"0.3 < . {size} again", f"0.9 < . {size} again"):
            talk.play(line)
            time_ns, _, data = wire.frames[-1]
            frame = ip.ethernet(ip.icmp_error("too-big", "10.0.9.1", data[14:]))
            wire.frames.append((time_ns + 40_000, len(frame), frame))

    found = told(tmp_path, play)
    assert ("D24" in found) == is_told
    if is_told:
        assert f"segments of up to {size} bytes" in found["D24"].explanation


@pytest.mark.parametrize(
    "lines", ["0 > FPU seq=5\n0.001 < R. seq=0 ack=6", "0 > . seq=5 ack=1\n0.001 < R seq=1"]
)
def test_a_reset_that_answers_one_segment_of_no_connection_may_answer_a_scan(
    tmp_path: Path, lines: str
) -> None:
    found = told(tmp_path, lambda wire: wire.talk(CLIENT, SERVER, stamps=False).play(lines))
    finding = found.get("D27") or found["D07"]
    assert any("a scan (D26)" in rival for rival in finding.rivals)


def _uploads(window: int, rounds: int) -> str:
    """Send three segments at a time to a host that tells of little room while they are under way."""
    lines = "0 > S\n0.002 < S. win=8192\n0.0021 > .\n"
    for step in range(rounds):
        at, sent = 0.01 + 0.6 * step, 1 + 3 * 1400 * step
        lines += "".join(f"{at + 0.0001 * part} > . 1400\n" for part in range(3))
        lines += f"{at + 0.004} < . ack={sent + 1400} win={window}\n"
        lines += "".join(f"{at + 0.2 + 0.0001 * part} > . 1400 seq={sent + 1400 * part}\n" for part in (1, 2))
        lines += f"{at + 0.21} < . ack={sent + 4200} win=8192\n"
    return lines


@pytest.mark.parametrize(("window", "is_told"), [(1000, True), (2800, False)])
def test_a_window_whose_edge_moves_back_is_told(tmp_path: Path, window: int, is_told: bool) -> None:
    """Data may fill a window; those beyond a smaller one are thrown away."""

    def play(wire: Wire) -> None:
        wire.talk(CLIENT, SERVER, stamps=False, server_scale=None).play(_uploads(window, 6))

    found = told(tmp_path, play)
    assert (
        "took back room in its receive window" in found["D23"].explanation if "D23" in found else False
    ) == is_told
    assert ("D57" in found) != is_told


def test_data_of_a_syn_that_were_acknowledged_lie_unread(tmp_path: Path) -> None:
    assert "D16" in _told(tmp_path, "0 > S 10 tfo\n0.001 < S. ack=11\n0.0011 < R. seq=1 ack=11")
    assert "D16" not in _told(tmp_path, "0 > S 10 tfo\n0.001 < S. ack=1\n0.0011 < R. seq=1 ack=1")


@pytest.mark.parametrize(("resets", "severity"), [(True, Severity.ERROR), (False, Severity.NOTE)])
def test_a_second_syn_ack_that_nobody_resets_is_less_sure(
    tmp_path: Path, resets: bool, severity: Severity
) -> None:
    reset = "0.2001 > R seq=1\n" if resets else ""
    lines = f"0 > S\n0.01 < S.\n0.011 > .\n0.2 < S. seq=90000 ack=1\n{reset}0.3 > P. 100 ack=1"
    finding = told(tmp_path, lambda wire: wire.talk(CLIENT, SERVER).play(lines))["D43"]
    assert finding.severity is severity
    assert any("forged" in rival and ": open" in rival for rival in finding.rivals) != resets


@pytest.mark.parametrize(("closed", "severity"), [(True, Severity.NOTE), (False, Severity.ERROR)])
def test_a_strange_reset_after_both_closed_takes_nothing(
    tmp_path: Path, closed: bool, severity: Severity
) -> None:
    reset = "1.0015 < R. seq={} ttl=41 id=7\n"
    close = "1 > F.\n1.001 < F.\n" + reset.format(11) + "1.002 > .\n1.01 < . ack=11"
    lines = HANDSHAKE + "0.1 > P. 9\n0.2 < P. 9\n0.21 > .\n"
    lines += close if closed else reset.format(10) + "1.01 < P. 50"
    finding = told(tmp_path, lambda wire: wire.talk(CLIENT, SERVER).play(lines))["D18"]
    assert finding.severity is severity
    assert ("nothing is lost" in finding.explanation) == closed


@pytest.mark.parametrize(("apart", "is_dated"), [(90_000.0, True), (9.0, False)])
def test_instants_of_a_capture_of_several_days_have_their_date(
    tmp_path: Path, apart: float, is_dated: bool
) -> None:
    def play(wire: Wire) -> None:
        wire.talk(CLIENT, SERVER).play("0 > S\n0.001 < R. seq=0 ack=1")
        wire.talk("10.0.0.1:40001", SERVER, at=apart).play(HANDSHAKE)

    explanation = told(tmp_path, play)["D02"].explanation
    assert "it refused until" in explanation
    assert ("2026-09-" in explanation) == is_dated


@pytest.mark.parametrize(("left_out", "is_told"), [(10_944, True), (400, False)])
def test_what_is_missing_before_a_fin_was_too_large(tmp_path: Path, left_out: int, is_told: bool) -> None:
    """The FIN comes to the tap, and what lies before it neither there nor to the client, which gives up."""
    lines = HANDSHAKE + f"0.01 > P. 300\n0.011 < .\n0.02 < . {left_out} lost\n0.03 < F.\n"
    lines += f"0.031 > . ack=1 sack={left_out + 1}-{left_out + 2}\n8 > R. ack=1"
    found = _told(tmp_path, lines)
    assert ("D24" in found) == is_told
    if is_told:
        assert "sent 10,944 bytes that neither came as far as the tap" in found["D24"]


@pytest.mark.parametrize(("rounds", "is_told"), [(5, True), (2, False)])
def test_two_ends_that_acknowledge_each_other_at_once_are_in_a_loop(
    tmp_path: Path, rounds: int, is_told: bool
) -> None:
    lines = "".join(
        f"{step * 5e-6:.7f} > . seq=1000 ack=5000\n{step * 5e-6 + 2.5e-6:.7f} < . seq=9000 ack=7000\n"
        for step in range(rounds)
    )
    found = told(tmp_path, lambda wire: wire.talk(CLIENT, SERVER, stamps=False).play(lines))
    assert ("D46" in found) == is_told
