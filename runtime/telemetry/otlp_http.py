"""HttpSink: OTLP over HTTP with protobuf bodies, as OpenTelemetry's exporter specification has it.

Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp. Retries are the sender's; what an answer means is told here.
"""

from __future__ import annotations

import gzip
import ssl
import zlib
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from frame_tracking import now
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # has no stubs
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from telemetry.otlp_settings import OtlpSettings
from telemetry.redaction import describe
from telemetry.sink import Answer, Receipt

__all__ = ["HttpSink"]

_PATIENCE: Final = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
_LONGEST_PATIENCE: Final = 3600.0
_MOST_WORDS: Final = 200
_MOST_ANSWER: Final = 64 * 1024


class HttpSink:
    """Posts requests to one endpoint over a connection that is kept.

    By urllib3, which `requests` (the stock exporter's choice) is made of: half the CPU time a request.
    """

    def __init__(self, settings: OtlpSettings) -> None:
        self._settings = settings
        self._pool: urllib3.HTTPConnectionPool | urllib3.ProxyManager | None = None
        self._target = settings.endpoint
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
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            # A bad address or certificate is among them: tracing fails by it, video never does.
            return Receipt(Answer.UNAVAILABLE, why=f"the receiver cannot be asked: {describe(error)[:_MOST_WORDS]}")
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return _partial(body)
        if status in _PATIENCE:
            return Receipt(Answer.UNAVAILABLE, after_seconds=_after(headers), why=f"HTTP {status}")
        return Receipt(Answer.REFUSED, why=f"HTTP {status}")

    def close(self) -> None:
        """See `SpanSink.close`."""
        if isinstance(self._pool, urllib3.ProxyManager):
            self._pool.clear()
        elif self._pool is not None:
            self._pool.close()

    def _post(self, body: bytes, timeout_seconds: float) -> tuple[int, Mapping[str, str], bytes]:
        if self._pool is None:
            self._pool = _pool(self._settings)
            if not isinstance(self._pool, urllib3.ProxyManager):
                self._target = urlunsplit(("", "", *urlsplit(self._settings.endpoint)[2:4], "")) or "/"
        response = self._pool.urlopen(
            "POST",
            self._target,
            body=body,
            headers=self._headers,
            timeout=urllib3.Timeout(total=timeout_seconds),
            retries=False,
            redirect=False,
            preload_content=False,
        )
        try:
            return response.status, response.headers, response.read(_MOST_ANSWER)
        finally:
            response.drain_conn()
            response.release_conn()

    def _compressed(self, request: bytes) -> bytes:
        if self._settings.compression == "gzip":
            return gzip.compress(request, compresslevel=1)
        return zlib.compress(request) if self._settings.compression == "deflate" else request


def _pool(settings: OtlpSettings) -> urllib3.HTTPConnectionPool | urllib3.ProxyManager:
    """Return what keeps the connection: over TLS with the settings' certificates, through the environment's proxy."""
    parts = urlsplit(settings.endpoint)
    context = ssl.create_default_context(cafile=settings.certificate or None) if parts.scheme == "https" else None
    if context is not None and settings.client:
        context.load_cert_chain(*((settings.client,) if isinstance(settings.client, str) else settings.client))
    proxy = getproxies().get(parts.scheme, "")
    if proxy and not proxy_bypass(parts.hostname or ""):
        return urllib3.ProxyManager(proxy, ssl_context=context, maxsize=1)
    secure = {"ssl_context": context} if context is not None else {}
    return urllib3.connection_from_url(settings.endpoint, maxsize=1, **secure)


def _partial(body: bytes) -> Receipt:
    if not body:
        return Receipt()
    try:
        partial = ExportTraceServiceResponse.FromString(body).partial_success
    except DecodeError:
        return Receipt()  # a receiver that takes spans and answers in another form (JSON) has still taken them
    return Receipt(rejected=int(partial.rejected_spans), why=str(partial.error_message)[:_MOST_WORDS])


def _after(headers: Mapping[str, str]) -> float:
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdecimal():
        return min(float(text), _LONGEST_PATIENCE)
    try:
        return max(0.0, (parsedate_to_datetime(text) - now()).total_seconds())
    except (TypeError, ValueError):
        return 0.0
