"""Answers that are cut off by the reset of who sent them."""

from wirestat.diagnosis.advice import advise, nstat
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, ruled_out
from wirestat.diagnosis.rules.resets.reasons import in_its_own_words
from wirestat.diagnosis.verdict import Verdict
from wirestat.vocabulary import Fact


def answer_cut_off(case: Case) -> Verdict:
    """Judge a connection that the server reset while data of its own was under way."""
    client, server = case.client, case.server
    lost = server.record.unacknowledged_bytes
    return Verdict(
        grounds=(showing(server, Fact.RST_SENT, Fact.RST_ABORTS), showing(client, Fact.SENT_DATA)),
        weak=True,
        kind="answer cut off",
        doubts=("SO_LINGER 0 and a killed process send the same bytes",),
        fault=server.fault,
        frames=case.evidence(case.connection.first_frame, server.frame(Fact.RST_SENT)),
        explanation=f"{server} reset the connection with {lost:,} bytes of its own answer not acknowledged yet: what "
        f"{client} has not got, or not read, is lost." + in_its_own_words(server),
        rivals=(
            cause("it answered and closed before it had read the whole request"),
            cause("SO_LINGER 0"),
            cause("the process was killed"),
            ruled_out("a client that is gone (D09)", "nothing had to be sent again"),
        ),
        advice=advise(
            "Let the server read the request to its end, or shut down its sending side and drain, before it closes.",
            nstat(server, "TcpExtTCPAbortOnClose", "TcpExtTCPAbortOnData", "TcpExtTCPAbortOnLinger"),
        ),
    )
