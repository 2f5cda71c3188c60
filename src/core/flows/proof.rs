//! How much of a conversation was proven: it tells the conversations that matter from those that anybody can make up with a few
//! packets.

use crate::tcp::connection::Connection;
use crate::tcp::endpoint::Endpoint;

/// The proof that both ends have given of a connection. Later ones are worth more, and take more to forge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// One end alone was heard, and it did not carry on: a SYN, a FIN, a reset or whatever else.
    #[default]
    Unanswered,
    /// Both ends were heard.
    Answered,
    /// One end alone was heard, and its segments carry on: the capture holds one direction.
    OneWay,
    /// Both ends were heard, and one acknowledged octets of the other, or its SYN.
    Opened,
    /// Both ends were heard, and one acknowledged data that the other had sent.
    Exchanged,
}

impl Proof {
    /// The proof of a connection so far. It never becomes less.
    #[must_use]
    pub fn of(connection: &Connection) -> Self {
        /// So many segments are no scan.
        const CARRIED_ON: u64 = 3;
        let [low, high] = connection.ends();
        let acknowledges_more = low.marks().ack_advanced() || high.marks().ack_advanced();
        if low.frames() > 0 && high.frames() > 0 {
            let took_data =
                |taker: &Endpoint, sender: &Endpoint| taker.marks().ack_advanced() && sender.bytes() > 0;
            return match acknowledges_more {
                _ if took_data(low, high) || took_data(high, low) => Self::Exchanged,
                true => Self::Opened,
                false => Self::Answered,
            };
        }
        let speaker = if low.frames() > 0 { low } else { high };
        let carries_on = speaker.marks().sent_new_data() || acknowledges_more;
        if carries_on && speaker.all_frames() >= CARRIED_ON { Self::OneWay } else { Self::Unanswered }
    }
}
