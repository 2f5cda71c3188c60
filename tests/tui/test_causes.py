"""The list of causes on the screen."""

from tests.report.judged import slow_answers
from wirestat.names import Dialect
from wirestat.tui.panes.causes import Causes


def test_mere_information_is_listed_where_there_is_something_to_do() -> None:
    causes = Causes(Dialect.LINUX, is_live=False)
    causes.learn(slow_answers())
    assert len(causes) == 1
