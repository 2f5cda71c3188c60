"""Every time-out that is known by number has a document, and no document is without one."""

from pathlib import Path

from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire
from wirestat.diagnosis.makers import MAKERS
from wirestat.diagnosis.study.known import CLIENT_TIMEOUTS, PATH_TIMEOUTS, SERVER_TIMEOUTS


def test_every_owner_has_a_source_and_every_source_an_owner() -> None:
    owners = {*PATH_TIMEOUTS.values(), *SERVER_TIMEOUTS.values(), *CLIENT_TIMEOUTS.values()}
    assert owners == MAKERS.keys()
    assert all(maker.source for maker in MAKERS.values())


def silences(wire: Wire, died: float) -> None:
    """Let three connections die of silences that are a little longer than the last that was survived."""
    for number, silence in enumerate((died - 20, died + 1, died + 2, died + 30)):
        talk = wire.talk(f"10.0.0.1:{40_000 + number}", "10.0.0.2:5432", at=2.0 * number).play(GREETING)
        talk.play("0 > P. 9\n0.001 < P. 9\n0.0011 > ." if number == 0 else "0 > P. 9\n0.001 < R", at=silence)


def test_the_advice_names_the_device_that_matches(tmp_path: Path) -> None:
    assert "ipvsadm -l --timeout" in told(tmp_path, lambda wire: silences(wire, 900))["D08"].advice
    assert "tcp.idle_timeout.seconds" in told(tmp_path, lambda wire: silences(wire, 350))["D08"].advice
    assert (
        "nf_conntrack_tcp_timeout_established"
        in told(tmp_path, lambda wire: silences(wire, 700))["D08"].advice
    )


def test_a_long_silence_that_nobody_probed_is_worth_a_word(tmp_path: Path) -> None:
    def play(wire: Wire, *, probes: bool) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:5432").play(GREETING)
        for at in range(60, 600, 60) if probes else ():
            talk.play(f"{at} > . seq=100\n{at + 0.001} < .")
        talk.play("600 > P. 9\n600.001 < P. 9\n600.0011 > .")

    assert told(tmp_path, lambda wire: play(wire, probes=False))["D52"].severity == "info"
    assert "D52" not in told(tmp_path, lambda wire: play(wire, probes=True))


def test_a_reset_with_a_text_is_quoted(tmp_path: Path) -> None:
    def play(wire: Wire, text: str) -> None:
        wire.talk("10.0.0.1:40000", "10.0.0.2:5432").play(GREETING).play(f"3 < R. {text}")

    assert "21 bytes of text" in told(tmp_path, lambda wire: play(wire, "21"))["D27"].explanation
    assert "bytes of text" not in told(tmp_path, lambda wire: play(wire, ""))["D27"].explanation
