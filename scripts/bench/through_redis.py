"""The product's own path that `throughput.py` measures: a traced frame, the producer, the stage that acknowledges it."""

from __future__ import annotations

import time
from itertools import count

from camera_runtime.accounts import LedgerAccount
from camera_runtime.frame import Frame
from camera_runtime.stages.decoder import PictureDecoder
from camera_runtime.stages.handler import StageFrame
from camera_runtime.stages.settle import StageTools
from camera_runtime.stages.worker import StageWorker
from camera_runtime.transports import connect
from frame_tracking import CAPTURE_HOP, CAPTURE_SERVICE, Attribute, FrameIDGenerator, FrameMetadata, Topology
from frametrace_api.contract import BrokerContract, PipelineRef
from telemetry import AttributeValue, LedgerBook, RuntimeMetrics, Service, set_up_tracing

__all__ = ["ProductLoop"]

_CAMERA = "cam01"
_STAGE = "stage"
_PIPELINE = PipelineRef(namespace="bench", name="throughput", uid="00000000-0000-0000-0000-000000000001")


class ProductLoop:
    """Sends and receives frames of `picture`, as a capture and a stage process do. Traced by the environment's settings."""

    def __init__(self, url: str, picture: bytes) -> None:
        self._picture = picture
        self._ids = FrameIDGenerator(_CAMERA)
        self._pts = count()
        self._tracer = set_up_tracing(Service(CAPTURE_SERVICE, _PIPELINE.name), make_global=False)
        topology = Topology.of([(_STAGE, CAPTURE_HOP)])
        self._broker = connect(BrokerContract(url=url), _PIPELINE, lambda: topology, replica="replica")
        self._account, account = self._accounts(CAPTURE_HOP), self._accounts(_STAGE)
        self._producer = self._broker.producer(_CAMERA, CAPTURE_HOP)
        tools = StageTools(
            name=_STAGE,
            consumer=self._broker.consumer(_STAGE, CAPTURE_HOP),
            tracer=self._tracer,
            account=account,
            destination=str,
            has_readers=lambda: False,
            system=self._broker.system,
        )
        self._handled = 0
        self._worker = StageWorker(tools, self._handle)
        self._worker.follow([_CAMERA])
        self._decoder = PictureDecoder()

    def send(self, frames: int) -> None:
        """Send frames as capture does, without a camera."""
        for _ in range(frames):
            self._send_one()

    def receive(self, frames: int) -> None:
        """Let the stage process as many frames."""
        wanted = self._handled + frames
        while self._handled < wanted:
            self._worker.step(self._decoder)

    def close(self) -> dict[str, object]:
        """End; return what became of the spans."""
        self._tracer.shutdown(30)
        self._broker.close()
        return self._tracer.counts().model_dump()

    def _send_one(self) -> None:
        frame_id, begun = self._ids.next(), time.time_ns()
        attributes: dict[str, AttributeValue] = {
            Attribute.FRAME_WIDTH: 1920,
            Attribute.FRAME_HEIGHT: 1080,
            Attribute.FRAME_KEYFRAME: False,
        }
        hop = self._tracer.capture(frame_id, begun, attributes)
        self._account.entered(frame_id, hop.context)
        metadata = FrameMetadata(
            frame_id=frame_id, timestamp=frame_id.time, width=1920, height=1080, pts=next(self._pts), keyframe=False
        )
        context = hop.send(self._producer.destination, time.time_ns())
        sent = self._producer.send(Frame(metadata, self._picture), context)
        body: dict[str, AttributeValue] = {
            Attribute.MESSAGING_SYSTEM: self._broker.system,
            Attribute.MESSAGING_BODY_SIZE: len(self._picture),
            Attribute.MESSAGING_MESSAGE_ID: sent.message_id,
        }
        hop.sent(time.time_ns(), body)
        self._account.broker()
        hop.end(time.time_ns())
        self._account.left(frame_id)
        self._account.processed(frame_id, hop.context, (time.time_ns() - begun) / 1e9)

    def _handle(self, _: StageFrame) -> None:
        self._handled += 1

    def _accounts(self, hop: str) -> LedgerAccount:
        book = LedgerBook()
        metrics = RuntimeMetrics((_PIPELINE.namespace, _PIPELINE.name), book, self._tracer.counts)
        return LedgerAccount(hop, book, metrics)
