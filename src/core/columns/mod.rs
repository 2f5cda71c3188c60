//! Tables of typed columns, filled from the flow table: what reports, filters, pages and exports read.
//!
//! * [`field`] describes a column: its name, type, unit, null, dictionary and meaning. The description is given once,
//!   where the column is filled, and everybody else reads it from there.
//! * [`connections`], [`ends`], [`instant`], [`transitions`], [`facts`] and [`listeners`] are the columns of the tables.
//! * [`row`] is all that is read from a connection, by name; no other file here looks into one. [`remembered`] are the
//!   changes and first sights that it reads from the log.
//! * [`books`] are the dictionaries that grow with the capture: addresses and tunnels.
//! * [`take`] walks the table once and fills what is wanted.
//! * [`conn_log`] writes connections as Zeek logs them.
//! * [`distinct`] tells which rows are alike.
//! * [`json`] writes connections as JSON.
//! * [`differences`] makes numbers small for pages, and [`planes`] puts their bytes in order.
//! * [`arrow`] gives columns the shapes that Arrow has, [`csv`] writes them as rows of text.

pub mod arrow;
pub mod books;
pub mod conn_log;
pub mod connections;
pub mod csv;
pub mod differences;
pub mod distinct;
pub mod ends;
pub mod facts;
pub mod field;
pub mod instant;
pub mod json;
pub mod listeners;
pub mod planes;
pub mod remembered;
pub mod row;
pub mod schema;
pub mod take;
#[cfg(test)]
mod tests;
pub mod transitions;
pub mod values;
