"""Servers that end what is idle by a reset of their own, where others send a FIN."""

from wirestat.diagnosis.advice import advise, nstat
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, ruled_out, still_open
from wirestat.diagnosis.rules.resets import ended_silence
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault
from wirestat.spans import span
from wirestat.vocabulary import Fact

_SEVERAL = 3
"""Fewer resets after equal silences are chance."""
_EQUAL = 20
"""Silences that differ by less than one part in so many are equal."""


def idle_reset(case: Case) -> Verdict | None:
    """Judge a server whose own resets end connections after one and the same silence."""
    server = case.server
    gap = _reset_after(case)
    if gap is None:
        return None
    alike = sum(abs(other - gap) * _EQUAL <= gap for other in _gaps(case, server))
    if alike < _SEVERAL:
        return None
    ttl = server.record.ttl
    return Verdict(
        grounds=(showing(server, Fact.IDLE_GAP, Fact.RST_ABORTS),),
        measure=gap,
        kind="by a reset",
        weak=True,
        doubts=("a device on the way that resets in the server's name may use the server's TTL",),
        fault=Fault.UNDECIDED,
        frames=case.evidence(server.frame(Fact.RST_SENT)),
        explanation=f"{server} reset the connection after a silence of {span(gap)}, as on {alike - 1} other "
        f"connections to this socket; the reset has the TTL of its other segments ({ttl}).",
        rivals=(
            cause("the server's own idle time-out, which ends by a reset (HTTP.sys, SO_LINGER 0)"),
            still_open("an idle time-out on the way (D08)", "compare a capture at the server"),
            ruled_out("a request that was lost", "nobody had asked"),
        ),
        advice=advise(
            "Have the client drop idle connections sooner than that; see the idle time-out of what listens on port "
            f"{server.port}.",
            nstat(server, "TcpEstabResets", "TcpOutRsts", "TcpExtTCPAbortOnLinger"),
        ),
    )


def _reset_after(case: Case) -> int | None:
    """Return the silence that the server's reset broke, in ns: its own by TTL and count, and nobody had asked."""
    client, server = case.client, case.server
    if not server.has(Fact.RST_ABORTS) or not server.has(Fact.IDLE_GAP) or case.has(Fact.ONE_WAY):
        return None
    if server.has(Fact.FIN_SENT, Fact.RST_TTL_DIFFERS, Fact.RST_LOOKS_FOREIGN, Fact.KEEPALIVE_SENT):
        return None
    if client.has(Fact.RST_SENT, Fact.FIN_SENT, Fact.DATA_RESENT) or client.record.unacknowledged_bytes:
        return None
    if client.record.turns > server.record.turns:
        return None  # it had asked and got no answer
    return ended_silence(server)


def _gaps(case: Case, server: End) -> list[int]:
    """Return the silences that resets of this socket broke, in ns."""
    gaps = []
    for one in case.neighbours:
        facts = {seen.fact: seen for seen in one.facts if seen.endpoint is server.side}
        gap, reset = facts.get(Fact.IDLE_GAP), facts.get(Fact.RST_SENT)
        if gap is not None and reset is not None and gap.frame == reset.frame and gap.figure:
            gaps.append(gap.figure)
    return gaps
