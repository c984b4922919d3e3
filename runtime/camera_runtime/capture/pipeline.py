"""One camera's frames from picture to queue: every picture gets its ID and its trace, and is sent.

Times of the built-in spans come with the picture as plain numbers, so that tracing costs next to nothing here. Whatever
the broker does, capture goes on: a frame that cannot be handed over is dropped, with its reason, and forgotten.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final, Literal

from frame_tracking import Attribute, DropReason, FrameID, FrameIDGenerator, FrameMetadata, Outcome, SpanName
from telemetry.tracer import AttributeValue, FrameTracer, HopTrace

from camera_runtime.account import FrameAccount
from camera_runtime.capture.events import Event, Lost, LostReason, Noted, Passed, TakenPicture
from camera_runtime.capture.problem import Problem, SourceError
from camera_runtime.capture.timestamps import StreamClock
from camera_runtime.frame import Frame
from camera_runtime.queue_end import report_dropped
from camera_runtime.transports.base import BrokerUnavailableError, Producer, Sent

__all__ = ["CaptureTools", "FramePipeline"]


@dataclass(frozen=True, slots=True)
class CaptureTools:
    """What a camera's frames pass through.

    Attributes:
        ids: makes their IDs.
        timestamps: whether metadata tell the wall clock's time or the stream's.
        system: the broker's kind, as spans call it.
    """

    ids: FrameIDGenerator
    producer: Producer
    tracer: FrameTracer
    account: FrameAccount
    system: str
    timestamps: Literal["Wallclock", "Stream"] = "Wallclock"


_DROP_REASONS: Final = {LostReason.MALFORMED: DropReason.MALFORMED, LostReason.OVERFLOW: DropReason.OVERFLOW}


class FramePipeline:
    """Takes one camera's pictures after the other. One thread at a time."""

    def __init__(self, camera: str, tools: CaptureTools) -> None:
        self._camera = camera
        self._tools = tools
        self._clock = StreamClock() if tools.timestamps == "Stream" else None
        self.last_frame: Frame | None = None
        self.last_published = float("-inf")

    def begin(self) -> None:
        """A new connection."""
        if self._clock:
            self._clock.restart()

    def take(self, event: Event) -> None:
        """Take what the stream gave: a picture becomes a frame in the queue; what was lost a frame that ends here."""
        match event:
            case TakenPicture():
                self._publish(event)
            case Lost():
                for _ in range(event.count):
                    self._lose(event)
            case Passed():
                for _ in range(event.count):
                    self._tools.account.skipped(self._camera)
            case Noted():
                pass

    def _lose(self, lost: Lost) -> None:
        frame_id = self._tools.ids.next(lost.received.monotonic_ns)
        hop = self._tools.tracer.capture(frame_id, lost.received.wall_ns, {})
        self._tools.account.entered(frame_id, hop.context)
        hop.fail(SourceError(Problem.INVALID_STREAM, lost.detail))
        self._end(hop, frame_id, Outcome.DROPPED, _DROP_REASONS[lost.reason])

    def _publish(self, picture: TakenPicture) -> None:
        frame_id = self._tools.ids.next(picture.received.monotonic_ns)
        hop = self._tools.tracer.capture(frame_id, picture.received.wall_ns, _captured_attributes(picture))
        self._tools.account.entered(frame_id, hop.context)
        data = bytes(picture.data)  # no copy, if it has been copied out of shared memory already
        if hop.recording:
            hop.record(SpanName.DECODE_FRAME, *picture.decode_ns)
            hop.record(SpanName.PROCESS_FRAME, *picture.process_ns, _processed_attributes(picture))
        frame = self.last_frame = Frame(self._metadata(frame_id, picture), data)
        self._send(hop, frame)
        took_ns = time.time_ns() - picture.decode_ns[0]
        self._tools.account.processed(frame_id, hop.context, took_ns / 1e9)

    def _metadata(self, frame_id: FrameID, picture: TakenPicture) -> FrameMetadata:
        timestamp = frame_id.time
        if self._clock:
            timestamp = self._clock.time_of(picture.pts, picture.time_base, picture.received.wall_ns)
        return FrameMetadata(
            frame_id=frame_id,
            timestamp=timestamp,
            width=picture.size[0],
            height=picture.size[1],
            encoding=picture.encoding,
            pts=picture.pts,
            keyframe=picture.keyframe,
        )

    def _send(self, hop: HopTrace, frame: Frame) -> None:
        context = hop.send(self._tools.producer.destination, time.time_ns())
        try:
            sent = self._tools.producer.send(frame, context)
        except BrokerUnavailableError as error:
            self._unavailable(hop, frame.frame_id, error)
            return
        hop.sent(time.time_ns(), self._sent_attributes(frame, sent) if hop.recording else None)
        self._tools.account.broker()
        self._settle(hop, frame.frame_id, sent)
        report_dropped(sent.dropped, self._tools.tracer, self._tools.account)

    def _sent_attributes(self, frame: Frame, sent: Sent) -> dict[str, AttributeValue]:
        return {
            Attribute.MESSAGING_SYSTEM: self._tools.system,
            Attribute.MESSAGING_BODY_SIZE: len(frame.picture),
            Attribute.MESSAGING_MESSAGE_ID: sent.message_id,
        }

    def _unavailable(self, hop: HopTrace, frame_id: FrameID, error: BrokerUnavailableError) -> None:
        hop.sent(time.time_ns(), {Attribute.MESSAGING_SYSTEM: self._tools.system}, error)
        self._tools.account.broker(error)
        self._end(hop, frame_id, Outcome.DROPPED, DropReason.BROKER_UNAVAILABLE)

    def _settle(self, hop: HopTrace, frame_id: FrameID, sent: Sent) -> None:
        if sent.refused:
            self._end(hop, frame_id, Outcome.DROPPED, DropReason.OVERFLOW)
            return
        self.last_published = time.monotonic()
        if sent.readers:
            hop.end(time.time_ns())
            self._tools.account.left(frame_id)
        else:
            self._end(hop, frame_id, Outcome.COMPLETED, None)

    def _end(self, hop: HopTrace, frame_id: FrameID, outcome: Outcome, reason: DropReason | None) -> None:
        hop.end(time.time_ns(), outcome, reason)
        self._tools.account.ended(frame_id, outcome, reason)


def _captured_attributes(picture: TakenPicture) -> dict[str, AttributeValue]:
    attributes: dict[str, AttributeValue] = {
        Attribute.FRAME_WIDTH: picture.camera_size[0],
        Attribute.FRAME_HEIGHT: picture.camera_size[1],
        Attribute.FRAME_KEYFRAME: picture.keyframe,
    }
    if picture.pts is not None:
        attributes[Attribute.FRAME_PTS] = picture.pts
    return attributes


def _processed_attributes(picture: TakenPicture) -> dict[str, AttributeValue]:
    begun, ended = picture.process_ns
    return {
        Attribute.FRAME_SIZE_BYTES: len(picture.data),
        Attribute.FRAME_ENCODING: picture.encoding,
        Attribute.FRAME_PROCESSING_MS: (ended - begun) / 1e6,
    }
