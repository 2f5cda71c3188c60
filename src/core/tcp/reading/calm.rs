//! Calm: most segments of most connections come next. Both ends know each other's numbers, nothing is missing, waiting
//! or amiss, and the segment follows upon what its sender sent last. Then few of the questions need be asked that the
//! other files of this folder ask of a segment: what it proves of the opening, and what it means to the closing. Where
//! both ends are open and stay so, not even those. Calm is what the connection shows itself to be, so that nobody has to
//! remember when it ceases to be. A test holds that reading in full says the same.

use super::habits::{age, fingerprint};
use super::{
    Turn, acceptance, acked_fin, acknowledged, closing, counting, cramped, delayed, held, opening, order,
    silence, stream, waking,
};
use crate::segment::Flags;
use crate::tcp::connection::Connection;
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::marks::{Bits, Marks};
use crate::tcp::end::space::Placement;
use crate::tcp::machine::profile::Profile;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;
use crate::tcp::machine::thresholds::{NOTHING_OVERDUE, OLD_STAMP, PAUSE, UNSCALED_WINDOW};

/// An end that acknowledges less than before, by more than a window that is not scaled, is not calm.
const UNSCALED: i32 = UNSCALED_WINDOW.cast_signed();

/// The control bits that tell.
const DECIDING: u16 = Flags::SYN | Flags::FIN | Flags::RST | Flags::ACK | Flags::ECE;

/// Reads the segment if it only carries on: nothing is added to the log, and the heap does not change. Where it does
/// not, the answer is false, and nothing has happened.
#[inline]
pub(super) fn carry_on(c: &mut Connection, turn: Turn) -> bool {
    let segment = turn.segment;
    if !is_open(c) || segment.flags.0 & DECIDING != Flags::ACK || delayed::may_be_noted(c, turn) {
        return false;
    }
    read_next::<true>(c, turn, None)
}

/// Reads the segment if it comes next on a calm connection. Otherwise the answer is false, and nothing has happened.
#[inline]
pub(super) fn read_in_order(c: &mut Connection, turn: Turn, profile: &Profile) -> bool {
    read_next::<false>(c, turn, Some(profile))
}

/// The same where both ends are known to be open and to stay so: few questions are left. Timers are then none of them.
#[inline]
fn read_next<const STAYS_OPEN: bool>(c: &mut Connection, turn: Turn, profile: Option<&Profile>) -> bool {
    let Turn { from, segment } = turn;
    let to = turn.to();
    // Short connections have many resets: nothing else need be asked of those.
    if !STAYS_OPEN && segment.flags.0 & (Flags::SYN | Flags::RST) != 0 {
        return false;
    }
    if !is_calm::<STAYS_OPEN>(c, from) || !is_next::<STAYS_OPEN>(c, turn, profile) {
        return false;
    }
    let fin = !STAYS_OPEN && segment.flags.fin();
    let other_closes = !STAYS_OPEN && c.end(to).marks().has_fin();
    // Once both are synchronized, a segment can only prove what was presumed of its sender.
    let is_in_handshake = !STAYS_OPEN && c.end(to).state() == State::SynRecv;
    // The answer to a FIN is read with the acknowledgement of that FIN.
    let is_unanswered = (c.end(to).answered_ns() == 0) & !other_closes;
    let opening = is_in_handshake | is_unanswered | c.log().doubts_opening(from);
    if (fin | other_closes | opening) && !acceptance::takes_next(c, turn) {
        return false;
    }
    let print = fingerprint(segment);
    if c.end(from).has_just_sent(print) {
        return false;
    }
    c.end_mut(from).keep_fingerprint(print);
    if fin {
        waking::end_quiet(c, turn);
    }
    counting::count(c, turn);
    if fin {
        order::settle_owed(c, turn);
    }
    c.end_mut(from).advance_next(segment.seq.plus(segment.payload + u32::from(fin)));
    if segment.payload > 0 {
        stream::mark_last_speaker(c, turn);
    }
    stream::go_on(c, turn, fin);
    if opening {
        opening::read_handshake(c, turn);
    }
    if fin {
        order::note_owed(c, turn);
    }
    if segment.ack.after(c.end(to).acked()) {
        acknowledged::read_next(c, turn);
    }
    if other_closes {
        acked_fin::read_ack_of_fin(c, turn);
    }
    if !STAYS_OPEN && (fin || c.end(from).marks().has_fin()) {
        acked_fin::read_ack_of_unseen_fin(c, turn);
        let placement = if fin { Placement::Next } else { Placement::Empty };
        closing::read_fin(c, turn, placement, false);
    }
    if !segment.ack.before(c.end(to).acked()) {
        c.end_mut(from).note_window(segment);
    }
    stream::begin_round_trip(c, turn);
    c.end_mut(from).keep_habits(segment);
    if let Some((value, _)) = segment.options.timestamps {
        c.keep_next_stamp(from, value);
    }
    true
}

