//! The kinds of tunnel, and the names of the scopes inside them.
//!
//! A flow inside a tunnel must not be mistaken for its twin outside, and the two directions of one
//! flow must meet. So a scope holds the kind of tunnel and only such a network identifier as both
//! directions share:
//!
//! | tunnel       | in the scope | left out |
//! |--------------|--------------|----------|
//! | VXLAN        | VNI          |          |
//! | GENEVE       | VNI          |          |
//! | NVGRE        | VSID         | the flow identifier: a hash of one direction (RFC 7637, 3.2) |
//! | GRE          |              | the key: each end chooses what it sends (RFC 2890, 2.1), and many choose differently |
//! | PPTP         |              | the call identifier, chosen by the receiver (RFC 2637, 4.1) |
//! | L2TP         |              | tunnel and session, chosen by the receiver (RFC 2661, 3.1) |
//! | GTP          |              | the TEID, likewise (3GPP TS 29.281, 5.1) |
//! | ERSPAN       |              | the session: one direction may be mirrored in its own |
//! | IP, MPLS in IP |            | labels, chosen by the receiver |
//!
//! Outer addresses are never part of it: routing may differ from one direction to the other. Two
//! networks that use the same addresses and ports at the same time in unkeyed tunnels are taken for
//! one; halves of a flow that never meet would do more harm.

use crate::address::Scope;
use hashbrown::HashMap;

/// What a packet can travel in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// IPv4 in IP (RFC 2003), IPv6 in IPv6 (RFC 2473).
    IpInIp,
    /// IPv6 in IPv4 (RFC 4213).
    SixInFour,
    /// MPLS in IP (RFC 4023).
    MplsInIp,
    /// Generic routing encapsulation (RFC 2784).
    Gre,
    /// Ethernet in GRE with a virtual subnet identifier (RFC 7637).
    Nvgre,
    /// PPP in GRE version 1 (RFC 2637).
    Pptp,
    /// Mirrored Ethernet in GRE.
    Erspan,
    /// RFC 7348.
    Vxlan,
    /// RFC 8926.
    Geneve,
    /// PPP over UDP (RFC 2661).
    L2tp,
    /// GTP-U (3GPP TS 29.281).
    Gtp,
}

impl Kind {
    /// As users call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IpInIp => "ip-in-ip",
            Self::SixInFour => "6in4",
            Self::MplsInIp => "mpls-in-ip",
            Self::Gre => "gre",
            Self::Nvgre => "nvgre",
            Self::Pptp => "pptp",
            Self::Erspan => "erspan",
            Self::Vxlan => "vxlan",
            Self::Geneve => "geneve",
            Self::L2tp => "l2tp",
            Self::Gtp => "gtp",
        }
    }

    /// The kind that users call so.
    pub fn of_name(name: &str) -> Option<Self> {
        let all = [
            Self::IpInIp,
            Self::SixInFour,
            Self::MplsInIp,
            Self::Gre,
            Self::Nvgre,
            Self::Pptp,
            Self::Erspan,
            Self::Vxlan,
            Self::Geneve,
            Self::L2tp,
            Self::Gtp,
        ];
        all.into_iter().find(|kind| kind.name() == name)
    }

    const fn has_networks(self) -> bool {
        matches!(self, Self::Nvgre | Self::Vxlan | Self::Geneve)
    }
}

/// Which tunnel each scope stands for: as many as there is room for, the first ones met.
#[derive(Debug)]
pub struct Tunnels {
    room: usize,
    by_scope: HashMap<Scope, Tunnel, foldhash::fast::RandomState>,
}

#[derive(Debug)]
struct Tunnel {
    outside: Scope,
    kind: Kind,
    network: u32,
}

impl Tunnels {
    /// Room for `room` tunnels.
    pub fn new(room: usize) -> Self {
        Self { room, by_scope: HashMap::default() }
    }

    /// The scope `inside` a tunnel that lies in the scope `outside`.
    pub fn remember(&mut self, inside: Scope, outside: Scope, kind: Kind, network: u32) {
        if !self.by_scope.contains_key(&inside) && self.by_scope.len() < self.room {
            self.by_scope.insert(inside, Tunnel { outside, kind, network });
        }
    }

    /// The names of the tunnels around a scope, from the outside inward.
    pub fn describe(&self, scope: Scope) -> Option<String> {
        let mut names = Vec::new();
        let mut scope = scope.with_family(false);
        // A hash can collide and so close a circle: no more names than tunnels.
        while !scope.is_outermost() && names.len() < self.by_scope.len() {
            let tunnel = self.by_scope.get(&scope)?;
            names.push(match tunnel.kind.has_networks() {
                true => format!("{} {}", tunnel.kind.name(), tunnel.network),
                false => tunnel.kind.name().to_owned(),
            });
            scope = tunnel.outside;
        }
        names.reverse();
        (!names.is_empty()).then(|| names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Tunnels};
    use crate::address::Scope;

    #[test]
    fn scopes_have_names() {
        let mut tunnels = Tunnels::new(2);
        let outside = Scope::default();
        let gtp = outside.inside(Kind::Gtp as u8, 0);
        let vxlan = gtp.inside(Kind::Vxlan as u8, 42);
        tunnels.remember(gtp, outside, Kind::Gtp, 0);
        tunnels.remember(vxlan, gtp, Kind::Vxlan, 42);
        assert_eq!(tunnels.describe(vxlan.with_family(true)).as_deref(), Some("gtp, vxlan 42"));
        assert_eq!(tunnels.describe(outside), None);

        let forgotten = outside.inside(Kind::Gre as u8, 0);
        tunnels.remember(forgotten, outside, Kind::Gre, 0);
        assert_eq!(tunnels.describe(forgotten), None, "there was room for two");
    }
}
