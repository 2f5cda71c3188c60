//! A UDP conversation as in Zeek's log: the originator, its state, and its history letters.

use crate::flows::udp::Conversation;
use crate::tcp::side::Side;
use crate::zeek::dialogue::{Figures, Told};

/// Ports on which Zeek's own scripts expect servers over UDP (`likely_server_ports`).
const SERVERS: [u16; 20] = [
    53, 67, 88, 123, 137, 161, 162, 443, 514, 1812, 2123, 2152, 3544, 4789, 5060, 5072, 5353, 5355, 6081,
    20000,
];

/// The originator by Zeek's rule: the first sender, unless only the first sender has a server port.
#[must_use]
pub fn originator(of: &Conversation, ports: [u16; 2]) -> Side {
    let has_server = |side| SERVERS.binary_search(&ports[side]).is_ok();
    if has_server(of.opener) && !has_server(of.opener.other()) { of.opener.other() } else { of.opener }
}

/// Zeek's record of a conversation, given its originator; `header` is the length of the headers before each payload.
#[must_use]
pub fn told(of: &Conversation, originator: Side, header: u64) -> Told {
    let responder = originator.other();
    let figures = |side| {
        let (packets, bytes) = (of.frames[side], of.bytes[side]);
        Figures { bytes, packets, ip_bytes: bytes + packets * header }
    };
    let (conn_state, letters) = match (of.frames[originator] > 0, of.frames[responder] > 0) {
        (true, true) if of.opener == originator => ("SF", "Dd"),
        (true, true) => ("SF", "^dD"),
        (_, false) => ("S0", "D"),
        (false, true) => ("SHR", "^d"),
    };
    Told {
        start_ns: of.first_ns,
        duration_ns: of.last_ns - of.first_ns,
        conn_state,
        history: letters.to_owned(),
        missed_bytes: 0,
        ends: [figures(originator), figures(responder)],
    }
}

#[cfg(test)]
mod tests {
    use super::{originator, told};
    use crate::flows::udp::Conversation;
    use crate::tcp::side::Side;

    /// Zeek's view of a conversation that the end with the first port begins.
    fn said(ports: [u16; 2], frames: [u64; 2]) -> (bool, &'static str, String) {
        let [opener, other] = Side::BOTH;
        let of = Conversation { frames, bytes: [10, 20], opener, first_ns: 0, last_ns: 1 };
        let asked = originator(&of, ports);
        let told = told(&of, asked, 28);
        (asked == other, told.conn_state, told.history)
    }

    #[test]
    fn the_first_sender_is_the_originator() {
        assert_eq!(said([40_000, 53], [1, 0]), (false, "S0", "D".to_owned()));
        assert_eq!(said([40_000, 53], [1, 1]), (false, "SF", "Dd".to_owned()));
        assert_eq!(said([40_000, 40_001], [2, 1]), (false, "SF", "Dd".to_owned()));
        assert_eq!(said([5353, 5353], [2, 0]), (false, "S0", "D".to_owned()));
    }

    #[test]
    fn a_server_that_sends_first_is_the_responder() {
        assert_eq!(said([443, 64_935], [8, 8]), (true, "SF", "^dD".to_owned()));
        assert_eq!(said([53, 40_000], [1, 0]), (true, "SHR", "^d".to_owned()));
    }
}
