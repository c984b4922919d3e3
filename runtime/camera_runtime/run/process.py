"""What every process of a pipeline has: logs, tracing, ledger, metrics, the live contract, HTTP, and an orderly end."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Final, Protocol

import structlog
from frame_tracking import CAPTURE_HOP, Ledger, Topology
from frame_tracking.ledger import CameraState
from frametrace_api.contract import HTTP_PORT, POD_NAME_VARIABLE, BrokerContract, LiveContract, PipelineRef
from telemetry import (
    OPENMETRICS,
    LedgerBook,
    LiveFile,
    LiveWatcher,
    RuntimeMetrics,
    Service,
    SwitchableTracer,
    process_cpu_seconds,
    set_up_logs,
    set_up_tracing,
)

from camera_runtime.accounts import LedgerAccount
from camera_runtime.http.endpoints import Endpoints
from camera_runtime.http.ledger_query import LedgerQuery
from camera_runtime.http.server import EndpointServer
from camera_runtime.run.collector import calm_collector
from camera_runtime.run.contracts import ContractError, read_live
from camera_runtime.transports.base import Broker
from camera_runtime.transports.connect import UnsupportedBrokerError, connect

__all__ = ["Job", "Options", "Process"]

_LOG = structlog.get_logger(__name__)
_JOB_SECONDS: Final = 7.0
_FLUSH_SECONDS: Final = 2.5


@dataclass(frozen=True, slots=True)
class Options:
    """How a process is started: paths of its contracts, and its HTTP port."""

    config: str
    live: str
    port: int = HTTP_PORT


class Job(Protocol):
    """What a process does, in a thread of its own."""

    def run(self) -> None:
        """Work until `stop`."""

    def stop(self) -> None:
        """End after the frame that is being worked on."""


class Process:
    """The parts that capture and stages share.

    Raises:
        ContractError: if there is no good live contract to begin with.
    """

    def __init__(self, service: Service, pipeline: PipelineRef, hop: str, options: Options, camera: str = "") -> None:
        set_up_logs(service.name)
        self._service = service
        self._pipeline = pipeline
        self._hop, self._options = hop, options
        self._started = time.time()
        self._stop = threading.Event()
        self._faulted = False
        self.watcher = LiveWatcher(LiveFile(options.live), read_live(options.live))
        self.tracer: SwitchableTracer = set_up_tracing(service)
        self._book = LedgerBook()
        self._metrics = RuntimeMetrics((pipeline.namespace, pipeline.name), self._book, self.tracer.counts)
        self.account = LedgerAccount(hop, self._book, self._metrics, camera)

    @property
    def live(self) -> LiveContract:
        """The live contract that holds now."""
        return self.watcher.current

    def topology(self) -> Topology:
        """Return the tree of stages as it is now."""
        return Topology.of((edge.name, edge.input) for edge in self.live.stages)

    def connect(self, contract: BrokerContract, replica: str = "") -> Broker:
        """Return the pipeline's broker.

        Raises:
            ContractError: if there is no transport for it.
        """
        try:
            return connect(contract, self._pipeline, self.topology, replica=replica)
        except UnsupportedBrokerError as error:
            raise ContractError(str(error)) from None

    def endpoints(
        self,
        unhealthy: Callable[[], str],
        unready: Callable[[], str],
        cameras: Callable[[], tuple[CameraState, ...]] = tuple,
        snapshot: Callable[[], bytes] | None = None,
    ) -> Endpoints:
        """Return the process's endpoints."""
        return Endpoints(
            metrics=self._metrics.render,
            metrics_type=OPENMETRICS,
            ledger=lambda query: self._ledger(cameras(), query).model_dump_json().encode(),
            unhealthy=unhealthy,
            unready=unready,
            snapshot=snapshot,
        )

    def run(self, job: Job, endpoints: Endpoints) -> bool:
        """Run `job` until SIGTERM or SIGINT; then let it finish its frame and send every span. True if all that went well.

        Raises:
            OSError: if the HTTP port is taken.
        """
        server = EndpointServer(endpoints, self._options.port)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        self.watcher.subscribe(self._follow)
        self.watcher.start()
        server.start()
        calm_collector(only_ours=self._hop == CAPTURE_HOP)
        worker = threading.Thread(target=self._work, args=(job,), name="job", daemon=True)
        worker.start()
        _LOG.info("started", port=server.port, revision=self.live.revision)
        self._stop.wait()
        job.stop()
        worker.join(_JOB_SECONDS)
        self.watcher.stop()
        sent = self.tracer.shutdown(_FLUSH_SECONDS)
        server.stop()
        _LOG.info("stopped", spans=self.tracer.counts().model_dump(), all_sent=sent)
        return sent and not worker.is_alive() and not self._faulted

    def _work(self, job: Job) -> None:
        """Run the job; a process whose job ended, for whatever reason, is over."""
        try:
            job.run()
        except BaseException:  # noqa: BLE001 - said in the log; the pod starts anew
            self._faulted = True
            _LOG.exception("the process's work ended by a fault")
        finally:
            self._stop.set()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def _follow(self, live: LiveContract) -> None:
        """Switch tracing; frames that enter meanwhile are marked as perhaps not traced here."""
        self._book.follow(live.revision, on=False)
        self.tracer.apply(live)
        self._book.follow(live.revision, on=self.tracer.on)

    def _ledger(self, cameras: tuple[CameraState, ...], query: LedgerQuery | None) -> Ledger:
        return Ledger(
            pipeline=self._service.pipeline,
            service=self._service.name,
            pod=os.environ.get(POD_NAME_VARIABLE, ""),
            revision=self.live.revision,
            started=self._started,
            now=time.time(),
            hops=self._book.hops(),
            spans=self.tracer.counts(),
            cpu_seconds=process_cpu_seconds(),
            cameras=cameras,
            broker=self.account.broker_state,
            waiting=self.account.waiting,
            tracing=self.tracer.state,
            window=self._book.window(query.start, query.end, query.frames) if query else None,
        )
