"""The operator's own metrics, by prometheus-client: they survive `OTEL_SDK_DISABLED`. Names and meaning only."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

__all__ = ["Metrics"]

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """All of them, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self.reconciles = Counter(
            "frametrace_operator_reconciles",
            "Passes over a pipeline, by how they ended.",
            ["result"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "frametrace_operator_reconcile_duration_seconds",
            "Length of a pass over a pipeline.",
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.writes = Counter(
            "frametrace_operator_writes",
            "Writes to the API server, by what was written.",
            ["what"],
            registry=self.registry,
        )
        self.pipelines = Gauge(
            "frametrace_operator_pipelines",
            "Pipelines, by the reason of their Ready condition.",
            ["ready", "reason"],
            registry=self.registry,
        )
        self.leading = Gauge("frametrace_operator_leader", "1 while this replica leads.", registry=self.registry)
        self.watch_events = Counter(
            "frametrace_operator_watch_events", "Watch events, by kind.", ["kind"], registry=self.registry
        )
        self.ledger_pass_seconds = Histogram(
            "frametrace_operator_ledger_pass_duration_seconds",
            "Length of reading all pods' ledgers once.",
            registry=self.registry,
            buckets=_SECONDS,
        )
        self._queue = Gauge(
            "frametrace_operator_queue_depth", "Pipelines that wait for a pass and are due.", registry=self.registry
        )
        self._lag = Gauge(
            "frametrace_operator_loop_lag_seconds", "How late the event loop last woke.", registry=self.registry
        )

    def watch(self, *, queue_depth: Callable[[], float], loop_lag: Callable[[], float]) -> None:
        """Say where the values come from that are looked up at every scrape."""
        self._queue.set_function(queue_depth)
        self._lag.set_function(loop_lag)

    def text(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self.registry)
