//! The records of `wirestat.model` and `wirestat.summary`; there each field is explained.

use super::record::{Dict, Tuple, records};
use super::words::Role;
use crate::flows::slab::Place;
use crate::flows::table::DirectionReason;
use crate::tcp::cue::{Cue, Evidence};
use crate::tcp::fact::{Fact, Facts};
use crate::tcp::state::State;
use pyo3::prelude::*;

/// The number of ends in each state.
pub type ByState = Dict<State, u64>;

records! {
    "wirestat.model";

    /// One change of state of one end.
    Transition {
        endpoint: Role,
        from_state: State,
        to: State,
        time_ns: i64,
        frame: u64,
        cue: Cue,
        evidence: Evidence,
        confirmed_by: Option<u64>,
        retracted_by: Option<u64>,
    }

    /// A fact, with the frame that showed it.
    Sighting {
        fact: Fact,
        endpoint: Option<Role>,
        frame: u64,
        time_ns: i64,
        figure: Option<u64>,
    }

    /// One end of a connection.
    Endpoint {
        address: String,
        port: u16,
        state: State,
        evidence: Option<Evidence>,
        confirmed: bool,
        or_since: Tuple<State>,
        since_ns: Option<i64>,
        first_state: State,
        frames: u64,
        bytes: u64,
        retransmitted_frames: u64,
        retransmitted_bytes: u64,
        out_of_order_frames: u64,
        duplicate_frames: u64,
        unseen_bytes: u64,
        unacknowledged_bytes: u64,
        first_time_ns: Option<i64>,
        last_time_ns: Option<i64>,
        isn: Option<u32>,
        mss: Option<u16>,
        window_scale: Option<u8>,
        window: Option<u32>,
        ttl: Option<u8>,
        turns: u16,
        think_ns: i64,
        longest_think_ns: i64,
    }

    /// One incarnation of a 4-tuple.
    Connection {
        id: u64,
        client: Endpoint,
        server: Endpoint,
        incarnation: u32,
        previous: Option<u64>,
        direction_reason: DirectionReason,
        tunnel: Option<String>,
        first_time_ns: i64,
        last_time_ns: i64,
        first_frame: u64,
        last_frame: u64,
        handshake_rtt_ns: Option<i64>,
        transitions: Tuple<Transition>,
        facts: Tuple<Sighting>,
        connect_ns: Option<i64>,
        syn_copies: u32,
        syn_ack_copies: u32,
        syn_to_syn_ack_ns: Option<i64>,
        syn_ack_to_ack_ns: Option<i64>,
        first_byte_ns: Option<i64>,
        network_ns: i64,
    }

    /// A recent change of a connection.
    Event {
        connection: u64,
        what: Py<PyAny>,
        client: (String, u16),
        server: (String, u16),
        client_state: State,
        server_state: State,
        place: Place,
    }

    /// A pair of UDP endpoints.
    UdpConversation {
        address_a: String,
        port_a: u16,
        address_b: String,
        port_b: u16,
        frames_a: u64,
        bytes_a: u64,
        frames_b: u64,
        bytes_b: u64,
        first_time_ns: i64,
        last_time_ns: i64,
    }

    /// Frames that could not be decoded, by layer and reason.
    Undecoded {
        layer: &'static str,
        reason: &'static str,
        frames: u64,
        first_frame: u64,
        offset: u32,
        need: u32,
        have: u32,
    }

    /// One segment of a traced connection.
    LadderLine {
        frame: u64,
        time_ns: i64,
        sender: Role,
        flags: u16,
        seq: i32,
        ack: Option<i32>,
        payload: u32,
        window: u32,
        notes: Tuple<&'static str>,
    }
}

