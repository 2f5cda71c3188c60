//! The classic Berkeley packet filter: compiles expressions of `pcap-filter(7)` to programs, and runs them.
//!
//! ```text
//! mistake  an expression that is invalid
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
mod mistake;
mod names;
mod parse;
mod quantity;
mod token;
mod tree;

pub use machine::{Instruction, Invalid, Program};
pub use mistake::Mistake;
pub use names::Services;

use crate::frame::LinkType;

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
