"""D30: idle connections that resets end, of one server or in the names of many."""

from pathlib import Path

from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Finding, Severity

OPENED = "0 > S\n0.02 < S.\n0.021 > .\n0.1 > P. 100\n0.13 < P. 400\n0.14 > ."


def idle(tmp_path: Path, *silences: float, server: str = "10.0.0.{}:443", lives: float = 0) -> Finding | None:
    """The finding on connections that a reset ended after these silences, each to a server of its own."""

    def play(wire: Wire) -> None:
        for number, silence in enumerate(silences):
            talk = wire.talk(f"10.9.0.1:{40_001 + number}", server.format(number + 2), at=number * 2.0)
            talk.play(f"{OPENED}\n{0.14 + silence} < R.")
        if lives:
            talk = wire.talk("10.9.0.1:50001", "10.0.1.1:443").play(OPENED)
            talk.play(f"{lives} > P. 80\n{lives + 0.02} < P. 90\n{lives + 0.021} > .")

    return told(tmp_path, play).get("D30")


def test_many_servers_whose_resets_come_after_like_silences(tmp_path: Path) -> None:
    finding = idle(tmp_path, 121, 122, 124)
    assert finding is not None
    assert finding.severity is Severity.NOTE
    assert "as resets of several servers ended other connections of 10.9.0.1" in finding.explanation
    assert any(
        "a device near the client" in rival or "near the client (D08): open" in rival
        for rival in finding.rivals
    )


def test_a_silence_that_another_connection_lived_through_speaks_for_the_servers(tmp_path: Path) -> None:
    finding = idle(tmp_path, 121, 122, 124, lives=200)
    assert finding is not None
    assert any("unlikely, another connection of it lived through" in rival for rival in finding.rivals)


def test_silences_of_all_lengths_are_no_time_out(tmp_path: Path) -> None:
    assert idle(tmp_path, 61, 122, 300) is None


def test_two_servers_may_do_so_by_chance(tmp_path: Path) -> None:
    assert idle(tmp_path, 121, 122) is None


def test_one_server_that_resets_what_is_idle(tmp_path: Path) -> None:
    finding = idle(tmp_path, 121, 121, 121, 121, server="10.0.0.2:443")
    assert finding is not None
    assert finding.severity is Severity.INFO
    assert "as on 3 other connections to this socket" in finding.explanation


def test_one_server_that_soon_resets_what_is_idle(tmp_path: Path) -> None:
    finding = idle(tmp_path, 6, 6, 6, server="10.0.0.2:443")
    assert finding is not None
    assert finding.severity is Severity.NOTE
    assert "after a silence of 6 s, as on 2 other connections" in finding.explanation


def test_short_silences_that_end_at_one_instant_may_end_with_the_program(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number in range(4):
            wire.talk(f"10.9.0.1:{40_001 + number}", "10.0.0.2:443", at=0.05 * number).play(
                f"{OPENED}\n{6.14 - 0.05 * number} < R."
            )

    assert "D30" not in told(tmp_path, play)
