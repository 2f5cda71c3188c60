//! Addresses, networks, ports and protocol numbers, with the words before them.

use super::super::Mistake;
use super::super::layout::{IPV4, IPV6};
use super::super::names::Protocol;
use super::super::token::Token;
use super::super::tree::{Direction, Expression, Primitive};
use super::{Parser, Read, address};

/// The kind of an identifier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Host,
    Net,
    Port,
    PortRange,
    Protocol,
}

impl Kind {
    pub fn of(word: &str) -> Option<Self> {
        Some(match word {
            "host" => Self::Host,
            "net" => Self::Net,
            "port" => Self::Port,
            "portrange" => Self::PortRange,
            "proto" => Self::Protocol,
            _ => return None,
        })
    }
}

/// The qualifiers before an identifier.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Qualifiers {
    pub protocol: Option<Protocol>,
    pub direction: Direction,
    pub kind: Kind,
}

impl Parser<'_> {
    /// One identifier, or several in parentheses.
    pub(super) fn identifiers(&mut self, qualifiers: Qualifiers) -> Read {
        if self.peek_text() != "(" {
            return self.identifier(qualifiers);
        }
        self.at += 1;
        let before = self.last.replace(qualifiers);
        let several = self.nested(|parser| parser.joined(Self::listed))?;
        self.expect(")")?;
        self.last = before.or(self.last);
        Ok(several)
    }

    fn listed(&mut self) -> Read {
        if self.skip(&["not", "!"]) {
            return Ok(Expression::Not(Box::new(self.nested(Self::listed)?)));
        }
        self.identifiers(self.last.unwrap_or_default())
    }

    fn identifier(&mut self, qualifiers: Qualifiers) -> Read {
        let token = self.take("an address, a port or a number")?;
        let primitive = match qualifiers.kind {
            Kind::Host => host(&token, qualifiers)?,
            Kind::Net => self.net(&token, qualifiers)?,
            Kind::Port => {
                let port = self.port(&token)?;
                ports(&token, qualifiers, (port, port))?
            }
            Kind::PortRange => {
                let first = self.port(&token)?;
                self.expect("-")?;
                let other = self.take("a port")?;
                let last = self.port(&other)?;
                ports(&token, qualifiers, (first.min(last), first.max(last)))?
            }
            Kind::Protocol => protocol(&token, qualifiers)?,
        };
        Ok(Expression::Primitive(primitive, token.at))
    }

    /// A network: an address, and the length of its prefix.
    fn net(&mut self, token: &Token<'_>, qualifiers: Qualifiers) -> Result<Primitive, Mistake> {
        let Qualifiers { direction, .. } = qualifiers;
        if let Some(number) = address::ipv6(token.text) {
            let mask = address::mask6(self.prefix(128)?.unwrap_or(128));
            if number & !mask != 0 {
                return Err(token.mistake("this network has bits set that do not count"));
            }
            within6(token, qualifiers)?;
            return Ok(Primitive::Net6 { direction, address: number, mask });
        }
        let Some((number, bits)) = address::ipv4(token.text) else { return Err(unknown(token, "a network")) };
        let (number, mask) = match self.prefix(32)? {
            Some(prefix) => (number, address::mask4(prefix)),
            None if self.skip(&["mask"]) => (number, self.mask()?),
            // To tcpdump `net 0` is the address 0.0.0.0, not a network of 8 bits.
            None if (number, bits) == (0, 8) => (number, u32::MAX),
            None => (number, address::mask4(bits)),
        };
        if number & !mask != 0 {
            return Err(token.mistake("this network has bits set that do not count"));
        }
        Ok(Primitive::Net4 { within: within4(token, qualifiers)?, direction, address: number, mask })
    }

    fn prefix(&mut self, most: u32) -> Result<Option<u32>, Mistake> {
        if !self.skip(&["/"]) {
            return Ok(None);
        }
        let token = self.take("a number of bits")?;
        let bits = address::number(&token)?;
        if bits > most {
            return Err(token.mistake(format!("an address has {most} bits")));
        }
        Ok(Some(bits))
    }

    fn mask(&mut self) -> Result<u32, Mistake> {
        let token = self.take("a mask")?;
        address::ipv4(token.text).map(|(mask, _)| mask).ok_or_else(|| unknown(&token, "a mask"))
    }

    fn port(&self, token: &Token<'_>) -> Result<u16, Mistake> {
        if !token.text.starts_with(|c: char| c.is_ascii_digit()) {
            let name = token.text.trim_start_matches('\\');
            return (self.services)(name).ok_or_else(|| unknown(token, "a port"));
        }
        let number = address::number(token)?;
        u16::try_from(number).map_err(|_| token.mistake("a port is a number below 65536"))
    }
}

