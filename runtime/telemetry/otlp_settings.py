"""The `OTEL_EXPORTER_OTLP_*` settings of traces, read as OpenTelemetry's specification says.

Each has a form for traces alone, which wins. Times are in seconds, as OpenTelemetry's Python exporters take them.
Source: https://opentelemetry.io/docs/specs/otel/protocol/exporter/.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

import structlog
from opentelemetry.util.re import parse_env_headers

from telemetry.redaction import hide

__all__ = ["OtlpSettings", "UnknownProtocolError", "protocol"]

_LOG = structlog.get_logger(__name__)
_DEFAULT_ENDPOINT: Final = "http://localhost:4318"
_DEFAULT_SECONDS: Final = 10.0
_COMPRESSIONS: Final = ("gzip", "deflate")


class UnknownProtocolError(ValueError):
    """`OTEL_EXPORTER_OTLP_PROTOCOL` names a protocol that OpenTelemetry's Python exporters do not have."""


def _value(environ: Mapping[str, str], name: str) -> str:
    own = environ.get(f"OTEL_EXPORTER_OTLP_TRACES_{name}", "").strip()
    return own or environ.get(f"OTEL_EXPORTER_OTLP_{name}", "").strip()


def protocol(environ: Mapping[str, str]) -> str:
    """Return `http/protobuf` (the default) or `grpc`.

    Raises:
        UnknownProtocolError: if it is neither.
    """
    name = _value(environ, "PROTOCOL") or "http/protobuf"
    if name not in {"http/protobuf", "grpc"}:
        raise UnknownProtocolError(f"OTEL_EXPORTER_OTLP_PROTOCOL {name!r} is neither 'http/protobuf' nor 'grpc'")
    return name


@dataclass(frozen=True, slots=True)
class OtlpSettings:
    """Where requests go, and how.

    Attributes:
        endpoint: the whole URL.
        headers: beside the usual ones.
        compression: `gzip`, `deflate` or empty.
        timeout_seconds: longest time for one request with its retries.
        certificate: path of the authorities that the receiver's certificate is checked by; empty for the usual ones.
        client: path of a client's certificate, or of that and its key.
    """

    endpoint: str = f"{_DEFAULT_ENDPOINT}/v1/traces"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    compression: str = ""
    timeout_seconds: float = _DEFAULT_SECONDS
    certificate: str = ""
    client: str | tuple[str, str] | None = None

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Read the environment."""
        headers = parse_env_headers(_value(environ, "HEADERS"), liberal=True)
        for secret in headers.values():
            hide(secret)
        certificate, key = _value(environ, "CLIENT_CERTIFICATE"), _value(environ, "CLIENT_KEY")
        return cls(
            endpoint=_endpoint(environ),
            headers=headers,
            compression=_compression(_value(environ, "COMPRESSION").lower()),
            timeout_seconds=_seconds(_value(environ, "TIMEOUT")),
            certificate=_value(environ, "CERTIFICATE"),
            client=(certificate, key) if certificate and key else certificate or None,
        )


def _endpoint(environ: Mapping[str, str]) -> str:
    own = environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "").strip()
    if own:
        return own
    base = environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").strip() or _DEFAULT_ENDPOINT
    return f"{base.rstrip('/')}/v1/traces"


def _compression(name: str) -> str:
    if name in {"", "none", *_COMPRESSIONS}:
        return "" if name == "none" else name
    _LOG.warning("setting ignored", variable="OTEL_EXPORTER_OTLP_COMPRESSION", value=name[:40], used="none")
    return ""


def _seconds(text: str) -> float:
    try:
        seconds = float(text or _DEFAULT_SECONDS)
    except ValueError:
        seconds = 0.0
    if 0.0 < seconds < float("inf"):
        return seconds
    _LOG.warning("setting ignored", variable="OTEL_EXPORTER_OTLP_TIMEOUT", value=text[:40], used=_DEFAULT_SECONDS)
    return _DEFAULT_SECONDS
