//! Populations, as records for Python.

use super::model::{
    ByState, Client, CloseWaits, FatalSilence, Lasted, Listener, Path, Period, Spell, Spread, Talk,
};
use super::record::{Dict, Tuple};
use super::rows::address;
use crate::flows::population::beats;
use crate::flows::population::clients;
use crate::flows::population::close_waits;
use crate::flows::population::few::Few;
use crate::flows::population::listeners;
use crate::flows::population::paths::{self, End};
use crate::flows::population::socket::{Between, Host, Socket};
use crate::flows::population::spell;
use crate::flows::population::spread;
use crate::tcp::state::State;

/// The states with any end in them, in their order.
pub fn by_state(counts: &[u64; State::ALL.len()]) -> ByState {
    State::ALL.into_iter().zip(*counts).filter(|(_, count)| *count > 0).collect()
}

fn spell_record(spell: Option<spell::Spell>) -> Option<Spell> {
    spell.map(|spell| Spell { first_ns: spell.first_ns, last_ns: spell.last_ns })
}

fn spread_record(spread: &spread::Spread) -> Option<Spread> {
    let count = spread.count();
    (count > 0).then(|| Spread {
        count,
        least_ns: spread.least_ns(),
        usual_ns: spread.usual_ns(),
        most_ns: spread.most_ns(),
        counts: Dict(spread.steps().collect()),
    })
}

fn lasted((ns, connection): paths::Lasted) -> Lasted {
    Lasted { ns, connection }
}

fn longest(few: &Few<paths::Lasted>) -> Tuple<Lasted> {
    few.iter().map(lasted).collect()
}

fn close_waits_record(waits: &close_waits::CloseWaits) -> CloseWaits {
    let (peak, peak_ns) = waits.present.most();
    let (leaving_peak, leaving_ns) = waits.leaving.most();
    CloseWaits {
        peak,
        peak_ns,
        by_fin: waits.by_fin,
        by_reset: waits.by_reset,
        leaving_peak,
        leaving_ns,
        examples: Tuple(waits.examples.ids()),
    }
}

/// A listening socket.
pub fn listener((socket, l): (&Socket, &listeners::Listener)) -> Listener {
    let Socket { ip, port, scope } = *socket;
    let crowded = l.most_in_time_wait();
    let (embryonic_peak, embryonic_peak_ns) = l.embryonic.most();
    let history = &l.history;
    Listener {
        address: address(ip, scope),
        port,
        connections: l.connections,
        clients: l.clients.count(),
        answered: l.answered,
        refused: l.refused,
        unanswered: l.unanswered,
        embryonic: l.states[State::SynRecv as usize],
        embryonic_peak,
        short_lived: l.short_lived,
        states: by_state(&l.states),
        client_states: by_state(&l.client_states),
        time_wait_peak: crowded.map_or(0, |(peak, _)| peak),
        time_wait_client: crowded.map(|(_, client)| address(client, scope)),
        first_frame: l.first_frame,
        examples: Tuple(l.examples.ids()),
        opened: l.opened,
        embryonic_peak_ns,
        answers: spell_record(history.answers),
        refusals: spell_record(history.refusals),
        silences: spell_record(history.silences),
        reset: history.reset,
        reset_wordless: history.reset_wordless,
        hung_up: history.hung_up,
        wordless_examples: Tuple(history.wordless_examples.ids()),
        slow: history.slow,
        slowest: longest(&history.slowest),
        syn_to_syn_ack: spread_record(&history.to_server),
        syn_ack_to_ack: spread_record(&history.to_client),
        close_waits: history.close_waits.as_deref().map(close_waits_record),
        ttls: history.ttls.iter().collect(),
    }
}

fn period(period: beats::Period) -> Period {
    Period { ns: period.ns, alike: period.alike, gaps: period.gaps }
}

/// A client.
pub fn client((host, c): (&Host, &clients::Client)) -> Client {
    Client {
        address: address(host.ip, host.scope),
        connections: c.connections,
        answered: c.answered,
        opened: c.opened,
        refused: c.refused,
        unanswered: c.unanswered,
        reset: c.reset,
        wordless: c.wordless,
        wordless_period: c.beats.period().map(period),
        wordless_examples: Tuple(c.wordless_examples.ids()),
        sockets: c.sockets.count(),
        spell: spell_record(c.spell),
        examples: Tuple(c.examples.ids()),
    }
}

fn talk(talk: &paths::Talk) -> Talk {
    let fatal = |((ns, connection), end)| FatalSilence { ns, connection, reset: end == End::Reset };
    Talk {
        survivals: talk.survivals,
        survived: longest(&talk.survived),
        deaths: talk.deaths,
        died: talk.died.iter().map(|std::cmp::Reverse(died)| fatal(died)).collect(),
        resets: talk.resets,
        reset: longest(&talk.reset),
        oldest: longest(&talk.oldest),
        syn_to_syn_ack: spread_record(&talk.to_server),
        syn_ack_to_ack: spread_record(&talk.to_client),
        handshake: spread_record(&talk.handshake),
    }
}

/// A path.
pub fn path((between, p): (&Between, &paths::Path)) -> Path {
    Path {
        client: address(between.client, between.scope),
        server: address(between.server, between.scope),
        connections: p.connections,
        opened: p.opened,
        client_ttls: p.client_ttls.iter().collect(),
        server_ttls: p.server_ttls.iter().collect(),
        talk: p.talk.as_ref().map(talk),
        examples: Tuple(p.examples.ids()),
    }
}
