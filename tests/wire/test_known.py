"""The list of failing scripts names scripts that exist, each by a unique title."""

from collections import Counter
from pathlib import Path

from tests.wirescript import known
from tests.wirescript.script import read

SCRIPTS = [script for path in sorted(Path(__file__).parent.glob("*.wire")) for script in read(path)]


def test_every_listed_script_exists() -> None:
    assert not set(known.WRONG) - {script.title for script in SCRIPTS}


def test_the_title_of_a_listed_script_is_its_own() -> None:
    times = Counter(script.title for script in SCRIPTS)
    assert [title for title in known.WRONG if times[title] > 1] == []


def test_every_listed_line_is_a_line_of_its_script() -> None:
    lines = {script.title: [line.text.split()[0] for line in script.lines] for script in SCRIPTS}
    assert [title for title, wrong in known.WRONG.items() if wrong.at not in lines[title]] == []


LISTED = {"listed": known.Known("listed", "0.010", "because")}


def test_a_listed_script_has_to_go_wrong_where_the_list_says() -> None:
    assert known.complaint("listed", "0.010", LISTED) is None
    assert "says at 0.010" in (known.complaint("listed", "0.020", LISTED) or "")


def test_a_listed_script_that_is_right_has_to_leave_the_list() -> None:
    assert "take it off" in (known.complaint("listed", None, LISTED) or "")


def test_any_other_script_has_to_be_right() -> None:
    assert known.complaint("other", None, LISTED) is None
    assert known.complaint("other", "0.010", LISTED) == "goes wrong"
