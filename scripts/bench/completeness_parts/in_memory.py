"""A pipeline in one process over the in-memory broker: the runtime's own parts, each service with a tracer of its own."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Protocol

from camera_runtime.accounts import LedgerAccount
from camera_runtime.run.capture_parts import capture_parts
from camera_runtime.run.stage_parts import stage_worker
from camera_runtime.stages.loader import load_handler
from camera_runtime.stages.worker import StageWorker
from camera_runtime.transports.memory import MemoryBroker
from frame_tracking import CAPTURE_HOP, CAPTURE_SERVICE, Topology
from frametrace_api.contract import BrokerContract, CameraContract, CaptureContract, PipelineRef, StageContract
from telemetry import LedgerBook, RuntimeMetrics, Sampling, Service, SwitchableTracer, set_up_tracing

__all__ = ["run_in_memory"]

_CAMERA = "cam01"
_REFERENCE = PipelineRef(namespace="local", name="local", uid="local")


class _Job(Protocol):
    def run(self) -> None:
        """Work until `stop`."""

    def stop(self) -> None:
        """End."""


def run_in_memory(camera: str, otlp: str, topology: Topology, handlers: dict[str, str], frames: int) -> int:
    """Run until `frames` frames were handed on and have ended; return how many ended before that, at capture."""
    os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = otlp
    contract = BrokerContract(max_frames=10_000)
    broker = MemoryBroker(contract, lambda: topology)
    books = {hop: LedgerBook() for hop in topology.hops}
    tracers: list[SwitchableTracer] = []

    def traced(service: str, hop: str) -> tuple[SwitchableTracer, LedgerAccount]:
        tracer = set_up_tracing(Service(service, _REFERENCE.name, "" if hop == CAPTURE_HOP else hop), make_global=False)
        tracer.follow(Sampling(revision=topology.revision))
        tracers.append(tracer)
        metrics = RuntimeMetrics((_REFERENCE.namespace, _REFERENCE.name), books[hop], tracer.counts)
        return tracer, LedgerAccount(hop, books[hop], metrics, _CAMERA)

    capture = CaptureContract(pipeline=_REFERENCE, camera=CameraContract(id=_CAMERA, url=camera), broker=contract)
    producer = broker.producer(_CAMERA, CAPTURE_HOP)
    source = capture_parts(capture, traced(CAPTURE_SERVICE, CAPTURE_HOP), producer, broker.system).capturer
    workers: list[StageWorker] = []
    for name, upstream in topology.stages:
        stage = StageContract(pipeline=_REFERENCE, name=name, input=upstream, handler=handlers[name], broker=contract)
        workers.append(stage_worker(stage, load_handler(stage.handler), traced(name, name), broker, lambda: topology))
        workers[-1].follow([_CAMERA])
    jobs: list[_Job] = [*workers, source]
    running = [_start(job) for job in jobs]
    _wait(lambda: _left(books[CAPTURE_HOP]) >= frames)
    source.stop()
    running[-1].join(10)
    left = _left(books[CAPTURE_HOP])
    _wait(lambda: all(_over(books[hop]) >= left for hop in topology.hops))
    for job, thread in zip(jobs, running, strict=True):
        job.stop()
        thread.join(10)
    for tracer in tracers:
        tracer.shutdown(30)
    return _over(books[CAPTURE_HOP]) - left


def _start(job: _Job) -> threading.Thread:
    thread = threading.Thread(target=job.run, daemon=True)
    thread.start()
    return thread


def _wait(holds: Callable[[], bool]) -> None:
    while not holds():
        time.sleep(0.05)


def _left(book: LedgerBook) -> int:
    return sum(hop.left for hop in book.hops())


def _over(book: LedgerBook) -> int:
    return sum(hop.left + sum(hop.ended.values()) for hop in book.hops())
