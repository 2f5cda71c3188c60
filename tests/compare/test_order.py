"""The order of events at two points is that of their times: the frames of each capture have numbers of their own."""

from pathlib import Path

import pytest

from tests.compare.dialogues import Sent, told_of

ASKED = [
    Sent(0, True, "S", 99, 0),
    Sent(21, False, "S.", 299, 100),
    Sent(42, True, ".", 100, 300),
    Sent(43, True, "P.", 100, 300, 40),
    Sent(64, False, ".", 300, 140),
]
HUNG_UP = [Sent(70, False, "F.", 300, 140), Sent(91, True, "F.", 140, 301), Sent(112, False, ".", 301, 141)]
LEFT = [Sent(70, True, "F.", 140, 300), Sent(91, False, "F.", 300, 141), Sent(112, True, ".", 141, 301)]


ANSWERED = [*ASKED, Sent(65, False, "P.", 300, 140, 90), Sent(86, True, ".", 140, 390)]
IDLE = [
    Sent(5090, False, "F.", 390, 140),
    Sent(5111, True, "F.", 140, 391),
    Sent(5132, False, ".", 391, 141),
]


@pytest.mark.parametrize("server_first", [False, True])
def test_a_server_that_closes_an_idle_connection_closed_first(server_first: bool, tmp_path: Path) -> None:
    (told,) = told_of(tmp_path, [*ANSWERED, *IDLE], "D30", server_first=server_first)
    assert told.explanation.startswith("Server 10.2.0.1:80 closed after a silence of 4.98 s")


@pytest.mark.parametrize("server_first", [False, True])
def test_a_server_that_hangs_up_closed_first_whichever_capture_is_given_first(
    server_first: bool, tmp_path: Path
) -> None:
    assert told_of(tmp_path, [*ASKED, *HUNG_UP], "D35", server_first=server_first)
    assert not told_of(tmp_path, [*ASKED, *LEFT], "D35", server_first=server_first)
