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
    """How many more were believed at first and then disproved; not part of ``count``."""
    examples: tuple[int, ...]
    """Ids of the first connections that made it."""


class Signature(msgspec.Struct, frozen=True, gc=False):
    """All connections with the same states and facts, which look alike to a rule.

    A rule runs once per signature, not once per connection.
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
"""At most this many distinct clients of a listener are counted."""


MOST_SOCKETS = 256
"""At most this many distinct sockets of a client are counted."""


class Spell(msgspec.Struct, frozen=True, gc=False):
    """The times of the first and last occurrence."""

    first_ns: int
    last_ns: int


class Spread(msgspec.Struct, frozen=True, gc=False):
    """The distribution of a duration."""

    count: int
    least_ns: int
    usual_ns: int
    """The median, within a factor of 1.5."""
    most_ns: int
    counts: dict[int, int]
    """Counts by upper bound in ns, each a power of two; the last bucket, 2^35 ns, also has all longer ones."""


class Lasted(msgspec.Struct, frozen=True, gc=False):
    """A duration, and the connection it belongs to."""

    ns: int
    connection: int
    """The connection's id."""


class FatalSilence(msgspec.Struct, frozen=True, gc=False):
    """A silence of both ends that a connection did not survive."""

    ns: int
    connection: int
    reset: bool
    """Whether the segment that broke it was answered by a reset; else nothing answered."""


class CloseWaits(msgspec.Struct, frozen=True, gc=False):
    """The sockets of a listener that were in CLOSE_WAIT for a second or longer."""

    peak: int
    """The peak number at one time."""
    peak_ns: int | None
    """When the peak was first reached."""
    by_fin: int
    """Those that left CLOSE_WAIT by a FIN of their own."""
    by_reset: int
    """Those that left it otherwise: a reset ended the connection."""
    leaving_peak: int
    """The most that left within one second: if nearly the peak, the process ended."""
    leaving_ns: int | None
    """When those left."""
    examples: tuple[int, ...]


class Period(msgspec.Struct, frozen=True, gc=False):
    """The regularity of recurring events."""

    ns: int
    """The median gap between one and the next."""
    alike: int
    """Gaps that differ from the median by at most a tenth."""
    gaps: int


class Listener(msgspec.Struct, frozen=True, gc=False):
    """One socket that clients connected to, or tried to: ``netstat -l`` from the wire, with its load."""

    address: str
    port: int
    connections: int
    """Connections opened or attempted, all incarnations."""
    clients: int
    """Distinct client addresses; counted up to a bound, so a lower limit."""
    answered: int
    """Connections that it answered with a SYN-ACK: it listens."""
    refused: int
    unanswered: int
    """Unanswered SYNs, not counting retries."""
    embryonic: int
    """Connections whose server end is in SYN_RECV at the end."""
    embryonic_peak: int
    """The peak number in SYN_RECV at one time."""
    short_lived: int
    """Connections that were opened and over within one second."""
    states: dict[State, int]
    """Of the server ends at the end."""
    client_states: dict[State, int]
    time_wait_peak: int
    """The peak number of connections with one client address in TIME_WAIT, at either end, at one time."""
    time_wait_client: str | None
    """That client address."""
    first_frame: int
    examples: tuple[int, ...]
    """Ids of its first connections."""
    opened: int = 0
    """Connections whose handshake the client's acknowledgement finished."""
    embryonic_peak_ns: int | None = None
    """When the SYN_RECV peak was first reached."""
    answers: Spell | None = None
    """When it answered with a SYN-ACK; ``None`` if no SYN-ACK was captured."""
    refusals: Spell | None = None
    """When it refused. If ``answers`` begins before and ends after, it accepted before and after."""
    silences: Spell | None = None
    """When unanswered SYNs were sent, not counting retries."""
    reset: int = 0
    """Connections that it reset after the handshake."""
    reset_wordless: int = 0
    """Those of them on which it had not sent a byte."""
    hung_up: int = 0
    """Connections that it closed before the client did, without having sent a byte."""
    wordless_examples: tuple[int, ...] = ()
    """Ids of the first connections that it reset or closed without a byte."""
    slow: int = 0
    """Of the ``opened`` connections, those whose opening took a retransmission, or at least a second."""
    slowest: tuple[Lasted, ...] = ()
    """The slowest of them, from the first SYN to the client's receipt of a SYN-ACK."""
    syn_to_syn_ack: Spread | None = None
    """From the tap to the server and back, and how long the server took; of openings in which nothing was resent."""
    syn_ack_to_ack: Spread | None = None
    """From the tap to the clients and back."""
    close_waits: CloseWaits | None = None
    """Its sockets in CLOSE_WAIT; ``states`` has the number at the end. ``None`` if none stayed there."""
    ttls: tuple[int, ...] = ()
    """Final TTLs, or hop limits, of its connections, without resets."""


