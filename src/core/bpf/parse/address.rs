//! Written numbers and addresses.

use super::super::Mistake;
use super::super::token::Token;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A number: decimal, octal after a zero, hexadecimal after 0x.
pub(super) fn number(token: &Token<'_>) -> Result<u32, Mistake> {
    let text = token.text;
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
        None => (text, 10),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Err(token.mistake(format!("'{text}' is not known here; a number was expected")));
    }
    u32::from_str_radix(digits, radix).map_err(|_| token.mistake("this number is beyond 32 bits"))
}

/// An IPv4 address of four parts, or of fewer for a network. Also returns how many bits the parts give.
pub(super) fn ipv4(text: &str) -> Option<(u32, u32)> {
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        return Some((address.to_bits(), 32));
    }
    let parts: Vec<u8> = text.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let bits = parts.len() as u32 * 8;
    let number = parts.iter().fold(0, |number, part| number << 8 | u32::from(*part));
    (bits < 32).then(|| (number << (32 - bits), bits))
}

/// An IPv6 address.
pub(super) fn ipv6(text: &str) -> Option<u128> {
    text.parse::<Ipv6Addr>().ok().map(Ipv6Addr::to_bits)
}

/// An Ethernet address: six parts, separated by colons, hyphens or dots.
pub(super) fn ethernet(text: &str) -> Option<[u8; 6]> {
    let parts: Vec<u8> = text
        .split([':', '-', '.'])
        .map(|part| u8::from_str_radix(part, 16).ok().filter(|_| part.len() <= 2 && !part.starts_with('+')))
        .collect::<Option<_>>()?;
    parts.try_into().ok()
}

/// An IPv4 mask whose first `bits` bits are set.
pub(super) fn mask4(bits: u32) -> u32 {
    u32::MAX.checked_shl(32 - bits).unwrap_or(0)
}

/// An IPv6 mask whose first `bits` bits are set.
pub(super) fn mask6(bits: u32) -> u128 {
    u128::MAX.checked_shl(128 - bits).unwrap_or(0)
}
