//! The interfaces of a pcapng file: their descriptions and their statistics.

use crate::frame::LinkType;

use super::super::bytes::Fields;
use super::super::comments::{Place, bounded_text};
use super::super::defects::Oddity;
use super::super::error::Reason;
use super::super::info::InterfaceInfo;
use super::super::step::{Record, Trouble};
use super::super::tally::Tally;
use super::Pcapng;
use super::clock::Clock;
use super::codes::{COMMENT, interface as described, statistics};
use super::options::{self, Options};

/// One interface of the section that is being read.
#[derive(Debug)]
pub(super) struct Interface {
    pub link: LinkType,
    pub clock: Clock,
    pub fcs_len: u8,
    pub frames: u64,
    /// Packets dropped, by the options of packets.
    pub lost_between: u64,
    snaplen: u32,
    name: Option<String>,
    /// Statistics count from the beginning of the section: the last ones are used.
    received: Option<u64>,
    dropped: Option<u64>,
    /// Its index among all interfaces.
    index: usize,
}

impl Interface {
    /// The captured length of a packet whose block does not give it.
    pub fn most_of(&self, original: u32) -> u32 {
        if self.snaplen == 0 { original } else { original.min(self.snaplen) }
    }

    /// Whether a description in an earlier section means the same interface.
    fn is_the_same_as(&self, other: &InterfaceInfo) -> bool {
        self.link == other.link && self.name == other.name && self.bounded_snaplen() == other.snaplen
    }

    fn bounded_snaplen(&self) -> Option<u32> {
        (self.snaplen != 0 && i32::try_from(self.snaplen).is_ok()).then_some(self.snaplen)
    }

    /// Adds the counts of this section to those of the sections before.
    fn add_to(&self, info: &mut InterfaceInfo) {
        info.frames += self.frames;
        add(&mut info.received, self.received);
        // Both may count the same losses, so they are not added.
        let lost = (self.lost_between > 0).then_some(self.lost_between);
        add(&mut info.dropped, self.dropped.max(lost));
    }
}

fn add(sum: &mut Option<u64>, more: Option<u64>) {
    if let Some(more) = more {
        *sum = Some(sum.unwrap_or(0).saturating_add(more));
    }
}

/// All interfaces: those of the present section, and the sums over the sections before.
#[derive(Debug, Default)]
pub(super) struct Interfaces {
    section: Vec<Interface>,
    all: Vec<InterfaceInfo>,
    /// The interfaces of the previous section, in its order.
    before: Vec<usize>,
}

impl Interfaces {
    #[inline]
    pub fn get_mut(&mut self, id: u32) -> Option<&mut Interface> {
        self.section.get_mut(id as usize)
    }

    /// Whether the present section has described no interface yet.
    pub const fn has_none_described(&self) -> bool {
        self.section.is_empty()
    }

    pub fn begin_section(&mut self) {
        self.before.clear();
        for interface in self.section.drain(..) {
            interface.add_to(&mut self.all[interface.index]);
            self.before.push(interface.index);
        }
    }

    /// Adds an interface; returns its index among all. Concatenated files describe the same interfaces repeatedly:
    /// these are merged.
    fn describe(&mut self, mut interface: Interface) -> usize {
        let same = self.before.get(self.section.len()).copied();
        interface.index =
            same.filter(|&index| interface.is_the_same_as(&self.all[index])).unwrap_or_else(|| {
                self.all.push(InterfaceInfo {
                    name: interface.name.clone(),
                    link: interface.link,
                    snaplen: interface.bounded_snaplen(),
                    frames: 0,
                    received: None,
                    dropped: None,
                });
                self.all.len() - 1
            });
        let index = interface.index;
        self.section.push(interface);
        index
    }

    pub fn infos(&self) -> Vec<InterfaceInfo> {
        let mut infos = self.all.clone();
        for interface in &self.section {
            interface.add_to(&mut infos[interface.index]);
        }
        infos
    }
}

