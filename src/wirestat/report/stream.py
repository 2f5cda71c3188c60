"""Events of connections, as they happen, in lines for people."""

from __future__ import annotations

from wirestat.model import Connection, Event, Side, Transition
from wirestat.names import respell, spell
from wirestat.report.course import Course
from wirestat.report.disagreement import Disagreement
from wirestat.report.layout import View
from wirestat.report.words import ends, size
from wirestat.spans import span
from wirestat.words import socket, some
from wirestat.zones import IN_UTC, Zone

Happening = Event | Course | Disagreement | Connection
"""A change of state or a fact, a change of a finding, a disagreement of wire and kernel, a connection that is
over."""


def text(happening: Happening, view: View) -> str | None:
    """Return a line for people; ``None`` for an event that deserves none."""
    match happening:
        case Event(what=Transition() as step):
            return _step(happening, step, view)
        case Course():
            return _course(happening, view)
        case Disagreement():
            one = happening.difference
            words = view.paint("warning" if happening.change == "opened" else "good", happening.explanation)
            place = f"#{one.connection} {one.side} {happening.socket}"
            return f"{clock(happening.time_ns, view.zone)} {happening.change} {place}: {words}"
        case Connection():
            return _over(happening, view)
        case _:
            return None


def clock(time_ns: int, zone: Zone = IN_UTC) -> str:
    """Write the time of day of a packet, in UTC or another zone.

    >>> clock(1_767_323_045_250_001_000)
    '03:04:05.250001'
    """
    return f"{zone.at(time_ns):%H:%M:%S}.{time_ns % 1_000_000_000 // 1000:06}"


def _course(course: Course, view: View) -> str:
    finding = course.finding
    title = f"{finding.severity} {course.name} {respell(finding.title, view.names)}"
    times = f" ({some(finding.count, 'connection')})" if finding.count > 1 else ""
    begin = f"{clock(course.time_ns, view.zone)} {course.change} "
    if course.change == "closed":
        where = f" at {finding.where}" if finding.where else ""
        return begin + view.paint("good", title) + f"{where}{times}: after {span(course.open_ns)}"
    place = f"#{finding.connection}: " if finding.connection is not None else ""
    explanation = respell(finding.explanation, view.names)
    return begin + view.paint(finding.severity, title) + f"{times}: {place}{explanation}"


def _step(event: Event, step: Transition, view: View) -> str:
    who = f"{socket(*event.client)} > {socket(*event.server)}"
    change = f"{spell(step.from_state, view.names)} → {spell(step.to, view.names)}"
    if step.retracted_by is not None:
        change = view.paint("retracted", change)
        reason = f"it did not happen: frame {step.retracted_by}"
    else:
        reason = f"{step.cue}, {step.evidence}"
    side = "client" if step.endpoint is Side.CLIENT else "server"
    return f"{clock(step.time_ns, view.zone)} #{event.connection} {who} {side} {change} ({reason})"


def _over(connection: Connection, view: View) -> str:
    client, server = connection.client, connection.server
    lasted = span(connection.last_time_ns - connection.first_time_ns)
    line = f"{clock(connection.last_time_ns, view.zone)} #{connection.id} {ends(connection)} over after {lasted}, "
    line += f"{size(client.bytes)} sent, {size(server.bytes)} received, "
    line += f"{spell(client.state, view.names)} and {spell(server.state, view.names)}"
    return view.paint("faint", line + _held(connection, view))


def _held(connection: Connection, view: View) -> str:
    """Name the programs at this host."""
    if view.beside is None:
        return ""
    client, server = connection.client, connection.server
    holders = view.beside.holders((client.address, client.port), (server.address, server.port))
    named = ", ".join(str(holder) for holder in holders if holder)
    return f" ({named})" if named else ""
