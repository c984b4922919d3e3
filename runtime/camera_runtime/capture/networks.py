"""Which addresses a camera may have: the cluster owner's rule. Pure: it resolves and dials nothing.

The longest matching prefix decides, and deny wins a tie. What is this machine, its link or a cloud's metadata service
is denied unless a rule that is as long or longer allows it; any other address is allowed unless denied.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, Self

__all__ = ["NetworkRule"]

_Address = IPv4Address | IPv6Address
_Network = IPv4Network | IPv6Network

_DENIED_UNLESS_ALLOWED: Final = tuple(
    ip_network(cidr)
    for cidr in (
        "0.0.0.0/8",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "224.0.0.0/4",
        "255.255.255.255/32",
        "::/128",
        "::1/128",
        "fe80::/10",
        "fd00:ec2::254/128",
        "ff00::/8",
    )
)
_NAT64: Final = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class NetworkRule:
    """Allowed and denied networks."""

    allow: tuple[_Network, ...] = ()
    deny: tuple[_Network, ...] = ()

    @classmethod
    def of(cls, allow: Iterable[str], deny: Iterable[str]) -> Self:
        """Read CIDRs.

        Raises:
            ValueError: if one of them is no network.
        """
        return cls(tuple(map(ip_network, allow)), tuple(map(ip_network, deny)))

    def permits(self, address: str) -> bool:
        """Tell whether a camera may be at `address`, an IPv4 or IPv6 address (a scope such as `%eth0` is ignored)."""
        plain = _unwrapped(ip_address(address.partition("%")[0]))
        denied, allowed = _longest(plain, self.deny), _longest(plain, self.allow)
        return (denied < 0 or denied < allowed) and _longest(plain, _DENIED_UNLESS_ALLOWED) <= allowed


def _longest(address: _Address, networks: Iterable[_Network]) -> int:
    """Return the longest prefix among the networks that hold the address; -1 if none does."""
    return max((net.prefixlen for net in networks if net.version == address.version and address in net), default=-1)


def _unwrapped(address: _Address) -> _Address:
    """Return the IPv4 address that an IPv6 one stands for, so that a wrapped loopback is a loopback."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
