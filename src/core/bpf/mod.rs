//! The classic Berkeley packet filter: from an expression, as `pcap-filter(7)` has it, to a program, and its runs.
//!
//! ```text
//! token    an expression's words, each with its place
//! parse    words -> tree: what is said; names: the words that have a meaning
//! layout   how frames of a link type begin
//! lower    tree -> conditions on bytes, for one link type
//! emit     conditions -> instructions
//! machine  instructions, checked and run
//! ```
//!
//! Linux runs the same programs on its sockets; here they run where the kernel does not see a frame as it was on the
//! wire, and on files.

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

/// A mistake in an expression: nonsense, or something unknown here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where, in bytes from the beginning.
    pub at: usize,
    /// How many bytes are meant.
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

/// The port that a service's name stands for.
pub type Services<'a> = &'a dyn Fn(&str) -> Option<u16>;

/// Compiles an expression for frames of a link type: what passes is taken up to `snaplen` bytes.
///
/// # Errors
///
/// When it makes no sense, or none for that link type, or says what is not known here.
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
