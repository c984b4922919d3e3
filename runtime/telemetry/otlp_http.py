"""HttpSink: OTLP over HTTP with protobuf bodies, as OpenTelemetry's exporter specification has it.

Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp. Retries are the sender's; what an answer means is told here.
"""

from __future__ import annotations

import gzip
import os
import ssl
import zlib
from email.message import Message
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPException
from typing import Final
from urllib.parse import urlsplit

from frame_tracking import now

from telemetry.http_connection import Answered, KeptConnection
from telemetry.otlp_answer import LONGEST_PATIENCE, MOST_WORDS, taken
from telemetry.otlp_settings import OtlpSettings
from telemetry.redaction import describe, presentable
from telemetry.sink import Answer, Receipt

__all__ = ["HttpSink"]

_PATIENCE: Final = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}


class HttpSink:
    """Posts requests to one endpoint over a connection that is kept."""

    def __init__(self, settings: OtlpSettings) -> None:
        self._settings = settings
        self._connection: KeptConnection | None = None
        self._process = 0
        self._headers = {
            "Content-Type": "application/x-protobuf",
            "User-Agent": "OTel-OTLP-Exporter-Python/frametrace",
            **({"Content-Encoding": settings.compression} if settings.compression else {}),
            **settings.headers,
        }

    def send(self, request: bytes, timeout_seconds: float) -> Receipt:
        """See `SpanSink.send`."""
        try:
            status, headers, body = self._post(self._compressed(request), timeout_seconds)
        except (HTTPException, OSError, ValueError) as error:
            # A bad address or certificate is among them: tracing fails by it, video never does.
            place = presentable(self._settings.endpoint, MOST_WORDS)
            return Receipt(Answer.UNAVAILABLE, why=f"{place} cannot be asked: {describe(error)[:MOST_WORDS]}")
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return taken(body)
        if status in _PATIENCE:
            return Receipt(Answer.UNAVAILABLE, after_seconds=_after(headers), why=f"HTTP {status}")
        return Receipt(Answer.REFUSED, why=f"HTTP {status}")

    def close(self) -> None:
        """See `SpanSink.close`."""
        if self._connection is not None:
            self._connection.close()

    def _post(self, body: bytes, timeout_seconds: float) -> Answered:
        if self._connection is None or self._process != os.getpid():  # a forked child would write into its parent's
            self._process = os.getpid()
            self._connection = KeptConnection(self._settings.endpoint, _context(self._settings))
        return self._connection.post(body, self._headers, timeout_seconds)

    def _compressed(self, request: bytes) -> bytes:
        if self._settings.compression == "gzip":
            return gzip.compress(request, compresslevel=1)
        return zlib.compress(request) if self._settings.compression == "deflate" else request


def _context(settings: OtlpSettings) -> ssl.SSLContext | None:
    """Return the settings' certificates; None for an endpoint without TLS."""
    if urlsplit(settings.endpoint).scheme != "https":
        return None
    context = ssl.create_default_context(cafile=settings.certificate or None)
    if settings.client:
        context.load_cert_chain(*((settings.client,) if isinstance(settings.client, str) else settings.client))
    return context


def _after(headers: Message) -> float:
    text = str(headers.get("Retry-After", "")).strip()
    if text.isascii() and text.isdecimal():
        return min(float(text), LONGEST_PATIENCE)
    try:
        return max(0.0, (parsedate_to_datetime(text) - now()).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return 0.0
