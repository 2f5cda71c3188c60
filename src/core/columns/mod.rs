//! Tables of typed columns, filled from the flow table: what reports, filters, pages and exports read.
//!
//! * [`field`] describes a column: its name, type, unit, null, dictionary and meaning. The description is written
//!   once, where the column is filled, and read from there.
//! * [`connections`], [`ends`], [`instant`], [`transitions`], [`facts`] and [`listeners`] are the columns of the tables.
//! * [`row`] reads all values from a connection, by name; no other file here accesses one. [`remembered`] are the
//!   changes of state and first sightings of facts from its log.
//! * [`books`] are the dictionaries that grow with the capture: addresses and tunnels.
//! * [`take`] walks the table once and fills the wanted columns.
//! * [`conn_log`] writes connections as Zeek logs them.
//! * [`distinct`] finds equal rows.
//! * [`json`] writes connections as JSON.
//! * [`differences`] makes numbers small for pages, and [`planes`] splits them into byte planes.
//! * [`arrow`] converts columns to Arrow's layout, [`csv`] writes them as rows of text.

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
