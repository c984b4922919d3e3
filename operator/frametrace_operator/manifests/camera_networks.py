"""The cluster owner's camera networks, written as NetworkPolicy peers.

The rule: of all listed networks that hold an address the longest decides, a deny wins a tie, and an address in none is
allowed unless it is loopback or link-local (where cloud metadata is). A policy has no order of rules, only networks
with exceptions: so each allowed network stands for itself, less every denied one inside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, Final
from urllib.parse import urlsplit

from frametrace_api.cameras import Camera

__all__ = ["ALWAYS_DENIED", "camera_blocks", "camera_ports"]

Network = IPv4Network | IPv6Network

ALWAYS_DENIED: Final = ("127.0.0.0/8", "169.254.0.0/16", "::1/128", "fe80::/10")
"""Loopback and link-local, unless they are allowed by name."""

_EVERYTHING: Final = ("0.0.0.0/0", "::/0")
_DEFAULT_PORTS: Final = {"rtsp": 554, "rtsps": 322}


def camera_blocks(allow: tuple[str, ...], deny: tuple[str, ...]) -> list[dict[str, Any]]:
    """Peers for the addresses that may be cameras; never empty, for an empty list would allow everything."""
    by_name = [ip_network(cidr) for cidr in allow]
    denied = [*map(ip_network, deny), *(net for net in map(ip_network, ALWAYS_DENIED) if net not in by_name)]
    allowed = dict.fromkeys([*map(ip_network, _EVERYTHING), *by_name])
    blocks = [_block(network, denied) for network in allowed if network not in denied]
    return blocks or [_block(ip_network("255.255.255.255/32"), [])]


def camera_ports(cameras: Iterable[Camera]) -> list[int]:
    """TCP ports of the cameras' URLs, in order; none for generated pictures, nor for what is no address: its capture says so."""
    ports = (_port(camera.source.captured_url) for camera in cameras)
    return sorted({port for port in ports if port is not None})


def _port(url: str) -> int | None:
    try:
        parts = urlsplit(url)
    except ValueError:  # what stands in brackets is no IPv6 address, which no rule of the resource tells
        return None
    return parts.port or _DEFAULT_PORTS[parts.scheme] if parts.scheme in _DEFAULT_PORTS else None


def _block(network: Network, denied: list[Network]) -> dict[str, Any]:
    inside = sorted({str(other) for other in denied if _is_inside(other, network)})
    return {"ipBlock": {"cidr": str(network), "except": inside} if inside else {"cidr": str(network)}}


def _is_inside(inner: Network, outer: Network) -> bool:
    return inner.version == outer.version and inner != outer and inner.subnet_of(outer)  # type: ignore[arg-type]  # same version
