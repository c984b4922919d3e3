"""GrpcSink: OTLP over gRPC. Retries are the sender's; what an answer means is told here.

Over a channel of our own and not through OpenTelemetry's exporter: that one wants the SDK's spans, reads the environment by
itself whatever it is handed, logs what it cannot read, and does not tell what a receiver rejected.
Source: https://opentelemetry.io/docs/specs/otlp/#otlpgrpc.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any, Final

import grpc  # type: ignore[import-untyped]  # has no stubs
import structlog
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # has no stubs
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]  # has no stubs
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # has no stubs

from telemetry.grpc_channel import credentials_in, open_channel
from telemetry.otlp_answer import LONGEST_PATIENCE, MOST_WORDS, taken
from telemetry.otlp_settings import OtlpSettings
from telemetry.redaction import describe, presentable
from telemetry.sink import Answer, Receipt

__all__ = ["GrpcSink"]

_LOG = structlog.get_logger(__name__)
_EXPORT: Final = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_PATIENCE: Final = {
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.ABORTED,
    grpc.StatusCode.OUT_OF_RANGE,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DATA_LOSS,
}
_NAME: Final = re.compile(r"(?!grpc-)[0-9a-z_.-]+(?<!-bin)")
_VALUE: Final = re.compile(r"[ -~]*")
"""What gRPC can carry; one header of another form would cost every request."""


class GrpcSink:
    """Calls one receiver over a channel that is kept.

    Args:
        settings: where, and how.
        connect: opens the channel; once a process that sends something.
    """

    def __init__(self, settings: OtlpSettings, connect: Callable[[OtlpSettings], Any] = open_channel) -> None:
        self._settings, self._connect = settings, connect
        self._metadata = _metadata(settings)
        self._channel: Any = None
        self._process = 0
        self._closed = False

    def send(self, request: bytes, timeout_seconds: float) -> Receipt:
        """See `SpanSink.send`."""
        try:
            body = self._open().unary_unary(_EXPORT)(request, timeout=timeout_seconds, metadata=self._metadata)
        except grpc.RpcError as error:
            return _refusal(error)
        except (OSError, ValueError) as error:
            # A bad address or certificate is among them: tracing fails by it, video never does.
            place = presentable(self._settings.endpoint, MOST_WORDS)
            return Receipt(Answer.UNAVAILABLE, why=f"{place} cannot be asked: {describe(error)[:MOST_WORDS]}")
        return taken(body)

    def close(self) -> None:
        """See `SpanSink.close`."""
        self._closed = True
        if self._channel is not None:
            self._channel.close()

    def _open(self) -> Any:
        if self._closed:
            raise ConnectionAbortedError("the channel was closed")
        if self._channel is None or self._process != os.getpid():  # a channel's threads do not survive a fork
            self._channel, self._process = self._connect(self._settings), os.getpid()
        return self._channel


def _metadata(settings: OtlpSettings) -> tuple[tuple[str, str], ...]:
    headers = credentials_in(settings)
    for name, value in settings.headers.items():
        if _NAME.fullmatch(name) and _VALUE.fullmatch(value):
            headers[name] = value
        else:
            _LOG.warning(
                "setting ignored", variable="OTEL_EXPORTER_OTLP_HEADERS", header=name, wanted="what gRPC can carry"
            )
    return tuple(headers.items())


def _refusal(error: Any) -> Receipt:
    code, after = error.code(), _after(error.trailing_metadata() or ())
    why = presentable(f"gRPC {code.name}: {error.details() or ''}", MOST_WORDS)
    # A receiver that has too much to do says when to come again; without that the request itself is too large.
    if code in _PATIENCE or (code is grpc.StatusCode.RESOURCE_EXHAUSTED and after is not None):
        return Receipt(Answer.UNAVAILABLE, after_seconds=after or 0.0, why=why)
    return Receipt(Answer.REFUSED, why=why)


def _after(trailers: Any) -> float | None:
    """Return how long the receiver asked to wait; None if it did not."""
    for name, value in trailers:
        if name == "grpc-status-details-bin":
            return _delay(value)
    return None


def _delay(details: bytes) -> float | None:
    wanted = RetryInfo()
    try:
        found = any(detail.Unpack(wanted) for detail in Status.FromString(details).details)
    except DecodeError:
        return None
    delay = wanted.retry_delay
    return min(max(0.0, delay.seconds + delay.nanos / 1e9), LONGEST_PATIENCE) if found else None
