"""The `OTEL_*` settings of batching and of span limits, read as OpenTelemetry's specification says.

What is no valid value is said in the log once and otherwise ignored. Source:
https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import structlog
from opentelemetry.sdk.trace import SpanLimits

__all__ = ["BatchSettings", "span_limits", "whole"]

_LOG = structlog.get_logger(__name__)
_LONGEST_VALUE: Final = 65_536
_VALUE_LIMITS: Final = ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT")


def whole(environ: Mapping[str, str], name: str, default: int, least: int = 1) -> int:
    """Return a variable's whole number; `default` if it is not set, empty or none."""
    text = environ.get(name, "").strip()
    if not text:
        return default
    if text.isascii() and text.isdecimal() and int(text) >= least:
        return int(text)
    _LOG.warning("setting ignored", variable=name, value=text[:40], used=default, wanted=f"a whole number from {least}")
    return default


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """`OTEL_BSP_*`.

    Attributes:
        queue: spans that may wait.
        batch: spans of one request; at most `queue`.
        delay_seconds: between two requests, while less than a batch waits.
        export_seconds: longest time for one request with its retries; 0 in the environment sets no limit, and the
            exporter's own time-out may be shorter.
    """

    queue: int = 2048
    batch: int = 512
    delay_seconds: float = 5.0
    export_seconds: float = 30.0

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Read the environment."""
        queue = whole(environ, "OTEL_BSP_MAX_QUEUE_SIZE", 2048)
        return cls(
            queue,
            min(queue, whole(environ, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512)),
            whole(environ, "OTEL_BSP_SCHEDULE_DELAY", 5000, 0) / 1000,
            whole(environ, "OTEL_BSP_EXPORT_TIMEOUT", 30_000, 0) / 1000 or float("inf"),
        )


def span_limits(environ: Mapping[str, str]) -> SpanLimits:
    """Return the environment's limits; where it sets none, a value's length is bounded: one could cost a whole batch."""
    bounded = any(environ.get(name, "").strip() for name in _VALUE_LIMITS)
    return SpanLimits() if bounded else SpanLimits(max_attribute_length=_LONGEST_VALUE)
