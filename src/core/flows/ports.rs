//! Ports that servers listen on: the weakest way to tell a client from a server.

use crate::tcp::thresholds::{EPHEMERAL_PORTS, SYSTEM_PORTS};

/// Ports above the system range that servers commonly listen on.
const COMMON: [u16; 17] =
    [1433, 1521, 2049, 3128, 3306, 3389, 5000, 5432, 5672, 5900, 6379, 8000, 8080, 8443, 9092, 9200, 27017];

/// Whether a port is one that servers commonly listen on.
#[must_use]
pub fn is_well_known(port: u16) -> bool {
    port < SYSTEM_PORTS || is_common(port)
}

/// Whether it is one of those above the system range: clients that ask from ports of that range, as of NFS, do ask these.
#[must_use]
pub fn is_common(port: u16) -> bool {
    COMMON.contains(&port)
}

/// Whether a port is one that hosts give to clients, and seldom to servers.
#[must_use]
pub const fn is_ephemeral(port: u16) -> bool {
    port >= EPHEMERAL_PORTS
}

#[cfg(test)]
mod tests {
    use super::{is_common, is_ephemeral, is_well_known};

    #[test]
    fn a_file_server_is_asked_from_ports_of_the_system_range() {
        assert!(is_well_known(2049) && is_well_known(909) && is_common(2049) && !is_common(909));
    }

    #[test]
    fn a_push_service_is_no_client_by_its_port() {
        assert!(!is_ephemeral(5223) && !is_ephemeral(32_767));
        assert!(is_ephemeral(32_768) && is_ephemeral(49_193));
    }
}
