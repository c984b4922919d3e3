"""Tracing of several services in one process: each has a tracer of its own, and a handler's spans are its stage's."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from frame_tracking import SpanCount, TracingNow
from frametrace_api.contract import LiveContract
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import Span, Tracer, TracerProvider
from telemetry import Service, SwitchableTracer, UntracedTracer, is_disabled
from telemetry.recording import RecordingTracer
from telemetry.sink import SpanSink

from camera_runtime.stages.handler import Handler, StageFrame

__all__ = ["LocalTracing"]

_PROVIDER: ContextVar[TracerProvider | None] = ContextVar("frametrace_service_provider", default=None)


class LocalTracing:
    """The tracers of a pipeline in one process.

    Args:
        pipeline: its name.
        new_sink: makes what takes a service's spans.
        live: whether, and which share of the frames, is traced.
        environ: the `OTEL_*` settings; `OTEL_SERVICE_NAME` is not used, for there are several services.
    """

    def __init__(
        self,
        pipeline: str,
        new_sink: Callable[[], SpanSink],
        live: LiveContract,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._pipeline, self._new_sink, self._live, self._environ = pipeline, new_sink, live, environ
        self._tracers: dict[str, SwitchableTracer] = {}
        self._providers: dict[str, TracerProvider] = {}

    def tracer(self, name: str, stage: str = "") -> SwitchableTracer:
        """Return the tracer of a service; the same one each time."""
        if name not in self._tracers:
            self._tracers[name] = self._make(Service(name, self._pipeline, stage))
            self._tracers[name].apply(self._live)
        return self._tracers[name]

    def become_global(self) -> None:
        """Give what handlers get from OpenTelemetry's API: the provider of the stage that they run for."""
        if self._providers:
            trace.set_tracer_provider(_ServiceProvider(next(iter(self._providers.values()))))

    def inside(self, name: str, handler: Handler) -> Handler:
        """Return the handler of a stage, its own spans going to that stage's service."""
        provider = self._providers.get(name)
        if provider is None:
            return handler

        def call(frame: StageFrame) -> Any:
            token = _PROVIDER.set(provider)
            try:
                return handler(frame)
            finally:
                _PROVIDER.reset(token)

        return call

    @property
    def state(self) -> TracingNow:
        """Whether the services trace: they all do, or none."""
        return next((tracer.state for tracer in self._tracers.values()), TracingNow.DISABLED)

    def counts(self) -> SpanCount:
        """What became of the spans of all services."""
        return SpanCount.total(tracer.counts() for tracer in self._tracers.values())

    def shutdown(self, timeout_seconds: float) -> bool:
        """Send all spans and stop; False if some were lost."""
        sent = [tracer.shutdown(timeout_seconds) for tracer in self._tracers.values()]
        return all(sent)

    def _make(self, service: Service) -> SwitchableTracer:
        if is_disabled(self._environ):
            return SwitchableTracer(UntracedTracer())
        resource = Resource.create().merge(Resource({"service.name": service.name}))
        tracer = RecordingTracer(service, self._new_sink(), environ=self._environ, resource=resource)
        self._providers[service.name] = tracer.provider
        return SwitchableTracer(tracer)


class _ServiceProvider(TracerProvider):
    """Gives tracers that begin each span at the service that runs now."""

    def __init__(self, others: TracerProvider) -> None:
        self._others = others

    def get_tracer(self, *arguments: Any, **named: Any) -> Tracer:
        """See OpenTelemetry's API."""
        return _ServiceTracer(lambda: (_PROVIDER.get() or self._others).get_tracer(*arguments, **named))


class _ServiceTracer(Tracer):
    def __init__(self, current: Callable[[], Tracer]) -> None:
        self._current = current

    def start_span(self, *arguments: Any, **named: Any) -> Span:
        return self._current().start_span(*arguments, **named)

    def start_as_current_span(self, *arguments: Any, **named: Any) -> Any:
        return self._current().start_as_current_span(*arguments, **named)
