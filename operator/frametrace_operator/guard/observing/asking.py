"""Asking: what is to be measured of a pipeline, from its resource, its status and its pods. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import unquote

from frame_tracking import Topology
from frametrace_api.backend import Storage
from frametrace_api.spec import PipelineMode
from frametrace_api.status_tracing import GuardState, TracingStatus
from frametrace_api.tracing import TracingMode

from frametrace_operator.guard.deciding.situation import evidence_begins
from frametrace_operator.guard.jaeger.base import JaegerAt
from frametrace_operator.guard.measuring.watched import Watched
from frametrace_operator.manifests.endpoints import JAEGER_METRICS_PORT, has_trace_volume, jaeger_query_url
from frametrace_operator.manifests.sizing import jaeger_size
from frametrace_operator.naming import Role, service_host
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.pods.base import Target

__all__ = ["headers_of", "watched_of"]

_CLOSELY: Final = frozenset({GuardState.SUSPECT, GuardState.PROBATION})
"""States in which every frame counts."""


def watched_of(
    pipeline: Pipeline,
    status: TracingStatus,
    targets: Iterable[Target],
    *,
    headers: Mapping[str, str] | None = None,
    restarts: int = 0,
    life: str = "",
    excuse: str = "",
) -> Watched | None:
    """What the watch is told of a pipeline; None if there is nothing to measure: it sleeps, or its spec wants no tracing.

    Args:
        pipeline: the resource.
        status: where the guard is.
        targets: the running pods of captures and stages.
        headers: that an external Jaeger wants.
        restarts: of a managed Jaeger, in the last five minutes.
        life: what a managed Jaeger's process is known by.
        excuse: what made Jaeger sick that is not its own doing.
    """
    spec = pipeline.spec
    if spec.mode is PipelineMode.SUSPENDED or spec.tracing.mode is TracingMode.DISABLED:
        return None
    since = evidence_begins(status)
    guard, managed = spec.tracing.guard, spec.tracing.backend.external is None
    return Watched(
        targets=frozenset(targets),
        topology=Topology.of((stage.name, stage.input) for stage in spec.stages),
        jaeger=_jaeger(pipeline, headers or {}, managed=managed),
        cameras=frozenset(camera.id for camera in spec.cameras),
        window_seconds=guard.window_seconds,
        settle_seconds=guard.settle_seconds,
        failure_windows=guard.failure_windows,
        limit=float(guard.max_missing_percent),
        ratio=float(status.effective_ratio or spec.tracing.sampling.ratio),
        suspect=status.state in _CLOSELY,
        max_traces=jaeger_size(spec).max_traces if managed and _in_memory(pipeline) else None,
        trace_seconds=spec.tracing.retention.trace_seconds,
        restarts=restarts,
        life=life if managed else "",
        since=since.timestamp() if since is not None else 0.0,
        excuse=excuse,
        on_volume=has_trace_volume(pipeline),
        bytes_per_span=status.bytes_per_span if has_trace_volume(pipeline) else None,
    )


def headers_of(text: str) -> dict[str, str]:
    """Read headers as `OTEL_EXPORTER_OTLP_HEADERS` has them: name=value pairs, URL-encoded, with commas between them.

    What HTTP cannot carry is left out.
    """
    pairs = (pair.partition("=") for pair in text.split(",") if "=" in pair)
    found = {unquote(name).strip().lower(): unquote(value).strip() for name, _, value in pairs}
    return {name: value for name, value in found.items() if name and _carried(name) and _carried(value)}


def _carried(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _jaeger(pipeline: Pipeline, headers: Mapping[str, str], *, managed: bool) -> JaegerAt:
    url = jaeger_query_url(pipeline)
    if not managed:
        return JaegerAt(url, dict(headers))
    return JaegerAt(url, metrics_url=f"http://{service_host(pipeline, Role.JAEGER)}:{JAEGER_METRICS_PORT}/metrics")


def _in_memory(pipeline: Pipeline) -> bool:
    managed = pipeline.spec.tracing.backend.managed
    return managed is None or managed.storage is Storage.MEMORY
