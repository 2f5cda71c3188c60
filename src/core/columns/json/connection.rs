//! One connection as JSON.

use super::pen::{Pen, fields};
use super::words::Words;
use crate::address::Scope;
use crate::columns::books::Address;
use crate::columns::remembered::{Remembered, Sight, Step};
use crate::columns::row::{End, Row};
use crate::flows::slab::Slot;
use crate::flows::table::Flows;

const SIDES: [&str; 2] = ["client", "server"];

/// Writes connections.
pub struct Connections<'a> {
    /// The table that they are in.
    pub flows: &'a Flows,
    /// Names the tunnels of a scope.
    pub describe: &'a (dyn Fn(Scope) -> Option<String> + Sync),
    /// Words that the layers above add to them.
    pub words: &'a Words,
    /// The text before each record, with its brace: `{`, or `{` with a field of the caller's and a comma.
    pub opening: &'a str,
    /// The text after each record, with its brace.
    pub closing: &'a str,
}

impl Connections<'_> {
    /// Writes a connection.
    pub fn write(&self, pen: &mut Pen, slot: &Slot) {
        let row = Row::of(self.flows, slot);
        let ends = End::both(&row);
        pen.raw(self.opening);
        fields! {pen:
            "\"id\":" number row.id();
            ",\"incarnation\":" number row.incarnation();
            ",\"previous\":" maybe row.previous();
            ",\"direction_reason\":" name row.reason.name();
            ",\"tunnel\":" maybe_name self.tunnel(row.scope()).as_deref();
            ",\"first_time_ns\":" number row.first_time_ns();
            ",\"last_time_ns\":" number row.last_time_ns();
            ",\"first_frame\":" number row.first_frame();
            ",\"last_frame\":" number row.last_frame();
            ",\"handshake_rtt_ns\":" maybe row.handshake_rtt_ns();
            ",\"connect_ns\":" maybe row.opening().connect_ns;
            ",\"syn_copies\":" number row.opening().syn_copies;
            ",\"syn_ack_copies\":" number row.opening().syn_ack_copies;
            ",\"syn_to_syn_ack_ns\":" maybe row.opening().to_syn_ack_ns;
            ",\"syn_ack_to_ack_ns\":" maybe row.opening().to_ack_ns;
            ",\"first_byte_ns\":" maybe row.first_byte_ns();
            ",\"network_ns\":" number row.network_ns();
        }
        for (name, one) in [",\"client\":", ",\"server\":"].into_iter().zip(&ends) {
            pen.raw(name);
            end(pen, one);
        }
        self.words.write_waits(pen, &ends);
        let sights = self.transitions(pen, &row);
        pen.raw(",\"facts\":");
        pen.list(&sights, fact);
        pen.raw(",\"findings\":");
        pen.raw(self.words.findings(row.id()));
        pen.raw(self.closing);
    }

    fn tunnel(&self, scope: Scope) -> Option<String> {
        if scope.is_outermost() { None } else { (self.describe)(scope) }
    }

    /// Writes the changes of state. Returns the facts that the log holds between them.
    fn transitions(&self, pen: &mut Pen, row: &Row<'_>) -> Vec<Sight> {
        let (mut sights, mut before) = (Vec::new(), "");
        pen.raw(",\"transitions\":[");
        row.entries(|remembered| match remembered {
            Remembered::Step(step) => {
                pen.raw(before);
                before = ",";
                self.transition(pen, &step);
            }
            Remembered::Sight(sight) => sights.push(sight),
        });
        pen.raw("]");
        sights
    }

    fn transition(&self, pen: &mut Pen, step: &Step) {
        let t = &step.transition;
        fields! {pen:
            "{\"endpoint\":" name SIDES[usize::from(step.server)];
            ",\"from\":" name t.from.name();
            ",\"to\":" name t.to.name();
            ",\"time_ns\":" number t.time_ns;
            ",\"frame\":" number t.frame;
            ",\"cue\":" name t.cue.words();
            ",\"evidence\":" name t.evidence.name();
            ",\"confirmed_by\":" maybe step.confirmed_by();
            ",\"retracted_by\":" maybe step.retracted_by();
            "," raw self.words.documented(t.from, t.to);
        }
        pen.raw("}");
    }
}

fn end(pen: &mut Pen, end: &End<'_>) {
    fields! {pen:
        "{\"address\":" shown Address { ip: end.ip, scope: end.scope };
        ",\"port\":" number end.port;
        ",\"state\":" name end.state().name();
        ",\"evidence\":" maybe_name end.evidence().map(|evidence| evidence.name());
        ",\"confirmed\":" truth end.is_confirmed();
    }
    pen.raw(",\"or_since\":");
    pen.list(&end.or_since(), |pen, state| pen.name(state.name()));
    fields! {pen:
        ",\"since_ns\":" maybe end.since_ns();
        ",\"first_state\":" name end.first_state().name();
        ",\"frames\":" number end.frames();
        ",\"bytes\":" number end.bytes();
        ",\"retransmitted_frames\":" number end.retransmitted_frames();
        ",\"retransmitted_bytes\":" number end.retransmitted_bytes();
        ",\"out_of_order_frames\":" number end.out_of_order_frames();
        ",\"duplicate_frames\":" number end.duplicate_frames();
        ",\"unseen_bytes\":" number end.unseen_bytes();
        ",\"unacknowledged_bytes\":" number end.unacknowledged_bytes();
        ",\"first_time_ns\":" maybe end.first_time_ns();
        ",\"last_time_ns\":" maybe end.last_time_ns();
        ",\"isn\":" maybe end.isn();
        ",\"mss\":" maybe end.mss();
        ",\"window_scale\":" maybe end.window_scale();
        ",\"window\":" maybe end.window();
        ",\"ttl\":" maybe end.ttl();
        ",\"turns\":" number end.turns();
        ",\"think_ns\":" number end.think_ns();
        ",\"longest_think_ns\":" number end.longest_think_ns();
    }
    pen.raw("}");
}

fn fact(pen: &mut Pen, sight: &Sight) {
    fields! {pen:
        "{\"name\":" name sight.fact.name();
        ",\"endpoint\":" maybe_name sight.server.map(|server| SIDES[usize::from(server)]);
        ",\"frame\":" number sight.frame;
        ",\"time_ns\":" number sight.time_ns;
        ",\"figure\":" maybe sight.figure;
    }
    pen.raw("}");
}
