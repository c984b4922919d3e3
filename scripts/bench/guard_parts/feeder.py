"""A pipeline that makes frames at a high rate, without a camera: the runtime's own parts from the picture on, one process.

Its capture and its stages have a ledger each, at addresses of their own (127.0.0.1, 127.0.0.2, …) on one port, as pods do.
Run as a module it is that process, until SIGTERM.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from camera_runtime.accounts import LedgerAccount
from camera_runtime.capture.events import Received, TakenPicture
from camera_runtime.capture.pipeline import CaptureTools, FramePipeline
from camera_runtime.http.endpoints import Endpoints
from camera_runtime.http.ledger_query import LedgerQuery
from camera_runtime.http.server import EndpointServer
from camera_runtime.run.stage_parts import stage_worker
from camera_runtime.stages.handler import StageFrame
from camera_runtime.stages.worker import StageWorker
from camera_runtime.transports.memory import MemoryBroker
from frame_tracking import CAPTURE_HOP, CAPTURE_SERVICE, FrameIDGenerator, Ledger, Topology
from frametrace_api.contract import BrokerContract, PipelineRef, StageContract
from telemetry import (
    LedgerBook,
    RuntimeMetrics,
    Sampling,
    Service,
    SwitchableTracer,
    process_cpu_seconds,
    set_up_tracing,
)

__all__ = ["CAMERA", "PORT_VARIABLE", "TREE", "address_of"]

CAMERA = "cam01"
TREE = Topology.of([("look", "capture"), ("again", "look")])
PORT_VARIABLE = "GUARD_FEEDER_PORT"
_REFERENCE = PipelineRef(namespace="local", name="local", uid="local")
_WAITING = 20_000


def address_of(hop: str) -> str:
    """Where a hop's ledger answers."""
    return f"127.0.0.{1 + TREE.hops.index(hop)}"


@dataclass(frozen=True, slots=True)
class _Hop:
    name: str
    tracer: SwitchableTracer
    book: LedgerBook
    account: LedgerAccount

    @classmethod
    def of(cls, name: str) -> _Hop:
        service = CAPTURE_SERVICE if name == CAPTURE_HOP else name
        tracer = set_up_tracing(
            Service(service, _REFERENCE.name, "" if name == CAPTURE_HOP else name), make_global=False
        )
        tracer.follow(Sampling(revision=TREE.revision))
        book = LedgerBook()
        book.follow(TREE.revision, on=True)
        metrics = RuntimeMetrics((_REFERENCE.namespace, _REFERENCE.name), book, tracer.counts)
        return cls(name, tracer, book, LedgerAccount(name, book, metrics, CAMERA))

    def serve(self) -> EndpointServer:
        started = time.time()

        def ledger(query: LedgerQuery | None) -> bytes:
            told = Ledger(
                pipeline=_REFERENCE.name,
                service=CAPTURE_SERVICE if self.name == CAPTURE_HOP else self.name,
                pod=self.name,
                revision=TREE.revision,
                started=started,
                now=time.time(),
                hops=self.book.hops(),
                spans=self.tracer.counts(),
                cpu_seconds=process_cpu_seconds(),
                tracing=self.tracer.state,
                window=self.book.window(query.start, query.end, query.frames) if query else None,
            )
            return told.model_dump_json().encode()

        endpoints = Endpoints(lambda: b"", "text/plain", ledger, str, str)
        server = EndpointServer(endpoints, int(os.environ[PORT_VARIABLE]), host=address_of(self.name))
        server.start()
        return server


def _hand_on(frame: StageFrame) -> StageFrame:
    return frame


def _pictures(take: Callable[[TakenPicture], None], per_second: float, stop: threading.Event) -> None:
    """Make so many pictures a second, evenly."""
    begun, number = time.monotonic(), 0
    while not stop.is_set():
        due = begun + number / per_second
        if (wait := due - time.monotonic()) > 0:
            stop.wait(wait)
        wall, monotonic = time.time_ns(), time.monotonic_ns()
        spans = ((wall - 2_000_000, wall - 1_000_000), (wall - 1_000_000, wall))
        take(TakenPicture(Received(wall, monotonic), *spans, (64, 36), (64, 36), "JPEG", b"picture" * 20))
        number += 1


def _worker(stage: _Hop, upstream: str, broker: MemoryBroker, contract: BrokerContract) -> StageWorker:
    made = StageContract(pipeline=_REFERENCE, name=stage.name, input=upstream, handler="motion", broker=contract)
    worker = stage_worker(made, _hand_on, (stage.tracer, stage.account), broker, lambda: TREE)
    worker.follow([CAMERA])
    return worker


def main() -> None:
    """Run until told to stop."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--fps", type=float, default=30.0)
    given = options.parse_args()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # nobody reads standard output
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    contract = BrokerContract(max_frames=_WAITING)
    broker = MemoryBroker(contract, lambda: TREE)
    hops = {name: _Hop.of(name) for name in TREE.hops}
    workers = [_worker(hops[name], upstream, broker, contract) for name, upstream in TREE.stages]
    servers = [hop.serve() for hop in hops.values()]
    first = hops[CAPTURE_HOP]
    ids = FrameIDGenerator(CAMERA)
    tools = CaptureTools(ids, broker.producer(CAMERA, CAPTURE_HOP), first.tracer, first.account, broker.system)
    threads = [threading.Thread(target=worker.run, daemon=True) for worker in workers]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    _pictures(FramePipeline(CAMERA, tools).take, given.fps, stop)
    time.sleep(0.3)
    for worker, thread in zip(workers, threads, strict=True):
        worker.stop()
        thread.join(8)
    for hop in hops.values():
        hop.tracer.shutdown(10)
    for server in servers:
        server.stop()


if __name__ == "__main__":
    main()
