//! The law of this room on a small scale: wherever a capture is cut between two frames, its pieces give the same
//! result as one reader of the whole.

use super::piece::Piece;
use super::plan::Plan;
use super::survey::{Survey, Surveyor};
use super::whole::Whole;
use super::wire::{each, pack_onto, packed, unpacked};
use super::{Refusal, rest};
use crate::flows::table::{Capacity, Flows};
use crate::frame::{Frame, LinkType};
use crate::tcp::profile::Profile;
use crate::wire::testing::{RAW, hex, ipv4, ipv4_fragment, udp};
use crate::wire::{Decoder, DecoderLimits};

const PARTS: u32 = 2;

/// A segment between a client's port and the server's port 80; `down` is the direction to the client.
fn tcp(port: u16, down: bool, numbers: &str, payload: &[u8]) -> Vec<u8> {
    let [client, server] = [port.to_be_bytes(), 80_u16.to_be_bytes()];
    let ports = if down { [server, client] } else { [client, server] };
    let mut packet = ipv4(6, &[&ports.concat(), &hex(numbers)[..], &hex("0200 0000 0000"), payload].concat());
    if down {
        let (source, destination) = ([10, 0, 0, 2], [10, 0, 0, 1]);
        packet[12..16].copy_from_slice(&source);
        packet[16..20].copy_from_slice(&destination);
    }
    packet
}

/// Two connections that overlap, a third in fragments, and a datagram.
fn packets() -> Vec<Vec<u8>> {
    let hello = tcp(1003, false, "0000000b 00000015 5018", b"0123456789abcdef");
    vec![
        tcp(1001, false, "0000000a 00000000 5002", b""),
        tcp(1002, false, "0000000a 00000000 5002", b""),
        tcp(1001, true, "00000014 0000000b 5012", b""),
        tcp(1001, false, "0000000b 00000015 5010", b""),
        tcp(1003, false, "0000000a 00000000 5002", b""),
        tcp(1002, true, "00000000 0000000b 5014", b""),
        ipv4(17, &udp(53, b"?")),
        tcp(1003, true, "00000014 0000000b 5012", b""),
        ipv4_fragment(9, 0, true, &hello[20..44]),
        tcp(1001, false, "0000000b 00000015 5011", b""),
        ipv4_fragment(9, 24, false, &hello[44..]),
        tcp(1001, true, "00000015 0000000c 5010", b""),
    ]
}

fn frames(packets: &[Vec<u8>]) -> Vec<Frame<'_>> {
    let of = |(place, data): (usize, &'_ Vec<u8>)| (place as u64 + 1, data.len() as u32);
    let times = packets.iter().enumerate().map(|(place, data)| (of((place, data)), data));
    times
        .map(|((number, orig_len), data)| Frame {
            number,
            time_ns: 1_000_000_000 + number as i64 * 7_000_000,
            link: LinkType(RAW),
            fcs_len: 0,
            orig_len,
            data,
        })
        .collect()
}

/// All that a table knows of each connection, in the order of ids.
fn told(flows: &Flows) -> Vec<(u64, Vec<u8>)> {
    let slots = flows.in_order().into_iter().filter_map(|(id, place)| Some((id, flows.slab.get(place)?)));
    slots.map(|(id, slot)| (id, packed(slot).expect("packs"))).collect()
}

fn read_whole(frames: &[Frame<'_>]) -> Flows {
    let mut flows = Flows::new(Profile::default(), Capacity::default());
    let mut decoder = Decoder::new(DecoderLimits::default());
    for frame in frames {
        flows.observe(frame.time_ns, frame.number, &decoder.decode(frame));
    }
    flows.settle();
    flows
}

fn survey(frames: &[Frame<'_>]) -> Survey {
    let mut surveyor = Surveyor::default();
    frames.iter().for_each(|frame| surveyor.take(frame));
    surveyor.finish()
}

/// The frames numbered from 1, as the reader of a piece numbers them.
fn renumbered<'a>(frames: &[Frame<'a>]) -> Vec<Frame<'a>> {
    (1..).zip(frames).map(|(number, frame)| Frame { number, ..*frame }).collect()
}

fn read_in_pieces(pieces: &[&[Frame<'_>]], limits: Capacity) -> Result<Flows, Refusal> {
    let pieces: Vec<_> = pieces.iter().map(|piece| renumbered(piece)).collect();
    let Plan { orders, head, .. } = Plan::of(pieces.iter().map(|piece| survey(piece)).collect(), PARTS)?;
    let (mut parcels, mut left) = (Vec::new(), vec![Vec::new(); PARTS as usize + 1]);
    for (frames, orders) in pieces.iter().zip(orders) {
        let mut piece = Piece::new(orders, Profile::default(), limits);
        frames.iter().for_each(|frame| piece.take(*frame));
        let (parcel, parts) = piece.finish()?;
        parcels.push(parcel);
        left.iter_mut().zip(parts).for_each(|(all, part)| all.push(part));
    }
    let fragmented = left.pop().expect("there is a last part");
    for part in &left {
        parcels.push(rest::track(part, &head, Profile::default(), limits)?);
    }
    let mut whole = Whole::new(head, &fragmented, Profile::default(), limits)?;
    for parcel in &parcels {
        whole.add(parcel)?;
    }
    Ok(whole.finish()?.0)
}

#[test]
fn pieces_equal_the_whole_wherever_the_capture_is_cut() {
    let packets = packets();
    let frames = frames(&packets);
    let whole = told(&read_whole(&frames));
    assert_eq!(whole.len(), 3);
    for first in 0..=frames.len() {
        for second in first..=frames.len() {
            let pieces = [&frames[..first], &frames[first..second], &frames[second..]];
            let flows = read_in_pieces(&pieces, Capacity::default()).expect("there is room");
            assert_eq!(told(&flows), whole, "cut at {first} and {second}");
        }
    }
}

#[test]
fn the_crossing_keys_are_those_of_several_pieces() {
    let packets = packets();
    let frames = frames(&packets);
    let keys = |at: usize| {
        let pieces = [renumbered(&frames[..at]), renumbered(&frames[at..])];
        Plan::of(pieces.iter().map(|piece| survey(piece)).collect(), PARTS).expect("there is room").keys
    };
    assert_eq!(keys(1), (3, 2), "the first connection, and the one with fragments");
    assert_eq!(keys(12), (3, 1), "fragments are never left where they are");
}

#[test]
fn pieces_for_which_one_table_has_no_room_are_refused() {
    let packets = packets();
    let frames = frames(&packets);
    let limits = Capacity { connections: 2, ..Capacity::default() };
    let refused = read_in_pieces(&[&frames[..6], &frames[6..]], limits).err();
    assert_eq!(refused, Some(Refusal::Crowded));
}

#[test]
fn bytes_cut_short_or_too_long_are_garbled() {
    let bytes = packed(&(7_u64, "state")).expect("packs");
    assert_eq!(unpacked::<(u64, String)>(&bytes), Ok((7, "state".to_owned())));
    assert_eq!(unpacked::<(u64, String)>(&bytes[..4]), Err(Refusal::Garbled));
    let two = pack_onto(&(8_u64, "x"), bytes).expect("packs");
    assert_eq!(unpacked::<(u64, String)>(&two), Err(Refusal::Garbled));
    let mut numbers = Vec::new();
    assert_eq!(each(&two, |(number, _): (u64, String)| numbers.push(number)), Ok(()));
    assert_eq!(numbers, [7, 8]);
    assert_eq!(each(&two[..two.len() - 1], |_: (u64, String)| {}), Err(Refusal::Garbled));
}
