"""A process's Prometheus metrics: what its ledger and its tracer count, and what only it knows of camera and broker.

Metrics are prometheus-client's, not OpenTelemetry's: they must outlive `OTEL_SDK_DISABLED`. A frame's ID is never a
label; it is on exemplars.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from frame_tracking import CAPTURE_HOP, FrameID, Metric, Outcome, SpanCount
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from telemetry.ledger import LedgerBook, Totals
from telemetry.process_cpu import process_cpu_seconds

__all__ = ["OPENMETRICS", "RuntimeMetrics"]

OPENMETRICS: Final = CONTENT_TYPE_LATEST
"""The content type of `RuntimeMetrics.render`: OpenMetrics, which carries exemplars."""

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.033, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds; 0.033 is a frame's time at 30 frames a second."""
_EXEMPLAR_LIFE: Final = 1.0
"""Seconds: only a bucket's last exemplar is ever shown, and to set one costs more than to count a frame."""
_PIPELINE: Final = ["namespace", "pipeline"]


class RuntimeMetrics:
    """All metrics of one process. `labels(...)` of the public ones: first namespace and pipeline, see `pipeline`.

    Args:
        pipeline: namespace and name, the first two labels of everything.
        ledger: what frames are counted in.
        spans: returns what the tracer counted.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        pipeline: tuple[str, str],
        ledger: LedgerBook,
        spans: Callable[[], SpanCount],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.pipeline, self._clock = pipeline, clock
        self.registry = CollectorRegistry()
        camera = [*_PIPELINE, "camera"]
        stage = [*camera, "stage"]
        self._duration = Histogram(
            Metric.PROCESSING_DURATION,
            "Seconds that one frame took at one hop (stage `capture`: decode, scale, encode and publish)",
            stage,
            registry=self.registry,
            buckets=_BUCKETS,
        )
        self._durations: dict[tuple[str, str], tuple[Histogram, list[float]]] = {}
        self._skipped = self._counter(Metric.SKIPPED, "Frames passed over by framesPerSecond; they have no ID", camera)
        self._reconnects = self._counter(Metric.CAMERA_RECONNECTS, "Connections made again after a loss", camera)
        self._errors = self._counter(Metric.CAMERA_ERRORS, "Camera errors by reason", [*camera, "reason"])
        self._camera_up = self._gauge(Metric.CAMERA_UP, "1 while pictures arrive", camera)
        self._broker_up = self._gauge(Metric.BROKER_UP, "1 while the broker answers", _PIPELINE)
        self._lag = self._gauge(Metric.QUEUE_LAG, "Frames that wait for a stage", stage)
        self.registry.register(_Counted(pipeline, ledger, spans))

    def observe(self, frame_id: FrameID, stage: str, seconds: float, *, traced: bool) -> None:
        """Note how long a frame took at a hop (no time, if the clock was set back); a traced one becomes an exemplar."""
        at = (frame_id.camera, stage)
        known = self._durations.get(at)
        if known is None:
            never = [float("-inf")] * (len(_BUCKETS) + 1)
            known = self._durations[at] = self._duration.labels(*self.pipeline, *at), never
        histogram, renewed = known
        exemplar = None
        if traced and (now := self._clock()) - renewed[bucket := bisect_left(_BUCKETS, seconds)] >= _EXEMPLAR_LIFE:
            renewed[bucket] = now
            exemplar = {"trace_id": frame_id.trace_id, "frame_id": str(frame_id)}
        histogram.observe(max(0.0, seconds), exemplar)

    def skipped(self, camera: str) -> None:
        """Count a frame that got no ID."""
        self._skipped.labels(*self.pipeline, camera).inc()

    def camera_up(self, camera: str, *, up: bool) -> None:
        """Note whether pictures arrive."""
        self._camera_up.labels(*self.pipeline, camera).set(up)

    def camera_reconnected(self, camera: str) -> None:
        """Count a connection that was made again."""
        self._reconnects.labels(*self.pipeline, camera).inc()

    def camera_error(self, camera: str, reason: str) -> None:
        """Count an error by a reason of a closed list."""
        self._errors.labels(*self.pipeline, camera, reason).inc()

    def broker_up(self, *, up: bool) -> None:
        """Note whether the broker answers."""
        self._broker_up.labels(*self.pipeline).set(up)

    def queue_lag(self, camera: str, stage: str, frames: int) -> None:
        """Note how many of a camera's frames wait for a stage."""
        self._lag.labels(*self.pipeline, camera, stage).set(frames)

    def render(self) -> bytes:
        """Return everything as OpenMetrics text."""
        return bytes(generate_latest(self.registry))  # type: ignore[no-untyped-call]  # prometheus-client has no annotation here

    def _counter(self, name: Metric, text: str, labels: list[str]) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _gauge(self, name: Metric, text: str, labels: list[str]) -> Gauge:
        return Gauge(name, text, labels, registry=self.registry)


