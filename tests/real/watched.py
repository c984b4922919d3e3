"""A Prometheus that watches a real pipeline's processes and an operator's metrics, as it would in a cluster."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from frametrace_operator.health import Health
from frametrace_operator.http import serve

from scripts.monitoring.filled import filled_operator
from scripts.servers.processes import free_port
from scripts.servers.prometheus import PrometheusServer
from tests.real.pipeline import LocalPipeline

__all__ = ["VALUES", "operator_metrics_served", "until", "watched"]

VALUES = {
    "namespace": "local",
    "pipeline": "local",
    "camera": ".*",
    "stage": ".*",
    "__rate_interval": "1m",
    "__tags": 'camera="cam01",pipeline="local"',
}
"""What a person chose on the dashboards."""


@contextmanager
def operator_metrics_served(port: int) -> Iterator[None]:
    """Serve, by the operator's own HTTP end, the registry of an operator that has looked after one pipeline."""
    metrics, health = filled_operator(VALUES["namespace"], VALUES["pipeline"]), Health(time.monotonic)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    runner = asyncio.run_coroutine_threadsafe(serve(port, health, metrics.snapshot), loop).result(10)
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@contextmanager
def watched(folder: Path, pipeline: LocalPipeline) -> Iterator[PrometheusServer]:
    """Run a Prometheus over the pipeline and an operator, until it has evaluated every rule on data."""
    port = free_port()
    with operator_metrics_served(port):
        server = PrometheusServer(folder, [f"127.0.0.1:{each}" for each in (*pipeline.ports.values(), port)])
        try:
            until(lambda: bool(server.query("frame_processing_duration")), 60, "rules are recorded")
            yield server
        finally:
            server.stop()


def until(holds: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait.

    Raises:
        AssertionError: if it does not hold in time.
    """
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"not in {seconds:g} s: {what}")
        time.sleep(0.2)
