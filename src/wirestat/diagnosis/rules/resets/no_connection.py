"""Resets that are all, or nearly all, that was captured of a connection: there may have been none."""

from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.rivals import Rival, cause
from wirestat.vocabulary import Fact

_ONE_ANSWERED = 2
"""A segment and the reset that answers it."""


def is_alone(case: Case) -> bool:
    """Say whether the reset is all that was captured of the connection."""
    return case.connection.frames == 1


def shows_no_connection(case: Case, end: End) -> bool:
    """Say whether all that was captured is a reset that answers something unseen, or one bare acknowledgement."""
    if any(one.has(Fact.SENT_DATA, Fact.FIN_SENT, Fact.RST_ABORTS) for one in case.ends):
        return False
    if is_alone(case):
        return True
    other = end.other.record
    return other.isn is None and case.connection.frames == _ONE_ANSWERED and other.frames == 1


def alone_in_words(case: Case, end: End) -> str:
    """Say that little or nothing else was captured, and that there may have been no connection."""
    if not shows_no_connection(case, end):
        return " Nothing else of it was captured." if is_alone(case) else ""
    if is_alone(case):
        return (
            " Nothing else of it was captured: it does not show whether there was a connection, nor what the reset "
            "answers, if anything."
        )
    if not case.has(Fact.MID_STREAM):
        return " One segment without SYN and ACK is all that came before: it belongs to no connection."
    return " One acknowledgement without data is all that came before: whether there was a connection does not show."


def askers(case: Case, end: End) -> tuple[Rival, ...]:
    """Name those whose segments draw a reset, and belong to no connection."""
    if not shows_no_connection(case, end):
        return ()
    if is_alone(case):
        return (cause("a SYN-ACK for a SYN with a forged address (backscatter), which it may answer"),)
    if not case.has(Fact.MID_STREAM):
        return (cause("a scan (D26), by flags that no connection sends together (nmap -sN, -sF, -sX)"),)
    return (cause("a scan (D26), whose acknowledgements belong to no connection (nmap -sA, -PA)"),)
