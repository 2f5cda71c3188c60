"""Marks that the bad connections of a socket share, and the good ones do not."""

from pathlib import Path

import pytest

from tests.diagnosis.builders import Look, found, look
from tests.diagnosis.played import told
from tests.field.talk import FAREWELL, GREETING, Wire
from wirestat.model import State

GOOD = look("client:sent-data", "server:sent-data")
REFUSED = look("server:refused", "server:rst-sent", client=State.CLOSED, server=State.CLOSED)


def shared(bad: list[Look], good: list[Look]) -> str:
    """The words about common marks, after the finding's own."""
    return found(*good, *bad)["D02"].explanation.partition(" In common: ")[2]


def test_a_fact_of_all_bad_ones_and_of_no_good_one() -> None:
    assert "each reuses a port" in shared([REFUSED.also("reused-tuple")] * 3, [GOOD] * 5)
    assert "reuses" not in shared([REFUSED.also("reused-tuple")] * 3, [GOOD.also("reused-tuple")] * 5)


def test_a_value_that_is_the_same_of_all_bad_ones() -> None:
    odd = REFUSED._replace(changes={"client_end": {"mss": 536}})
    assert shared([odd] * 3, [GOOD] * 5) == "their clients' MSS is 536."
    assert shared([odd, odd, REFUSED], [GOOD] * 5) == ""
    assert "they are all from 10.0.9.9" in shared([REFUSED._replace(address="10.0.9.9")] * 3, [GOOD] * 5)


def test_a_size_above_that_of_all_good_ones() -> None:
    large = REFUSED._replace(changes={"client_end": {"bytes": 5000}})
    assert "sent 5,000 bytes or more, and those of the others 100 at most" in shared([large] * 3, [GOOD] * 5)


def test_a_size_a_little_above_that_of_the_good_ones_is_chance() -> None:
    longer = REFUSED._replace(changes={"client_end": {"bytes": 103}})
    assert "bytes or more" not in shared([longer] * 3, [GOOD] * 5)


def test_a_size_that_needs_a_second_segment() -> None:
    fits = GOOD._replace(changes={"client_end": {"bytes": 1400, "mss": 1460}})
    needs_two = REFUSED._replace(changes={"client_end": {"bytes": 1500, "mss": 1460}})
    assert "sent 1,500 bytes or more, and those of the others 1,400" in shared([needs_two] * 3, [fits] * 5)
    not_quite = REFUSED._replace(changes={"client_end": {"bytes": 1450, "mss": 1460}})
    assert "bytes or more" not in shared([not_quite] * 3, [fits] * 5)


def test_a_few_share_what_they_share_by_chance() -> None:
    odd = REFUSED._replace(changes={"client_end": {"mss": 536}})
    assert shared([odd] * 2, [GOOD] * 5) == ""
    assert shared([odd] * 3, [GOOD] * 2) == ""


def test_a_mark_of_all_bad_ones_and_half_of_the_good_at_most() -> None:
    bad = [REFUSED.also("reused-tuple")] * 3
    some = shared(bad, [GOOD.also("reused-tuple")] * 2 + [GOOD] * 3)
    assert "each reuses a port of its client's (as do 2 of the other 5)" in some


def test_octets_sent_again_are_no_size() -> None:
    again = REFUSED._replace(changes={"client_end": {"bytes": 5000, "retransmitted_bytes": 4900}})
    assert "bytes or more" not in shared([again] * 3, [GOOD] * 5)


def test_a_range_of_ports_that_holds_no_good_one() -> None:
    # Ports follow from the order in which the connections are given; the bad ones come last.
    words = shared([REFUSED] * 5, [GOOD] * 40)
    assert "their clients' ports are all between 40041 and 40045" in words
    assert "ports" not in shared([REFUSED] * 3, [GOOD] * 5)  # that is no unlikely chance


