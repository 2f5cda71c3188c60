//! The addresses that are local by default: those of private and special networks, as in Zeek's
//! `Site::private_address_space`.

use crate::address::{Ip, Scope};

/// Networks: the first octets of an address, and the prefix length.
const IPV4: [([u8; 4], u32); 15] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 24),
    ([239, 0, 0, 0], 8),
    ([240, 0, 0, 0], 4),
];
const IPV6: [(u128, u32); 9] = [
    (0, 128),
    (1, 128),
    (0x0064_ff9b_0001 << 80, 48),
    (0x0100 << 112, 64),
    (0x2001 << 112, 23),
    (0x2001_0db8 << 96, 32),
    (0xfc00 << 112, 7),
    (0xfe80 << 112, 10),
    (0xfec0 << 112, 10),
];

/// The prefix of addresses with an IPv4 address in the next four octets (6to4, RFC 3056).
const SIX_TO_FOUR: [u8; 2] = [0x20, 0x02];

/// Whether an address is in one of the networks.
pub fn is_local(ip: &Ip, scope: Scope) -> bool {
    match *ip {
        [first, second, a, b, c, d, ..] if scope.is_ipv6() => {
            let address = u128::from_be_bytes(*ip);
            IPV6.iter().any(|(net, bits)| (address ^ net).leading_zeros() >= *bits)
                || ([first, second] == SIX_TO_FOUR && is_local_ipv4([a, b, c, d]))
        }
        [a, b, c, d, ..] => is_local_ipv4([a, b, c, d]),
    }
}

fn is_local_ipv4(octets: [u8; 4]) -> bool {
    let address = u32::from_be_bytes(octets);
    IPV4.iter().any(|(net, bits)| (address ^ u32::from_be_bytes(*net)).leading_zeros() >= *bits)
}

#[cfg(test)]
mod tests {
    use super::is_local;
    use crate::address::{Scope, ipv4};

    #[test]
    fn private_networks_are_local() {
        let four = |octets| is_local(&ipv4(octets), Scope::default());
        assert!(
            four([10, 1, 2, 3]) && four([172, 31, 0, 1]) && four([192, 168, 9, 9]) && four([127, 0, 0, 1])
        );
        assert!(four([224, 0, 0, 7]) && four([239, 255, 255, 250]) && !four([233, 89, 188, 1]));
        assert!(!four([172, 32, 0, 1]) && !four([8, 8, 8, 8]) && !four([11, 0, 0, 1]));
        let six = |first: u16| {
            let address = (u128::from(first) << 112 | 7).to_be_bytes();
            is_local(&address, Scope::default().with_family(true))
        };
        assert!(six(0xfd00) && six(0xfe80) && !six(0x2607));
        let carried = |octets: [u8; 4]| {
            let address = (0x2002_u128 << 112) | (u128::from(u32::from_be_bytes(octets)) << 80);
            is_local(&address.to_be_bytes(), Scope::default().with_family(true))
        };
        assert!(carried([192, 168, 0, 1]) && !carried([8, 8, 8, 8]));
    }
}
