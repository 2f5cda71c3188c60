//! Ports that servers listen on: the weakest way to tell a client from a server.

use crate::tcp::thresholds::{EPHEMERAL_PORTS, SYSTEM_PORTS};

/// Ports above the system range that servers commonly listen on.
const COMMON: [u16; 17] =
    [1433, 1521, 2049, 3128, 3306, 3389, 5000, 5432, 5672, 5900, 6379, 8000, 8080, 8443, 9092, 9200, 27017];

/// The first port that `bindresvport` of glibc and the BSDs gives.
const FIRST_RESERVED: u16 = 600;
/// Ports of the same range that servers commonly listen on: printing, LDAP, DNS, rsync, VMware, FTP, IMAP and POP.
const SERVERS_AMONG_RESERVED: [u16; 8] = [631, 636, 853, 873, 902, 990, 993, 995];

/// Whether a port is one that servers commonly listen on.
#[must_use]
pub fn is_well_known(port: u16) -> bool {
    port < SYSTEM_PORTS || COMMON.contains(&port)
}

/// Whether privileged programs ask from a port, as clients of NFS do: `bindresvport` gives these, and no service listens there
/// that is in wide use.
#[must_use]
pub fn is_reserved_for_clients(port: u16) -> bool {
    (FIRST_RESERVED..SYSTEM_PORTS).contains(&port) && !SERVERS_AMONG_RESERVED.contains(&port)
}

/// Whether a port is one that hosts give to clients, and seldom to servers.
#[must_use]
pub const fn is_ephemeral(port: u16) -> bool {
    port >= EPHEMERAL_PORTS
}

#[cfg(test)]
mod tests {
    use super::{is_ephemeral, is_reserved_for_clients, is_well_known};

    #[test]
    fn a_file_server_is_asked_from_ports_of_the_system_range() {
        assert!(is_well_known(2049) && is_well_known(909));
        let reserved = [599, 600, 909, 993, 1023, 1024, 2049].map(is_reserved_for_clients);
        assert_eq!(reserved, [false, true, true, false, true, false, false]);
    }

    #[test]
    fn a_push_service_is_no_client_by_its_port() {
        assert!(!is_ephemeral(5223) && !is_ephemeral(32_767));
        assert!(is_ephemeral(32_768) && is_ephemeral(49_193));
    }
}
