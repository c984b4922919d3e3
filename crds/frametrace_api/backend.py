"""Where a pipeline's traces go: a Jaeger that the operator runs, or one of the owner's. Must not know what is traced."""

from enum import StrEnum
from typing import ClassVar

from pydantic import model_validator

from frametrace_api.base import ApiModel
from frametrace_api.references import SecretKeyRef
from frametrace_api.rules import Rule
from frametrace_api.scalars import StorageSize
from frametrace_api.urls import BaseUrl, HttpUrl

__all__ = ["ExternalBackend", "ManagedBackend", "PurgeHook", "PurgeWebhook", "Storage", "TracingBackend"]


class Storage(StrEnum):
    """What a managed Jaeger keeps traces in."""

    MEMORY = "Memory"
    BADGER = "Badger"


class ManagedBackend(ApiModel):
    """A Jaeger that the operator runs for this pipeline alone."""

    storage: Storage = Storage.MEMORY
    """Memory (a ring: the oldest traces make room, a restart loses all), or Badger (on a volume, with tracing.retention as its time to live; another storage or backend deletes the volume). Left out: Memory."""
    size: StorageSize | None = None
    """Size of the storage, 64Mi to 64Ti: of the memory for the ring, or of the volume. A volume grows where its StorageClass allows that, and never shrinks. Left out: the operator derives it from cameras, stages, frame rate and retention; sampling, which changes live, is not looked at."""


class PurgeWebhook(ApiModel):
    """An HTTP call."""

    url: HttpUrl
    """URL that gets a POST with the pipeline's name, namespace and service names."""
    secret_ref: SecretKeyRef | None = None
    """Key of a Secret whose value is sent as bearer token. Left out: none is sent."""


class PurgeHook(ApiModel):
    """How an external backend is purged."""

    webhook: PurgeWebhook
    """HTTP call by which a rollback asks you to clear this pipeline's traces."""


class ExternalBackend(ApiModel):
    """A Jaeger of your own."""

    otlp_endpoint: BaseUrl
    """OTLP/HTTP endpoint that spans are sent to, without /v1/traces, such as http://jaeger-collector.observability:4318. For OTLP/gRPC set OTEL_EXPORTER_OTLP_PROTOCOL=grpc in podSettings.env."""
    query_url: BaseUrl
    """URL of Jaeger's query service, such as http://jaeger-query.observability:16686; the guard reads traces from it."""
    headers_secret_ref: SecretKeyRef | None = None
    """Key of a Secret with headers for both, as name=value pairs with commas between them, as in OTEL_EXPORTER_OTLP_HEADERS. Pods read it when they start. Left out: none are sent."""
    purge: PurgeHook | None = None
    """How a rollback clears this pipeline's traces. Left out: they stay; the operator never clears a storage that others may use."""


class TracingBackend(ApiModel):
    """Where traces go: after reading, exactly one of the two is set."""

    managed: ManagedBackend | None = None
    """A Jaeger that the operator runs for this pipeline alone. Left out together with external: one that keeps traces in memory."""
    external: ExternalBackend | None = None
    """A Jaeger of your own. Left out: a managed one."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            cel="!has(self.managed) || !has(self.external)",
            message="traces go to a managed or to an external backend, not to both; remove one",
            holds=lambda backend: backend.managed is None or backend.external is None,
            field_path=".external",
        ),
    )

    @model_validator(mode="before")
    @classmethod
    def _managed_when_nothing_is_said(cls, data: object) -> object:
        if isinstance(data, dict) and data.get("managed") is None and data.get("external") is None:
            return data | {"managed": {}}
        return data