class Client(msgspec.Struct, frozen=True, gc=False):
    """One client address."""

    address: str
    connections: int
    """Connections attempted, all incarnations."""
    answered: int
    """Those answered with a SYN-ACK."""
    opened: int
    """Those whose handshake finished."""
    refused: int
    unanswered: int
    """Those that nothing answered."""
    reset: int
    """Those that the client reset after the handshake."""
    wordless: int
    """Those whose handshake finished, and on which neither end sent a byte."""
    wordless_period: Period | None
    """The regularity of the first of those, to the socket that most of them went to; ``None`` below three."""
    wordless_examples: tuple[int, ...]
    sockets: int
    """Distinct server sockets; counted up to a bound, so a lower limit."""
    spell: Spell | None
    """When the first and the last of its connections began."""
    examples: tuple[int, ...]
    """Ids of its first connections."""


class Talk(msgspec.Struct, frozen=True, gc=False):
    """Figures of a path, from its answered connections. Each list has the eight most extreme ones."""

    survivals: int
    """Connections that survived a silence of both ends of at least half a second: both spoke after it."""
    survived: tuple[Lasted, ...]
    """The longest such silences, longest first, one per connection. Waits for a retransmission do not count."""
    deaths: int
    """Connections that ended with a silence: the segment that broke it drew a reset, or no answer."""
    died: tuple[FatalSilence, ...]
    """The shortest such silences, shortest first. Only those longer than the profile's idle gap are known."""
    resets: int
    """Connections that either end reset after the handshake."""
    reset: tuple[Lasted, ...]
    """Their ages at the first reset, oldest first."""
    oldest: tuple[Lasted, ...]
    """The longest-lived connections, however they ended, from opening to last segment."""
    syn_to_syn_ack: Spread | None
    """From the tap to the server and back, and how long the server took; of openings in which nothing was resent."""
    syn_ack_to_ack: Spread | None
    """From the tap to the client and back: if far less than the other half, the tap is at the client."""
    handshake: Spread | None
    """The sum of both."""


class Path(msgspec.Struct, frozen=True, gc=False):
    """Two hosts: a client and its server."""

    client: str
    server: str
    connections: int
    opened: int
    client_ttls: tuple[int, ...]
    """Last TTLs, or hop limits, of the clients' packets, without resets."""
    server_ttls: tuple[int, ...]
    talk: Talk | None
    """``None`` if nothing was answered."""
    examples: tuple[int, ...]
    """Ids of the first connections."""


class Summary(msgspec.Struct, frozen=True, gc=False):
    """The flow table in numbers."""

    frames: int
    tcp_segments: int
    data_segments: int
    """Segments with payload."""
    bare_acknowledgements: int
    """Segments without payload, SYN, FIN and RST."""
    udp_datagrams: int
    icmp_errors: int
    other_frames: dict[str, int]
    """Decoded frames with neither TCP nor UDP, by protocol."""
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
    """Connections evicted to stay within the limits, by kind: ``closed``; ``embryonic``, never opened; ``unproven``,
    mid-stream without an answer that proves anything; ``idle``, the longest silent of the rest; and ``superseded``,
    of a 4-tuple with more incarnations than are kept."""
    released: int
    """Connections that were over and were dropped, except for their counts."""
    fragments: dict[str, int] = {}
    """Fragmented packets ``held``, ``given_up`` and ``reassembled``, of which ``tcp_incomplete`` and
    ``tcp_reassembled`` are TCP segments; IP fragments ``overlapping`` and ``differing``."""
    beyond_limits: dict[str, int] = {}
    """Items counted but not listed, for lack of room: ``udp_datagrams``; ``connections`` of kinds beyond the limit,
    which are not diagnosed, and how many of these were ``conversations`` that exchanged data; connections of
    ``listeners``, ``clients`` and ``paths`` beyond the limit; SYN-ACKs of ``listening_sockets`` that could not be
    remembered; connections with longer ``histories`` or more ``gaps`` than are kept; ``ladder_segments`` of the
    traced connection."""
    listeners: tuple[Listener, ...] = ()
    """The sockets with the most connections, most first; as many as the limits allow."""
    clients: tuple[Client, ...] = ()
    """The client addresses with the most connections, most first; as many as the limits allow."""
    paths: tuple[Path, ...] = ()
    """The pairs of hosts with the most connections, most first; as many as the limits allow."""