impl Pcapng {
    pub(super) fn describe_interface(
        &mut self,
        body: &[u8],
        offset: u64,
        tally: &mut Tally,
    ) -> Result<Option<Record>, Trouble> {
        let mut fields = Fields::new(body, self.order);
        let (Some(link), Some(_reserved), Some(snaplen)) = (fields.u16(), fields.u16(), fields.u32()) else {
            return Err(Trouble::damaged(offset, "an interface description is too short"));
        };
        let limit = self.limits.interfaces;
        if self.interfaces.all.len() >= limit || self.interfaces.section.len() >= limit {
            return Err(Trouble::new(offset, Reason::TooMany { what: "interfaces", limit: limit as u64 }));
        }
        let mut clock = Clock::default();
        let (mut name, mut description, mut fcs_len) = (None, None, 0);
        let (mut has_resolution, mut has_offset) = (false, false);
        let mut options = Options::new(fields.rest, self.order);
        for (code, value) in options.by_ref() {
            match code {
                described::NAME => name = name.or(Some(value)),
                described::DESCRIPTION => description = description.or(Some(value)),
                described::TIME_RESOLUTION if has_resolution => {
                    tally.defects.count(Oddity::OptionRepeated, offset)
                }
                described::TIME_RESOLUTION => match value {
                    [resolution] => {
                        clock.set_resolution(*resolution);
                        has_resolution = true;
                    }
                    _ => tally.defects.count(Oddity::OptionLength, offset),
                },
                described::TIME_OFFSET if has_offset => tally.defects.count(Oddity::OptionRepeated, offset),
                described::TIME_OFFSET => match options::u64(value, self.order) {
                    Some(seconds) => {
                        clock.set_offset(seconds.cast_signed());
                        has_offset = true;
                    }
                    None => tally.defects.count(Oddity::OptionLength, offset),
                },
                described::FCS_LENGTH => match value {
                    [length] => fcs_len = fcs_bytes(*length),
                    _ => tally.defects.count(Oddity::OptionLength, offset),
                },
                _ => {}
            }
        }
        options.report(tally, offset);
        let name = name.or(description).map(|name| bounded_text(name, self.limits.text));
        let index = self.interfaces.describe(Interface {
            link: LinkType(link),
            clock,
            fcs_len,
            frames: 0,
            lost_between: 0,
            snaplen,
            name,
            received: None,
            dropped: None,
            index: 0,
        });
        for (_, comment) in Options::new(fields.rest, self.order).filter(|(code, _)| *code == COMMENT) {
            self.comments.add(Place::Interface(index), comment, &self.limits);
        }
        Ok(None)
    }

    pub(super) fn statistics(&mut self, body: &[u8], offset: u64, tally: &mut Tally) -> Option<Record> {
        let mut fields = Fields::new(body, self.order);
        let (Some(id), Some(_time)) = (fields.u32(), fields.u64()) else {
            tally.defects.count(Oddity::BlockTooShort, offset);
            return None;
        };
        let Some(interface) = self.interfaces.get_mut(id) else {
            tally.defects.count(Oddity::UnknownInterface, offset);
            return None;
        };
        let mut dropped = None;
        let mut options = Options::new(fields.rest, self.order);
        for (code, value) in options.by_ref() {
            let number = options::u64(value, self.order);
            match code {
                statistics::RECEIVED => interface.received = number.or(interface.received),
                statistics::DROPPED | statistics::DROPPED_BY_SYSTEM => add(&mut dropped, number),
                _ => {}
            }
        }
        interface.dropped = dropped.or(interface.dropped);
        options.report(tally, offset);
        None
    }
}

/// The length of a frame check sequence in bytes. pcapng gives it in bits, but most writers give bytes. No sequence
/// is longer than eight bytes.
const fn fcs_bytes(length: u8) -> u8 {
    if length > 8 { length / 8 } else { length }
}
