"""What `frametrace doctor` looks at. Each check says what is there, or what is missing and how to mend it."""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from frame_tracking import FrameID, Outcome, recover
from frametrace_api.contract import PipelineRef
from opentelemetry.sdk.resources import Resource
from telemetry import Service, redact
from telemetry.otlp_http import HttpSink
from telemetry.otlp_settings import OtlpSettings
from telemetry.recording import RecordingTracer

from camera_runtime.cli.findings import Check, State
from camera_runtime.journeys.base import JaegerUnavailableError
from camera_runtime.journeys.jaeger import Jaeger
from camera_runtime.run.broker_choice import broker_at, broker_type
from camera_runtime.run.contracts import ContractError
from camera_runtime.transports.base import BrokerUnavailableError

__all__ = ["broker", "installed", "jaeger", "otlp"]

_PYTHON: Final = (3, 11)
_SERVICES: Final = ("frametrace-doctor-capture", "frametrace-doctor-stage")
_ARRIVE_SECONDS: Final = 10.0
_FLUSH_SECONDS: Final = 5.0
_EXTRAS: Final = {
    "capture": ("av", "numpy"),
    "cli": ("rich", "typer", "yaml"),
    "redis": ("redis",),
    "rabbitmq": ("pika",),
}


def installed() -> list[Check]:
    """Look at what this Python has."""
    return [_python(), _sdk(), *(_extra(name, modules) for name, modules in _EXTRAS.items()), _video()]


def otlp(url: str, query: Jaeger) -> list[Check]:
    """Send a trace that crosses two services, and read it back."""
    frame_id, sent = _send_trace(url)
    name = "OTLP endpoint"
    if not sent:
        mend = f"start a Jaeger (make demo), or name its OTLP/HTTP port: --otlp URL or OTEL_EXPORTER_OTLP_ENDPOINT (now {redact(url)})"
        return [Check(name, State.MISSING, f"{redact(url)} took no spans", mend)]
    return [Check(name, State.WELL, f"{redact(url)} took a trace"), _read_back(frame_id, query)]


def jaeger(query: Jaeger) -> Check:
    """Ask the Jaeger for its services (row 0.1: the list is what counts, not the answer's length)."""
    name, mend = "Jaeger", "start one (make demo), or name its query port: --jaeger URL or JAEGER_QUERY_URL"
    try:
        services = query.services()
    except JaegerUnavailableError as error:
        return Check(name, State.MISSING, str(error), mend)
    if not services:
        return Check(name, State.MISSING, f"{query.name} lists no service", "send it spans: frametrace run --otlp URL")
    found = f"{query.name} lists {len(services)} services: {', '.join(services[:10])}"
    return Check(name, State.WELL, f"{found} (curl -s {query.name}/api/services | jq '.data | length')")


def broker(url: str) -> Check:
    """Ask the broker for a sign of life."""
    name = "broker"
    if not url:
        return Check(name, State.NOT_NEEDED, "none is named (--broker): frames stay in the process of `frametrace run`")
    try:
        asked = broker_at(url, PipelineRef(namespace="default", name="doctor", uid="doctor"))
        asked.ping()
        asked.close()
    except (BrokerUnavailableError, ContractError, ValueError) as error:
        return Check(
            name, State.MISSING, redact(str(error)), "start it, or correct --broker URL (or FRAMETRACE_BROKER)"
        )
    kind = broker_type(url)
    return Check(name, State.WELL, f"{kind} answers")


def _python() -> Check:
    text = f"{platform.python_implementation()} {platform.python_version()}"
    well = sys.version_info[:2] >= _PYTHON
    return Check("Python", State.WELL if well else State.MISSING, text, "" if well else "use Python 3.11 or later")


def _sdk() -> Check:
    """Tell the SDK's version from its package: the namespace `opentelemetry` has no `__version__`."""
    try:
        text = f"opentelemetry-sdk {version('opentelemetry-sdk')}, exporter {version('opentelemetry-exporter-otlp')}"
    except PackageNotFoundError as error:
        return Check(
            "OpenTelemetry", State.MISSING, f"{error.name} is not installed", "pip install 'frametrace[telemetry]'"
        )
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return Check("OpenTelemetry", State.MISSING, f"{text}, switched off", "unset OTEL_SDK_DISABLED")
    return Check(
        "OpenTelemetry", State.WELL, f"{text} (pip show opentelemetry-sdk; `opentelemetry` has no __version__)"
    )


def _extra(name: str, modules: tuple[str, ...]) -> Check:
    absent = [module for module in modules if importlib.util.find_spec(module) is None]
    if not absent:
        return Check(f"extra {name}", State.WELL, ", ".join(modules))
    needed = name in {"capture", "cli"}
    mend = f"pip install 'frametrace[{name}]'"
    return Check(
        f"extra {name}",
        State.MISSING if needed else State.NOT_NEEDED,
        f"{', '.join(absent)} not installed",
        mend if needed else f"{mend}, to use it",
    )


def _video() -> Check:
    try:
        import av  # noqa: PLC0415 - it may be missing
    except ImportError:
        return Check("video", State.MISSING, "PyAV is not installed", "pip install 'frametrace[capture]'")
    absent = sorted({"h264", "mjpeg"} - set(av.codecs_available))
    if absent:
        return Check(
            "video", State.MISSING, f"FFmpeg has no {', '.join(absent)}", "install PyAV's own wheel: pip install av"
        )
    libraries = ".".join(str(part) for part in av.library_versions["libavcodec"])
    return Check("video", State.WELL, f"PyAV {av.__version__}, libavcodec {libraries}, h264 and mjpeg")


def _send_trace(url: str) -> tuple[FrameID, bool]:
    """Send a frame's trace of two services, between which only the text of a context passes (row 0.2)."""
    settings = OtlpSettings.to(url, os.environ)
    first, second = (
        RecordingTracer(
            Service(name, "doctor"),
            HttpSink(settings),
            deadline_seconds=_FLUSH_SECONDS,
            resource=Resource({"service.name": name}),
        )
        for name in _SERVICES
    )
    frame_id = FrameID.generate("doctor")
    hop = first.capture(frame_id, time.time_ns(), {})
    context = hop.send("doctor", time.time_ns())
    hop.sent(time.time_ns())
    hop.end(time.time_ns())
    arrived = recover(frame_id, context.traceparent, context.tracestate)
    second.process(frame_id, arrived, time.time_ns(), {}).end(time.time_ns(), Outcome.COMPLETED)
    sent = [tracer.shutdown(_FLUSH_SECONDS) for tracer in (first, second)]
    return frame_id, all(sent)


def _read_back(frame_id: FrameID, query: Jaeger) -> Check:
    """Ask for the trace until both services are in it."""
    name, found, deadline = "propagation", set[str](), time.monotonic() + _ARRIVE_SECONDS
    while time.monotonic() < deadline:
        try:
            journey = query.journey(frame_id.trace_id)
        except JaegerUnavailableError as error:
            return Check(
                name, State.MISSING, str(error), "name the query port of the Jaeger that takes the spans: --jaeger URL"
            )
        found = {span.service for span in journey.spans} if journey else set()
        if found == set(_SERVICES):
            return Check(
                name, State.WELL, f"trace {frame_id.trace_id} has {len(found)} services: {', '.join(sorted(found))}"
            )
        time.sleep(0.2)
    return Check(
        name,
        State.MISSING,
        f"{query.name} has {len(found)} of 2 services of trace {frame_id.trace_id} after {_ARRIVE_SECONDS:g} s",
        "is this the query port of the Jaeger that takes the spans? Do both use one storage?",
    )
