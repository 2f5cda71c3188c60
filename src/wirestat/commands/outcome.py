"""The end of a report: messages about failed inputs, and the exit code."""

from wirestat.commands.codes import Code
from wirestat.commands.voice import Voice
from wirestat.diagnosis.words import link
from wirestat.model import Severity
from wirestat.report.build import Report


def outcome(report: Report, threshold: Severity | None, voice: Voice) -> Code:
    """Choose the exit code: a failed input outweighs findings."""
    if failures(report, voice):
        return Code.INPUT
    worst = report.worst()
    if threshold and worst and worst.rank >= threshold.rank:
        return Code.FINDINGS
    return Code.DONE


def failures(report: Report, voice: Voice) -> bool:
    """Name every input that ended early or could not be decoded at all; return whether there are any."""
    complaints = 0
    for capture in report.captures:
        if capture.error:
            known = capture.error.startswith(capture.title)  # an interface that is gone says so by its name
            voice.warning(capture.error if known else f"{capture.title}: {capture.error}")
        elif capture.tells_nothing:
            kinds = ", ".join(link(*interface) for interface in capture.undecoded_interfaces)
            voice.error(f"{capture.title}: nothing in it can be decoded: {kinds}")
        complaints += bool(capture.error or capture.tells_nothing)
    if not complaints and (reasons := _all_undecoded(report)):
        # Captures read by another engine list no interfaces.
        voice.error(f"nothing in it can be decoded: {reasons}")
        complaints += 1
    return complaints > 0


def _all_undecoded(report: Report) -> str:
    """Return why no frame's first header could be decoded; empty if one could, or without frames."""
    undecoded = [case for case in report.summary.undecoded if case.layer == "link"]
    if sum(case.frames for case in undecoded) < max(report.summary.frames, 1):
        return ""
    return ", ".join(case.reason for case in undecoded)
