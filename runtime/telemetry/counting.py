"""Counts what becomes of every span: created, exported, dropped by cause. Nothing is lost without being counted.

The SDK's batch processor drops silently when its queue is full (its metrics are off by default), so the queue's bound
is kept here, in front of it.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from typing import Final, Protocol

from frame_tracking import SpanCount
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from telemetry.span_texts import presentable_span

__all__ = ["CountingExporter", "CountingProcessor", "SpanTally", "Verdict"]

QUEUE_FULL: Final = "queue_full"
REFUSED: Final = "refused"
REJECTED: Final = "rejected"
UNAVAILABLE: Final = "unavailable"
SHUTDOWN: Final = "shutdown"


class Verdict(Protocol):
    """What the receiver said to the last export."""

    @property
    def refused(self) -> bool:
        """Whether it answered, and did not take the batch (as against no answer, or one that asks for patience)."""

    @property
    def rejected(self) -> int:
        """How many spans of a batch that it took it did not keep (OTLP's partial success)."""

    def forget(self) -> None:
        """Begin a new export."""


class SpanTally:
    """The counts; safe for several threads. `created` = exported + dropped + waiting, at every moment."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._created = self._exported = self._queued = self._leaving = 0
        self._dropped: Counter[str] = Counter()
        self._closed = False

    def offer(self) -> bool:
        """Count an ended span; False if there is no room for it."""
        with self._lock:
            self._created += 1
            if self._closed or self._queued >= self._capacity:
                self._dropped[SHUTDOWN if self._closed else QUEUE_FULL] += 1
                return False
            self._queued += 1
            return True

    def leave(self, spans: int) -> None:
        """Count a batch that is on its way to the receiver."""
        with self._lock:
            self._queued -= spans
            self._leaving += spans

    def settle(self, exported: int, lost: int, cause: str) -> None:
        """Count what became of a batch that was on its way."""
        with self._lock:
            if self._closed:
                return
            self._leaving -= exported + lost
            self._exported += exported
            if lost:
                self._dropped[cause] += lost

    def close(self) -> None:
        """Count all that still waits as lost by shutdown; what happens later changes nothing any more."""
        with self._lock:
            self._closed = True
            if self.waiting:
                self._dropped[SHUTDOWN] += self.waiting
            self._queued = self._leaving = 0

    @property
    def waiting(self) -> int:
        """Spans that are neither exported nor dropped."""
        return self._queued + self._leaving

    def snapshot(self) -> SpanCount:
        """Return the counts."""
        with self._lock:
            return SpanCount(created=self._created, exported=self._exported, dropped=dict(self._dropped))


class CountingProcessor(SpanProcessor):
    """Hands sampled spans to the SDK's batch processor while there is room, and counts them."""

    def __init__(self, batch: BatchSpanProcessor, tally: SpanTally) -> None:
        self._batch, self._tally = batch, tally

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Nothing is counted before it has ended."""

    def on_end(self, span: ReadableSpan) -> None:
        """Count the span, and hand it on if there is room."""
        if span.context is not None and span.context.trace_flags.sampled and self._tally.offer():
            self._batch.on_end(span)

    def shutdown(self) -> None:
        """Stop the batch processor."""
        self._batch.shutdown()  # type: ignore[no-untyped-call]  # the SDK has no annotation here

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Export all that waits."""
        return self._batch.force_flush(timeout_millis)


class CountingExporter(SpanExporter):
    """Counts what an exporter makes of its batches."""

    def __init__(self, exporter: SpanExporter, tally: SpanTally, verdict: Verdict) -> None:
        self._exporter, self._tally, self._verdict = exporter, tally, verdict
        self._stopped = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export and count; an exporter that raises has exported nothing."""
        self._tally.leave(len(spans))
        self._verdict.forget()
        result = SpanExportResult.FAILURE
        try:
            result = self._exporter.export([presentable_span(span) for span in spans])
        finally:
            self._settle(len(spans), taken=result is SpanExportResult.SUCCESS)
        return result

    def _settle(self, spans: int, *, taken: bool) -> None:
        if not taken or self._verdict.refused:
            self._tally.settle(0, spans, REFUSED if self._verdict.refused else UNAVAILABLE)
            return
        rejected = max(0, min(self._verdict.rejected, spans))
        self._tally.settle(spans - rejected, rejected, REJECTED)

    def shutdown(self) -> None:
        """Stop the exporter, once; a retry that waits is broken off."""
        if not self._stopped:
            self._stopped = True
            self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """The exporter buffers nothing."""
        return self._exporter.force_flush(timeout_millis)
