"""D35: a proxy that hangs up, and the backend that it asked in vain."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Fault, Finding

REFUSED = "0 > S\n0.001 < R. noack"
SILENT = "0 > S\n1 > S again"
ANSWERED = "0 > S\n0.001 < S.\n0.0011 > .\n2 > F.\n2.001 < F.\n2.0011 > ."


def hung_up(
    tmp_path: Path,
    behind: str,
    *,
    asks: str = "10.1.0.1",
    times: int = 4,
    after: float = 0.002,
    apart: float = 3.0,
) -> Finding:
    """The finding on four requests that are closed after 2 s, while another host is asked as each is accepted."""

    def play(wire: Wire) -> None:
        for number in range(4):
            at = apart * number
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=at)
            talk.play("0 > S\n0.001 < S.\n0.0011 > .\n0.0012 > P. 14\n0.0013 < .")
            talk.play("2.0012 < F.\n2.002 > F.\n2.003 < .")
            if number < times:
                wire.talk(f"{asks}:{50_001 + number}", "10.1.0.9:7000", at=at + after).play(behind)

    return told(tmp_path, play)["D35"]


@pytest.mark.parametrize("behind", [REFUSED, SILENT], ids=["refused", "silent"])
def test_a_backend_that_is_asked_in_vain_is_named(tmp_path: Path, behind: str) -> None:
    finding = hung_up(tmp_path, behind)
    assert finding.fault is Fault.SERVER
    assert "Each time as it accepted one, 10.1.0.1 asked 10.1.0.9:7000 in vain" in finding.explanation
    assert "time-out" not in finding.explanation


def test_a_backend_that_is_connected_is_none_in_vain(tmp_path: Path) -> None:
    assert "in vain: it is a proxy" not in hung_up(tmp_path, ANSWERED).explanation


@pytest.mark.parametrize(
    ("asks", "times", "after", "apart"),
    [
        ("10.0.0.1", 4, 0.002, 3.0),
        ("10.1.0.1", 3, 0.002, 3.0),
        ("10.1.0.1", 4, 0.5, 3.0),
        ("10.1.0.1", 4, 0.002, 0.01),
    ],
    ids=["by-the-client", "not-each-time", "later", "all-at-once"],
)
def test_connects_in_vain_that_may_be_anybodys(
    tmp_path: Path, asks: str, times: int, after: float, apart: float
) -> None:
    finding = hung_up(tmp_path, REFUSED, asks=asks, times=times, after=after, apart=apart)
    assert "10.1.0.9" not in finding.explanation


@pytest.mark.parametrize(
    ("length", "client", "is_named"),
    [(14, "10.0.0.1", True), (40, "10.0.0.1", False), (14, "10.0.0.3", False)],
    ids=["alike", "longer", "of-another"],
)
def test_like_requests_that_are_answered_meanwhile_are_named(
    tmp_path: Path, length: int, client: str, *, is_named: bool
) -> None:
    def play(wire: Wire) -> None:
        for number in range(5):
            at = 1.0 * number
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=at)
            talk.play(
                "0 > S\n0.001 < S.\n0.0011 > .\n0.0012 > P. 14\n0.0013 < .\n0.0014 < F.\n0.002 > F.\n0.003 < ."
            )
            talk = wire.talk(f"{client}:{50_001 + number}", "10.0.0.2:80", at=at + 0.5)
            talk.play(f"0 > S\n0.001 < S.\n0.0011 > .\n0.0012 > P. {length}\n0.002 < P. 90")
            talk.play("0.0021 > .\n0.003 > F.\n0.0031 < F.\n0.0032 > .")

    finding = told(tmp_path, play)["D35"]
    assert ("Meanwhile it answered 4 requests of this client" in finding.explanation) == is_named
    assert ("SO_REUSEPORT" in " ".join(finding.rivals)) == is_named


@pytest.mark.parametrize(
    ("others", "after", "fault"),
    [(4, 8.0, Fault.UNDECIDED), (2, 8.0, Fault.SERVER), (4, 0.01, Fault.SERVER)],
    ids=["others-ask", "few", "at-once"],
)
def test_a_client_that_says_nothing_where_others_ask(
    tmp_path: Path, others: int, after: float, fault: Fault
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40001", "10.0.0.2:80").play("0 > S\n0.001 < S.\n0.0011 > .")
        talk.play(f"{after} < F.\n{after + 0.001} > F.\n{after + 0.002} < .")
        for number in range(others):
            talk = wire.talk(f"10.0.0.1:{50_001 + number}", "10.0.0.2:80", at=number).play(
                "0 > S\n0.001 < S.\n0.0011 > ."
            )
            talk.play("0.0012 > P. 14\n0.002 < P. 90\n0.0021 > .\n0.003 > F.\n0.0031 < F.\n0.0032 > .")

    finding = told(tmp_path, play)["D35"]
    assert finding.fault is fault
    assert ("waits for a greeting" in " ".join(finding.rivals)) == (fault is Fault.UNDECIDED)


@pytest.mark.parametrize(
    ("length", "client", "again", "is_told"),
    [
        (131, "10.0.0.1", False, True),
        (80, "10.0.0.1", False, False),
        (131, "10.0.0.7", False, False),
        (40, "10.0.0.1", True, False),
    ],
    ids=["of-another-length", "of-this-length-as-well", "of-another-client", "of-several-requests"],
)
def test_requests_of_another_length_that_are_answered_tell_of_the_protocol(
    length: int, client: str, *, again: bool, is_told: bool, tmp_path: Path
) -> None:
    """A server that expects the PROXY header closes at once on those who begin without it."""

    def play(wire: Wire) -> None:
        for number in range(3):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=number)
            talk.play("0 > S\n0.001 < S.\n0.0011 > .\n0.0012 > P. 80\n0.002 < F.")
            talk.play("0.0021 > F.\n0.0022 < .")
            talk = wire.talk(f"{client}:{50_001 + number}", "10.0.0.2:80", at=number + 0.5)
            talk.play(f"0 > S\n0.001 < S.\n0.0011 > .\n0.0012 > P. {length}\n0.002 < P. 90\n0.0021 > .")
            if again:
                talk.play("0.0022 > P. 80\n0.0024 < P. 90\n0.0025 > .")
            talk.play("0.003 > F.\n0.0031 < F.\n0.0032 > .")

    finding = told(tmp_path, play)["D35"]
    assert ("had another length, and none of this" in finding.explanation) is is_told
    assert ("which protocol port 80 expects" in finding.advice) is is_told
    assert ("requests have 80 bytes each, and those of the others 131" in finding.explanation) is (
        length == 131
    )
    assert (finding.fault is Fault.SERVER) is not is_told


@pytest.mark.parametrize(("keeps", "is_named"), [(True, True), (False, False)])
def test_a_client_that_has_too_many_open_is_named(tmp_path: Path, *, keeps: bool, is_named: bool) -> None:
    def play(wire: Wire) -> None:
        for number in range(12):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:2181", at=5.0 * number)
            talk.play("0 > S\n0.001 < S.\n0.0011 > .")
            if number >= 8:
                talk.play("0.002 > P. 49\n0.003 < .")  # at once it is D35 of the socket
                talk.play("1.2 < F.\n1.202 > F.\n1.2024 < .", at=0.7 * (number - 8))
                continue
            talk.play("0.002 > P. 49\n0.006 < P. 41\n0.0062 > .")
            if keeps:
                for at in range(10, 90, 10):
                    talk.play(f"{at} > P. 12\n{at + 0.001} < P. 20\n{at + 0.0012} > .")
            else:
                talk.play("1 > F.\n1.001 < F.\n1.002 > .")

    finding = told(tmp_path, play)["D35"]
    assert ("Each time 10.0.0.1 had 8 others open to this socket" in finding.explanation) == is_named
