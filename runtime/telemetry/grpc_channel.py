"""Opens a gRPC channel as the `OTEL_EXPORTER_OTLP_*` settings say: where to, with TLS or without, and compressed how."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import grpc  # type: ignore[import-untyped]  # has no stubs

from telemetry.http_places import checked, credentials
from telemetry.otlp_settings import OtlpSettings

__all__ = ["credentials_in", "open_channel"]

_SCHEMES: Final = ("http", "https")
_OPTIONS: Final = (
    ("grpc.primary_user_agent", "OTel-OTLP-Exporter-Python/frametrace"),
    # gRPC itself would look for a receiver that comes back no more often than every two minutes.
    ("grpc.max_reconnect_backoff_ms", 5000),
)


def open_channel(settings: OtlpSettings) -> Any:
    """Return a channel; it connects when it is first used.

    Raises:
        OSError: if a certificate's file cannot be read.
        ValueError: if the endpoint is no address.
    """
    compression = grpc.Compression.Gzip if settings.compression == "gzip" else grpc.Compression.NoCompression
    how = {"options": _OPTIONS, "compression": compression}
    if _is_insecure(settings):
        return grpc.insecure_channel(_target(settings), **how)
    return grpc.secure_channel(_target(settings), _tls(settings), **how)


def _target(settings: OtlpSettings) -> str:
    """Return gRPC's name of the receiver: of a URL the host and port, anything else as it is; no user or password.

    Raises:
        ValueError: if the endpoint is no address.
    """
    place = _place(settings)
    host = place.netloc.rpartition("@")[2]
    if place.scheme not in _SCHEMES:
        return host + place.path
    checked(settings.endpoint)
    return host


def credentials_in(settings: OtlpSettings) -> dict[str, str]:
    """Return the header that a user and password in the endpoint make."""
    try:
        return credentials("authorization", _place(settings))
    except ValueError:
        return {}  # it is no address: each request will say so


def _place(settings: OtlpSettings) -> SplitResult:
    place = urlsplit(settings.endpoint)
    return place if place.scheme in _SCHEMES else urlsplit(f"//{settings.endpoint}")


def _is_insecure(settings: OtlpSettings) -> bool:
    """Tell whether to do without TLS; the setting says so only where the endpoint's scheme does not."""
    scheme = _place(settings).scheme
    return scheme == "http" if scheme in _SCHEMES else settings.insecure


def _tls(settings: OtlpSettings) -> Any:
    files = (settings.client, settings.client) if isinstance(settings.client, str) else settings.client or ("", "")
    certificate, key = files
    return grpc.ssl_channel_credentials(_content(settings.certificate), _content(key), _content(certificate))


def _content(path: str) -> bytes | None:
    return Path(path).read_bytes() if path else None
