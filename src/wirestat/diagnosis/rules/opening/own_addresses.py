"""Clients that speak with an address which they gave themselves."""

from ipaddress import IPv4Address, ip_address

from wirestat.diagnosis.case import Case


def of_its_link_alone(case: Case) -> str:
    """Say that the client's address holds on its own link alone, where the server has another kind; else nothing."""
    address = ip_address(case.client.address)
    if not address.is_link_local or ip_address(case.server.address).is_link_local:
        return ""
    given = (
        "a host gives itself such an address when it gets none of a DHCP server (link-local, RFC 3927)"
        if isinstance(address, IPv4Address)
        else "it is link-local (RFC 4291, 2.5.6)"
    )
    return (
        f" {case.client.address} holds on its own link alone: {given}. No router should forward its packets. See why "
        "it has no other."
    )
