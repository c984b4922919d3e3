"""Writes every generated file in one process: ``python -m scripts.reference``; ``--check`` says which have drifted from their source.

Each generator can be run by itself as well; most of their time is the imports that they share.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from frametrace_api import crd

from scripts.bench import page as benchmarks
from scripts.bench import sizing, trace_room
from scripts.chart import __main__ as chart
from scripts.dashboards import __main__ as dashboards
from scripts.gitops import __main__ as gitops
from scripts.images import page as images
from scripts.reference import alerts, cli, events, http, metrics, python, rollback, settings, spans
from scripts.release import licence, version

__all__ = ["GENERATORS", "main"]

GENERATORS: dict[str, Callable[[list[str]], int]] = {
    "scripts.release.version": version.main,
    "scripts.release.licence": licence.main,
    "frametrace_api.crd": crd.main,
    "scripts.dashboards": dashboards.main,
    "scripts.chart": chart.main,
    "scripts.bench.page": benchmarks.main,
    "scripts.bench.sizing": sizing.main,
    "scripts.bench.trace_room": trace_room.main,
    "scripts.images.page": images.main,
    "scripts.reference.cli": cli.main,
    "scripts.reference.metrics": metrics.main,
    "scripts.reference.alerts": alerts.main,
    "scripts.reference.rollback": rollback.main,
    "scripts.reference.settings": settings.main,
    "scripts.reference.spans": spans.main,
    "scripts.reference.http": http.main,
    "scripts.reference.python": python.main,
    "scripts.reference.events": events.main,
    "scripts.gitops": gitops.main,
}
"""By module, in their order: the chart copies what the ones before it write."""


def main(arguments: list[str]) -> int:
    """Run them all; the exit code is 1 if one of them found a drift."""
    return max([generate(arguments) for generate in GENERATORS.values()])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
