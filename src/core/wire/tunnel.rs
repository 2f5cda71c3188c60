//! The kinds of tunnel, and the names of the scopes inside them.
//!
//! A flow inside a tunnel must not be mistaken for its twin outside, and the two directions of one
//! flow must meet. So a scope holds the kind of tunnel, and no identifier: there is none that both
//! directions are sure to share.
//!
//! | tunnel       | identifier   | why it may differ from one direction to the other |
//! |--------------|--------------|---------------------------------------------------|
//! | VXLAN        | VNI          | Cilium sends the identity of the sender; a switch that routes as well (asymmetric IRB, RFC 9135, 4.2) sends the network of the receiver |
//! | GENEVE       | VNI          | OVN sends the logical switch of the receiver |
//! | NVGRE        | VSID, flow   | a gateway may route between virtual subnets; the flow is a hash of one direction (RFC 7637, 3.2) |
//! | GRE          | key          | each end chooses what it sends (RFC 2890, 2.1), and many choose differently |
//! | PPTP         | call         | chosen by the receiver (RFC 2637, 4.1) |
//! | L2TP         | tunnel, session | chosen by the receiver (RFC 2661, 3.1) |
//! | GTP          | TEID         | likewise (3GPP TS 29.281, 5.1) |
//! | ERSPAN       | session      | one direction may be mirrored in its own |
//! | MPLS in IP   | labels       | chosen by the receiver |
//!
//! Outer addresses are never part of it either: routing may differ from one direction to the other.
//! Two networks that use the same addresses and ports at the same time in tunnels of one kind are
//! taken for one, as Wireshark takes them; halves of a flow that never meet would do more harm.

use crate::address::Scope;
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

/// The kinds of tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// IPv6 over UDP (RFC 4380).
    Teredo,
    /// IPv6 over UDP, signed (draft-massar-v6ops-ayiya).
    Ayiya,
    /// Wireless frames over UDP (RFC 5415).
    Capwap,
    /// Ethernet in MikroTik's GRE.
    Eoip,
}

impl Kind {
    /// The name that users know it by.
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
            Self::Teredo => "teredo",
            Self::Ayiya => "ayiya",
            Self::Capwap => "capwap",
            Self::Eoip => "eoip",
        }
    }

    /// The kind that users know by this name.
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
            Self::Teredo,
            Self::Ayiya,
            Self::Capwap,
            Self::Eoip,
        ];
        all.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it has network identifiers that users know.
    const fn has_networks(self) -> bool {
        matches!(self, Self::Nvgre | Self::Vxlan | Self::Geneve | Self::Eoip)
    }
}

/// The tunnel that a scope stands for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Named(Scope, Tunnel);

/// The tunnel of each scope. When there is no room for more, later ones have no name.
#[derive(Debug)]
pub struct Tunnels {
    room: usize,
    by_scope: HashMap<Scope, Tunnel, foldhash::fast::RandomState>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Tunnel {
    outside: Scope,
    kind: Kind,
    /// The network, if all headers named the same one.
    network: Option<u32>,
}

impl Tunnels {
    /// Room for `room` tunnels.
    pub fn new(room: usize) -> Self {
        Self { room, by_scope: HashMap::default() }
    }

    /// Remembers that the scope `inside` is a tunnel within the scope `outside`, and the network that its header names.
    pub fn remember(&mut self, inside: Scope, outside: Scope, kind: Kind, network: u32) {
        let network = kind.has_networks().then_some(network);
        let has_room = self.by_scope.len() < self.room;
        match self.by_scope.get_mut(&inside) {
            Some(known) if known.network == network => {}
            Some(known) => known.network = None,
            None if has_room => {
                self.by_scope.insert(inside, Tunnel { outside, kind, network });
            }
            None => {}
        }
    }

    /// All tunnels by scope; `None` where there is no room for more.
    pub fn list(&self) -> Option<Vec<Named>> {
        let named = || self.by_scope.iter().map(|(scope, tunnel)| Named(*scope, tunnel.clone())).collect();
        (self.by_scope.len() < self.room).then(named)
    }

    /// Takes over what was met elsewhere. False where there is no room for more.
    pub fn absorb(&mut self, named: &[Named]) -> bool {
        for Named(scope, theirs) in named {
            let known = self.by_scope.entry(*scope).or_insert_with(|| theirs.clone());
            if known.network != theirs.network {
                known.network = None;
            }
        }
        self.by_scope.len() < self.room
    }

    /// The names of the tunnels around a scope, from the outside inward, each with its network if only one was met.
    pub fn describe(&self, scope: Scope) -> Option<String> {
        let mut names = Vec::new();
        let mut scope = scope.with_family(false);
        // Hashes can collide, and scopes then refer to one another in a circle: stop after as many names as there are
        // tunnels.
        while !scope.is_outermost() && names.len() < self.by_scope.len() {
            let tunnel = self.by_scope.get(&scope)?;
            names.push(match tunnel.network {
                Some(network) => format!("{} {network}", tunnel.kind.name()),
                None => tunnel.kind.name().to_owned(),
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
        let gtp = outside.inside(Kind::Gtp as u8);
        let vxlan = gtp.inside(Kind::Vxlan as u8);
        tunnels.remember(gtp, outside, Kind::Gtp, 0);
        tunnels.remember(vxlan, gtp, Kind::Vxlan, 42);
        assert_eq!(tunnels.describe(vxlan.with_family(true)).as_deref(), Some("gtp, vxlan 42"));
        tunnels.remember(vxlan, gtp, Kind::Vxlan, 43);
        assert_eq!(tunnels.describe(vxlan).as_deref(), Some("gtp, vxlan"), "there are several networks");
        tunnels.remember(vxlan, gtp, Kind::Vxlan, 42);
        assert_eq!(tunnels.describe(vxlan).as_deref(), Some("gtp, vxlan"));
        assert_eq!(tunnels.describe(outside), None);

        let forgotten = outside.inside(Kind::Gre as u8);
        tunnels.remember(forgotten, outside, Kind::Gre, 0);
        assert_eq!(tunnels.describe(forgotten), None, "there was room for two");
    }
}
