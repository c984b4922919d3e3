"""One process of `no_loss.py`, which may be killed at any moment: a producer of frames, or a stage. Tracing is off."""

from __future__ import annotations

import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from camera_runtime.frame import Frame
from camera_runtime.queue_end import report_dropped
from camera_runtime.stages.handler import StageFrame
from camera_runtime.stages.settle import StageTools
from camera_runtime.stages.worker import StageWorker
from camera_runtime.transports import Broker, BrokerUnavailableError, Producer, connect
from frame_tracking import CAPTURE_HOP, DropReason, FrameIDGenerator, FrameMetadata, Outcome, Topology, TraceContext
from frametrace_api.contract import BrokerContract, PipelineRef
from pydantic import BaseModel
from telemetry import UntracedTracer

from scripts.bench.no_loss_parts.journal import Journal, JournalAccount, JournalConsumer

__all__ = ["CAMERA", "TREE", "Role", "open_broker"]

CAMERA = "cam01"
TREE = Topology.of([("motion", CAPTURE_HOP), ("verify", "motion")])
_PICTURE = bytes(1000)
_MOST_BEHIND_SECONDS = 1.0
_AWAY_SECONDS = 0.1


class Role(BaseModel):
    """What the process is, as its only argument says it.

    Attributes:
        hop: `capture`, or the stage's name.
        replica: its name, which stays over its lives.
        journal: where it writes down what it does.
        frames: how many a capture sends before it ends by itself, and how many a second at most.
    """

    hop: str
    replica: str
    journal: Path
    broker: BrokerContract
    uid: str
    frames: int = 0
    per_second: float = 0.0


def open_broker(contract: BrokerContract, uid: str, replica: str = "") -> Broker:
    """Return the run's broker."""
    return connect(contract, PipelineRef(namespace="bench", name="no-loss", uid=uid), lambda: TREE, replica=replica)


class _Capture:
    """Sends frames as `FramePipeline` does, without a camera."""

    def __init__(self, role: Role, journal: Journal, producer: Producer) -> None:
        self._role, self._journal, self._producer = role, journal, producer
        self._account = JournalAccount(CAPTURE_HOP, journal)
        self._ids = FrameIDGenerator(CAMERA)

    def run(self, stop: threading.Event) -> None:
        """Send them all, evenly; slowly while the broker is away, so that an outage does not use up the run's frames."""
        due = time.monotonic()
        for _ in range(self._role.frames):
            if stop.wait(max(0.0, due - time.monotonic())):
                return
            due = max(due + 1 / self._role.per_second, time.monotonic() - _MOST_BEHIND_SECONDS)
            if not self._send():
                due = time.monotonic() + _AWAY_SECONDS

    def _send(self) -> bool:
        """Send one; False if the broker is away."""
        frame_id = self._ids.next()
        context = TraceContext.untraced(frame_id)
        self._account.entered(frame_id, context)
        self._journal.write("sending", frame_id, CAPTURE_HOP)
        frame = Frame(FrameMetadata(frame_id=frame_id, timestamp=frame_id.time), _PICTURE)
        try:
            sent = self._producer.send(frame, context)
        except BrokerUnavailableError:
            self._account.ended(frame_id, Outcome.DROPPED, DropReason.BROKER_UNAVAILABLE)
            return False
        if sent.refused:
            self._account.ended(frame_id, Outcome.DROPPED, DropReason.OVERFLOW)
        else:
            self._account.left(frame_id)
        report_dropped(sent.dropped, UntracedTracer(), self._account)
        return True


def _stage(role: Role, journal: Journal, broker: Broker) -> StageWorker:
    consumer: Any = JournalConsumer(
        broker.consumer(role.hop, TREE.input_of(role.hop), claim_after_seconds=6.0), role.hop, journal
    )
    tools = StageTools(
        name=role.hop,
        consumer=consumer,
        tracer=UntracedTracer(),
        account=JournalAccount(role.hop, journal),
        destination=str,
        has_readers=lambda: bool(TREE.children(role.hop)),
        system=broker.system,
        max_deliveries=10,
        timeout_seconds=5.0,
    )
    worker = StageWorker(tools, _same)
    worker.follow([CAMERA])
    return worker


def _same(frame: StageFrame) -> StageFrame:
    return frame


def main() -> int:
    """Run until SIGTERM, or until all frames are sent."""
    role = Role.model_validate_json(sys.argv[1])
    journal, stop = Journal(role.journal), threading.Event()
    broker = open_broker(role.broker, role.uid, role.replica)
    if role.hop == CAPTURE_HOP:
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        _Capture(role, journal, broker.producer(CAMERA, CAPTURE_HOP)).run(stop)
    else:
        worker = _stage(role, journal, broker)
        signal.signal(signal.SIGTERM, lambda *_: worker.stop())
        worker.run()
    broker.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
