"""LocalPipeline: a whole CameraPipeline in one process: captures and stages in threads, the same code as in the pods."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import structlog
from frame_tracking import CAPTURE_HOP, CAPTURE_SERVICE, Ledger
from telemetry import OPENMETRICS, LedgerBook, RuntimeMetrics

from camera_runtime.http.endpoints import Endpoints
from camera_runtime.http.ledger_query import LedgerQuery
from camera_runtime.queue_end import report_dropped
from camera_runtime.run.capture_parts import CaptureParts, capture_parts
from camera_runtime.run.contracts import ContractError
from camera_runtime.run.local_contracts import LocalContracts, LocalStage
from camera_runtime.run.local_tracing import LocalTracing
from camera_runtime.run.picture_store import KeepingProducer, PictureStore
from camera_runtime.run.stage_parts import stage_worker
from camera_runtime.run.tally import FrameTally, TalliedAccount
from camera_runtime.stages.handler import Handler
from camera_runtime.stages.loader import HandlerNotFoundError, load_handler
from camera_runtime.stages.worker import StageWorker
from camera_runtime.transports.base import Broker
from camera_runtime.transports.connect import UnsupportedBrokerError, connect
from camera_runtime.transports.memory import MemoryBroker

__all__ = ["LocalPipeline", "new_broker"]

_LOG = structlog.get_logger(__name__)
_CAPTURE_SECONDS: Final = 10.0
_STAGE_SECONDS: Final = 8.0
_FLUSH_SECONDS: Final = 5.0
_STEP_SECONDS: Final = 0.05
_NAME: Final = "frametrace run"


def new_broker(contracts: LocalContracts) -> Broker:
    """Return the broker of the contracts; one in this process, if they name none.

    Raises:
        ContractError: if there is no transport for it.
    """
    if not contracts.broker.url:
        return MemoryBroker(contracts.broker, lambda: contracts.topology)
    try:
        return connect(contracts.broker, contracts.pipeline, lambda: contracts.topology, replica=_NAME)
    except UnsupportedBrokerError as error:
        raise ContractError(str(error)) from None
    except ImportError as error:
        raise ContractError(
            f"the broker's client {error.name} is not installed: pip install 'frametrace[redis]'"
        ) from None


@dataclass(slots=True)
class _Work:
    run: Callable[[], None]
    stop: Callable[[], None]
    thread: threading.Thread = field(default_factory=threading.Thread)


class LocalPipeline:
    """A pipeline's captures and stages.

    Args:
        contracts: what it is made of.
        tracing: makes its services' tracers.
        broker: between the hops.
        pictures: keeps captured pictures, if any are to be kept.

    Raises:
        ContractError: if a camera or a handler can never work.
    """

    def __init__(
        self,
        contracts: LocalContracts,
        tracing: LocalTracing,
        broker: Broker,
        pictures: PictureStore | None = None,
    ) -> None:
        self._contracts, self._tracing, self._broker, self._pictures = contracts, tracing, broker, pictures
        self._started = time.time()
        self._faults: list[str] = []
        self.tally = FrameTally(contracts.topology)
        book, pipeline = LedgerBook(), contracts.pipeline
        self._book, self._metrics = book, RuntimeMetrics((pipeline.namespace, pipeline.name), book, tracing.counts)
        self.captures = tuple(self._capture(index) for index in range(len(contracts.captures)))
        handlers = [(stage, self._handlers(stage)) for stage in contracts.stages]
        tracing.become_global()
        self._workers = [worker for stage, made in handlers for worker in self._stage(stage, made)]
        self._capturing = [_Work(parts.capturer.run, parts.capturer.stop) for parts in self.captures]
        self._handling = [_Work(worker.run, worker.stop) for worker in self._workers]

    @property
    def capturing(self) -> bool:
        """Whether a camera is still captured."""
        return any(work.thread.is_alive() for work in self._capturing)

    def start(self) -> None:
        """Begin."""
        for work in (*self._handling, *self._capturing):
            work.thread = threading.Thread(target=self._guarded, args=(work.run,), name="pipeline", daemon=True)
            work.thread.start()

    def end(self, drain_seconds: float, hurry: threading.Event) -> bool:
        """Let the cameras go, let the frames in flight finish, and send every span; True if none was lost.

        Args:
            drain_seconds: how long frames may take to finish; what is not over then is dropped as `shutdown`, or stays
                in the broker where that is another process.
            hurry: when it is set, nothing is waited for any more.
        """
        _stop(self._capturing, _CAPTURE_SECONDS)
        deadline = time.monotonic() + drain_seconds
        while self.tally.snapshot().in_flight and time.monotonic() < deadline and not hurry.is_set():
            time.sleep(_STEP_SECONDS)
        _stop(self._handling, _STAGE_SECONDS)
        if isinstance(self._broker, MemoryBroker):
            for dropped in self._broker.end_all():
                account = self._account(dropped.hop)
                report_dropped((dropped,), self._tracing.tracer(dropped.hop, dropped.hop), account)
        self._broker.close()
        return self._tracing.shutdown(_FLUSH_SECONDS) and not self._faults

    def endpoints(self) -> Endpoints:
        """Return what the process answers over HTTP; the snapshot is the first camera's."""
        first = self.captures[0]
        return Endpoints(
            metrics=self._metrics.render,
            metrics_type=OPENMETRICS,
            ledger=lambda query: self._ledger(query).model_dump_json().encode(),
            unhealthy=self._unhealthy,
            unready=lambda: "; ".join(
                f"{parts.contract.camera.id}: {why}" for parts in self.captures if (why := parts.unready())
            ),
            snapshot=first.snapshot if first.contract.pictures_allowed else None,
        )

    def _capture(self, index: int) -> CaptureParts:
        contract = self._contracts.captures[index]
        camera = contract.camera.id
        producer = self._broker.producer(camera, CAPTURE_HOP)
        kept = KeepingProducer(producer, self._pictures.keep) if self._pictures else producer
        traced = (self._tracing.tracer(CAPTURE_SERVICE), self._account(CAPTURE_HOP, camera))
        return capture_parts(contract, traced, kept, self._broker.system, allow_files=True)

    def _handlers(self, stage: LocalStage) -> list[Handler]:
        """Make a handler for each replica, while the stage's environment is this process's.

        It stays so afterwards, for variables that no later stage has with another value: so a handler finds its own when
        it is made, and as a rule also later.
        """
        self._tracing.tracer(stage.contract.name, stage.contract.name)
        os.environ.update(stage.environ)
        try:
            return [load_handler(stage.contract.handler) for _ in range(stage.replicas)]
        except HandlerNotFoundError as error:
            raise ContractError(f"stage {stage.contract.name}: {error}") from None

    def _stage(self, stage: LocalStage, handlers: list[Handler]) -> list[StageWorker]:
        name = stage.contract.name
        traced = (self._tracing.tracer(name, name), self._account(name))
        workers = []
        for handler in handlers:
            inside = self._tracing.inside(name, handler)
            worker = stage_worker(stage.contract, inside, traced, self._broker, lambda: self._contracts.topology)
            worker.follow(self._contracts.live.cameras)
            workers.append(worker)
        return workers

    def _account(self, hop: str, camera: str = "") -> TalliedAccount:
        return TalliedAccount(hop, (self._book, self._metrics), self.tally, camera)

    def _guarded(self, run: Callable[[], None]) -> None:
        try:
            run()
        except Exception as error:  # noqa: BLE001 - said in the log, and by the exit code
            self._faults.append(type(error).__name__)
            _LOG.exception("a part of the pipeline ended by a fault")

    def _unhealthy(self) -> str:
        stuck = [parts.contract.camera.id for parts in self.captures if not parts.capturer.alive]
        late = [f"a stage of {len(self._workers)}" for worker in self._workers if not worker.alive]
        return f"stuck: {', '.join(stuck + late)}" if stuck or late else ""

    def _ledger(self, query: LedgerQuery | None) -> Ledger:
        return Ledger(
            pipeline=self._contracts.pipeline.name,
            service=_NAME,
            pod="",
            revision=self._contracts.live.revision,
            started=self._started,
            now=time.time(),
            hops=self._book.hops(),
            spans=self._tracing.counts(),
            tracing=self._tracing.state,
            window=self._book.window(query.start, query.end, query.frames) if query else None,
            cameras=tuple(parts.status.snapshot() for parts in self.captures),
        )


def _stop(works: list[_Work], seconds: float) -> None:
    for work in works:
        work.stop()
    deadline = time.monotonic() + seconds
    for work in works:
        if work.thread.is_alive():
            work.thread.join(max(0.0, deadline - time.monotonic()))
