//! Which connections somebody asks for: programs that `wirestat.query` has compiled, run over the flow table.
//!
//! * [`program`] is such a program: operations in postfix order, checked before it runs.
//! * [`sources`] finds the columns that it reads, and fills them.
//! * [`run`] runs it, 64 connections at a time: what an operation says of them is one number of 64 bits.
//!
//! Python alone decides the names of fields and the meaning of expressions. Here are columns and numbers.

pub mod program;
pub mod run;
mod sources;
#[cfg(test)]
mod tests;
