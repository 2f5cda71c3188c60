//! Marks: yes or no, a bit each, of what an end has done and what is known of it.

/// What is known of an endpoint's sequence space and conduct, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks(u32);

macro_rules! marks {
    ($($(#[$doc:meta])* $get:ident $set:ident = $bit:literal;)*) => {
        // Two marks on one bit would be one mark.
        const _: () = assert!(0 $(+ (1_u32 << $bit))* == 0 $(| (1_u32 << $bit))*);

        impl Marks {
            $(
                $(#[$doc])*
                #[must_use]
                pub const fn $get(self) -> bool { self.0 >> $bit & 1 == 1 }
                /// Sets the mark of the like name.
                pub const fn $set(&mut self, on: bool) { self.0 = self.0 & !(1 << $bit) | (on as u32) << $bit }
            )*
        }
    };
}

impl Marks {
    /// None.
    pub const NONE: Self = Self(0);

    /// Those of them that are among `those`.
    #[must_use]
    pub const fn among(self, those: Self) -> Self {
        Self(self.0 & those.0)
    }
}

marks! {
    /// `next` and `acked` mean something.
    has_space set_space = 0;
    /// `iss` is known.
    has_iss set_iss = 1;
    /// `fin` is known.
    has_fin set_fin = 2;
    /// Its FIN has been presumed to arrive at the other end.
    fin_delivered set_fin_delivered = 3;
    /// A copy of its FIN did not acknowledge the other's FIN.
    fin_crossed set_fin_crossed = 4;
    /// `iss` is concluded from the first acknowledgement captured, which may have covered more than a SYN.
    iss_is_guessed set_iss_guessed = 24;
    /// It has sent data that were new.
    sent_new_data set_sent_new_data = 5;
    /// A bare acknowledgement has told which number it would send next.
    has_told_next set_told_next = 25;
    /// It has sent data for the first time, for it had told before that they would come next.
    sent_first_copy set_sent_first_copy = 26;
    /// It has sent a SYN without ACK.
    opened_actively set_opened_actively = 6;
    /// It has sent a SYN with ACK.
    answered_syn set_answered_syn = 7;
    /// Both SYNs carried a window scale.
    is_scaled set_scaled = 8;
    /// The SYN carried a window scale.
    offered_scale set_offered_scale = 9;
    /// It has acknowledged octets of the other end (its `ack` field was seen).
    has_acked set_acked = 10;
    /// Its acknowledgements have advanced.
    ack_advanced set_ack_advanced = 11;
    /// A round trip between the tap and this end was measured.
    has_rtt set_rtt = 12;
    /// Data or a FIN of the other end were captured, and the last payload was not this end's.
    heard_last set_heard_last = 13;
    /// The IPv4 identification of its last segment is known.
    has_ip_id set_ip_id = 14;
    /// Its last two identifications were consecutive: it counts.
    counts_ip_id set_counts_ip_id = 15;
    /// It acknowledged the other's FIN in a segment before which octets of its own are missing.
    acked_fin_past_gap set_acked_fin_past_gap = 17;
    /// Its acknowledgement last advanced by one octet that was not captured.
    acked_one_unseen set_acked_one_unseen = 18;
    /// Its FIN was not captured; it is concluded from an acknowledgement.
    fin_is_guessed set_fin_guessed = 21;
    /// Packets of its own are missing before its FIN: the FIN may be a later copy.
    fin_past_missing set_fin_past_missing = 22;
    /// Its identification once went on by more than what may have been missing.
    count_has_jumped set_count_has_jumped = 23;
    /// Its last segment carried only what had been acknowledged before.
    said_old_things set_said_old_things = 16;
    /// Its last new data ended a pause of both ends.
    asked_after_pause set_asked_after_pause = 19;
    /// A reset is on its way to it that it has to answer with a challenge ACK (RFC 5961).
    challenged set_challenged = 20;
    /// It has sent a segment without SYN, FIN and RST.
    carried_on set_carried_on = 28;
    /// Its last packet bore an IPv6 flow label.
    labels set_labels = 27;
}
