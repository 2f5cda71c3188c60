"""How a report ends: what is said of inputs that failed, and the exit code."""

from wirestat.commands.codes import Code
from wirestat.commands.voice import Voice
from wirestat.model import Severity
from wirestat.report.build import SEVERITIES, Report


def outcome(report: Report, threshold: Severity | None, voice: Voice) -> Code:
    """Choose the exit code: an input that failed outweighs what was found in the rest of it."""
    failed = [capture for capture in report.captures if capture.error]
    for capture in failed:
        voice.warning(f"{capture.name}: {capture.error}")
    if failed:
        return Code.INPUT
    worst = report.worst()
    if threshold and worst and SEVERITIES.index(worst) >= SEVERITIES.index(threshold):
        return Code.FINDINGS
    return Code.DONE