records! {
    "wirestat.summary";

    /// The count of one transition.
    TransitionCount {
        endpoint: Role,
        from_state: State,
        to: State,
        count: u64,
        seen: u64,
        confirmed: u64,
        presumed: u64,
        implied: u64,
        timer: u64,
        retracted: u64,
        examples: Tuple<u64>,
    }

    /// Connections that look alike to a rule.
    Signature {
        client_state: State,
        server_state: State,
        client_confirmed: bool,
        server_confirmed: bool,
        count: u64,
        examples: Tuple<u64>,
        facts: Facts,
        client_facts: Facts,
        server_facts: Facts,
    }

    /// The first and the last time of an event.
    Spell {
        first_ns: i64,
        last_ns: i64,
    }

    /// Statistics of many durations.
    Spread {
        count: u64,
        least_ns: i64,
        usual_ns: i64,
        most_ns: i64,
        counts: Dict<u64, u32>,
    }

    /// A duration, and its connection.
    Lasted {
        ns: i64,
        connection: u64,
    }

    /// A silence that a connection did not survive.
    FatalSilence {
        ns: i64,
        connection: u64,
        reset: bool,
    }

    /// Sockets in CLOSE_WAIT.
    CloseWaits {
        peak: u64,
        peak_ns: Option<i64>,
        by_fin: u64,
        by_reset: u64,
        leaving_peak: u64,
        leaving_ns: Option<i64>,
        examples: Tuple<u64>,
    }

    /// The regularity of an event.
    Period {
        ns: i64,
        alike: u64,
        gaps: u64,
    }

    /// One socket that clients opened connections to, or tried to.
    Listener {
        address: String,
        port: u16,
        connections: u64,
        clients: usize,
        answered: u64,
        refused: u64,
        unanswered: u64,
        embryonic: u64,
        embryonic_peak: u64,
        short_lived: u64,
        states: ByState,
        client_states: ByState,
        time_wait_peak: u64,
        time_wait_client: Option<String>,
        first_frame: u64,
        examples: Tuple<u64>,
        opened: u64,
        embryonic_peak_ns: Option<i64>,
        answers: Option<Spell>,
        refusals: Option<Spell>,
        silences: Option<Spell>,
        reset: u64,
        reset_wordless: u64,
        hung_up: u64,
        wordless_examples: Tuple<u64>,
        slow: u64,
        slowest: Tuple<Lasted>,
        syn_to_syn_ack: Option<Spread>,
        syn_ack_to_ack: Option<Spread>,
        close_waits: Option<CloseWaits>,
        ttls: Tuple<u8>,
    }

    /// One client address.
    Client {
        address: String,
        connections: u64,
        answered: u64,
        opened: u64,
        refused: u64,
        unanswered: u64,
        reset: u64,
        wordless: u64,
        wordless_period: Option<Period>,
        wordless_examples: Tuple<u64>,
        sockets: usize,
        spell: Option<Spell>,
        examples: Tuple<u64>,
    }

    /// Figures of the answered connections of a path.
    Talk {
        survivals: u64,
        survived: Tuple<Lasted>,
        deaths: u64,
        died: Tuple<FatalSilence>,
        resets: u64,
        reset: Tuple<Lasted>,
        oldest: Tuple<Lasted>,
        syn_to_syn_ack: Option<Spread>,
        syn_ack_to_ack: Option<Spread>,
        handshake: Option<Spread>,
    }

    /// Two hosts, one of which opened connections to the other.
    Path {
        client: String,
        server: String,
        connections: u64,
        opened: u64,
        client_ttls: Tuple<u8>,
        server_ttls: Tuple<u8>,
        talk: Option<Talk>,
        examples: Tuple<u64>,
    }

    /// The flow table in numbers.
    Summary {
        frames: u64,
        tcp_segments: u64,
        data_segments: u64,
        bare_acknowledgements: u64,
        udp_datagrams: u64,
        icmp_errors: u64,
        other_frames: Dict<&'static str, u64>,
        undecoded: Tuple<Undecoded>,
        duplicate_frames: u64,
        connections: u64,
        incarnations: u64,
        udp_conversations: u64,
        first_time_ns: Option<i64>,
        last_time_ns: Option<i64>,
        states: Dict<Role, ByState>,
        transitions: Tuple<TransitionCount>,
        signatures: Tuple<Signature>,
        evicted: Dict<&'static str, u64>,
        released: u64,
        fragments: Dict<&'static str, u64>,
        beyond_limits: Dict<&'static str, u64>,
        listeners: Tuple<Listener>,
        clients: Tuple<Client>,
        paths: Tuple<Path>,
    }
}
