"""The process of a journey page: it reads traces and pictures, answers browsers, and leaves no trace of its own."""

from __future__ import annotations

import signal
import threading
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Final

import structlog
from frame_tracking import Attribute, Journey, Topology, now
from frametrace_api.contract import JaegerContract, PageContract
from telemetry import LiveFile, LiveWatcher, hide, set_up_logs
from telemetry.otlp_settings import OtlpSettings

from camera_runtime.http.server import EndpointServer
from camera_runtime.journeys.base import JaegerUnavailableError
from camera_runtime.journeys.jaeger import Jaeger, Search
from camera_runtime.journeys.stored import JaegerJourneys, Traces
from camera_runtime.page.belonging import Belonging
from camera_runtime.page.frames import MOST, Frames
from camera_runtime.page.lookup import Lookup
from camera_runtime.page.pictures import BrokerPictures, NoPictures, Pictures, PictureState
from camera_runtime.page.site import Site, refuse_foreign_names
from camera_runtime.run.contracts import ContractError, read_live, read_process
from camera_runtime.run.process import Options
from camera_runtime.transports.connect import UnsupportedBrokerError, connect

__all__ = ["run_page"]

_LOG = structlog.get_logger(__name__)
_JAEGER_SECONDS: Final = 5.0
_ANSWER_SECONDS: Final = 12.0
_LARGEST: Final = 16_000_000
"""Bytes of an answer of Jaeger's: ten times as much memory, and two at a time."""
_REQUEST_SECONDS: Final = 60.0
"""A page asks Jaeger a few times, and the broker once."""


def run_page(options: Options) -> bool:
    """Answer until the process is told to end.

    Raises:
        ContractError: if a contract cannot be used.
        OSError: if the HTTP port is taken.
    """
    set_up_logs("journey-page")
    contract = read_process(options.config, PageContract)
    watcher = LiveWatcher(LiveFile(options.live), read_live(options.live))
    server = EndpointServer(
        _site(contract, watcher), options.port, request_seconds=_REQUEST_SECONDS, refuse=refuse_foreign_names
    )
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    watcher.start()
    server.start()
    _LOG.info("started", port=server.port)
    stop.wait()
    server.stop()
    watcher.stop()
    _LOG.info("stopped")
    return True


def _site(contract: PageContract, watcher: LiveWatcher) -> Site:
    reference = contract.pipeline
    pipeline = Belonging(reference.namespace, reference.name, contract.jaeger.alone)
    pictures = _pictures(contract)
    jaeger: Traces = _jaeger(contract.jaeger) if contract.jaeger.url else _NoJaeger()
    most = min(MOST, contract.jaeger.max_traces or MOST)
    stored = JaegerJourneys(
        jaeger,
        {Attribute.PIPELINE_NAME.value: reference.name},
        most=most,
        owns=pipeline.owns,
        stages=lambda: tuple(edge.name for edge in watcher.current.stages),
        keep=timedelta(seconds=contract.trace_seconds) or None,
    )
    frames = Frames(jaeger, pipeline, contract.trace_seconds, now, most)
    lookup = Lookup(stored, frames, pictures, pipeline, contract.trace_seconds, lambda: watcher.current, now)
    return Site(reference, lookup, frames, pictures, lambda: watcher.current)


def _jaeger(contract: JaegerContract) -> Jaeger:
    return Jaeger(
        contract.url,
        _JAEGER_SECONDS,
        answer_seconds=_ANSWER_SECONDS,
        largest_bytes=_LARGEST,
        headers=partial(_headers, contract.headers_file) if contract.headers_file else dict,
    )


def _headers(path: str) -> Mapping[str, str]:
    """Read the headers at every request, so that a changed Secret needs no restart."""
    try:
        text = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise JaegerUnavailableError(f"the headers for Jaeger cannot be read from {path}: {why}") from None
    hide(text)
    return OtlpSettings.read({"OTEL_EXPORTER_OTLP_HEADERS": text}).headers


def _pictures(contract: PageContract) -> Pictures:
    if not contract.pictures_allowed:
        return NoPictures(
            PictureState.DENIED, "Pictures are denied: spec.pictures.access of the pipeline is not Allowed."
        )
    if contract.broker.type == "RabbitMQ":
        why = "There are no pictures here: RabbitMQ carries them in its messages, where none can be looked up."
        return NoPictures(PictureState.IN_MESSAGES, why)
    try:
        return BrokerPictures(connect(contract.broker, contract.pipeline, Topology), contract.broker.frame_seconds)
    except UnsupportedBrokerError as error:
        raise ContractError(str(error)) from None


class _NoJaeger:
    """What a pipeline has whose tracing is disabled."""

    name = "none"

    def services(self) -> tuple[str, ...]:
        """See `Traces.services`."""
        raise _disabled()

    def journey(self, trace_id: str) -> Journey | None:  # noqa: ARG002 - the seam's
        """See `Traces.journey`."""
        raise _disabled()

    def search(self, search: Search) -> tuple[Journey, ...]:  # noqa: ARG002 - the seam's
        """See `Traces.search`."""
        raise _disabled()


def _disabled() -> JaegerUnavailableError:
    return JaegerUnavailableError("tracing of this pipeline is disabled (spec.tracing.mode), so it has no journeys")
