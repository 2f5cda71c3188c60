//! How frames of a link type begin: where the packet starts, and which bytes give its protocol.

use super::emit::{Condition, equal};
use crate::frame::LinkType;

pub(super) const IPV4: u16 = 0x0800;
pub(super) const IPV6: u16 = 0x86dd;

/// Codes of the instructions that load into the accumulator, by size.
pub(super) const LOAD: [u16; 3] = [0x20, 0x28, 0x30];
/// The code of the instruction that masks the accumulator.
pub(super) const AND: u16 = 0x54;

/// How frames of a link type begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    names_by: NamesBy,
    /// The offset of the packet.
    pub network: u32,
}

/// The bytes that give the protocol of the packet.
#[derive(Clone, Copy, Debug)]
enum NamesBy {
    /// An EtherType at this offset.
    EtherType(u32),
    /// An address family, in the byte order of some host.
    Family,
    /// The version field of the packet itself.
    Version,
    /// No bytes: all packets are of one protocol.
    Always(u16),
}

impl Layout {
    pub fn of(link: LinkType) -> Option<Self> {
        let (names_by, network) = match link.0 {
            0 | 108 => (NamesBy::Family, 4),
            1 => (NamesBy::EtherType(12), 14),
            12 | 14 | 101 => (NamesBy::Version, 0),
            113 => (NamesBy::EtherType(14), 16),
            228 => (NamesBy::Always(IPV4), 0),
            229 => (NamesBy::Always(IPV6), 0),
            276 => (NamesBy::EtherType(0), 20),
            _ => return None,
        };
        Some(Self { names_by, network })
    }

    /// Moves past a VLAN tag.
    pub const fn pass_tag(&mut self) {
        if let NamesBy::EtherType(at) = &mut self.names_by {
            *at += 4;
        }
        self.network += 4;
    }

    /// The condition that a packet of this EtherType follows.
    pub fn carries(&self, number: u16) -> Condition {
        const VERSION: u32 = 0xf0;
        let any_of = |families: &[u32]| {
            let each = families.iter().flat_map(|family| [family.swap_bytes(), *family]);
            each.fold(Condition::Constant(false), |any, family| any.or(equal(&[(LOAD[0], 0)], family)))
        };
        match (self.names_by, number) {
            (NamesBy::EtherType(at), _) => equal(&[(LOAD[1], at)], u32::from(number)),
            (NamesBy::Always(always), _) => Condition::Constant(number == always),
            (NamesBy::Family, IPV4) => any_of(&[2]),
            // The numbers of BSD, FreeBSD and Darwin.
            (NamesBy::Family, IPV6) => any_of(&[24, 28, 30]),
            (NamesBy::Version, IPV4) => equal(&[(LOAD[2], 0), (AND, VERSION)], 0x40),
            (NamesBy::Version, IPV6) => equal(&[(LOAD[2], 0), (AND, VERSION)], 0x60),
            _ => Condition::Constant(false),
        }
    }
}
