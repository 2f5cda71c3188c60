"""Records of connections, made one by one from the tracker's; the core's output has to equal them."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from wirestat.model import Connection, State, Transition
from wirestat.report import contract
from wirestat.report.conformance import Conformity, standing, statements
from wirestat.report.records import fact
from wirestat.report.stuck import is_stuck, waits
from wirestat.tables import Style


def written(
    connections: Iterable[Connection], findings: Mapping[int, tuple[str, ...]], style: Style
) -> Iterator[bytes]:
    """Yield records in chunks, ready to be concatenated."""
    before = ""
    for item in connections:
        record = msgspec.json.encode(_record(item, findings.get(item.id, ()))).decode()
        yield f"{before}{style.opening}{record[1:-1]}{style.closing}".encode()
        before = style.between


def _record(item: Connection, findings: tuple[str, ...]) -> contract.Connection:
    stopped = is_stuck(item.client.state, item.server.state)
    return contract.Connection(
        id=item.id,
        incarnation=item.incarnation,
        previous=item.previous,
        direction_reason=item.direction_reason,
        tunnel=item.tunnel,
        first_time_ns=item.first_time_ns,
        last_time_ns=item.last_time_ns,
        first_frame=item.first_frame,
        last_frame=item.last_frame,
        handshake_rtt_ns=item.handshake_rtt_ns,
        connect_ns=item.connect_ns,
        syn_copies=item.syn_copies,
        syn_ack_copies=item.syn_ack_copies,
        syn_to_syn_ack_ns=item.syn_to_syn_ack_ns,
        syn_ack_to_ack_ns=item.syn_ack_to_ack_ns,
        first_byte_ns=item.first_byte_ns,
        network_ns=item.network_ns,
        client=item.client,
        server=item.server,
        stopped=stopped,
        waits=waits(item) if stopped else (),
        transitions=tuple(map(_transition, item.transitions)),
        facts=tuple(map(fact, item.facts)),
        findings=findings,
    )


def _transition(item: Transition) -> contract.Transition:
    return contract.Transition(
        item.endpoint,
        item.from_state,
        item.to,
        item.time_ns,
        item.frame,
        item.cue,
        item.evidence,
        item.confirmed_by,
        item.retracted_by,
        *_documentation(item.from_state, item.to),
    )


def _documentation(from_state: State, to: State) -> tuple[bool, str | None]:
    kind = standing(from_state, to)
    if kind is Conformity.NOT_COMPARABLE:
        return False, None
    sections = dict.fromkeys(statement.section for statement in statements(from_state, to))
    return kind is Conformity.DOCUMENTED, "; ".join(sections) or None