fn host(token: &Token<'_>, qualifiers: Qualifiers) -> Result<Primitive, Mistake> {
    let Qualifiers { direction, .. } = qualifiers;
    if qualifiers.protocol == Some(Protocol::Link) {
        let address =
            address::ethernet(token.text).ok_or_else(|| unknown(token, "an address of Ethernet"))?;
        return Ok(Primitive::Ethernet { direction, address });
    }
    if let Some(address) = address::ipv6(token.text) {
        within6(token, qualifiers)?;
        return Ok(Primitive::Net6 { direction, address, mask: u128::MAX });
    }
    match address::ipv4(token.text) {
        Some((address, 32)) => {
            let within = within4(token, qualifiers)?;
            Ok(Primitive::Net4 { within, direction, address, mask: u32::MAX })
        }
        _ => Err(unknown(token, "an address (no name server is asked)")),
    }
}

fn ports(token: &Token<'_>, qualifiers: Qualifiers, (first, last): (u16, u16)) -> Result<Primitive, Mistake> {
    const WITH_PORTS: [u8; 3] = [6, 17, 132];
    let protocol = match qualifiers.protocol {
        None => None,
        Some(Protocol::Transport(number, ..)) if WITH_PORTS.contains(&number) => Some(number),
        Some(_) => return Err(token.mistake("only TCP, UDP and SCTP have ports")),
    };
    Ok(Primitive::Ports { protocol, direction: qualifiers.direction, first, last })
}

fn protocol(token: &Token<'_>, qualifiers: Qualifiers) -> Result<Primitive, Mistake> {
    let name = token.text.trim_start_matches('\\');
    let named = Protocol::of(name);
    if qualifiers.protocol == Some(Protocol::Link) {
        let number = match named {
            Some(Protocol::Network(number)) => u32::from(number),
            _ => address::number(token)?,
        };
        // A number below 1536 is a length, or an LLC service.
        return match u16::try_from(number) {
            Ok(number @ 0x600..) => Ok(Primitive::EtherType(number)),
            _ => Err(token.mistake("only EtherTypes from 0x600 to 0xffff are known here")),
        };
    }
    let number = match named {
        Some(Protocol::Transport(number, ..)) => u32::from(number),
        _ => address::number(token)?,
    };
    let number = u8::try_from(number).map_err(|_| token.mistake("a protocol is a number below 256"))?;
    let (v4, v6) = match qualifiers.protocol {
        None => (true, true),
        Some(Protocol::Network(IPV4)) => (true, false),
        Some(Protocol::Network(IPV6)) => (false, true),
        Some(_) => return Err(token.mistake("only 'ip', 'ip6' and 'ether' have protocols")),
    };
    Ok(Primitive::Protocol { number, v4, v6 })
}

/// The header that must hold the IPv4 address; `None` stands for any.
fn within4(token: &Token<'_>, qualifiers: Qualifiers) -> Result<Option<u16>, Mistake> {
    match qualifiers.protocol {
        None => Ok(None),
        Some(Protocol::Network(number)) if number != IPV6 => Ok(Some(number)),
        Some(_) => Err(token.mistake("an IPv4 address is looked for in 'ip', 'arp' or 'rarp' only")),
    }
}

fn within6(token: &Token<'_>, qualifiers: Qualifiers) -> Result<(), Mistake> {
    match qualifiers.protocol {
        None | Some(Protocol::Network(IPV6)) => Ok(()),
        Some(_) => Err(token.mistake("an IPv6 address is looked for in 'ip6' only")),
    }
}

fn unknown(token: &Token<'_>, wanted: &str) -> Mistake {
    token.mistake(format!("'{}' is not known here; {wanted} was expected", token.text))
}
