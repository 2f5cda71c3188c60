"""Connections that are in a capture on both sides of a translation of addresses, and reset on one of them alone."""

from wirestat.diagnosis.advice import advise
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, ruled_out, still_open
from wirestat.diagnosis.shown import is_shown
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity, Side
from wirestat.vocabulary import Fact
from wirestat.words import socket


def reset_in_a_translated_name(case: Case, end: End) -> Verdict | None:
    """Judge a reset of an end that has another address beyond a translation, and resets nothing there.

    What is translated passes both sides: a reset on one alone is of the device between, which knows of no such
    connection under the name that it gave it.
    """
    twin = case.translated
    if twin is None or is_shown(twin, Fact.RST_SENT):
        return None
    own = twin.client if end.side is Side.CLIENT else twin.server
    if own.address == end.address:
        return None
    name = socket(own.address, own.port)
    return Verdict(
        kind="translation lost",
        severity=Severity.WARNING,
        grounds=(showing(end, Fact.RST_SENT, Fact.RST_NO_SOCKET),),
        doubts=("a capture that missed the reset on the other side would look the same",),
        fault=Fault.PATH,
        frames=case.evidence(end.frame(Fact.RST_NO_SOCKET, Fact.RST_SENT), twin.last_frame),
        explanation=f"{end.other} sent to {end} and was answered by a reset. The same connection is in the capture "
        f"on the other side of a translation, where this end is {name}, and that resets nothing: the device that "
        "translates seems to have lost its entry, took what came for its own, and knows of no such connection.",
        rivals=(
            cause(
                "an entry that the device dropped",
                "a route, a mark or an address that changed, or a time-out",
            ),
            still_open("a device beyond it that answers in its name"),
            ruled_out(f"a restart of {name}", "it is in the connection still"),
        ),
        advice=advise(
            f"See on the device that has {end.address} what became of its entry for this connection.",
            f"  gateway$ conntrack -E -e NEW,DESTROY -p tcp --dport {case.server.port}",
            "  gateway$ ip rule; nft list ruleset | grep -n mark",
        ),
    )