class _Counted(Collector):
    """Reads ledger and tracer at scrape time, so that frames are counted once."""

    def __init__(self, pipeline: tuple[str, str], ledger: LedgerBook, spans: Callable[[], SpanCount]) -> None:
        self._pipeline, self._ledger, self._spans = pipeline, ledger, spans

    def collect(self) -> Iterator[Family]:
        """Yield the families."""
        totals = self._ledger.totals()
        at_capture = [total for total in totals if total.hop == CAPTURE_HOP]
        yield self._family(
            Metric.CAPTURED, "Frames captured", ["camera"], [((t.camera,), t.entered) for t in at_capture]
        )
        yield self._by_stage(Metric.PUBLISHED, "Frames handed on to the next queue", totals, lambda total: total.left)
        yield self._by_stage(Metric.DUPLICATES, "Second executions after a redelivery", totals, lambda t: t.duplicates)
        yield self._by_stage(Metric.CONTEXT_LOST, "Frames that came without context", totals, lambda t: t.context_lost)
        yield self._ended(totals)
        yield self._given_back(totals)
        yield self._last_frame(totals)
        yield from self._span_counts()

    def _by_stage(
        self, name: Metric, text: str, totals: tuple[Totals, ...], value: Callable[[Totals], int]
    ) -> CounterMetricFamily:
        return self._family(name, text, ["camera", "stage"], [((t.camera, t.hop), value(t)) for t in totals])

    def _ended(self, totals: tuple[Totals, ...]) -> CounterMetricFamily:
        samples = [
            ((total.camera, total.hop, *_outcome_and_reason(key)), value)
            for total in totals
            for key, value in {**_none_yet(total.hop), **total.ended}.items()
        ]
        return self._family(
            Metric.ENDED, "Branches that ended, by outcome", ["camera", "stage", "outcome", "reason"], samples
        )

    def _given_back(self, totals: tuple[Totals, ...]) -> GaugeMetricFamily:
        text = "Entered frames that were given back to the broker, or that another replica finished"
        family = GaugeMetricFamily(Metric.GIVEN_BACK, text, labels=[*_PIPELINE, "camera", "stage"])
        for total in totals:
            family.add_metric([*self._pipeline, total.camera, total.hop], total.given_back)
        return family

    def _last_frame(self, totals: tuple[Totals, ...]) -> GaugeMetricFamily:
        family = GaugeMetricFamily(
            Metric.LAST_FRAME_TIMESTAMP,
            "Seconds since 1970 when a frame last left a hop or ended there",
            labels=[*_PIPELINE, "camera", "stage"],
        )
        for total in totals:
            if total.last_frame:
                family.add_metric([*self._pipeline, total.camera, total.hop], total.last_frame)
        return family

    def _span_counts(self) -> Iterator[CounterMetricFamily]:
        spans = self._spans()
        yield self._family(Metric.SPANS_CREATED, "Spans that ended", [], [((), spans.created)])
        yield self._family(Metric.SPANS_EXPORTED, "Spans that the backend took", [], [((), spans.exported)])
        lost = [((cause,), number) for cause, number in spans.dropped.items()]
        yield self._family(Metric.SPANS_DROPPED, "Spans lost, by cause", ["cause"], lost)
        yield self._family(Metric.SPANS_LATE, "Spans that left after those of their hop", [], [((), spans.late)])
        kept = "Frames traced from this hop on, though head sampling left them out"
        yield self._family(Metric.FRAMES_KEPT, kept, [], [((), spans.partial)])
        yield self._family(Metric.TRACING_CPU, "CPU time of tracing, estimated", [], [((), spans.cpu_seconds)])
        yield self._family(
            Metric.PROCESS_CPU, "CPU time of the process and its children", [], [((), process_cpu_seconds())]
        )

    def _family(
        self, name: Metric, text: str, labels: list[str], samples: Iterable[tuple[tuple[str, ...], float]]
    ) -> CounterMetricFamily:
        family = CounterMetricFamily(name, text, labels=[*_PIPELINE, *labels])
        for values, number in samples:
            family.add_metric([*self._pipeline, *values], number)
        return family


def _none_yet(hop: str) -> dict[str, int]:
    """Dead letters are told from a stage's first frame on: Prometheus cannot see the increase of a counter that begins above 0."""
    return {} if hop == CAPTURE_HOP else {Outcome.DEAD_LETTERED: 0}


def _outcome_and_reason(key: str) -> tuple[str, str]:
    outcome, _, reason = key.partition(":")
    return outcome, reason
