"""The same life, as the wire shows it."""

from .truth import End, Move


def closing_behind_unsent_data(shown_ns: int | None) -> End:
    """An end that closes at 1 and is reached by the other's FIN at 2; its own FIN is sent at ``shown_ns``."""
    moves = (
        Move("ESTABLISHED", "FIN_WAIT1", 1, 0, silent=True, shown_ns=shown_ns),
        Move("FIN_WAIT1", "CLOSING", 2, 0),
        Move("CLOSING", "CLOSED", 9, 0),
    )
    return End("client", ("10.0.0.1", 40001), ("10.0.0.1", 40001), "ESTABLISHED", moves)


def states(end: End) -> list[str]:
    return [move.after for move in end.as_shown().moves]


def test_a_fin_that_leaves_after_the_others_closes_second() -> None:
    assert states(closing_behind_unsent_data(5)) == ["CLOSE_WAIT", "LAST_ACK", "CLOSED"]


def test_a_fin_that_never_leaves_closes_nothing() -> None:
    assert states(closing_behind_unsent_data(None)) == ["CLOSE_WAIT", "CLOSED"]


def test_a_fin_that_leaves_before_the_others_comes_is_as_it_was() -> None:
    assert states(closing_behind_unsent_data(1)) == ["FIN_WAIT1", "CLOSING", "CLOSED"]
