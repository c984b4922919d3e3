"""The bridge that pods hang on, checks that addresses and ports are free, and the packet rules kube-proxy leaves.

Touches only links and tables of the cluster's own names.
"""

from __future__ import annotations

import ipaddress
import json
import re
import socket
import time
from typing import TYPE_CHECKING, Any

from scripts.cluster.commands import answer, succeeds
from scripts.cluster.errors import ClusterError
from scripts.cluster.pins import BRIDGE, BRIDGE_ADDRESS, BRIDGE_CIDR, POD_CIDR, PORTS, SERVICE_CIDR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "clashing_route",
    "ensure_bridge",
    "own_links",
    "own_tables",
    "remove_network",
    "require_free_network",
    "require_free_ports",
]

_CLOSING_SECONDS = 2.0
_POLL_SECONDS = 0.05
_TABLES = (("ip", "kube-proxy"), ("ip6", "kube-proxy"))


def _json(step: str, command: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(answer(step, command) or "[]")
    return found


def own_links() -> list[str]:
    """The bridge and the host's ends of the pods' links, the links first."""
    links = _json("list links", ["ip", "-j", "link", "show"])
    attached = [link["ifname"] for link in links if link.get("master") == BRIDGE]
    return attached + [link["ifname"] for link in links if link["ifname"] == BRIDGE]


def own_tables() -> list[tuple[str, str]]:
    """The nftables tables that kube-proxy made, as (family, name)."""
    return [table for table in _TABLES if succeeds(["nft", "list", "table", *table])]


def ensure_bridge() -> None:
    """Make the bridge and give it the node's address."""
    if not succeeds(["ip", "link", "show", BRIDGE]):
        answer("make the bridge", ["ip", "link", "add", BRIDGE, "type", "bridge"])
    answer("set the bridge's address", ["ip", "address", "replace", BRIDGE_CIDR, "dev", BRIDGE])
    answer("set the bridge up", ["ip", "link", "set", BRIDGE, "up"])


def remove_network() -> None:
    """Remove links and packet rules of the cluster; what is gone already is fine."""
    for link in own_links():
        succeeds(["ip", "link", "delete", link])
    for table in own_tables():
        answer("remove packet rules", ["nft", "delete", "table", *table])
    if own_links():
        raise ClusterError("remove links", f"still there: {', '.join(own_links())}")


def clashing_route(routes: list[dict[str, Any]]) -> str | None:
    """The first foreign route, as ``ip -j route`` gives them, that overlaps the pods' or Services' networks."""
    wanted = [ipaddress.ip_network(POD_CIDR), ipaddress.ip_network(SERVICE_CIDR)]
    for route in routes:
        if route.get("dst", "default") == "default" or route.get("dev") == BRIDGE:
            continue
        network = ipaddress.ip_network(route["dst"], strict=False)
        if any(network.overlaps(one) for one in wanted if one.version == network.version):
            return f"{route['dst']} on {route.get('dev', 'no device')}"
    return None


def require_free_network() -> None:
    """Check that nothing else on this machine uses the cluster's networks.

    Raises:
        ClusterError: Another route overlaps; it is named.
    """
    clash = clashing_route(_json("list routes", ["ip", "-j", "-4", "route", "show"]))
    if clash:
        raise ClusterError(
            "check networks", f"the route {clash} overlaps {POD_CIDR} or {SERVICE_CIDR}; take that network down first"
        )


def _becomes_free(address: str, port: int) -> bool:
    # The kernel closes a killed process's ports a moment after the process is gone.
    deadline = time.monotonic() + _CLOSING_SECONDS
    while not _is_free(address, port):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _is_free(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def _holder(port: int) -> str:
    listing = answer("find a port's holder", ["ss", "-Hltnp", f"sport = :{port}"])
    found = re.search(r'\(\("([^"]+)",pid=(\d+)', listing)
    return f"{found[1]} (process {found[2]})" if found else "a process that cannot be seen from here"


def require_free_ports(
    components: Sequence[str],
    ports: Mapping[str, int] = PORTS,
    addresses: Sequence[str] = ("127.0.0.1", BRIDGE_ADDRESS),
) -> None:
    """Check that the ports of components which are about to start are free.

    Raises:
        ClusterError: One is taken; it names the port and who holds it.
    """
    for name, port in ports.items():
        owner = next((one for one in components if name == one or name.startswith(f"{one}-")), None)
        if owner and not all(_becomes_free(address, port) for address in addresses):
            raise ClusterError(f"start {owner}", f"port {port} is held by {_holder(port)}; end it and run `up` again")