/// Whether both ends know each other's numbers, and nothing is missing, waiting or amiss.
#[inline]
fn is_calm<const STAYS_OPEN: bool>(c: &Connection, from: Side) -> bool {
    let (sender, receiver) = (c.end(from), c.end(from.other()));
    let knows = |state: State| state.is_synchronized() || state == State::SynRecv;
    (STAYS_OPEN || sender.state().is_synchronized() && knows(receiver.state()))
        && !c.has_stray()
        && are_calm(c.ends())
}

/// Whether the segment carries nothing but octets or a FIN that come next, and an acknowledgement of what was
/// captured, and no silence precedes it.
#[inline(always)]
fn is_next<const STAYS_OPEN: bool>(c: &Connection, turn: Turn, profile: Option<&Profile>) -> bool {
    let Turn { from, segment } = turn;
    let (sender, receiver) = (c.end(from), c.end(turn.to()));
    let has_data = segment.payload > 0;
    let sends = has_data | (!STAYS_OPEN && segment.flags.fin());
    let has_closed = |end: &Endpoint| !STAYS_OPEN && end.marks().has_fin();
    // Each of them is zero where there is no difference.
    let differs = u32::from(segment.flags.0 & (DECIDING & !Flags::FIN) ^ Flags::ACK)
        | u32::from(segment.ttl ^ sender.ttl())
        | segment.seq.0 ^ sender.next().0;
    let last_ns = c.last_ns();
    // All are asked at once: the content of a segment cannot be predicted, and a wrong guess costs more than asking.
    (differs == 0)
        & receiver.next().covers(segment.ack)
        & (segment.ack.since(receiver.acked()) > -UNSCALED)
        & !receiver.lies_before_first(segment.ack)
        & !(sends & has_closed(sender))
        & !(has_data & has_closed(receiver))
        & !segment.options.fast_close
        & segment.options.sack.is_none()
        & bears_stamp_as_before(c, turn)
        & (segment.window != 0)
        & !cramped::leaves_out_what_is_under_way(c, turn)
        & !sender.marks().is_first_after_unscaled_syn_ack()
        & sender.has_room_for(segment.payload)
        & ((segment.payload <= u32::from(receiver.mss())) | (receiver.mss() == 0))
        && !is_summed_amiss(c, turn)
        && is_nothing_due::<STAYS_OPEN>(c, turn, profile)
        && (segment.time_ns > last_ns || segment.time_ns != c.woke_ns())
}

/// Whether a segment that comes next bears a time stamp if its sender's did before, and no old one.
#[inline(always)]
fn bears_stamp_as_before(c: &Connection, turn: Turn) -> bool {
    let (sender, receiver) = (c.end(turn.from).marks().stamps(), c.end(turn.to()).marks().stamps());
    match turn.segment.options.timestamps {
        // The TTL is the sender's: a tap may show two segments in another order.
        Some((value, _)) => !(sender & receiver) | (age(value, c.latest_stamp(turn.from)) <= OLD_STAMP),
        None => !sender,
    }
}

/// Whether its checksum, or the fragments that it came in, leave a doubt about the segment.
#[inline(always)]
fn is_summed_amiss(c: &Connection, turn: Turn) -> bool {
    let segment = turn.segment;
    (segment.is_disputed() | segment.is_marked_wrong())
        && (segment.is_disputed() || c.end(turn.from).marks().sums_are_right())
}

