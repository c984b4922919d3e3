"""Every metric that runtime and operator have, read off their registries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric

from scripts.monitoring.filled import filled_operator, filled_runtime

__all__ = ["Described", "operator_metrics", "runtime_metrics", "series_names"]

_SERIES = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_sum", "_count"),
    "gauge": ("",),
    "info": ("_info",),
    "summary": ("", "_sum", "_count"),
}
_OF_SAMPLES = {"le", "quantile"}


@dataclass(frozen=True, slots=True)
class Described:
    """A metric: its name without suffix, its type, its labels, and what it means."""

    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str

    @property
    def series(self) -> tuple[str, ...]:
        """Names of its series, as Prometheus has them."""
        return tuple(f"{self.name}{suffix}" for suffix in _SERIES[self.kind])

    @property
    def shown(self) -> str:
        """The name that people look for: a counter's with its suffix."""
        return self.series[0] if self.kind == "counter" else self.name


def runtime_metrics() -> tuple[Described, ...]:
    """Those of captures and stages, in the order of their names."""
    return tuple(sorted(_described(filled_runtime().registry), key=lambda each: each.name))


def operator_metrics() -> tuple[Described, ...]:
    """Those of the operator, without those that every Python process has."""
    ours = [each for each in _described(filled_operator().registry) if each.name.startswith("frametrace_")]
    return tuple(sorted(ours, key=lambda each: each.name))


def series_names() -> set[str]:
    """Names of all series of both."""
    return {name for each in (*runtime_metrics(), *operator_metrics()) for name in each.series}


def _described(registry: CollectorRegistry) -> Iterator[Described]:
    for family in registry.collect():
        yield Described(family.name, family.type, _labels(family), family.documentation)


def _labels(family: Metric) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            label
            for sample in family.samples
            if not sample.name.endswith("_created")
            for label in sample.labels
            if label not in _OF_SAMPLES
        )
    )
