"""Which addresses a webhook may have: none that would let a custom resource reach what only the operator's node can. Pure."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

__all__ = ["refusal"]

_METADATA: Final = frozenset(
    map(ip_address, ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"))
)
"""Where clouds answer a node's questions outside of the link-local networks."""
_NAT64: Final = IPv6Network("64:ff9b::/96")


def refusal(text: str, allow: Iterable[str] = ()) -> str:
    """Why this address must not be called, in a few words; empty if it may. `allow` are networks that may all the same.

    Raises:
        ValueError: if the text is no address, or a network none.
    """
    address = _carried(ip_address(text.partition("%")[0]))
    if any(address.version == net.version and address in net for net in map(ip_network, allow)):
        return ""
    kinds = {
        "loopback": address.is_loopback,
        "link-local": address.is_link_local,
        "the unspecified address": address.is_unspecified,
        "multicast": address.is_multicast,
        "reserved": address.is_reserved,
        "a cloud's metadata service": address in _METADATA,
    }
    return next((kind for kind, holds in kinds.items() if holds), "")


def _carried(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for, where it is only another way to write or reach it."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if int(address) >> 32 == 0 and int(address) > 1:  # ::a.b.c.d, of old
        return IPv4Address(int(address))
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)
