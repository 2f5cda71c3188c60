//! Thresholds: every number that inference compares with, beside the timers of a profile. Each has a name, a unit, why it
//! is what it is, and where it comes from.

use super::profile::SECOND;

/// The unit of a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds.
    Ns,
    /// Octets, or sequence numbers.
    Octets,
    /// How often something happened.
    Times,
    /// Steps of the IPv4 identification.
    Packets,
    /// Bits that a number is shifted by.
    Bits,
    /// Hops that a packet may still go.
    Hops,
    /// Quarters of a duration.
    Quarters,
    /// Ticks of a sender's time stamps.
    Ticks,
    /// The number of a port.
    Port,
}

impl Unit {
    /// Every unit, in the order of their numbers.
    pub const ALL: [Self; 9] = [
        Self::Ns,
        Self::Octets,
        Self::Times,
        Self::Packets,
        Self::Bits,
        Self::Hops,
        Self::Quarters,
        Self::Ticks,
        Self::Port,
    ];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ns => "ns",
            Self::Octets => "octets",
            Self::Times => "times",
            Self::Packets => "packets",
            Self::Bits => "bits",
            Self::Hops => "hops",
            Self::Quarters => "quarters",
            Self::Ticks => "ticks",
            Self::Port => "port",
        }
    }
}

/// A number that inference compares with.
#[derive(Clone, Copy, Debug)]
pub struct Threshold {
    /// The name of its constant.
    pub name: &'static str,
    /// The unit of its value.
    pub unit: Unit,
    /// Its value.
    pub value: i64,
    /// Why it is what it is, in a sentence.
    pub why: &'static str,
    /// A section of an RFC, the default of a stack, or where none says it `judgement;` and what speaks for it.
    pub source: &'static str,
}

macro_rules! thresholds {
    ($($name:ident: $kind:ty = $value:expr, $unit:ident, $why:literal, $source:literal;)*) => {
        $(
            #[doc = $why]
            pub const $name: $kind = $value;
        )*

        /// All of them.
        pub const THRESHOLDS: &[Threshold] = &[$(
            Threshold {
                name: stringify!($name),
                unit: Unit::$unit,
                value: $value as i64,
                why: $why,
                source: $source,
            },
        )*];
    };
}

const MS: i64 = SECOND / 1000;

