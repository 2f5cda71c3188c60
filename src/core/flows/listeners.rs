//! The sockets that were seen to listen: a SYN,ACK came from them, anywhere in the capture.

use super::population::socket::Socket;
use crate::address::{Ip, Scope};
use crate::segment::Segment;
use foldhash::fast::RandomState;
use std::collections::HashSet;

/// The sockets that were seen to listen.
#[derive(Default)]
pub struct Listeners {
    sockets: HashSet<Socket, RandomState>,
    /// SYN,ACKs of sockets that there was no room to remember.
    pub forgotten: u64,
}

impl Listeners {
    /// So many sockets are remembered.
    const MOST: usize = 65_536;

    /// Remembers the sender of a SYN,ACK; other segments show nothing here.
    pub(super) fn learn(&mut self, segment: &Segment) {
        if !(segment.flags.syn() && segment.flags.ack()) {
            return;
        }
        let socket = Socket { ip: segment.source, port: segment.source_port, scope: segment.scope };
        if self.sockets.len() < Self::MOST {
            self.sockets.insert(socket);
        } else if !self.sockets.contains(&socket) {
            self.forgotten += 1;
        }
    }

    /// Whether a SYN,ACK came from this address and port anywhere in the capture.
    #[must_use]
    pub fn has(&self, ip: Ip, port: u16, scope: Scope) -> bool {
        self.sockets.contains(&Socket { ip, port, scope })
    }

    /// Remembers sockets that were seen to listen elsewhere in the capture. False if there is no room for all.
    pub fn learn_all(&mut self, sockets: impl IntoIterator<Item = Socket>) -> bool {
        self.sockets.extend(sockets);
        self.sockets.len() <= Self::MOST
    }

    /// Takes over what was learnt elsewhere.
    pub fn learn_from(&mut self, other: &Self) {
        self.sockets.extend(other.sockets.iter().copied());
    }
}
