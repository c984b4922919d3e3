"""How to reach a RabbitMQ, read from the contract and its mounted files: again at every connection."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from frametrace_api.contract import BrokerContract
from pika import ConnectionParameters, PlainCredentials, SSLOptions
from telemetry import hide

from camera_runtime.transports.rabbitmq.failures import UnusableURLError

__all__ = ["CONNECT_SECONDS", "HEARTBEAT_SECONDS", "address_of", "parameters_of"]

CONNECT_SECONDS: Final = 2.0
HEARTBEAT_SECONDS: Final = 10
"""RabbitMQ gives a silent process's frames to others after two to three of these."""
_PORTS: Final = {"amqp": 5672, "amqps": 5671}
_KEEPALIVE: Final = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 3, "TCP_KEEPCNT": 3, "TCP_NODELAY": 1}


def parameters_of(contract: BrokerContract, name: str) -> ConnectionParameters:
    """Read where RabbitMQ is, and as whom to come.

    Args:
        contract: names the files.
        name: what RabbitMQ's own pages call the connection.

    Raises:
        UnusableURLError: if the URL cannot be used.
        OSError: if a file cannot be read, or is no certificate.
    """
    url = _text(contract.url_file) or contract.url
    parts = urlsplit(url)
    address_of(url)
    user, password = unquote(parts.username or "guest"), _text(contract.password_file) or unquote(parts.password or "")
    hide(password)
    if contract.ca_file and parts.scheme != "amqps":
        raise UnusableURLError("has a certificate authority and a URL without TLS: use amqps://")
    return ConnectionParameters(
        host=parts.hostname or "",
        port=parts.port or _PORTS[parts.scheme],
        virtual_host=unquote(parts.path[1:]) or "/",
        credentials=PlainCredentials(user, password or "guest", erase_on_connect=False),
        ssl_options=_tls(contract, parts.hostname or "") if parts.scheme == "amqps" else None,
        heartbeat=HEARTBEAT_SECONDS,
        connection_attempts=1,
        socket_timeout=CONNECT_SECONDS,
        stack_timeout=2 * CONNECT_SECONDS,
        tcp_options=_KEEPALIVE,
        client_properties={"connection_name": name},
    )


def address_of(url: str) -> str:
    """Return host and port.

    Raises:
        UnusableURLError: if it is no URL of RabbitMQ's, or a part of the credentials may be taken for another.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        raise UnusableURLError("has a URL that cannot be read") from None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.path + parts.query + parts.fragment:
        raise UnusableURLError("has a URL that cannot be read")
    return f"{parts.hostname}:{port}"


def _tls(contract: BrokerContract, host: str) -> SSLOptions:
    return SSLOptions(ssl.create_default_context(cafile=contract.ca_file or None), host)


def _text(path: str) -> str:
    return Path(path).read_text("utf-8").strip() if path else ""