/// Whether the silence of both ends before the segment lets no timer expire, and is no pause. Ends that are open and stay so have
/// only two timers: that of a question after a pause, and that of a sender which waits for room.
#[inline(always)]
fn is_nothing_due<const STAYS_OPEN: bool>(c: &Connection, turn: Turn, profile: Option<&Profile>) -> bool {
    let now_ns = turn.segment.time_ns;
    let silence = now_ns - c.last_ns();
    let (is_short, is_no_pause) = (silence < NOTHING_OVERDUE, silence < PAUSE);
    let is_no_copy_due = || profile.is_some_and(|profile| silence::is_no_copy_overdue(c, now_ns, profile));
    is_short
        || is_no_pause
            && (STAYS_OPEN || is_open(c) || is_no_copy_due())
            && c.ends().iter().all(|end| end.last_ns() >= c.woke_ns())
            && !cramped::fills_small_window(c, turn)
            && !held::is_uncorked(c, turn)
}

/// Whether both ends are open, and neither has said that it will close. One question: how the two are cannot be foretold.
#[inline]
fn is_open(c: &Connection) -> bool {
    let of = |end: &Endpoint| {
        Bits::from(end.state().differs(State::Established)) | end.marks().bits_among(Marks::FIN)
    };
    let [low, high] = c.ends();
    of(low) | of(high) == 0
}