def test_answers_that_break_off_at_the_same_octet() -> None:
    cut = REFUSED._replace(changes={"server_end": {"bytes": 1_048_576}})
    assert "each broke off after exactly 1,048,576 bytes from the server" in shared([cut] * 3, [GOOD] * 5)
    near = REFUSED._replace(changes={"server_end": {"bytes": 1_050_000}})
    assert "each broke off after 1,048,576 to 1,050,000 bytes" in shared([cut, cut, near], [GOOD] * 5)
    other = REFUSED._replace(changes={"server_end": {"bytes": 1_060_000}})
    assert "broke off" not in shared([cut, cut, other], [GOOD] * 5)
    assert "broke off" not in shared([cut] * 3, [GOOD._replace(changes=cut.changes)] * 5)


def test_answers_of_one_length_that_ended_in_order() -> None:
    whole, open_still, left = (
        look("server:refused", *facts, client=State.CLOSED, server=State.CLOSED, server_end={"bytes": 60_242})
        for facts in (("client:fin-sent", "server:fin-sent"), (), ("client:fin-sent",))
    )
    assert "broke off" not in shared([whole] * 3, [GOOD] * 5)
    assert "broke off" not in shared([open_still] * 3, [GOOD] * 5)
    assert "broke off after exactly 60,242" in shared([left] * 3, [GOOD] * 5)
    assert "broke off after exactly 60,242" in shared([whole.also("client:rst-sent")] * 3, [GOOD] * 5)


@pytest.mark.parametrize(("port", "is_named"), [(721, True), (1721, False)])
def test_ports_that_a_server_takes_as_reserved(tmp_path: Path, port: int, *, is_named: bool) -> None:
    def play(wire: Wire) -> None:
        for number in range(6):
            talk = wire.talk(f"10.0.0.1:{port + number}", "10.0.0.2:515", at=3.0 * number).play(GREETING)
            talk.play(FAREWELL, at=0.1)
        for number in range(4):
            wire.talk(f"10.0.0.{7 + number % 3}:{49_000 + number}", "10.0.0.2:515", at=1 + 4.0 * number).play(
                "0 > S\n0.001 < R."
            )

    words = told(tmp_path, play)["D02"].explanation
    assert ("are 1024 or above, and those of the others below (reserved ports)" in words) == is_named


@pytest.mark.parametrize(
    ("apart", "clients", "named"),
    [(60.0, 4, "each minute"), (600.0, 4, "every ten minutes"), (47.0, 4, ""), (60.0, 1, "")],
    ids=["each-minute", "every-ten-minutes", "otherwise", "one-client"],
)
def test_connections_that_begin_with_the_minute(
    tmp_path: Path, apart: float, clients: int, named: str
) -> None:
    def play(wire: Wire) -> None:
        for minute in range(4):
            for number in range(4):
                client = f"10.0.0.{20 + number % clients}:{40_000 + 10 * minute + number}"
                wire.talk(client, "10.0.0.2:80", at=apart * minute + 0.01 * number).play("0 > S\n0.001 < R.")
                good = wire.talk(
                    f"10.0.0.9:{41_000 + 10 * minute + number}",
                    "10.0.0.2:80",
                    at=60 * minute + 9.7 * number + 5,
                )
                good.play(GREETING).play(FAREWELL, at=0.1)

    words = told(tmp_path, play)["D02"].explanation
    assert ("one moment of" in words) == bool(named)
    assert f"within 30 ms of one moment of {named}" in words or not named


@pytest.mark.parametrize(("steady", "is_told"), [(True, True), (False, False)])
def test_connects_that_are_slow_in_bunches_at_steady_distances(
    tmp_path: Path, *, steady: bool, is_told: bool
) -> None:
    starts = (3, 9, 15, 21) if steady else (3, 6, 15, 17)

    def play(wire: Wire) -> None:
        for number in range(50):
            at = 0.5 * number + 0.2
            talk = wire.talk(f"10.0.0.9:{40_000 + number}", "10.0.0.2:80", at=at).play("0 > S")
            late = 0.0
            if any(start <= at < start + 1.4 for start in starts):
                late = 1.0
                talk.play("1 > S again")
            talk.play(
                f"{late + 0.001} < S.\n{late + 0.0011} > .\n{late + 0.1} > F.\n{late + 0.101} < F.\n{late + 0.11} > ."
            )

    words = told(tmp_path, play)["D34"].explanation
    assert (
        "they began in 4 bunches, about 6 s apart, and none of the others did so then" in words
    ) is is_told
