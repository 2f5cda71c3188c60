//! The classic Berkeley packet filter: compiles expressions of `pcap-filter(7)` to programs, and runs them.
//!
//! ```text
//! token    an expression's words, each with its place
//! parse    words -> tree; names: the words with a meaning of their own
//! layout   the beginning of frames of a link type
//! lower    tree -> conditions on bytes, for one link type
//! emit     conditions -> instructions
//! machine  instructions, checked and run
//! ```
//!
//! Linux runs the same programs on its sockets. Here they run on files, and on frames that the kernel does not see as
//! they were on the wire.

mod emit;
mod layout;
mod lower;
mod machine;
mod names;
mod parse;
mod quantity;
mod token;
mod tree;

pub use machine::{Instruction, Invalid, Program};

use crate::frame::LinkType;
use std::fmt;

/// A mistake in an expression: it is invalid, or uses something unknown here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The offset of the mistake, in bytes.
    pub at: usize,
    /// Its length in bytes.
    pub length: usize,
    /// The problem.
    pub why: String,
}

impl Mistake {
    fn at(at: usize, length: usize, why: impl Into<String>) -> Self {
        Self { at, length, why: why.into() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

/// The port of a service name.
pub type Services<'a> = &'a dyn Fn(&str) -> Option<u16>;

/// Compiles an expression for frames of a link type; frames that pass are cut to `snaplen` bytes.
///
/// # Errors
///
/// If it is invalid, in general or for the link type, or uses something unknown here.
pub fn compile(
    expression: &str,
    link: LinkType,
    snaplen: u32,
    services: Services<'_>,
) -> Result<Vec<Instruction>, Mistake> {
    let condition = match parse::parse(expression, services)? {
        Some(tree) => lower::lower(&tree, link)?,
        None => emit::Condition::Constant(true),
    };
    let program = emit::emit(&condition, snaplen);
    if program.len() > machine::LONGEST {
        let why =
            format!("this takes {} instructions, and the kernel takes {}", program.len(), machine::LONGEST);
        return Err(Mistake::at(0, 0, why));
    }
    Ok(program)
}

#[cfg(test)]
mod tests;
