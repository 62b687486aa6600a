"""Which addresses belong to the public internet and not to an internal network."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All IPv6 addresses that are assigned (RFC 4291 section 2.4, IANA's registry)."""
_SIX_TO_FOUR = IPv6Network("2002::/16")
_TEREDO = IPv6Network("2001::/32")
_NAT64 = IPv6Network("64:ff9b::/96")
"""An IPv4 address in its last 32 bits (RFC 6052 section 2.1): how IPv6-only networks reach IPv4."""
_PROTOCOL_ASSIGNMENTS = IPv4Network("192.0.0.0/24")
"""Python calls some of it global, depending on its version; Oracle's metadata service is in it."""
_RELAY_ANYCAST = IPv4Network("192.88.99.0/24")
_AZURE_PLATFORM = IPv4Address("168.63.129.16")
"""Azure's metadata and DNS for virtual machines, which is among the public addresses."""


def is_public(address: str) -> bool:
    """Whether this numeric address is a public host's: not internal, not a tunnel to one, not multicast.

    Raises ValueError for text that is not an address.
    """
    parsed = ip_address(address)
    if isinstance(parsed, IPv4Address):
        return _is_public_v4(parsed)
    if parsed in _NAT64:
        return _is_public_v4(IPv4Address(int(parsed) & 0xFFFF_FFFF))
    return _is_public_v6(parsed)


def _is_public_v4(address: IPv4Address) -> bool:
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and address not in _PROTOCOL_ASSIGNMENTS
        and address not in _RELAY_ANYCAST
        and address != _AZURE_PLATFORM
    )


def _is_public_v6(address: IPv6Address) -> bool:
    # This range excludes mapped, translated and local addresses; the tunnels in it lead to IPv4.
    return (
        address in _GLOBAL_UNICAST
        and address.is_global
        and address not in _SIX_TO_FOUR
        and address not in _TEREDO
    )
