//! Lines of Zeek's conn.log: all fields that Zeek writes, then those that only wirestat has.

mod local;
mod pen;
mod udp;

use self::pen::LogPen;
use super::books::Address;
use super::row::Row;
use crate::address::Ip;
use crate::flows::key::Key;
use crate::flows::slab::Slot;
use crate::flows::table::Flows;
use crate::flows::udp::Conversation;
use crate::tcp::state::State;
use crate::zeek::community::{self, Flow, UDP};
use crate::zeek::dialogue::Told;

/// The fields in their order, each with its type in Zeek.
pub const FIELDS: &[(&str, &str)] = &[
    ("ts", "time"),
    ("uid", "string"),
    ("id.orig_h", "addr"),
    ("id.orig_p", "port"),
    ("id.resp_h", "addr"),
    ("id.resp_p", "port"),
    ("proto", "enum"),
    ("service", "string"),
    ("duration", "interval"),
    ("orig_bytes", "count"),
    ("resp_bytes", "count"),
    ("conn_state", "string"),
    ("local_orig", "bool"),
    ("local_resp", "bool"),
    ("missed_bytes", "count"),
    ("history", "string"),
    ("orig_pkts", "count"),
    ("orig_ip_bytes", "count"),
    ("resp_pkts", "count"),
    ("resp_ip_bytes", "count"),
    ("tunnel_parents", "set[string]"),
    ("ip_proto", "count"),
    ("community_id", "string"),
    ("client_state", "string"),
    ("server_state", "string"),
    ("findings", "set[string]"),
];

/// The findings about each connection.
pub struct Named {
    /// Connections by id, in order.
    pub connections: Vec<u64>,
    /// For each connection, the index of its list in `findings`.
    pub lists: Vec<u32>,
    /// Lists of findings. Connections with the same findings share a list.
    pub findings: Vec<Vec<String>>,
}

impl Named {
    fn of(&self, id: u64) -> &[String] {
        let list = self.connections.binary_search(&id).ok().and_then(|place| self.lists.get(place));
        list.and_then(|list| self.findings.get(*list as usize)).map_or(&[], Vec::as_slice)
    }
}

/// The parts of a line that do not come from the flow.
struct Rest<'a> {
    uid: String,
    told: Told,
    states: Option<[State; 2]>,
    findings: &'a [String],
}

/// Writes lines, as Zeek's tab-separated values or as JSON.
pub struct ConnLog {
    pen: LogPen,
}

impl ConnLog {
    /// A log without lines.
    #[must_use]
    pub const fn new(is_json: bool) -> Self {
        Self { pen: LogPen::new(is_json) }
    }

    /// Writes a connection, unless its data for Zeek were not kept.
    pub fn connection(&mut self, flows: &Flows, slot: &Slot, named: &Named) {
        let row = Row::of(flows, slot);
        let notes = flows.zeek.as_ref();
        let Some(told) = notes.and_then(|notes| notes.told(row.id(), row.client)) else { return };
        let flow = row.flow();
        let states = row.states();
        let uid = community::unique(&flow, row.first_time_ns(), row.incarnation());
        let findings = named.of(row.id());
        self.line("tcp", &flow, &Rest { uid, told, states: Some(states), findings });
    }

    /// Writes a UDP conversation.
    pub fn conversation(&mut self, key: &Key, of: &Conversation) {
        let Key { ips, ports, scope } = *key;
        let first = udp::originator(of, ports);
        let second = first.other();
        let flow = Flow {
            ips: [ips[first], ips[second]],
            ports: [ports[first], ports[second]],
            scope,
            protocol: UDP,
        };
        let told = udp::told(of, first, if scope.is_ipv6() { 48 } else { 28 });
        let uid = community::unique(&flow, of.first_ns, 1);
        self.line("udp", &flow, &Rest { uid, told, states: None, findings: &[] });
    }

    /// The text so far.
    #[must_use]
    pub fn finish(self) -> String {
        self.pen.text
    }

    fn line(&mut self, proto: &str, flow: &Flow, rest: &Rest<'_>) {
        let (pen, told) = (&mut self.pen, &rest.told);
        let [originator, responder] = told.ends;
        let address = |ip: Ip| Address { ip, scope: flow.scope };
        pen.begin();
        pen.write_seconds("ts", told.start_ns);
        pen.text("uid", &rest.uid);
        pen.shown("id.orig_h", &address(flow.ips[0]));
        pen.number("id.orig_p", u64::from(flow.ports[0]));
        pen.shown("id.resp_h", &address(flow.ips[1]));
        pen.number("id.resp_p", u64::from(flow.ports[1]));
        pen.text("proto", proto);
        pen.unset();
        if told.duration_ns > 0 {
            pen.write_seconds("duration", told.duration_ns);
            pen.number("orig_bytes", originator.bytes);
            pen.number("resp_bytes", responder.bytes);
        } else {
            (0..3).for_each(|_| pen.unset());
        }
        pen.text("conn_state", told.conn_state);
        pen.truth("local_orig", local::is_local(&flow.ips[0], flow.scope));
        pen.truth("local_resp", local::is_local(&flow.ips[1], flow.scope));
        pen.number("missed_bytes", told.missed_bytes);
        if told.history.is_empty() {
            pen.unset()
        } else {
            pen.text("history", &told.history)
        }
        pen.number("orig_pkts", originator.packets);
        pen.number("orig_ip_bytes", originator.ip_bytes);
        pen.number("resp_pkts", responder.packets);
        pen.number("resp_ip_bytes", responder.ip_bytes);
        pen.unset();
        pen.number("ip_proto", u64::from(flow.protocol));
        pen.text("community_id", &community::id(flow));
        match rest.states {
            Some([client, server]) => {
                pen.text("client_state", client.name());
                pen.text("server_state", server.name());
                pen.list("findings", rest.findings);
            }
            None => (0..3).for_each(|_| pen.unset()),
        }
        pen.end();
    }
}

#[cfg(test)]
mod tests {
    use super::{ConnLog, FIELDS, Flow, Rest, Told, UDP};
    use crate::address::{Scope, ipv4};
    use crate::zeek::dialogue::Figures;

    #[test]
    fn a_line_has_a_value_for_each_field() {
        let figures = Figures { bytes: 0, packets: 1, ip_bytes: 28 };
        let flow = Flow {
            ips: [ipv4([10, 0, 0, 1]), ipv4([8, 8, 8, 8])],
            ports: [5353, 53],
            scope: Scope::default(),
            protocol: UDP,
        };
        let told = Told {
            start_ns: 1_500_000_000_000_001_999,
            duration_ns: 0,
            conn_state: "S0",
            history: "D".to_owned(),
            missed_bytes: 0,
            ends: [figures; 2],
        };
        for is_json in [false, true] {
            let mut log = ConnLog::new(is_json);
            let findings = ["D01".to_owned(), "D02".to_owned()];
            log.line(
                "udp",
                &flow,
                &Rest { uid: "C".to_owned(), told: told.clone(), states: None, findings: &findings },
            );
            let line = log.finish();
            if is_json {
                assert!(
                    line.starts_with("{\"ts\":1500000000.000001,\"uid\":\"C\",\"id.orig_h\":\"10.0.0.1\"")
                );
                assert!(line.contains("\"local_orig\":true,\"local_resp\":false") && line.ends_with("\"}\n"));
            } else {
                assert_eq!(line.trim_end_matches('\n').split('\t').count(), FIELDS.len());
                assert!(line.ends_with("\t-\t-\t-\n"));
            }
        }
    }
}
