"""Asks each component whether it is well. Every probe answers a reason when it is not, and never raises for a sick component."""

from __future__ import annotations

import http.client
import json
import secrets
import socket
import ssl
import struct
from typing import TYPE_CHECKING, Any

from scripts.cluster import containerd
from scripts.cluster.pins import BRIDGE_ADDRESS, CLUSTER_DOMAIN, DNS_ADDRESS, NODE, PORTS

if TYPE_CHECKING:
    from scripts.cluster.paths import Layout

__all__ = [
    "HEALTHY",
    "api_health",
    "containerd_health",
    "dns_health",
    "dns_query",
    "http_health",
    "node_health",
    "tls_health",
]

HEALTHY = ""
_SECONDS = 2.0
_OK = 200
_DNS_NAME = f"kubernetes.default.svc.{CLUSTER_DOMAIN}"


def _get(connection: http.client.HTTPConnection, path: str) -> tuple[int, bytes]:
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _judge(connection: http.client.HTTPConnection, path: str) -> str:
    try:
        status, _ = _get(connection, path)
    except (OSError, http.client.HTTPException) as error:
        return f"{path}: {str(error) or type(error).__name__}"
    return HEALTHY if status == _OK else f"{path} answers {status}"


def http_health(port: int, path: str) -> str:
    """Probe a plain endpoint on loopback."""
    return _judge(http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS), path)


def tls_health(port: int, path: str) -> str:
    """Probe an endpoint on loopback whose certificate the component made for itself: nothing secret is sent."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return _judge(http.client.HTTPSConnection("127.0.0.1", port, timeout=_SECONDS, context=context), path)


def _api(layout: Layout) -> http.client.HTTPSConnection:
    context = ssl.create_default_context(cafile=str(layout.pki / "ca.crt"))
    context.load_cert_chain(layout.pki / "admin.crt", layout.pki / "admin.key")
    return http.client.HTTPSConnection(BRIDGE_ADDRESS, PORTS["kube-apiserver"], timeout=_SECONDS, context=context)


def api_health(layout: Layout) -> str:
    """Probe the API server as its administrator."""
    try:
        connection = _api(layout)
    except OSError as error:
        return f"certificates: {error}"
    return _judge(connection, "/readyz")


def containerd_health(layout: Layout) -> str:
    """Probe containerd's socket."""
    return HEALTHY if containerd.is_answering(layout) else f"no answer on {layout.containerd_socket}"


def _ask(layout: Layout, path: str) -> dict[str, Any]:
    status, body = _get(_api(layout), path)
    if status != _OK:
        raise OSError(f"{path} answers {status}")
    found: dict[str, Any] = json.loads(body)
    return found


def node_health(layout: Layout) -> str:
    """Whether the node's Ready condition is true, and its kubelet knows the pods that it runs."""
    try:
        node = _ask(layout, f"/api/v1/nodes/{NODE}")
        ready: dict[str, str] = next(
            (one for one in node["status"].get("conditions", []) if one["type"] == "Ready"), {}
        )
        if ready.get("status") != "True":
            return str(ready.get("message", "no Ready condition yet"))
        # A restarted kubelet is healthy, and its node Ready, before it has read its pods: logs and exec would fail.
        pods = _ask(layout, f"/api/v1/nodes/{NODE}/proxy/pods")["items"]
    except (OSError, ValueError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    return HEALTHY if pods else "the kubelet has not read its pods yet"


def dns_query(identifier: int, name: str) -> bytes:
    """A DNS question for a name's IPv4 address, as it goes into one datagram."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">6H", identifier, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)


def dns_health(*, seconds: float = 1.0) -> str:
    """Whether cluster DNS, through its Service address, knows the API server."""
    question = dns_query(secrets.randbelow(1 << 16), _DNS_NAME)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(seconds)
        try:
            client.connect((DNS_ADDRESS, 53))
            client.send(question)
            reply = client.recv(512)
        except OSError as error:
            return f"no answer from {DNS_ADDRESS}:53 ({error})"
    failed = reply[:2] != question[:2] or reply[3] & 0x0F or not int.from_bytes(reply[6:8], "big")
    return f"{DNS_ADDRESS} does not know {_DNS_NAME}" if failed else HEALTHY
