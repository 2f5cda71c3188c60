"""Which connections share a signature: a rule judges each of them by itself where they are few."""

from collections import defaultdict

from wirestat.diagnosis.analysis import Analysis
from wirestat.model import Connection, Side, State
from wirestat.summary import Signature
from wirestat.vocabulary import Fact

Look = tuple[State, State, bool, bool, frozenset[Fact], frozenset[Fact], frozenset[Fact]]
"""A connection as a rule sees it before it asks for exact figures: the states of client and server, whether they
are proven, and the facts about the connection, the client and the server."""

_FEW = 5_000
"""With more connections than this the examples of each signature stand for the others."""


def look_of(signature: Signature) -> Look:
    """Return what all connections of a signature look like."""
    return (
        signature.client_state,
        signature.server_state,
        signature.client_confirmed,
        signature.server_confirmed,
        signature.facts,
        signature.client_facts,
        signature.server_facts,
    )


def look(connection: Connection) -> Look:
    """Return what a connection looks like; equal looks have one signature."""
    client, server = connection.client, connection.server
    of_all: set[Fact] = set()
    of_client: set[Fact] = set()
    of_server: set[Fact] = set()
    for seen in connection.facts:
        whose = seen.endpoint
        (of_all if whose is None else of_client if whose is Side.CLIENT else of_server).add(seen.fact)
    facts = (frozenset(of_all), frozenset(of_client), frozenset(of_server))
    return client.state, server.state, client.confirmed, server.confirmed, *facts


def is_few(analysis: Analysis) -> bool:
    """Say whether all connections can be gone through one by one."""
    return sum(signature.count for signature in analysis.summary.signatures) <= _FEW


class Roll:
    """The connections by their looks, called up once when it is first asked."""

    def __init__(self, analysis: Analysis) -> None:
        """Call nobody yet."""
        self._analysis = analysis
        self._ids: defaultdict[Look, list[int]] | None = None
        self._few = is_few(analysis)

    def members(self, signature: Signature) -> tuple[int, ...]:
        """Return the ids of all its connections where they are few, else those of its examples."""
        if signature.count <= len(signature.examples) or not self._few:
            return signature.examples
        if self._ids is None:
            self._ids = defaultdict(list)
            for connection in self._analysis.connections():
                self._ids[look(connection)].append(connection.id)
        return tuple(sorted({*signature.examples, *self._ids[look_of(signature)]}))
