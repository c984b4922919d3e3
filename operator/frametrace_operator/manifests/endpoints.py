"""Where a pipeline's own servers answer: one place for every port and URL, for manifests, contracts and readers alike."""

from __future__ import annotations

from typing import Final

from frametrace_api.backend import Storage
from frametrace_api.broker import BrokerType
from frametrace_api.group import JOURNEY_PAGE
from frametrace_api.spec import PictureAccess
from frametrace_api.tracing import TracingMode

from frametrace_operator.naming import Role, service_host
from frametrace_operator.pipeline import Pipeline

__all__ = [
    "JAEGER_HEALTH_PORT",
    "JAEGER_METRICS_PORT",
    "JAEGER_QUERY_PORT",
    "OTLP_GRPC_PORT",
    "OTLP_HTTP_PORT",
    "REDIS_PORT",
    "has_managed_jaeger",
    "has_managed_redis",
    "has_page",
    "has_trace_volume",
    "jaeger_query_url",
    "otlp_endpoint",
    "page_shows_pictures",
    "redis_url",
]

REDIS_PORT: Final = 6379
OTLP_GRPC_PORT: Final = 4317
OTLP_HTTP_PORT: Final = 4318
JAEGER_METRICS_PORT: Final = 8888
JAEGER_HEALTH_PORT: Final = 13133
JAEGER_QUERY_PORT: Final = 16686


def has_managed_redis(pipeline: Pipeline) -> bool:
    """Whether the operator runs this pipeline's broker."""
    return pipeline.spec.broker.external is None


def has_managed_jaeger(pipeline: Pipeline) -> bool:
    """Whether the operator runs this pipeline's Jaeger: not while tracing is disabled, when nothing would reach it."""
    tracing = pipeline.spec.tracing
    return tracing.mode is TracingMode.ENABLED and tracing.backend.external is None


def has_trace_volume(pipeline: Pipeline) -> bool:
    """Whether the pipeline's traces are on a volume of the operator's; also while tracing is disabled, when they stay there."""
    managed = pipeline.spec.tracing.backend.managed
    return managed is not None and managed.storage is Storage.BADGER


def has_page(pipeline: Pipeline) -> bool:
    """Whether the pipeline has a journey page: as its annotation says, else where pictures may be looked at."""
    asked = pipeline.annotations.get(JOURNEY_PAGE)
    return asked == "Enabled" or (asked != "Disabled" and pipeline.spec.pictures.access is PictureAccess.ALLOWED)


def page_shows_pictures(pipeline: Pipeline) -> bool:
    """Whether the page looks pictures up: RabbitMQ carries them in messages, where nothing can be looked up."""
    spec = pipeline.spec
    return spec.pictures.access is PictureAccess.ALLOWED and spec.broker.type is BrokerType.REDIS


def redis_url(pipeline: Pipeline) -> str:
    """URL of the managed Redis, without its password."""
    return f"redis://{service_host(pipeline, Role.REDIS)}:{REDIS_PORT}/0"


def otlp_endpoint(pipeline: Pipeline, *, grpc: bool = False) -> str:
    """Where spans are sent to, by OTLP over HTTP or gRPC; an external endpoint is taken as its owner wrote it."""
    external = pipeline.spec.tracing.backend.external
    if external is not None:
        return external.otlp_endpoint
    return f"http://{service_host(pipeline, Role.JAEGER)}:{OTLP_GRPC_PORT if grpc else OTLP_HTTP_PORT}"


def jaeger_query_url(pipeline: Pipeline) -> str:
    """Where traces are read from."""
    external = pipeline.spec.tracing.backend.external
    return (
        external.query_url
        if external is not None
        else f"http://{service_host(pipeline, Role.JAEGER)}:{JAEGER_QUERY_PORT}"
    )
