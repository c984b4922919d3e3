"""Sets up a process's tracing from the standard `OTEL_*` environment. The composition root of `telemetry`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import structlog
from opentelemetry import trace

from telemetry.attributes import Service
from telemetry.limit_variables import leave_out_invalid_limits
from telemetry.redaction import describe
from telemetry.sampling import Sampling
from telemetry.switch import SwitchableTracer
from telemetry.untraced import UntracedTracer

if TYPE_CHECKING:
    from telemetry.sink import SpanSink

__all__ = ["is_disabled", "set_up_tracing"]

_LOG = structlog.get_logger(__name__)
_DEADLINE_SECONDS: Final = 10.0
_SAMPLERS: Final[dict[str, float | None]] = {
    "always_on": 1.0,
    "always_off": 0.0,
    "traceidratio": None,
    "parentbased_always_on": 1.0,
    "parentbased_always_off": 0.0,
    "parentbased_traceidratio": None,
}


def is_disabled(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether `OTEL_SDK_DISABLED` asks for a process without tracing."""
    return environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"


def set_up_tracing(
    service: Service,
    environ: Mapping[str, str] = os.environ,
    *,
    make_global: bool = True,
    sink: SpanSink | None = None,
) -> SwitchableTracer:
    """Return the process's tracer; call once, at its start.

    With `OTEL_SDK_DISABLED=true` nothing of the SDK is made, and the live switch has no effect. Otherwise the provider
    becomes OpenTelemetry's global one (unless `make_global` is False), so that a handler's own spans nest in hops.
    `OTEL_TRACES_SAMPLER` gives the ratio until the live contract does. End with `shutdown(seconds)`. Where nothing can be
    made that sends spans, the log says why, and frames go on untraced.

    Args:
        service: whose hops are recorded.
        environ: the process's settings.
        make_global: whether OpenTelemetry's API gives this tracer's provider from now on.
        sink: where spans go; by default to the receiver that `OTEL_EXPORTER_OTLP_*` names.
    """
    if is_disabled(environ):
        return SwitchableTracer(UntracedTracer())
    for name in leave_out_invalid_limits(os.environ):
        _LOG.warning("setting ignored", variable=name, wanted="a whole number")
    sampling = Sampling(ratio=_initial_ratio(environ))
    from telemetry.recording import RecordingTracer  # noqa: PLC0415 - a disabled process does without the SDK

    try:
        chosen, seconds = (sink, _DEADLINE_SECONDS) if sink is not None else _sink_of(environ)
    except Exception as error:  # noqa: BLE001 - whatever an image lacks or a setting makes a library raise: video goes on
        _LOG.error("tracing is off: spans cannot be sent", reason=f"{type(error).__name__}: {describe(error)}")
        return SwitchableTracer(UntracedTracer())
    tracer = RecordingTracer(service, chosen, deadline_seconds=seconds, environ=environ)
    if make_global:
        trace.set_tracer_provider(tracer.provider)
    switch = SwitchableTracer(tracer)
    switch.follow(sampling)
    return switch


def _sink_of(environ: Mapping[str, str]) -> tuple[SpanSink, float]:
    from telemetry.otlp_settings import OtlpSettings, protocol  # noqa: PLC0415 - as above

    grpc = protocol(environ) == "grpc"
    settings = OtlpSettings.read(environ, grpc=grpc)
    if grpc:
        from telemetry.otlp_grpc import GrpcSink  # noqa: PLC0415 - grpc is slow to import

        return GrpcSink(settings), settings.timeout_seconds
    from telemetry.otlp_http import HttpSink  # noqa: PLC0415 - as above

    return HttpSink(settings), settings.timeout_seconds


def _initial_ratio(environ: Mapping[str, str]) -> float:
    """Return the sampler's ratio; what is unknown or no ratio is said in the log and ignored, as the specification asks."""
    name = environ.get("OTEL_TRACES_SAMPLER", "").strip().lower() or "parentbased_always_on"
    if name not in _SAMPLERS:
        _LOG.warning("setting ignored", variable="OTEL_TRACES_SAMPLER", value=name[:40], known=sorted(_SAMPLERS))
        return 1.0
    fixed = _SAMPLERS[name]
    return _ratio(environ.get("OTEL_TRACES_SAMPLER_ARG", "").strip() or "1") if fixed is None else fixed


def _ratio(text: str) -> float:
    try:
        ratio = float(text)
    except ValueError:
        ratio = -1.0
    if 0.0 <= ratio <= 1.0:
        return ratio
    _LOG.warning("setting ignored", variable="OTEL_TRACES_SAMPLER_ARG", value=text[:40], wanted="a ratio from 0 to 1")
    return 1.0
