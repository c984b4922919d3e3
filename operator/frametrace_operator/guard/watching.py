"""Watching: what the measuring is told of a pipeline in each pass. Pure."""

from collections.abc import Mapping
from typing import Final

from frame_tracking import Topology
from frametrace_api.backend import Storage
from frametrace_api.spec import PipelineMode
from frametrace_api.status_tracing import GuardState, TracingStatus
from frametrace_api.tracing import TracingMode

from frametrace_operator.assess.facts import Facts
from frametrace_operator.guard.excuses import excuse
from frametrace_operator.guard.jaeger.base import JaegerAt
from frametrace_operator.guard.wanted import ratio_in_force
from frametrace_operator.guard.watched import Watched
from frametrace_operator.manifests.endpoints import JAEGER_METRICS_PORT, jaeger_query_url
from frametrace_operator.manifests.sizing import jaeger_size
from frametrace_operator.naming import Role, service_host
from frametrace_operator.observation import Observation, PodView
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.pods.base import Target

__all__ = ["headers_of", "watching"]

_LOOKED_AT: Final = (GuardState.SUSPECT, GuardState.PROBATION)
_TRACING_PODS: Final = frozenset({Role.CAPTURE.value, Role.STAGE.value})


def watching(
    pipeline: Pipeline, status: TracingStatus | None, seen: Observation, restarts: int, headers: Mapping[str, str]
) -> Watched | None:
    """What to measure; None for a pipeline that is not to be traced, or rests.

    Args:
        pipeline: what its owner asks for.
        status: where the guard is.
        seen: the look.
        restarts: of its managed Jaeger in the last five minutes.
        headers: what every request to an external Jaeger carries.
    """
    spec = pipeline.spec
    if spec.tracing.mode is TracingMode.DISABLED or spec.mode is PipelineMode.SUSPENDED:
        return None
    guard, external = spec.tracing.guard, spec.tracing.backend.external
    return Watched(
        targets=frozenset(Target(pod.name, pod.uid, pod.ip) for pod in seen.pods if _traces(pod)),
        topology=Topology.of((stage.name, stage.input) for stage in spec.stages),
        jaeger=JaegerAt(jaeger_query_url(pipeline), headers, "" if external is not None else _metrics_url(pipeline)),
        window_seconds=guard.window_seconds,
        settle_seconds=guard.settle_seconds,
        limit=float(guard.max_missing_percent),
        ratio=float(ratio_in_force(status, pipeline)) if status is not None else 1.0,
        suspect=status is not None and status.state in _LOOKED_AT,
        max_traces=_ring(pipeline),
        trace_seconds=spec.tracing.retention.trace_seconds,
        restarts=restarts,
        excuse=excuse(Facts(pipeline, seen)),
    )


def headers_of(text: str) -> dict[str, str]:
    """Headers from `name=value` pairs with commas between them, as OTEL_EXPORTER_OTLP_HEADERS has them."""
    pairs = (pair.partition("=") for pair in text.split(","))
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}


def _traces(pod: PodView) -> bool:
    return pod.running and bool(pod.ip) and pod.role in _TRACING_PODS


def _metrics_url(pipeline: Pipeline) -> str:
    return f"http://{service_host(pipeline, Role.JAEGER)}:{JAEGER_METRICS_PORT}/metrics"


def _ring(pipeline: Pipeline) -> int | None:
    """How many traces the managed Jaeger's memory holds; None if they are not in its memory."""
    managed = pipeline.spec.tracing.backend.managed
    return jaeger_size(pipeline.spec).max_traces if managed is not None and managed.storage is Storage.MEMORY else None