/// Whether both ends were heard of, and nothing marks them, nor is kept of them, that has still to be settled.
#[inline(always)]
fn are_calm([low, high]: &[Endpoint; 2]) -> bool {
    // Beyond what it counts, an end needs more room: then this is zero, and one where nothing was counted.
    let counted = |end: &Endpoint| end.frames().wrapping_add(1);
    low.marks().off_calm() | high.marks().off_calm() == 0
        && counted(low).min(counted(high)) > 1
        && low.is_settled()
        && high.is_settled()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::Segment;
    use crate::seq::Seq;
    use crate::tcp::connection::At;
    use crate::tcp::machine::cue::Cue;
    use crate::tcp::reading::{Reading, observe};
    use crate::testing::{self, Random};

    /// A conversation of two ends that mostly go on as they should, as far as it is captured.
    struct Talk {
        random: Random,
        time_ns: i64,
        frame: u64,
        iss: [Seq; 2],
        next: [Seq; 2],
        /// The rest of the opening, the last segment first.
        opening: Vec<(u16, Side)>,
        last: Option<(Side, Segment)>,
        /// How seldom an end closes.
        closes_in: usize,
    }

    impl Talk {
        fn new(seed: u64) -> Self {
            let mut random = Random::of_run(seed);
            let iss = [0, 1].map(|_| Seq(u32::MAX - random.below(3000) as u32));
            let simultaneous = random.one_in(10);
            let times = |random: &mut Random| 1 + usize::from(random.one_in(6));
            let mut opening = vec![(Flags::SYN, Side::Low); times(&mut random)];
            if simultaneous {
                opening.push((Flags::SYN, Side::High));
                opening.push((Flags::SYN | Flags::ACK, Side::Low));
            }
            opening.extend(vec![(Flags::SYN | Flags::ACK, Side::High); times(&mut random)]);
            opening.push((Flags::ACK, Side::Low));
            opening.reverse();
            let closes_in = [8, 60][seed as usize % 2];
            Self {
                random,
                time_ns: 1_000_000_000,
                frame: 0,
                iss,
                next: iss.map(|iss| iss.plus(1)),
                opening,
                last: None,
                closes_in,
            }
        }

        /// The next segment that is captured.
        fn segment(&mut self) -> (Side, Segment) {
            loop {
                let said = self.say();
                if !self.random.one_in(15) {
                    return said;
                }
            }
        }

        fn say(&mut self) -> (Side, Segment) {
            self.frame += 1;
            let step = if self.random.one_in(6) { 900_000_000 } else { 30_000_000 };
            self.time_ns += self.random.below(step) as i64;
            if let Some((from, segment)) = self.last.filter(|_| self.random.one_in(30)) {
                return (from, Segment { time_ns: self.time_ns, frame: self.frame, ..segment });
            }
            let side = Side::BOTH[self.random.below(2)];
            let opens = self.opening.pop();
            let (flags, from) = match opens {
                Some(opens) => opens,
                None if self.random.one_in(self.closes_in) => (Flags::ACK | Flags::FIN, side),
                None if self.random.one_in(200) => (Flags::ACK | Flags::RST, side),
                None if self.random.one_in(200) => (Flags::SYN, side),
                None => (Flags::ACK | Flags::PSH, side),
            };
            let bears = opens.is_none() && self.random.one_in(2);
            let payload = if bears { self.random.below(1600) as u32 } else { 0 };
            let astray = |random: &mut Random| random.below(3000) as u32 * u32::from(random.one_in(40));
            let syn = flags & Flags::SYN != 0 && opens.is_some();
            let seq = if syn { self.iss[from] } else { self.next[from].plus(astray(&mut self.random)) };
            let segment = Segment {
                time_ns: self.time_ns,
                frame: self.frame,
                seq,
                ack: self.next[from.other()].minus(astray(&mut self.random)),
                flags: Flags(flags),
                window: if self.random.one_in(80) { 0 } else { self.random.below(65_536) as u16 },
                payload,
                checksum: self.random.below(65_536) as u16,
                ip_id: Some(self.frame as u16),
                labelled: self.random.one_in(2),
                options: crate::segment::Options {
                    mss: Some(1460),
                    window_scale: Some(7).filter(|_| syn),
                    ..Default::default()
                },
                ..testing::segment()
            };
            let length = payload + u32::from(flags & (Flags::SYN | Flags::FIN) != 0);
            self.next[from] = self.next[from].later(segment.seq.plus(length));
            self.last = Some((from, segment));
            (from, segment)
        }
    }

    #[test]
    fn reading_shortly_is_reading_in_full() {
        let profile = Profile::default();
        let (mut calm, mut all) = (0, 0);
        for seed in 1..600 {
            let mut talk = Talk::new(seed);
            let (mut shortly, mut in_full) = (Connection::default(), Connection::default());
            for _ in 0..60 {
                let (from, segment) = talk.segment();
                let before = shortly.clone();
                let turn = Turn::new(from, &segment);
                let is_read = observe::observe_shortly(&mut shortly, turn, &profile);
                if !is_read {
                    assert_eq!(before.all_known(), shortly.all_known(), "{segment:?}");
                }
                calm += u32::from(is_read);
                all += 1;
                let reading = if is_read {
                    Reading::Plain
                } else {
                    observe::observe_in_full(&mut shortly, turn, &profile)
                };
                assert_eq!(reading, observe::observe_in_full(&mut in_full, turn, &profile), "{segment:?}");
                assert_eq!(
                    shortly.all_known(),
                    in_full.all_known(),
                    "after {segment:?} on {}",
                    before.all_known()
                );
            }
        }
        assert!(calm * 8 > all, "only {calm} of {all} were calm: this shows little");
    }

    /// An opener that doubts may leave the other end answered and in SYN_RECV, with nothing left to prove.
    #[test]
    fn an_acknowledgement_opens_even_where_all_is_proven() {
        let profile = Profile::default();
        let mut connection = Connection::default();
        let say = |time_ns, flags, seq, ack| Segment {
            time_ns,
            frame: time_ns as u64,
            seq: Seq(seq),
            ack: Seq(ack),
            flags: Flags(flags),
            ..testing::segment()
        };
        observe::observe_in_full(&mut connection, Turn::new(Side::Low, &say(1, Flags::SYN, 10, 0)), &profile);
        observe::observe_in_full(
            &mut connection,
            Turn::new(Side::High, &say(2, Flags::SYN | Flags::ACK, 20, 11)),
            &profile,
        );
        let at = At { time_ns: 2, frame: 2 };
        connection.apply(Side::High, Cue::KeepsSocket, at);
        connection.apply(Side::Low, Cue::SentAckOfSyn, at);
        connection.end_mut(Side::High).set_answered(2);
        assert!(
            !connection.log().doubts_opening(Side::Low)
                && connection.end(Side::High).state() == State::SynRecv
        );
        let mut in_full = connection.clone();
        let ack = say(3, Flags::ACK, 11, 21);
        assert!(read_in_order(&mut connection, Turn::new(Side::Low, &ack), &profile));
        assert_eq!(
            observe::observe_in_full(&mut in_full, Turn::new(Side::Low, &ack), &profile),
            Reading::Plain
        );
        assert_eq!(connection.end(Side::High).state(), State::Established);
        assert_eq!(connection.all_known(), in_full.all_known());
    }
}
