//! The table in numbers, as a record for Python.

use super::model::{Signature, Summary, TransitionCount, Undecoded};
use super::population::{by_state, client, listener, path};
use super::record::{Dict, Tuple};
use super::words::Role;
use crate::flows::kinds::Alike;
use crate::flows::signature;
use crate::flows::table::Flows;
use crate::flows::tally::{Moves, Tally};
use crate::flows::traffic;
use crate::tcp::entry::Standing;
use crate::tcp::state::State;
use crate::wire::Decoder;

/// The table in numbers, as of the last frame.
pub fn summary(flows: &Flows, decoder: &Decoder, tally: &Tally) -> Summary {
    let traffic = &flows.traffic;
    let (evicted, fragments) = (flows.evicted, decoder.fragments());
    let (unjudged, people) = (tally.kinds.unjudged, &tally.populations);
    let mut other_frames = traffic.others.clone();
    other_frames.sort_unstable();
    Summary {
        frames: traffic.frames,
        tcp_segments: traffic.segments.all(),
        data_segments: traffic.segments.carrying(),
        bare_acknowledgements: traffic.segments.bare(),
        udp_datagrams: traffic.datagrams,
        icmp_errors: traffic.icmp_errors,
        other_frames: Dict(other_frames),
        undecoded: traffic.undecoded.iter().map(undecoded).collect(),
        duplicate_frames: traffic.duplicates,
        connections: tally.connections,
        incarnations: tally.incarnations,
        udp_conversations: flows.udp.len() as u64,
        first_time_ns: traffic.first_ns,
        last_time_ns: traffic.last_ns,
        states: [0, 1].map(|role| (Role::of(role), by_state(&tally.states[role]))).into_iter().collect(),
        transitions: tally.moves.iter().map(transition_count).collect(),
        signatures: tally.kinds.list().into_iter().map(signature_record).collect(),
        evicted: Dict(vec![
            ("closed", evicted.closed),
            ("embryonic", evicted.embryonic),
            ("unproven", evicted.unproven),
            ("idle", evicted.idle),
            ("superseded", evicted.superseded),
        ]),
        released: flows.released,
        fragments: Dict(vec![
            ("held", fragments.held),
            ("reassembled", fragments.reassembled),
            ("given_up", fragments.given_up),
            ("overlapping", fragments.overlapping),
            ("differing", fragments.differing),
            ("tcp_reassembled", fragments.tcp_reassembled),
            ("tcp_incomplete", fragments.tcp_incomplete),
        ]),
        beyond_limits: Dict(vec![
            ("udp_datagrams", flows.udp.beyond),
            ("connections", unjudged.connections),
            ("conversations", unjudged.conversations),
            ("listeners", people.listeners.beyond),
            ("clients", people.clients.0.beyond),
            ("paths", people.paths.0.beyond),
            ("listening_sockets", flows.listeners.forgotten),
            ("histories", tally.cut_histories),
            ("gaps", tally.cut_gaps),
            ("ladder_segments", flows.ladder.beyond),
        ]),
        listeners: people.listeners.busiest().into_iter().map(listener).collect(),
        clients: people.clients.0.busiest().into_iter().map(client).collect(),
        paths: people.paths.0.busiest().into_iter().map(path).collect(),
    }
}

fn undecoded(u: &traffic::Undecoded) -> Undecoded {
    Undecoded {
        layer: u.first.layer,
        reason: u.first.reason,
        frames: u.frames,
        first_frame: u.first_frame,
        offset: u.first.offset,
        need: u.first.need,
        have: u.first.have,
    }
}

fn transition_count((role, from_state, to, moves): (usize, State, State, &Moves)) -> TransitionCount {
    TransitionCount {
        endpoint: Role::of(role),
        from_state,
        to,
        count: moves.count(),
        seen: moves.of(Standing::Seen),
        confirmed: moves.of(Standing::Confirmed),
        presumed: moves.of(Standing::Presumed) + moves.of(Standing::Undated),
        implied: moves.of(Standing::Implied),
        timer: moves.of(Standing::Timer),
        retracted: moves.of(Standing::Retracted),
        examples: Tuple(moves.examples.ids()),
    }
}

fn signature_record((s, alike): (&signature::Signature, &Alike)) -> Signature {
    Signature {
        client_state: s.states[0],
        server_state: s.states[1],
        client_confirmed: s.proven[0],
        server_confirmed: s.proven[1],
        count: alike.count,
        examples: Tuple(alike.examples.ids()),
        facts: s.facts[0].or(s.facts[1]).only(true),
        client_facts: s.facts[0].only(false),
        server_facts: s.facts[1].only(false),
    }
}
