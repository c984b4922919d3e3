"""The `OTEL_EXPORTER_OTLP_*` settings of traces, read as OpenTelemetry's specification says.

Each has a form for traces alone, which wins. Times are in seconds, as OpenTelemetry's Python exporters take them.
Source: https://opentelemetry.io/docs/specs/otel/protocol/exporter/.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

import structlog
from opentelemetry.util.re import parse_env_headers

from telemetry.redaction import hide

__all__ = ["OtlpSettings", "protocol"]

_LOG = structlog.get_logger(__name__)
_DEFAULT_ENDPOINT: Final = "http://localhost:4318"
_DEFAULT_GRPC_ENDPOINT: Final = "http://localhost:4317"
_DEFAULT_SECONDS: Final = 10.0
_PROTOCOLS: Final = ("http/protobuf", "grpc")
_NO_LIMIT: Final = 3600.0
"""What a time-out of 0 means: the specification lets "no limit" be a very long time."""
_COMPRESSIONS: Final = ("gzip", "deflate")
_GRPC_COMPRESSIONS: Final = ("gzip",)
"""Receivers by gRPC, Jaeger among them, refuse every request in `deflate`."""
_CARRIED: Final = re.compile(r"[\t -~\xa0-\xff]*")
"""Values of headers that HTTP can carry: Latin-1 without control characters."""


def _value(environ: Mapping[str, str], name: str) -> str:
    own = environ.get(f"OTEL_EXPORTER_OTLP_TRACES_{name}", "").strip()
    return own or environ.get(f"OTEL_EXPORTER_OTLP_{name}", "").strip()


def protocol(environ: Mapping[str, str]) -> str:
    """Return `http/protobuf` (the default, also for what Python's exporters do not have) or `grpc`."""
    name = _value(environ, "PROTOCOL") or _PROTOCOLS[0]
    if name in _PROTOCOLS:
        return name
    _LOG.warning("setting ignored", variable="OTEL_EXPORTER_OTLP_PROTOCOL", value=name[:40], known=_PROTOCOLS)
    return _PROTOCOLS[0]


@dataclass(frozen=True, slots=True)
class OtlpSettings:
    """Where requests go, and how.

    Attributes:
        endpoint: the whole URL; for gRPC as it is set, which may be a host and port alone.
        headers: beside the usual ones.
        compression: `gzip`, `deflate` (by HTTP only) or empty.
        timeout_seconds: longest time for one request with its retries; 0 in the environment sets next to no limit.
        certificate: path of the authorities that the receiver's certificate is checked by; empty for the usual ones.
        client: path of a client's certificate, or of that and its key.
        insecure: whether gRPC goes without TLS where the endpoint has no scheme that says so.
    """

    endpoint: str = f"{_DEFAULT_ENDPOINT}/v1/traces"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    compression: str = ""
    timeout_seconds: float = _DEFAULT_SECONDS
    certificate: str = ""
    client: str | tuple[str, str] | None = None
    insecure: bool = False

    @classmethod
    def to(cls, base: str, environ: Mapping[str, str]) -> Self:
        """Read the environment, but for where to: `base`, without `/v1/traces`, as an option of a command names it."""
        own = {"OTEL_EXPORTER_OTLP_ENDPOINT": base, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": ""}
        return cls.read({**environ, **own})

    @classmethod
    def read(cls, environ: Mapping[str, str], *, grpc: bool = False) -> Self:
        """Read the environment, for HTTP or for gRPC."""
        certificate, key = _value(environ, "CLIENT_CERTIFICATE"), _value(environ, "CLIENT_KEY")
        return cls(
            endpoint=(_value(environ, "ENDPOINT") or _DEFAULT_GRPC_ENDPOINT) if grpc else _endpoint(environ),
            headers=_headers(_value(environ, "HEADERS")),
            compression=_compression(
                _value(environ, "COMPRESSION").lower(), _GRPC_COMPRESSIONS if grpc else _COMPRESSIONS
            ),
            timeout_seconds=_seconds(_value(environ, "TIMEOUT")),
            certificate=_value(environ, "CERTIFICATE"),
            client=(certificate, key) if certificate and key else certificate or None,
            insecure=_value(environ, "INSECURE").lower() == "true",
        )


def _endpoint(environ: Mapping[str, str]) -> str:
    own = environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "").strip()
    if own:
        return own
    base = environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").strip() or _DEFAULT_ENDPOINT
    return f"{base.rstrip('/')}/v1/traces"


def _headers(text: str) -> dict[str, str]:
    """Return the headers that HTTP can carry; no part of the text reaches a log, whether it can be read or not."""
    for part in text.split(","):
        hide(part.strip())
    headers = {}
    for name, value in parse_env_headers(text, liberal=True).items():
        hide(value)
        if _CARRIED.fullmatch(value):
            headers[name] = value
        else:
            _LOG.warning(
                "setting ignored", variable="OTEL_EXPORTER_OTLP_HEADERS", header=name, wanted="no control character"
            )
    return headers


def _compression(name: str, known: tuple[str, ...]) -> str:
    if name in {"", "none", *known}:
        return "" if name == "none" else name
    _LOG.warning("setting ignored", variable="OTEL_EXPORTER_OTLP_COMPRESSION", value=name[:40], used="none")
    return ""


def _seconds(text: str) -> float:
    try:
        seconds = float(text or _DEFAULT_SECONDS)
    except ValueError:
        seconds = -1.0
    if 0.0 <= seconds < float("inf"):
        return seconds or _NO_LIMIT
    _LOG.warning("setting ignored", variable="OTEL_EXPORTER_OTLP_TIMEOUT", value=text[:40], used=_DEFAULT_SECONDS)
    return _DEFAULT_SECONDS
