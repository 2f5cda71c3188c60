//! Community ID, version 1: an identifier of a flow that many tools compute alike.

use super::sha1;
use crate::address::{Ip, Scope};

/// The protocol number of TCP.
pub const TCP: u8 = 6;
/// The protocol number of UDP.
pub const UDP: u8 = 17;

/// Two ends that exchange packets of a protocol.
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    /// Their addresses.
    pub ips: [Ip; 2],
    /// Their ports.
    pub ports: [u16; 2],
    /// The family of the addresses, and the tunnel.
    pub scope: Scope,
    /// The number of the protocol.
    pub protocol: u8,
}

/// The Community ID of a flow, with the seed 0.
#[must_use]
pub fn id(flow: &Flow) -> String {
    let length = if flow.scope.is_ipv6() { 16 } else { 4 };
    let mut ends = [0, 1].map(|end| (&flow.ips[end][..length], flow.ports[end]));
    // The lower end comes first: the one with the lower address, or with equal addresses the lower port.
    ends.sort_unstable();
    let mut message = vec![0, 0];
    for (address, _) in ends {
        message.extend_from_slice(address);
    }
    message.extend([flow.protocol, 0]);
    for (_, port) in ends {
        message.extend(port.to_be_bytes());
    }
    format!("1:{}", base64(&sha1::digest(&message)))
}

/// A unique name for a connection, made from its flow, its start time, and its number within the flow.
#[must_use]
pub fn unique(flow: &Flow, start_ns: i64, incarnation: u32) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut message = flow.ips.concat();
    message.extend(flow.ports.iter().flat_map(|port| port.to_be_bytes()));
    message.extend(flow.scope.0.to_be_bytes());
    message.push(flow.protocol);
    message.extend(start_ns.to_be_bytes());
    message.extend(incarnation.to_be_bytes());
    let digest = sha1::digest(&message);
    let mut number = digest.iter().take(12).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let mut text = String::from("C");
    for _ in 0..16 {
        text.push(char::from(DIGITS[(number % 62) as usize]));
        number /= 62;
    }
    text
}

fn base64(bytes: &[u8; 20]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for part in bytes.chunks(3) {
        let at = |place: usize| u32::from(part.get(place).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            let value = (bits >> (18 - 6 * digit)) as usize & 63;
            text.push(if digit > part.len() { '=' } else { char::from(DIGITS[value]) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Flow, TCP, UDP, id, unique};
    use crate::address::{Ip, Scope, ipv4};
    use std::net::IpAddr;

    fn ip(text: &str) -> (Ip, bool) {
        match text.parse() {
            Ok(IpAddr::V4(address)) => (ipv4(address.octets()), false),
            Ok(IpAddr::V6(address)) => (address.octets(), true),
            Err(error) => panic!("{text}: {error}"),
        }
    }

    fn flow(protocol: u8, source: (&str, u16), destination: (&str, u16)) -> Flow {
        let ((from, is_ipv6), (to, _)) = (ip(source.0), ip(destination.0));
        let scope = Scope::default().with_family(is_ipv6);
        Flow { ips: [from, to], ports: [source.1, destination.1], scope, protocol }
    }

    /// The test vectors of the specification, for TCP and UDP.
    #[test]
    fn the_published_vectors() {
        let six = ("2001:470:e5bf:dead:4957:2174:e82c:4887", 63943);
        let vectors = [
            (TCP, six, ("2607:f8b0:400c:c03::1a", 25), "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="),
            (TCP, ("128.232.110.120", 34855), ("66.35.250.204", 80), "1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
            (UDP, ("192.168.1.52", 54585), ("8.8.8.8", 53), "1:d/FP5EW3wiY1vCndhwleRRKHowQ="),
        ];
        for (protocol, source, destination, name) in vectors {
            assert_eq!(id(&flow(protocol, source, destination)), name);
            assert_eq!(id(&flow(protocol, destination, source)), name);
        }
    }

    #[test]
    fn every_connection_has_its_own_name() {
        let [tcp, udp] = [TCP, UDP].map(|protocol| flow(protocol, ("10.0.0.1", 1), ("10.0.0.2", 2)));
        assert_eq!(unique(&tcp, 5, 1), unique(&tcp, 5, 1));
        assert_ne!(unique(&tcp, 5, 1), unique(&tcp, 5, 2));
        assert_ne!(unique(&tcp, 5, 1), unique(&udp, 5, 1));
        assert!(unique(&tcp, 5, 1).starts_with('C') && unique(&tcp, 5, 1).len() == 17);
    }
}
