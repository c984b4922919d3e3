"""Writes docs/reference/metrics.md from the registries: ``python -m scripts.reference.metrics``; ``--check`` only compares."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from scripts.monitoring.metrics import Described, operator_metrics, runtime_metrics
from scripts.reference.pages import REFERENCE, keep

__all__ = ["PAGE", "main", "page"]

PAGE = REFERENCE / "metrics.md"
_HEAD = """# Metrics

Made by `python -m scripts.reference.metrics` from the registries themselves; never edited. All are prometheus-client's, not
OpenTelemetry's: they outlive `OTEL_SDK_DISABLED`. A frame's ID is never a label.
[Series that rules record, and alerts](alerts.md).

## Of captures and stages

On port 8080 of their pods, `/metrics`, as OpenMetrics. Buckets of `frame_processing_duration_seconds` carry
exemplars with `trace_id` and `frame_id`, at most one a second and bucket.

"""
_OPERATOR = """
## Of the operator

On port 8080 of every replica, `/metrics`. Metrics of pipelines (`frametrace_guard_…`, `frametrace_pipeline_…`) are told by the
replica that leads; where Prometheus adds a label `namespace` of its own, honour theirs (`honor_labels: true`; the chart's
`podMonitor` does). Beside these there are those of every Python process (`process_…`, `python_gc_…`).

"""


def page() -> str:
    """Return the page's text."""
    return f"{_HEAD}{_table(runtime_metrics())}{_OPERATOR}{_table(operator_metrics())}"


def _table(metrics: Iterable[Described]) -> str:
    rows = "".join(
        f"| `{each.shown}` | {each.kind} | {' '.join(f'`{label}`' for label in each.labels)} | {_sentence(each.meaning)} |\n"
        for each in metrics
    )
    return f"| name | type | labels | meaning |\n|---|---|---|---|\n{rows}"


def _sentence(meaning: str) -> str:
    return f"{meaning.rstrip('.')}."


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` tell whether it is current; returns the exit code."""
    return keep({PAGE: page()}, "scripts.reference.metrics", check="--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
