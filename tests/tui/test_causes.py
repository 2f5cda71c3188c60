"""The list of causes on the screen."""

import wirestat
from tests.documents import ROOT
from tests.report.judged import slow_answers
from wirestat.diagnosis.finding import is_about_capture
from wirestat.names import Dialect
from wirestat.tui.panes.causes import Causes


def test_mere_information_is_listed_where_there_is_something_to_do() -> None:
    causes = Causes(Dialect.LINUX, is_live=False)
    causes.learn(slow_answers())
    assert len(causes) == 1


def test_a_remark_on_the_capture_is_no_cause() -> None:
    causes = Causes(Dialect.LINUX, is_live=False)
    report = wirestat.analyze(ROOT / "pcaps/mid-stream/client.pcap")
    assert [finding.id for finding in report.findings if is_about_capture(finding)] == ["D25"]
    causes.learn(report)
    assert len(causes) == 0
