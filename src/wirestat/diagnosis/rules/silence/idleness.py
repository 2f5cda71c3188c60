"""How long both ends had been silent before what is resent in vain: a time-out on the way may have run out."""

from typing import NamedTuple

from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.rivals import Rival, ruled_out, still_open, unlikely
from wirestat.diagnosis.shown import is_shown, sighting
from wirestat.model import Connection, Side
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

_SHORT = 3 * SECOND
"""A shorter silence ends no connection on the way."""
_PAUSE = 10 * SECOND
"""No device forgets sooner, and no first retransmission time-out is so long."""
_MARGIN = 10
"""A silence is longer than another if it is so by more than one part in so many."""
_TO_COPY = SECOND
"""The first copy comes so long after what it repeats at most: a silence that ends with it is that much shorter."""
_SEVERAL = 2
"""So many that died of longer silences than any other lived through are no chance."""


class _Break(NamedTuple):
    """A silence that an end broke in vain."""

    silence_ns: int
    time_ns: int
    """When its first copy, or probe, was sent, in Unix ns."""


class _Split(NamedTuple):
    """A socket whose connections died of long silences and lived through short ones."""

    lived_ns: int
    """The longest silence that one lived through."""
    died_ns: int
    """The shortest that one died of."""
    deaths: int


def _pause_before(end: End) -> int:
    """Return about how long both ends had been silent before what is resent in vain, in ns; 0 if that does not show.

    The first copy counts, which comes a retransmission time-out after what it repeats.
    """
    first, heard = end.fact(Fact.DATA_RESENT), end.other.record.last_time_ns
    return 0 if first is None or heard is None else max(first.time_ns - heard, 0)


def _broken_in_vain(one: Connection) -> _Break | None:
    """Return the silence that an end broke by data or probes, none of which was answered."""
    for own, other in ((one.client, one.server), (one.server, one.client)):
        side, peer = (Side.CLIENT, Side.SERVER) if own is one.client else (Side.SERVER, Side.CLIENT)
        heard, said = other.last_time_ns, own.last_time_ns
        if heard is None or said is None or said < heard or is_shown(one, Fact.RST_SENT, peer):
            continue
        resent, probed = sighting(one, Fact.DATA_RESENT, side), sighting(one, Fact.KEEPALIVE_SENT, side)
        if resent and own.unacknowledged_bytes:
            return _Break(resent.time_ns - heard, resent.time_ns) if resent.time_ns > heard else None
        if probed and is_shown(one, Fact.KEEPALIVE_UNANSWERED, side) and probed.time_ns > heard:
            return _Break(probed.figure or 0, probed.time_ns)
    return None


def _longest_lived_through(connections: list[Connection]) -> int:
    """Return the longest silence of a client all of whose words were acknowledged, in ns."""
    well = (one.client for one in connections if not one.client.unacknowledged_bytes)
    return max((client.longest_think_ns for client in well), default=0)


def _lived_through(one: Connection) -> int:
    """Return the longest silence that a connection survived, in ns: of an end, or before an answered probe."""
    probed = [seen.figure or 0 for seen in one.facts if seen.fact is Fact.KEEPALIVE_SENT]
    return max(one.client.longest_think_ns, one.server.longest_think_ns, *probed)


def _draw_split(connections: list[Connection]) -> _Split | None:
    """Hold the silences that ended connections of a socket against those that others lived through.

    One of the others has to be open when the first of them is broken, and to be heard after that: else a table that
    was lost at one instant, or a restart, would look the same.
    """
    broken = {one.id: found for one in connections if (found := _broken_in_vain(one))}
    deaths = [found for found in broken.values() if found.silence_ns >= _SHORT]
    well = [one for one in connections if one.id not in broken]
    if len(deaths) < _SEVERAL or len(deaths) < len(broken):
        return None
    first = min(found.time_ns for found in deaths)
    if not any(one.first_time_ns < first < (one.server.last_time_ns or 0) for one in well):
        return None
    lived = max(map(_lived_through, well), default=0)
    died = min(found.silence_ns for found in deaths)
    is_longer = lived < died - max(died // _MARGIN, _TO_COPY)
    return _Split(lived, died, len(deaths)) if lived >= SECOND and is_longer else None


def after_silence(case: Case, end: End) -> str:
    """Tell of the silence before, and which ones others of the socket lived through, where those were shorter."""
    pause, split = _pause_before(end), case.of_socket(_draw_split)
    if split is not None and (broken := _broken_in_vain(case.connection)):
        return (
            f" Before that both had been silent for about {span(broken.silence_ns)}. The {split.deaths} connections "
            f"to this socket that were silent for {span(split.died_ns)} or longer died, and the others lived through "
            f"{span(split.lived_ns)} at most: a device on the way may forget what is silent for longer (D08)."
        )
    if pause < _PAUSE:
        return ""
    told = f" Before that both had been silent for about {span(pause)}."
    if end is not case.client:
        return told
    lived = case.of_socket(_longest_lived_through)
    if not SECOND <= lived < pause - pause // _MARGIN:
        return told
    return (
        f"{told} Other connections to this socket lived through {span(lived)} at most: a device on the way may "
        "forget what is silent for longer (D08)."
    )


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
        probes_itself = end.other.has(Fact.KEEPALIVE_SENT)  # what came since may be no answer
        if not probes_itself and (end.other.record.last_time_ns or 0) > probed.time_ns:
            return ruled_out(rival, "probes after as long a silence had been answered")
        pause = probed.figure or 0
    split = case.of_socket(_draw_split)
    if split is not None and pause >= split.died_ns:
        lived, died = span(split.lived_ns), span(split.died_ns)
        return still_open(rival, f"it would lie between the {lived} that others lived through and {died}")
    if pause >= _PAUSE:
        return still_open(rival, f"a silence of about {span(pause)} came before")
    if pause >= _SHORT:
        return unlikely(rival, f"few are as short as the {span(pause)} of silence that came before")
    return ruled_out(rival, "no long silence came before")
