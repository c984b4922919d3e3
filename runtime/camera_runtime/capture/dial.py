"""Dials a camera: resolves its name, checks every address against the cluster owner's rule, connects to that address.

The name is resolved once and the checked address itself is dialled, so that no second answer of the DNS can lead
elsewhere. Knows nothing of RTSP.
"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Final

from camera_runtime.capture.address import RtspAddress
from camera_runtime.capture.networks import NetworkRule
from camera_runtime.capture.problem import Problem, SourceError

__all__ = ["Resolve", "dial", "resolve"]

Resolve = Callable[[str, int], Sequence[str]]
"""Gives a host's addresses.

Raises:
    OSError: if there are none.
"""

_CONNECT_SECONDS: Final = 2.0
_TLS_SECONDS: Final = 5.0
_KEEPALIVE: Final = ((socket.TCP_KEEPIDLE, 5), (socket.TCP_KEEPINTVL, 2), (socket.TCP_KEEPCNT, 2))


def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def dial(address: RtspAddress, rule: NetworkRule, resolver: Resolve = resolve) -> socket.socket:
    """Connect to a camera, over TLS where its scheme says so.

    Raises:
        SourceError: the name is unknown, no address is permitted, none answers, or TLS fails.
    """
    connection = _connect(address, _permitted(address, rule, resolver))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _KEEPALIVE:
        connection.setsockopt(socket.IPPROTO_TCP, option, value)
    return _secured(connection, address.host) if address.tls else connection


def _permitted(address: RtspAddress, rule: NetworkRule, resolver: Resolve) -> Sequence[str]:
    try:
        found = resolver(address.host, address.port)
    except (OSError, UnicodeError):
        raise SourceError(Problem.UNRESOLVABLE, f"the name {address.host} is not known to the DNS") from None
    permitted = [each for each in found if rule.permits(each)]
    if not permitted:
        shown = ", ".join(found) or "no address"
        raise SourceError(
            Problem.ADDRESS_DENIED, f"{address.host} is at {shown}: the cluster's cameraNetworks do not allow it"
        )
    return permitted


def _connect(address: RtspAddress, targets: Sequence[str]) -> socket.socket:
    why = ""
    for target in targets:
        try:
            return socket.create_connection((target, address.port), timeout=_CONNECT_SECONDS)
        except OSError as error:
            why = f"{target} port {address.port}: {_reason(error)}"
    raise SourceError(Problem.UNREACHABLE, f"the camera does not answer at {why}")


def _reason(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer in {_CONNECT_SECONDS:g} s"
    return errno.errorcode.get(error.errno or 0, "error") + f" ({error.strerror})"


def _secured(connection: socket.socket, host: str) -> socket.socket:
    connection.settimeout(_TLS_SECONDS)
    try:
        return ssl.create_default_context().wrap_socket(connection, server_hostname=host)
    except (OSError, ValueError) as error:
        connection.close()
        why = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else type(error).__name__
    raise SourceError(Problem.TLS, f"TLS with {host} failed: {why}")
