//! Filters: programs compiled by `wirestat.query`, run over the flow table.
//!
//! * [`program`] is such a program: operations in postfix order, checked before running.
//! * [`sources`] finds the columns that it reads, and fills them.
//! * [`run`] runs it, 64 connections at a time: the result of an operation is one 64-bit number.
//!
//! Only Python defines field names and the meaning of expressions. This code sees columns and numbers.

pub mod program;
pub mod run;
mod sources;
#[cfg(test)]
mod tests;
