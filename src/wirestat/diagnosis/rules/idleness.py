"""How long both ends had been silent before what is resent in vain: a time-out on the way may have run out."""

from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.rivals import Rival, ruled_out, still_open, unlikely
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

_SHORT = 3 * SECOND
"""A shorter silence ends no connection on the way."""
_PAUSE = 10 * SECOND
"""No device forgets sooner, and no first retransmission time-out is so long."""


def _pause_before(end: End) -> int:
    """Return about how long both ends had been silent before what is resent in vain, in ns; 0 if that does not show.

    The first copy counts, which comes a retransmission time-out after what it repeats.
    """
    first, heard = end.fact(Fact.DATA_RESENT), end.other.record.last_time_ns
    return 0 if first is None or heard is None else max(first.time_ns - heard, 0)


def silence_before(end: End) -> int | None:
    """Return that silence where it was long."""
    pause = _pause_before(end)
    return pause if pause >= _PAUSE else None


def idle_time_out(case: Case, end: End) -> Rival:
    """Weigh an idle time-out on the way by the silence before what is resent in vain."""
    rival, pause = "an idle time-out on the way (D08)", _pause_before(end)
    if end.is_mid_stream and not end.other.record.frames:
        began = [
            capture.first_time_ns for capture in case.analysis.captures if capture.first_time_ns is not None
        ]
        pause = case.connection.first_time_ns - min(began, default=case.connection.first_time_ns)
        if pause >= _SHORT:
            return still_open(
                rival, f"it was open before the capture, and silent for the first {span(pause)} of it"
            )
        return still_open(rival, "what came before the capture does not show")
    probed = end.fact(Fact.KEEPALIVE_SENT)
    if probed is not None and not end.has(Fact.DATA_RESENT):
        if (end.other.record.last_time_ns or 0) > probed.time_ns:
            return ruled_out(rival, "probes after as long a silence had been answered")
        pause = probed.figure or 0
    if pause >= _PAUSE:
        return still_open(rival, f"a silence of about {span(pause)} came before")
    if pause >= _SHORT:
        return unlikely(rival, f"few are as short as the {span(pause)} of silence that came before")
    return ruled_out(rival, "no long silence came before")