thresholds! {
    // Retransmission.
    SHORTEST_RTO: i64 = 200 * MS, Ns,
        "No SYN-ACK is resent sooner by a timer, but a copy of the SYN that the network has made is answered at once.",
        "Linux TCP_RTO_MIN; RFC 6298, 2.4 asks for a second";
    LONGEST_RTO: i64 = 125 * SECOND, Ns,
        "No stack waits longer before it resends once more.", "Linux TCP_RTO_MAX, 120 s, and some slack";
    NOTHING_OVERDUE: i64 = 150 * MS, Ns,
        "After a shorter silence nothing can be overdue.", "judgement; Linux TCP_RTO_MIN is 200 ms";
    RTO_ROUND_TRIPS: i64 = 3, Times,
        "The first retransmission timeout is as many round trips, unless the profile's is longer.",
        "RFC 6298, 2.2: SRTT + 4 * SRTT / 2";
    BACKOFF: i64 = 2, Times,
        "Each retransmission waits as many times as long as the one before.", "RFC 6298, 5.5";
    OVERDUE: i64 = 1, Quarters,
        "A timer may be late by as much of what it waits for before its segment counts as overdue.",
        "judgement; timers of kernels tick coarsely, and hosts are busy";
    SLOWEST_FIRST_RTO: i64 = 3, Times,
        "Some stacks wait as many times the profile's first retransmission timeout.",
        "RFC 6298, 2.1: three seconds until 2011";
    RESENT_OFTEN: u8 = 5, Times,
        "Data resent so often count as unanswered, and whoever leaves them so as unresponsive.",
        "judgement; two more than Linux tcp_retries1, after which it looks for another route";
    PROBED_OFTEN: u8 = 3, Times,
        "Whoever leaves so many probes unanswered counts as unresponsive.",
        "judgement; stacks send 5 to 10 before they give up: Linux tcp_keepalive_probes is 9";
    DISPROVED_OFTEN: u8 = 2, Times,
        "A presumption disproved so often waits until silence speaks for it.", "judgement; once is chance, twice is the habit of a path";
    FULL_SIZE_RESENT: u8 = 3, Times,
        "Full segments resent so often, none smaller, point at a path that drops large packets.", "judgement; loss takes segments of any size, three times in a row seldom full ones alone";

    STALL_COPIES: u8 = 3, Times,
        "So many copies of the same data, over `STALL`, and then an answer: no chance loss, but a stall that passed.",
        "judgement; the next retransmission takes one or two round trips, and another time-out none of these";
    STALL: i64 = 2 * SECOND, Ns,
        "From the first copy to the answer: a stall takes so long, and a third copy comes later than a user waits.",
        "judgement; with Linux's least RTO the third copy follows the first after 1.2 s";
    BRIEF_STALL: i64 = SECOND, Ns,
        "A shorter one than `STALL`, from the first copy to the answer: no chance loss where several connections share it.",
        "judgement; with Linux's least RTO the third copy follows the first after 1.2 s";
    LONG_RTO: i64 = SECOND, Ns,
        "Who lets so much time pass before it sends lost data again is slow to notice losses.",
        "RFC 6298, 2.1 and 2.4: the least and the first retransmission time-out";
    LONGER_BY: i64 = 6, Quarters,
        "A loss is noticed later than the one before if it took so much of its time.",
        "judgement; back-off doubles it (RFC 6298, 5.5)";
    LONGER_WAITS: u8 = 4, Times,
        "So many losses of which each is noticed later than the one before by half show a timer that is never set back.",
        "judgement; a round trip that grows does not double the time-out four times";
    TOGETHER: i64 = 5 * MS, Ns,
        "Copies of one segment that come so close together were not sent by a timer each after the other.",
        "judgement; Linux TCP_RTO_MIN is 200 ms, and what its sender learns takes a round trip";
    COPIES_TOGETHER: u8 = 3, Times,
        "So many copies of one segment that come together were held up on the way, and let go at once.",
        "judgement; with Linux's least RTO the third copy follows the first after 1.2 s";
    LATE_COPY: i64 = 10 * SECOND, Ns,
        "From data to the last of fewer copies than `STALL_COPIES`: their sender waited long before it made up for the loss.",
        "RFC 6298, 2.1 and 5.5: after 1 s or 3 s, and twice that, two copies have come";
    MARKS_ECHOED: u64 = 20, Times,
        "So many segments that echo a mark of congestion are told of.",
        "judgement; a queue that marks now and then has each echoed until the sender has slowed down, for a round trip";
    HOLE_STANDS: i64 = 2 * SECOND, Ns,
        "Who still acknowledges as little so long after the sender's last word did not get what the capture lacks.",
        "judgement; several retransmission timeouts";

    // Segments under way.
    UNDER_WAY: i64 = 200 * MS, Ns,
        "Segments may be under way so long to or from an end whose round trip was never measured.", "judgement; one way half round the Earth takes some 150 ms";
    IN_ONE_GO: i64 = MS / 500, Ns,
        "What follows an acknowledgement of the other's FIN so soon was queued before: no program is woken and closes as fast.",
        "judgement; recorded kernels take 0.2 to 0.7 us from a queue, and woken programs 6 us and more";
    SPREAD: i64 = 30 * MS / 1000, Ns,
        "On the way, segments that were sent in one go come apart by up to this.", "judgement; recorded: up to 26 us behind two virtual links";
    NEARBY: i64 = MS / 10, Ns,
        "An end that acknowledges a FIN within this is on the host of the tap, or beside it.", "judgement; recorded kernels take 10 to 40 us";
    PACED: i64 = 2 * MS, Ns,
        "An end whose time stamp stands still for so long has stamped a segment in advance.",
        "Linux stamps a paced segment with the time at which it leaves; its time stamps tick each millisecond (TCP_TS_HZ)";
    HELD_BACK: i64 = 3 * SECOND, Ns,
        "What an end sends so soon after the other's last word may have waited for that, or for a timer where that was lost.",
        "RFC 9293, 3.8.6.1: a shut window is probed first when the RTO is over, 1 s or 3 s (RFC 6298, 2.1)";
    LONG_WAY: i64 = SECOND, Ns,
        "FINs that do not acknowledge each other met on the way if they were sent within this, or within `LONG_WAY_TRIPS`.",
        "judgement; satellites and buffers make round trips of a second";
    LONG_WAY_TRIPS: i64 = 2, Times,
        "So many round trips of the handshake count as `LONG_WAY`, where they take longer.",
        "judgement; one trip is the way itself, and buffers fill after the handshake";
    CROSSING: i64 = 5, Quarters,
        "What an end sends within so much of its shortest round trip may have left before what came to it.",
        "judgement; the shortest is not the usual one";
    TOO_SOON: i64 = 3, Quarters,
        "What an end sends within so much of its shortest round trip answers nothing that came to it.",
        "judgement; the tap may have put both out of order by the rest";
    HESITATION: i64 = 10 * MS, Ns,
        "A busy host may be later by this than its round trips before: FINs cross more often than they get lost.",
        "judgement; one tick of a kernel at 100 Hz";
    OVERTAKING: i64 = 50 * MS, Ns,
        "A segment later by no more than this than one sent after it was overtaken, not resent: RTOs are longer.",
        "judgement; a quarter of Linux TCP_RTO_MIN";
    LATE_BY_TAP: i64 = 20 * MS, Ns,
        "A SYN or SYN-ACK captured so soon after its own answer was put out of order by the tap: no RTO is that short.",
        "judgement; a tenth of Linux TCP_RTO_MIN";
    SHUFFLED_BY_TAP: i64 = 8 * MS, Ns,
        "Data that acknowledge what was captured after them, by more than their round trip allows, are not believed.",
        "judgement; taps with several queues shuffle frames by up to 5 ms";

    OLD_STAMP: i32 = 100, Ticks,
        "A time stamp older by no more may have been shown out of order by the tap.",
        "judgement; a tick is mostly a millisecond (RFC 7323, 5.4)";
    FASTEST_TICK: i64 = 1000, Ns,
        "No time stamp ticks faster.", "Linux since 6.7 has ticks of a microsecond (tcp_usec_ts); RFC 7323, 5.4 has 1 ms to 1 s";
    USUAL_TICK: i64 = MS, Ns,
        "Time stamps tick so where nothing else is known.", "Linux (TCP_TS_HZ), FreeBSD, macOS and Windows tick each millisecond";
    SLOWEST_TICK: i64 = 500 * MS, Ns,
        "No time stamp in use ticks more slowly: what its ticks amount to at this pace is the most that has passed.",
        "NetBSD and old BSD tick twice a second (PR_SLOWHZ); RFC 7323, 5.4 allows a second";
    STAMP_SLACK: i64 = 10_000_000, Ticks,
        "A time stamp ahead by no more may come from a host whose clock was busy, or set.", "judgement; ten seconds of the fastest clock";
    IN_STEP: i64 = 8, Times,
        "The clock of a host kept step where its time stamps differ from the time that has passed by no more than one part in so many.", "judgement; both are far less wrong where nothing but time has passed";
    SET_ASIDE: usize = 3, Times,
        "So many segments of an end wait at a time until its numbers decide; more are thrown away.",
        "judgement; who forges more is told by the first of them";

    // Copies of one frame.
    SAME_PACKET: i64 = 5 * MS, Ns,
        "Copies of a frame with one IPv4 identification, or one TCP time stamp, come within this: no stack resends so soon.",
        "judgement; Linux TCP_RTO_MIN is 200 ms, and a probe of the tail takes two round trips";
    COPY_ON_THE_WAY: i64 = SECOND, Ns,
        "A copy that the network made, with the IPv4 identification and the TCP time stamp, comes within this.",
        "judgement; RFC 7323, 5.4 has ticks of 1 ms to 1 s";
    AT_ONCE: i64 = 2 * MS, Ns,
        "Copies of a frame with neither come within this.", "judgement; one host makes both copies, or two ports of one switch";
    FAREWELL: i64 = 100 * MS, Ns,
        "A FIN so soon after its sender's last words belongs to them.", "judgement; close_notify and FIN are one system call apart";
    CLOSE_BEHIND: u16 = 64, Packets,
        "An identification so little ahead carries on its sender's count: packets between may be lost or elsewhere.",
        "judgement; a number drawn at random is as close once in a thousand times";

    UNIX_TTL: u8 = 64, Hops,
        "A packet with no more left may come from a host that counts its identifications for each socket.",
        "the default of Linux, macOS and BSD";
    TURNS_OF_TTL: u8 = 6, Times,
        "Bare acknowledgements and data that have taken turns so often, each kind with a TTL of its own, come from two hosts.",
        "judgement; packets that take two ways by chance keep to it once in 2^6 times";
    WINDOWS_TTL: u8 = 128, Hops,
        "A packet with no more left, but more than those, comes from a host that counts for all sockets together.",
        "the default of Windows";

    // Pauses, and who ends them.
    PAUSE: i64 = 500 * MS, Ns,
        "A longer silence of both ends is made by people and timers, not by networks.",
        "judgement; no ACK is delayed for longer (RFC 9293, 3.8.6.3)";
    UNASKED: i64 = SECOND, Ns,
        "Who goes on after a longer silence, with all acknowledged and nothing said by the other end, was not asked to.",
        "judgement; a program that writes a message in two pieces does so at once";
    ALIKE_INTERVALS: i64 = 8, Times,
        "Intervals that are so many times as long as they differ are those of a clock.",
        "judgement; OpenVPN's pings of 10 s come 11.6 to 12.5 s apart";
    ONE_BREATH: i64 = 50 * MS, Ns,
        "No host that spoke so shortly before has been restarted since.", "judgement; no host boots as fast";
    ROUNDS: u32 = 5, Times,
        "Two ends that have answered each other so often with the same numbers go around in a circle.",
        "judgement; RFC 5961, 7 has hosts answer a few such segments a second, not for ever";
    ROUNDS_BEHIND: u32 = 3, Times,
        "So often an end that goes on below what the other has acknowledged is in a circle.",
        "judgement; its own octets do not lie there, and nothing but a copy made by the network would";
    TIMED_RESETS: u32 = 3, Times,
        "So many equal resets, each a while after the one before, answer what a timer sends again.",
        "judgement; data that were under way draw theirs at once";
    UNTIMED: i64 = 150 * MS, Ns,
        "An acknowledgement or reset that comes again so soon answers another, and no copy or probe of a timer.",
        "judgement; the shortest RTO in use is 200 ms (Linux's TCP_RTO_MIN)";
    SHUT_IN_ALL: i64 = 5 * SECOND, Ns,
        "A window that was zero for so long in all, however often it opened between, is worth telling of.",
        "judgement; a receiver that is short of time for a moment opens it within a second";
    ANSWER: i64 = 5 * SECOND, Ns,
        "What wakes a sleeping connection is answered within this.", "judgement; two retransmissions from one second on fit in it (RFC 6298, 2.1 and 5.5)";
    DELAYED_ACK: i64 = 25 * MS, Ns,
        "An acknowledgement that comes so much later than the path's round trip was delayed by its sender.",
        "judgement; Linux delays it by 40 ms at the least, Windows by 40 or 200, and none by more than 500 (RFC 9293, 3.8.6.3)";
    CORK_LEAST: i64 = 185 * MS, Ns,
        "Who holds the rest of a message for a shorter time does so for other reasons than a cork.",
        "Linux, tcp(7): TCP_CORK holds it for 200 ms; the acknowledgement of the rest takes a round trip of these";
    CORK_MOST: i64 = 215 * MS, Ns,
        "The same for a longer time.", "as `CORK_LEAST`; timers are some milliseconds late";
    HELD_OFTEN: u16 = 4, Times,
        "So often the rest of a message is not late by so much by chance.", "judgement; each chance is small";
    SOON_AFTER_ACK: i64 = 5 * MS, Ns,
        "What comes so soon, and a round trip, after an acknowledgement has waited for it.",
        "judgement; a kernel sends it in the same instant (RFC 1122, 4.2.3.4)";
    ONE_BY_ONE: u16 = 8, Times,
        "Who waits so often, and before most of its segments, has no more than one under way at a time.",
        "judgement; a window that is full lets several go at once";
    COLLAPSED: u32 = 8, Times,
        "A window so many times smaller than that of the SYN-ACK, with next to nothing received, is meant to be scaled.",
        "judgement; Linux scales by 64 times and more, and RFC 9293, 3.8.6 has no receiver shrink its window";
    SYN_ACK_WINDOW_SWAYS: u32 = 8, Times,
        "The window of a stack that scales is that of its SYN-ACK, give or take one part in so many.",
        "judgement; Linux rounds it to its scale, and lets it grow with the first data";
    HALF_FULL: u64 = 2, Times,
        "One part in so many of a window is more than next to nothing: a window with as much in it may shrink by that.",
        "judgement; RFC 9293, 3.8.6 lets a window close as data arrive";
    A_TURN: u16 = 2, Times,
        "An end waits once a turn if its waits are neither so many times more than its turns, nor so many times fewer.",
        "judgement; now and then an answer goes out in one piece, or in three";
    BEFORE_MOST: u32 = 3, Quarters,
        "An end waits before most of its segments if it does before so much of them.", "judgement; the first ones open the window";
    TAKEN_BACK: u16 = 3, Times,
        "So often a window is not told too small for what is under way because two of its segments changed places.",
        "judgement; RFC 9293, 3.8.6 has a receiver not shrink its window";
    OPENED_BY_LITTLE: u16 = 10, Times,
        "So often a window of zero does not open by less than a segment by chance.",
        "judgement; RFC 9293, 3.8.6.2.2 has a receiver wait until a segment fits, or half of its buffer";
    WAITS: u16 = 3, Times,
        "So often an end does not go on by chance in the moment in which it is acknowledged.", "judgement; each chance is small";
    EQUAL_GAPS: i64 = 10, Times,
        "Intervals are equal that differ by no more than one part in so many.", "judgement; back-off doubles them (RFC 6298, 5.5)";
    STAMP_LIFE: i64 = 60 * SECOND, Ns,
        "The time stamp of a SYN is not compared with one that is older by more.", "Linux TCP_PAWS_MSL";
    DAY: i64 = 24 * 3600 * SECOND, Ns,
        "After a longer silence nobody may take a connection for open without asking.",
        "judgement; RFC 9293, 3.8.4: keep-alives come after two hours at the soonest";
    HASTY_ORPHAN: i64 = 5 * SECOND, Ns,
        "Few hosts are told to keep an orphan in FIN_WAIT2 for less (tcp_fin_timeout).", "judgement; the default of Linux is 60 s";

    // Who is the client, and what the tap loses.
    SYSTEM_PORTS: u16 = 1024, Port,
        "An end whose port is lower is taken for the server.", "RFC 6335, 6: 0 to 1023 are assigned to services";
    EPHEMERAL_PORTS: u16 = 32_768, Port,
        "Hosts give ports from this one on to clients, and seldom to servers.",
        "the default of Linux (ip_local_port_range); others begin at 49152 (RFC 6335, 6)";
    LOSSES: u64 = 2, Times,
        "Where so many connections lack frames, the tap loses frames here and there.", "judgement; one is an accident";

    // Sequence numbers.
    SYN_MEANT: i64 = 300 * MS, Ns,
        "Two sends of one SYN at least so far apart come from a host that means to open a connection.",
        "judgement; copies made by the network come sooner, the RTO of a SYN is a second (RFC 6298, 2.1)";
    NEARER: u32 = 2, Times,
        "A late segment belongs to the connection before if it lies so many times nearer to the numbers of that one.",
        "judgement; between two connections with numbers drawn at random nothing lies as far from both";
    FAR: u32 = 1 << 20, Octets,
        "Sequence numbers so far apart belong to different connections.", "judgement; initial numbers drawn at random are as near once in 2,000 times";
    UNSCALED_WINDOW: u32 = 65_535, Octets,
        "The largest window before any is scaled.", "RFC 9293, 3.1";
    USUAL_SCALE: u8 = 6, Bits,
        "A window of an unknown scale may be narrower than a segment where it would be so at this scale.",
        "the default of macOS; Linux has 7, or more with larger buffers, and Windows 8";
    LEAST_CODE: u16 = 8196, Octets,
        "From here on the window of a reset without ACK may be a load balancer's code for its reason.",
        "Citrix, CTX200852: the least code";
    LARGEST_CODE: u16 = 9999, Octets,
        "Up to here the window of a reset without ACK may be a load balancer's code for its reason.",
        "Citrix, CTX200852: codes have four digits";
    LARGEST_SCALE: u8 = 14, Bits,
        "The largest window scale that a receiver honours.", "RFC 7323, 2.3";
    OPTIONS: u32 = 40, Octets,
        "A segment this close to the maximum segment size is a full one: options take the rest.", "RFC 9293, 3.1";
    DEFAULT_MSS: u16 = 536, Octets,
        "The maximum segment size of an end that names none, or a smaller one.", "RFC 9293, 3.7.1";
    LEAST_SENT: u32 = 2, Times,
        "A congestion window lets so many full segments go at the least, except after a timeout.", "RFC 5681, 3.1";
    SMALL: u32 = 500, Octets,
        "Less is never called a full segment, whatever the maximum segment size.", "judgement; RFC 9293, 3.7.1 assumes 536";
}

#[cfg(test)]
mod tests {
    use super::THRESHOLDS;
    use std::collections::HashSet;

    #[test]
    fn every_threshold_has_one_name_a_reason_and_a_source() {
        let names: HashSet<_> = THRESHOLDS.iter().map(|threshold| threshold.name).collect();
        assert_eq!(names.len(), THRESHOLDS.len());
        for number in THRESHOLDS {
            assert!(number.value > 0 && number.why.ends_with('.') && !number.source.is_empty());
            let why = number.source.strip_prefix("judgement");
            assert!(why.is_none_or(|why| why.starts_with("; ")), "{}: what speaks for it?", number.name);
        }
    }
}
