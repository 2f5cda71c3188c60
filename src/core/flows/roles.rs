//! Which end of a connection is the client: its opening tells, or a socket that was seen to listen, or a port.

use super::ports;
use super::reason::DirectionReason;
use super::slab::Slot;
use super::table::Flows;
use crate::address::Ip;
use crate::tcp::connection::Direction;
use crate::tcp::side::Side;

impl Flows {
    /// Which end is the client, and how that is known: where the opening was not captured, by the best evidence there is.
    #[must_use]
    pub fn client_of(&self, slot: &Slot) -> (Side, DirectionReason) {
        let client = slot.connection.client();
        match slot.connection.direction() {
            Direction::Syn => return (client, DirectionReason::Syn),
            Direction::SynAck => return (client, DirectionReason::SynAck),
            Direction::FirstSender => {}
        }
        let key = slot.key();
        let serves = |judge: &dyn Fn(Ip, u16) -> bool| {
            let [first, second] = Side::BOTH.map(|side| judge(key.ips[side], key.ports[side]));
            (first != second).then_some(Side::high_if(first))
        };
        if let Some(client) = serves(&|ip, port| self.listeners.has(ip, port, key.scope)) {
            (client, DirectionReason::Listener)
        } else if let Some(client) = serves(&|_, port| ports::is_well_known(port)) {
            (client, DirectionReason::WellKnownPort)
        } else if let Some(client) = serves(&|_, port| !ports::is_reserved_for_clients(port)) {
            (client, DirectionReason::WellKnownPort)
        } else if let Some(client) = serves(&|_, port| !ports::is_ephemeral(port)) {
            (client, DirectionReason::EphemeralPort)
        } else {
            (client, DirectionReason::FirstSender)
        }
    }
}
