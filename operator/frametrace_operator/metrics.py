"""The operator's own metrics, by prometheus-client: they survive `OTEL_SDK_DISABLED`. Names and meaning only."""

import time
from collections.abc import Callable, Iterator
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector

from frametrace_operator.health import Health
from frametrace_operator.pipeline_metrics import PipelineMetrics

__all__ = ["Metrics"]

_PREFIX = "frametrace_operator_"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """All of them, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self.reconciles = self._counter("reconciles", "Passes over a pipeline, by how they ended.", "result")
        self.seconds = self._histogram("reconcile_duration_seconds", "Length of a pass over a pipeline.")
        self.writes = self._counter("writes", "Writes to the API server, by what was written.", "what")
        self.pipelines = self._gauge("pipelines", "Pipelines, by their Ready condition.", "ready", "reason")
        self.leading = self._gauge("leader", "1 while this replica leads.")
        self.watch_events = self._counter("watch_events", "Watch events, by kind.", "kind")
        self.ledger_pass_seconds = self._histogram(
            "ledger_pass_duration_seconds", "Length of reading all ledgers once."
        )
        self._queue = self._gauge("queue_depth", "Pipelines that wait for a pass and are due.")
        self._lag = self._gauge("loop_lag_seconds", "How late the event loop last woke.")
        self._watch_age = self._gauge(
            "watch_age_seconds", "Since the quietest watch gave a sign of life or was tried again."
        )
        self._pass_age = self._gauge(
            "ledger_pass_age_seconds", "Since a ledger was last asked for, whether it came or not."
        )
        self._ledger_silence = self._gauge(
            "ledger_silence_seconds", "Since any pod last gave its ledger; 0 where there is none to ask."
        )
        self._gauge("start_time_seconds", "When this process began, in seconds since 1970.").set(time.time())
        self.by_pipeline = PipelineMetrics(self.registry)

    def watch(self, queue_depth: Callable[[], float], health: Health) -> None:
        """Say where the values come from that are looked up at every scrape."""
        self._queue.set_function(queue_depth)
        self._lag.set_function(lambda: health.lag)
        self._watch_age.set_function(health.watch_age)
        self._pass_age.set_function(health.pass_age)
        self._ledger_silence.set_function(health.ledger_silence)

    def text(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return self.snapshot()()

    def snapshot(self) -> Callable[[], bytes]:
        """Read all values now, in the loop's own thread; the function returned writes them out, in whichever thread."""
        return partial(generate_latest, _Read(list(self.registry.collect())))

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(_PREFIX + name, meaning, labels, registry=self.registry)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(_PREFIX + name, meaning, labels, registry=self.registry)

    def _histogram(self, name: str, meaning: str) -> Histogram:
        return Histogram(_PREFIX + name, meaning, registry=self.registry, buckets=_SECONDS)


class _Read(CollectorRegistry):
    """Values that were read already."""

    def __init__(self, families: list[Metric]) -> None:
        super().__init__()
        self._families = families

    def collect(self) -> Iterator[Metric]:
        """Yield them."""
        yield from self._families
