"""The flow table in numbers: transitions, kinds of connections, and histories of listeners, clients and paths.

They are plain frozen records, as those of ``wirestat.model`` are, with the same units.
"""

import msgspec

from wirestat.model import Side, State, Undecoded
from wirestat.vocabulary import Fact


class TransitionCount(msgspec.Struct, frozen=True, gc=False):
    """How often one transition was believed at the end, over all connections."""

    endpoint: Side
    from_state: State
    to: State
    count: int
    seen: int
    confirmed: int
    presumed: int
    implied: int
    timer: int
    retracted: int
    """How many more were believed for a while and disproved; not part of ``count``."""
    examples: tuple[int, ...]
    """Ids of the first connections that made it."""


class Signature(msgspec.Struct, frozen=True, gc=False):
    """All connections that look alike to a rule: the same states, the same facts.

    A rule runs once a signature, not once a connection.
    """

    client_state: State
    server_state: State
    client_confirmed: bool
    server_confirmed: bool
    count: int
    examples: tuple[int, ...]
    """Ids of a few such connections, the lowest first."""
    facts: frozenset[Fact] = frozenset()
    """Those about the connection as a whole."""
    client_facts: frozenset[Fact] = frozenset()
    server_facts: frozenset[Fact] = frozenset()


MOST_CLIENTS = 1_000
"""So many different clients of a listener are told apart; where there are more, this is what is counted."""


MOST_SOCKETS = 256
"""So many different sockets that a client asked for are told apart; where there are more, this is what is counted."""


class Spell(msgspec.Struct, frozen=True, gc=False):
    """When something happened first, and when last."""

    first_ns: int
    last_ns: int


class Spread(msgspec.Struct, frozen=True, gc=False):
    """How long something took, over many times."""

    count: int
    least_ns: int
    usual_ns: int
    """About the median: within a factor of 1.5."""
    most_ns: int
    counts: dict[int, int]
    """How many took less than so many ns, and no less than half of that; the last step, of 2^35 ns, has all that took
    longer, too."""


class Lasted(msgspec.Struct, frozen=True, gc=False):
    """How long something lasted, and of which connection."""

    ns: int
    connection: int
    """The connection's id."""


class FatalSilence(msgspec.Struct, frozen=True, gc=False):
    """A silence of both ends that a connection did not survive, once."""

    ns: int
    connection: int
    reset: bool
    """Whether what ended it was answered by a reset; else nothing answered it."""


class CloseWaits(msgspec.Struct, frozen=True, gc=False):
    """The sockets of a listener that were in CLOSE_WAIT for a second or longer."""

    peak: int
    """The most of them at one time."""
    peak_ns: int | None
    """When that was reached first."""
    by_fin: int
    """Those that left CLOSE_WAIT by a FIN of their own."""
    by_reset: int
    """Those that left it otherwise: a reset ended the connection."""
    leaving_peak: int
    """The most that left it within one second: where it is nearly the peak, the process was ended."""
    leaving_ns: int | None
    """When those left."""
    examples: tuple[int, ...]


class Period(msgspec.Struct, frozen=True, gc=False):
    """How regularly something comes."""

    ns: int
    """The middle one of the gaps between one and the next."""
    alike: int
    """Gaps that differ from it by a tenth at most."""
    gaps: int


class Listener(msgspec.Struct, frozen=True, gc=False):
    """One socket that connections were opened to, or meant to be: ``netstat -l`` from the wire, with its load."""

    address: str
    port: int
    connections: int
    """Connections opened or tried, all incarnations."""
    clients: int
    """Different client addresses; counted up to a bound, so at least so many."""
    answered: int
    """Connections that it answered with a SYN-ACK: it listens."""
    refused: int
    unanswered: int
    """SYNs, retries not counted, that nothing answered."""
    embryonic: int
    """Connections whose server end is in SYN_RECV at the end."""
    embryonic_peak: int
    """The most that were in SYN_RECV at one time."""
    short_lived: int
    """Connections that were opened and over within one second."""
    states: dict[State, int]
    """Of the server ends at the end."""
    client_states: dict[State, int]
    time_wait_peak: int
    """The most connections between it and one client address that were in TIME_WAIT, at either end, at one time."""
    time_wait_client: str | None
    """That client address."""
    first_frame: int
    examples: tuple[int, ...]
    """Ids of its first connections."""
    opened: int = 0
    """Connections whose handshake was finished, by an acknowledgement of the client."""
    embryonic_peak_ns: int | None = None
    """When the peak of SYN_RECV was reached first."""
    answers: Spell | None = None
    """When it answered with a SYN-ACK: ``None`` where no SYN-ACK was captured."""
    refusals: Spell | None = None
    """When it refused. Where ``answers`` begins before and ends after, it accepted before and after."""
    silences: Spell | None = None
    """When SYNs were sent, retries not counted, that nothing answered."""
    reset: int = 0
    """Connections that it reset after the handshake."""
    reset_wordless: int = 0
    """Those among them on which it had not sent a byte."""
    hung_up: int = 0
    """Connections that it closed, before the client did, without having sent a byte."""
    wordless_examples: tuple[int, ...] = ()
    """Ids of the first that it reset or closed so."""
    slow: int = 0
    """Connections, of the ``opened`` ones, whose opening took a second SYN or SYN-ACK, or a second at least."""
    slowest: tuple[Lasted, ...] = ()
    """The slowest of them, from the first SYN until the client had a SYN-ACK."""
    syn_to_syn_ack: Spread | None = None
    """From the tap to the server and back, and how long the server took; of openings in which nothing was resent."""
    syn_ack_to_ack: Spread | None = None
    """From the tap to the clients and back."""
    close_waits: CloseWaits | None = None
    """Its sockets in CLOSE_WAIT; ``states`` has how many are there at the end. ``None`` where none stayed there."""
    ttls: tuple[int, ...] = ()
    """TTLs, or hop limits, that its connections ended with, resets left out."""


