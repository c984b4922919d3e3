"""Sets up a process's tracing from the standard `OTEL_*` environment. The composition root of `telemetry`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from opentelemetry import trace

from telemetry.attributes import Service
from telemetry.sampling import Sampling
from telemetry.switch import SwitchableTracer
from telemetry.untraced import UntracedTracer

__all__ = ["InvalidSamplerError", "is_disabled", "set_up_tracing"]

_SAMPLERS: Final[dict[str, float | None]] = {
    "always_on": 1.0,
    "always_off": 0.0,
    "traceidratio": None,
    "parentbased_always_on": 1.0,
    "parentbased_always_off": 0.0,
    "parentbased_traceidratio": None,
}


class InvalidSamplerError(ValueError):
    """`OTEL_TRACES_SAMPLER` or its argument cannot be used; the message says what can."""


def is_disabled(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether `OTEL_SDK_DISABLED` asks for a process without tracing."""
    return environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"


def set_up_tracing(
    service: Service, environ: Mapping[str, str] = os.environ, *, make_global: bool = True
) -> SwitchableTracer:
    """Return the process's tracer; call once, at its start.

    With `OTEL_SDK_DISABLED=true` nothing of the SDK is made, and the live switch has no effect. Otherwise the provider
    becomes OpenTelemetry's global one (unless `make_global` is False), so that a handler's own spans nest in hops.
    `OTEL_TRACES_SAMPLER` gives the ratio until the live contract does. End with `shutdown(seconds)`.

    Raises:
        InvalidSamplerError: if the sampler is unknown or its ratio is not between 0 and 1.
        UnknownProtocolError: if the OTLP protocol is unknown.
    """
    if is_disabled(environ):
        return SwitchableTracer(UntracedTracer())
    sampling = Sampling(ratio=_initial_ratio(environ))
    from telemetry.otlp import exporter_from_environment  # noqa: PLC0415 - a disabled process does without the SDK
    from telemetry.stock import StockTracer  # noqa: PLC0415

    tracer = StockTracer(service, exporter_from_environment(environ))
    if make_global:
        trace.set_tracer_provider(tracer.provider)
    switch = SwitchableTracer(tracer)
    switch.follow(sampling)
    return switch


def _initial_ratio(environ: Mapping[str, str]) -> float:
    name = environ.get("OTEL_TRACES_SAMPLER", "").strip() or "parentbased_always_on"
    if name not in _SAMPLERS:
        raise InvalidSamplerError(f"OTEL_TRACES_SAMPLER {name!r} is none of {', '.join(_SAMPLERS)}")
    fixed = _SAMPLERS[name]
    return _ratio(environ.get("OTEL_TRACES_SAMPLER_ARG", "").strip() or "1") if fixed is None else fixed


def _ratio(text: str) -> float:
    try:
        ratio = float(text)
    except ValueError:
        ratio = -1.0
    if not 0.0 <= ratio <= 1.0:
        raise InvalidSamplerError(f"OTEL_TRACES_SAMPLER_ARG {text!r} is not a ratio from 0 to 1")
    return ratio
