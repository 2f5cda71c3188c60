//! Dictionaries that grow with the capture.

use crate::address::{Ip, Scope};
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::fmt::{Display, Write};
use std::hash::Hash;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Distinct texts, one behind the other, with their offsets.
#[derive(Debug)]
pub struct Book<Key> {
    codes: HashMap<Key, u32, RandomState>,
    /// Where each text begins, and where the last one ends.
    pub offsets: Vec<u32>,
    /// The texts.
    pub text: String,
}

impl<Key> Default for Book<Key> {
    fn default() -> Self {
        Self { codes: HashMap::default(), offsets: vec![0], text: String::new() }
    }
}

impl<Key: Eq + Hash> Book<Key> {
    /// Returns the number of a text. A new text is added.
    #[inline]
    fn code<Text: Display>(&mut self, key: Key, text: impl FnOnce() -> Text) -> u32 {
        *self.codes.entry(key).or_insert_with(|| {
            // Writing to a string cannot fail.
            let _ = write!(self.text, "{}", text());
            self.offsets.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
            self.offsets.len() as u32 - 2
        })
    }
}

/// The dictionaries of one set of columns, stored until more texts are to be added.
#[derive(Debug, Default)]
pub struct Shelf {
    /// Addresses, in text.
    pub addresses: Book<(u128, bool)>,
    /// Tunnels, in words.
    pub tunnels: Book<Scope>,
}

impl Shelf {
    /// Opens the dictionaries again to add texts. `describe` names the tunnels of a scope.
    #[must_use]
    pub fn open<'a>(self, describe: &'a (dyn Fn(Scope) -> Option<String> + Sync)) -> Books<'a> {
        Books { addresses: self.addresses, tunnels: self.tunnels, describe }
    }
}

/// The dictionaries of one set of columns.
pub struct Books<'a> {
    /// Addresses, in text.
    pub addresses: Book<(u128, bool)>,
    /// Tunnels, in words.
    pub tunnels: Book<Scope>,
    describe: &'a (dyn Fn(Scope) -> Option<String> + Sync),
}

impl Books<'_> {
    /// Stores the dictionaries. Each capture numbers scopes anew, so the tunnels of the next capture are added again.
    #[must_use]
    pub fn close(mut self) -> Shelf {
        self.tunnels.codes.clear();
        Shelf { addresses: self.addresses, tunnels: self.tunnels }
    }

    /// The number of an address.
    #[inline]
    pub fn address(&mut self, ip: Ip, scope: Scope) -> u32 {
        let key = (u128::from_le_bytes(ip), scope.is_ipv6());
        self.addresses.code(key, || Address { ip, scope })
    }

    /// The number of the tunnels of a scope; `None` outside tunnels, or if the tunnels are unknown.
    #[inline]
    pub fn tunnel(&mut self, scope: Scope) -> Option<u32> {
        if scope.is_outermost() {
            return None;
        }
        let scope = scope.with_family(false);
        if let Some(code) = self.tunnels.codes.get(&scope) {
            return Some(*code);
        }
        let words = (self.describe)(scope)?;
        Some(self.tunnels.code(scope, || words))
    }
}

/// An address that is written as text.
#[derive(Clone, Copy)]
pub struct Address {
    /// The address.
    pub ip: Ip,
    /// Its address family.
    pub scope: Scope,
}

impl Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.scope.is_ipv6() {
            return Ipv6Addr::from(self.ip).fmt(f);
        }
        let [a, b, c, d, ..] = self.ip;
        Ipv4Addr::new(a, b, c, d).fmt(f)
    }
}
