"""What an OTLP receiver's yes says, over HTTP or gRPC: it may have kept only a part (`partial_success`)."""

from __future__ import annotations

from typing import Final

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # has no stubs
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from telemetry.redaction import presentable
from telemetry.sink import Receipt

__all__ = ["LONGEST_PATIENCE", "MOST_WORDS", "taken"]

MOST_WORDS: Final = 200
"""Characters of a receiver's own words that are logged."""
LONGEST_PATIENCE: Final = 3600.0
"""Seconds that a receiver may ask for."""


def taken(body: bytes) -> Receipt:
    """Return what a serialised `ExportTraceServiceResponse` says."""
    if not body:
        return Receipt()
    try:
        partial = ExportTraceServiceResponse.FromString(body).partial_success
    except DecodeError:
        return Receipt()  # a receiver that takes spans and answers in another form (JSON) has still taken them
    return Receipt(rejected=int(partial.rejected_spans), why=presentable(str(partial.error_message), MOST_WORDS))