class Client(msgspec.Struct, frozen=True, gc=False):
    """One address that asked for connections, or meant to."""

    address: str
    connections: int
    """Connections asked for, all incarnations."""
    answered: int
    """Those that were answered with a SYN-ACK."""
    opened: int
    """Those whose handshake was finished."""
    refused: int
    unanswered: int
    """Those that nothing answered."""
    reset: int
    """Those that the client reset after the handshake."""
    wordless: int
    """Those whose handshake was finished, and on which nobody sent a byte."""
    wordless_period: Period | None
    """How regularly the first of those came to the socket that most of them asked for; ``None`` below three."""
    wordless_examples: tuple[int, ...]
    sockets: int
    """Different sockets asked for; counted up to a bound, so at least so many."""
    spell: Spell | None
    """When the first and the last of its connections began."""
    examples: tuple[int, ...]
    """Ids of its first connections."""


class Talk(msgspec.Struct, frozen=True, gc=False):
    """Figures of a path, from its answered connections. Of each list, the eight that stand out most."""

    survivals: int
    """Connections that survived a silence of both ends of half a second or longer: both spoke after it."""
    survived: tuple[Lasted, ...]
    """The longest such silences, the longest first: one a connection. Waiting to resend is none."""
    deaths: int
    """Connections that ended with a silence: what ended it was answered by a reset, or not at all."""
    died: tuple[FatalSilence, ...]
    """The shortest such silences, the shortest first. Only those longer than the profile's idle gap are known."""
    resets: int
    """Connections that either end reset after the handshake."""
    reset: tuple[Lasted, ...]
    """Their ages at the first reset, the greatest first."""
    oldest: tuple[Lasted, ...]
    """The longest lived connections, however they ended, from the opening to the last segment."""
    syn_to_syn_ack: Spread | None
    """From the tap to the server and back, and how long the server took; of openings in which nothing was resent."""
    syn_ack_to_ack: Spread | None
    """From the tap to the client and back: where it is far less than the other half, the tap is at the client."""
    handshake: Spread | None
    """Both together."""


class Path(msgspec.Struct, frozen=True, gc=False):
    """Two hosts, one of which asked the other for connections."""

    client: str
    server: str
    connections: int
    opened: int
    client_ttls: tuple[int, ...]
    """TTLs, or hop limits, that the clients' packets came with last, resets left out."""
    server_ttls: tuple[int, ...]
    talk: Talk | None
    """``None`` where nothing was answered."""
    examples: tuple[int, ...]
    """Ids of the first connections."""


class Summary(msgspec.Struct, frozen=True, gc=False):
    """The contents of the flow table, in numbers."""

    frames: int
    tcp_segments: int
    data_segments: int
    """Those with payload."""
    bare_acknowledgements: int
    """Those without payload, SYN, FIN and RST."""
    udp_datagrams: int
    icmp_errors: int
    other_frames: dict[str, int]
    """Frames that are understood and carry neither TCP nor UDP, by protocol."""
    undecoded: tuple[Undecoded, ...]
    duplicate_frames: int
    connections: int
    incarnations: int
    """Connections that reuse the 4-tuple of an earlier one."""
    udp_conversations: int
    first_time_ns: int | None
    last_time_ns: int | None
    states: dict[Side, dict[State, int]]
    """At the time of the last frame."""
    transitions: tuple[TransitionCount, ...]
    signatures: tuple[Signature, ...]
    evicted: dict[str, int]
    """Connections let go to stay within the limits, by what they were: ``closed``; ``embryonic``, never opened;
    ``unproven``, mid-stream without an answer that proves anything; ``idle``, the longest silent of the rest; and, as
    ``superseded``, those of a 4-tuple that was used again more often than incarnations of one are kept."""
    released: int
    """Connections that were over and of which only the counts were kept."""
    fragments: dict[str, int] = {}
    """IP fragments ``held``, ``given_up``, ``overlapping`` and ``differing``, and packets ``reassembled``."""
    beyond_limits: dict[str, int] = {}
    """Items counted and not listed, for want of room: ``udp_datagrams``; ``connections`` of kinds
    beyond the limit, which are not judged, and how many of these were ``conversations``: they exchanged data;
    connections of ``listeners``, ``clients`` and ``paths`` beyond the limit; SYN-ACKs of ``listening_sockets`` that
    could not be remembered; connections with longer ``histories`` or more ``gaps`` than are kept;
    ``ladder_segments`` of the connection that is traced."""
    listeners: tuple[Listener, ...] = ()
    """The sockets with the most connections, most first; as many as the limits allow."""
    clients: tuple[Client, ...] = ()
    """The client addresses with the most connections, most first; as many as the limits allow."""
    paths: tuple[Path, ...] = ()
    """The pairs of hosts with the most connections, most first; as many as the limits allow."""
