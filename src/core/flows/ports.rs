//! Ports that servers listen on: the weakest way to tell a client from a server.

/// Ports above the system range that servers commonly listen on.
const COMMON: [u16; 16] =
    [1433, 1521, 3128, 3306, 3389, 5000, 5432, 5672, 5900, 6379, 8000, 8080, 8443, 9092, 9200, 27017];

/// Whether a port is one that servers commonly listen on.
#[must_use]
pub fn is_well_known(port: u16) -> bool {
    port < 1024 || COMMON.contains(&port)
}
