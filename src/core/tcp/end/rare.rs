//! Parts that few endpoints need. Each belongs to the file that answers its question, which alone may change it.

use crate::tcp::end::asked::Asked;
use crate::tcp::end::counts::Beyond;
use crate::tcp::end::echo::Echo;
use crate::tcp::end::fins::Fins;
use crate::tcp::end::missing::Missing;
use crate::tcp::end::odd::Odd;
use crate::tcp::end::resent::Resent;
use crate::tcp::end::resets::Resets;
use crate::tcp::end::shut::Shut;
use crate::tcp::end::ttls::Ttls;
use crate::tcp::end::waiting::Waiting;
use crate::tcp::end::waits::Waits;
use crate::tcp::end::waking::Wakings;
use serde::{Deserialize, Serialize};

/// Those parts, kept out of line, so that millions of plain endpoints stay small.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Rare {
    /// Octets that the capture lacks.
    pub missing: Missing,
    /// Data sent again.
    pub resent: Resent,
    /// A window of zero.
    pub shut: Shut,
    /// Repeated SYNs, SYN,ACKs and FINs.
    pub asked: Asked,
    /// FINs beside the one that counts.
    pub fins: Fins,
    /// Resets in its name, and for it.
    pub resets: Resets,
    /// Long silences that it has broken.
    pub wakings: Wakings,
    /// Waits for late acknowledgements.
    pub waits: Waits,
    /// See [`Echo`].
    pub echo: Option<Echo>,
    /// Segments that wait until it is known whether they were acceptable.
    pub waiting: Waiting,
    /// Segments out of the ordinary.
    pub odd: Odd,
    /// What there is no room for in the endpoint.
    pub beyond: Beyond,
    /// TTLs of its segments before the one that it bears now.
    pub ttls: Ttls,
    /// TTLs of resets in its name that none of its segments bore.
    pub reset_ttls: Ttls,
    /// Probes since the other end was last heard of.
    pub probes: u8,
}

impl Rare {
    /// Whether nothing is missing, waiting or in doubt.
    pub fn is_settled(&self) -> bool {
        self.missing.holes().is_empty()
            && self.asked.is_settled()
            && self.shut.is_open()
            && self.fins.is_settled()
            && self.wakings.is_settled()
            && self.resets.is_settled()
            && self.probes == 0
            && self.waiting.is_empty()
    }
}
