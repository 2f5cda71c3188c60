//! Ports that servers listen on: the weakest way to tell a client from a server.

use crate::tcp::thresholds::{EPHEMERAL_PORTS, SYSTEM_PORTS};

/// Ports above the system range that servers commonly listen on.
const COMMON: [u16; 16] =
    [1433, 1521, 3128, 3306, 3389, 5000, 5432, 5672, 5900, 6379, 8000, 8080, 8443, 9092, 9200, 27017];

/// Whether a port is one that servers commonly listen on.
#[must_use]
pub fn is_well_known(port: u16) -> bool {
    port < SYSTEM_PORTS || COMMON.contains(&port)
}

/// Whether a port is one that hosts give to clients, and seldom to servers.
#[must_use]
pub const fn is_ephemeral(port: u16) -> bool {
    port >= EPHEMERAL_PORTS
}

#[cfg(test)]
mod tests {
    use super::is_ephemeral;

    #[test]
    fn a_push_service_is_no_client_by_its_port() {
        assert!(!is_ephemeral(5223) && !is_ephemeral(32_767));
        assert!(is_ephemeral(32_768) && is_ephemeral(49_193));
    }
}
