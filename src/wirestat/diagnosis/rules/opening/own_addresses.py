"""Clients that speak with an address which they gave themselves."""

from wirestat.diagnosis.case import Case

_OF_IPV4 = "169.254."
"""RFC 3927."""
_OF_IPV6 = ("fe8", "fe9", "fea", "feb")
"""RFC 4291, 2.5.6: fe80::/10."""


def of_its_link_alone(case: Case) -> str:
    """Say that the client's address holds on its own link alone, where the server has another kind; else nothing."""
    address = case.client.address
    if not _is_link_local(address) or _is_link_local(case.server.address):
        return ""
    given = (
        "a host gives itself such an address when it gets none of a DHCP server (link-local, RFC 3927)"
        if address.startswith(_OF_IPV4)
        else "it is link-local (RFC 4291, 2.5.6)"
    )
    return (
        f" {address} holds on its own link alone: {given}. No router should forward its packets. See why it has no "
        "other."
    )


def _is_link_local(address: str) -> bool:
    return address.startswith(_OF_IPV4) or (":" in address and address.startswith(_OF_IPV6))
