"""The stock OTLP exporters, made from the standard `OTEL_EXPORTER_OTLP_*` environment, and what their receiver said."""

from __future__ import annotations

import os
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import requests
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # has no stubs
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.trace.export import SpanExporter

from telemetry.counting import Verdict

__all__ = ["UnknownProtocolError", "exporter_from_environment"]

_PATIENCE = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}


class UnknownProtocolError(ValueError):
    """`OTEL_EXPORTER_OTLP_PROTOCOL` names a protocol that OpenTelemetry's Python exporters do not have."""


class HttpVerdict:
    """Reads the receiver's answers off the HTTP session. The stock exporter takes a 3xx, and a partial success, as well done."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin a new export."""
        self.refused, self.rejected = False, 0

    def __call__(self, response: requests.Response, **_: Any) -> None:
        """Look at an answer."""
        self.refused = response.status_code not in _PATIENCE and response.status_code >= HTTPStatus.MULTIPLE_CHOICES
        self.rejected = _rejected(response.content) if response.ok else 0


class NoVerdict:
    """Of a receiver whose answers the stock exporter does not show (gRPC)."""

    refused = False
    rejected = 0

    def forget(self) -> None:
        """Nothing was heard."""


def exporter_from_environment(environ: Mapping[str, str] = os.environ) -> tuple[SpanExporter, Verdict]:
    """Return an exporter; all of its settings but the protocol are read by OpenTelemetry's own code from `os.environ`.

    Raises:
        UnknownProtocolError: if the protocol is neither `http/protobuf` (the default) nor `grpc`.
    """
    protocol = environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
    if protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (  # noqa: PLC0415 - grpc is slow to import
            OTLPSpanExporter as GrpcExporter,
        )

        return GrpcExporter(), NoVerdict()
    if protocol not in {None, "", "http/protobuf"}:
        raise UnknownProtocolError(f"OTEL_EXPORTER_OTLP_PROTOCOL {protocol!r} is neither 'http/protobuf' nor 'grpc'")
    verdict = HttpVerdict()
    session = requests.Session()
    session.hooks["response"].append(verdict)
    return OTLPSpanExporter(session=session), verdict


def _rejected(body: bytes) -> int:
    try:
        answer = ExportTraceServiceResponse.FromString(body)
    except DecodeError:
        return 0  # a receiver that takes spans and answers in another form (JSON) has still taken them
    return int(answer.partial_success.rejected_spans)
