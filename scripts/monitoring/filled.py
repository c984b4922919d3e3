"""The real registries of runtime and operator, each metric with samples: so their names and labels can be read off them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from frame_tracking import FrameID, Outcome, SpanCount
from frametrace_api.status import CameraPipelineStatus
from frametrace_api.status_tracing import AuditMethod, AuditResult
from frametrace_operator.guard.evidence import (
    BYTES_A_SPAN,
    AuditFinding,
    BackendHealth,
    Evidence,
    Overhead,
    Projection,
)
from frametrace_operator.health import Health
from frametrace_operator.metrics import Metrics
from frametrace_operator.pipeline import Pipeline
from telemetry import LedgerBook, RuntimeMetrics

__all__ = ["filled_operator", "filled_runtime"]

_SPANS = 3150
"""Of a window of 30 s: seven a frame, at 15 frames a second, which the default budget has room for."""
_FRAME = FrameID("20240315T101530123456_cam01_a7f3c_000123")


def filled_runtime(namespace: str = "local", pipeline: str = "local") -> RuntimeMetrics:
    """The metrics of a process that has met everything once."""
    book = LedgerBook()
    book.enter(_FRAME, "capture", traced=True)
    book.end(_FRAME, "capture", (Outcome.COMPLETED, None), at=5.0)
    spans = SpanCount(created=10, exported=7, dropped={"queue_full": 2})
    metrics = RuntimeMetrics((namespace, pipeline), book, lambda: spans)
    metrics.observe(_FRAME, "capture", 0.01, traced=True)
    metrics.skipped("cam01")
    metrics.camera_up("cam01", up=True)
    metrics.camera_reconnected("cam01")
    metrics.camera_error("cam01", "unreachable")
    metrics.broker_up(up=True)
    metrics.queue_lag("cam01", "motion", 4)
    return metrics


def filled_operator(namespace: str = "local", pipeline: str = "local") -> Metrics:
    """The metrics of an operator that leads and has looked after one healthy pipeline that was rolled back once."""
    metrics = Metrics()
    metrics.leading.set(1)
    metrics.reconciles.labels("ok").inc()
    metrics.writes.labels("child").inc()
    metrics.pipelines.labels("True", "Flowing").set(1)
    metrics.watch_events.labels("Pod").inc()
    metrics.seconds.observe(0.02)
    metrics.ledger_pass_seconds.observe(0.02)
    metrics.watch(lambda: 0.0, Health(time.monotonic))
    now = datetime.now(UTC)
    whole = Pipeline.from_object(_resource(namespace, pipeline))
    metrics.by_pipeline.saw(whole, _status(now - timedelta(days=1), "earlier"), 0)
    metrics.by_pipeline.saw(whole, _status(now - timedelta(hours=1), "last"), 0)
    metrics.by_pipeline.watch(lambda _key: _evidence(now))
    return metrics


def _resource(namespace: str, name: str) -> dict[str, Any]:
    camera = {"id": "cam01", "source": {"url": "test://"}}
    jaeger = {"otlpEndpoint": "http://jaeger.example:4318", "queryUrl": "http://jaeger.example:16686"}
    stages = [{"name": "motion", "handler": "motion"}]
    spec = {"cameras": [camera], "stages": stages, "tracing": {"backend": {"external": jaeger}}}
    return {"metadata": {"namespace": namespace, "name": name, "uid": "u-1"}, "spec": spec}


def _status(rolled_back: datetime, name: str) -> CameraPipelineStatus:
    rollback = {"id": name, "trigger": "TracesMissing", "message": "m", "step": "Done", "startTime": rolled_back}
    tracing = {"state": "Healthy", "effectiveRatio": "1", "lastRollback": rollback}
    cameras = [{"id": "cam01", "state": "Capturing"}]
    conditions = [_true("Ready", "FramesFlowing"), _true("BrokerAvailable", "Available")]
    return CameraPipelineStatus.model_validate({"tracing": tracing, "cameras": cameras, "conditions": conditions})


def _true(kind: str, reason: str) -> dict[str, Any]:
    since = "2026-01-01T00:00:00Z"
    return {"type": kind, "status": "True", "reason": reason, "message": "", "lastTransitionTime": since}


def _evidence(now: datetime) -> Evidence:
    window = timedelta(seconds=30)
    audit = AuditFinding(
        at=now,
        window_start=now - 2 * window,
        window_end=now - window,
        result=AuditResult.COMPLETE,
        method=AuditMethod.EXACT,
        expected=450,
        checked=450,
    )
    return Evidence(
        audits=(audit,),
        overheads=(Overhead(now, 30.0, 0.1, 12.0),),
        backends=(BackendHealth(now, spans=_SPANS),),
        projection=Projection(now, _SPANS / window.total_seconds() * 86400 * BYTES_A_SPAN, 1.0),
    )
