"""One camera's frames from packet to queue: ID, decode, scale and encode, send; and every one of them traced.

Times of the built-in spans are taken as plain numbers on the way, so that tracing costs next to nothing here. Whatever
the broker does, capture goes on: a frame that cannot be handed over is dropped, with its reason, and forgotten.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import av
from frame_tracking import Attribute, DropReason, FrameID, FrameIDGenerator, FrameMetadata, Outcome, SpanName
from telemetry.tracer import AttributeValue, FrameTracer, HopTrace

from camera_runtime.account import FrameAccount
from camera_runtime.capture.base import Packet
from camera_runtime.capture.pace import Pace
from camera_runtime.capture.picture import EncodedPicture, PictureEncoder
from camera_runtime.capture.problem import SourceError
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
        pace: which of them to take.
        encoder: makes the published pictures.
        timestamps: whether metadata tell the wall clock's time or the stream's.
        system: the broker's kind, as spans call it.
    """

    ids: FrameIDGenerator
    pace: Pace
    encoder: PictureEncoder
    producer: Producer
    tracer: FrameTracer
    account: FrameAccount
    system: str
    timestamps: Literal["Wallclock", "Stream"] = "Wallclock"


@dataclass(frozen=True, slots=True)
class _Taken:
    """A decoded frame and when what happened to it, in nanoseconds since 1970."""

    frame_id: FrameID
    received_ns: int
    decode_ns: tuple[int, int]
    keyframe: bool
    picture: av.VideoFrame


class FramePipeline:
    """Takes one connection's packets after the other. One thread at a time."""

    def __init__(self, camera: str, tools: CaptureTools) -> None:
        self._camera = camera
        self._tools = tools
        self._clock = StreamClock() if tools.timestamps == "Stream" else None
        self._began = False
        self._pending: FrameID | None = None
        self.last_picture = b""
        self.last_published = float("-inf")

    def begin(self) -> None:
        """A new connection: its pictures begin with a key frame."""
        self._began = False
        if self._clock:
            self._clock.restart()

    def take(self, packet: Packet) -> av.VideoFrame | None:
        """Take a packet through all steps; return its picture, None if it gave none.

        Raises:
            SourceError: if the packet is damaged. Its frame, if it had an ID already, is ended.
        """
        self._began = self._began or packet.keyframe
        if not self._began:
            return None
        if not self._tools.pace.takes(packet.received_ns):
            self._tools.account.skipped(self._camera)
            return _last(packet.decode())  # decoded all the same: later pictures build on it
        frame_id = self._pending or self._tools.ids.next()
        self._pending = None
        begun = time.time_ns()
        try:
            pictures = packet.decode()
        except SourceError as error:
            self._damaged(frame_id, packet.received_ns, error)
            raise
        decode_ns = (begun, time.time_ns())
        if not pictures:
            self._pending = frame_id  # the decoder holds it back; the next packet brings it out
        for number, picture in enumerate(pictures):
            own_id = self._tools.ids.next() if number else frame_id
            self._publish(_Taken(own_id, packet.received_ns, decode_ns, packet.keyframe, picture))
        return _last(pictures)

    def _damaged(self, frame_id: FrameID, received_ns: int, error: Exception) -> None:
        hop = self._tools.tracer.capture(frame_id, received_ns, {})
        self._tools.account.entered(frame_id, hop.context)
        hop.fail(error)
        self._end(hop, frame_id, Outcome.DROPPED, DropReason.MALFORMED)

    def _publish(self, taken: _Taken) -> None:
        picture = taken.picture
        attributes: dict[str, AttributeValue] = {
            Attribute.FRAME_WIDTH: picture.width,
            Attribute.FRAME_HEIGHT: picture.height,
            Attribute.FRAME_KEYFRAME: taken.keyframe,
        }
        if picture.pts is not None:
            attributes[Attribute.FRAME_PTS] = picture.pts
        hop = self._tools.tracer.capture(taken.frame_id, taken.received_ns, attributes)
        self._tools.account.entered(taken.frame_id, hop.context)
        hop.record(SpanName.DECODE_FRAME, *taken.decode_ns)
        begun = time.time_ns()
        try:
            encoded = self._tools.encoder.encode(picture)
        except (av.FFmpegError, ValueError) as error:
            hop.fail(error)
            self._end(hop, taken.frame_id, Outcome.DROPPED, DropReason.MALFORMED)
            return
        ended = time.time_ns()
        if hop.recording:
            hop.record(SpanName.PROCESS_FRAME, begun, ended, self._processed_attributes(encoded, ended - begun))
        self.last_picture = encoded.data
        self._send(hop, Frame(self._metadata(taken, encoded), encoded.data))
        took_ns = time.time_ns() - taken.decode_ns[0]
        self._tools.account.processed(taken.frame_id, hop.context, took_ns / 1e9)

    def _processed_attributes(self, encoded: EncodedPicture, took_ns: int) -> dict[str, AttributeValue]:
        return {
            Attribute.FRAME_SIZE_BYTES: len(encoded.data),
            Attribute.FRAME_ENCODING: self._tools.encoder.encoding,
            Attribute.FRAME_PROCESSING_MS: took_ns / 1e6,
        }

    def _metadata(self, taken: _Taken, encoded: EncodedPicture) -> FrameMetadata:
        picture, timestamp = taken.picture, taken.frame_id.time
        if self._clock:
            timestamp = self._clock.time_of(picture.pts, picture.time_base, taken.received_ns)
        return FrameMetadata(
            frame_id=taken.frame_id,
            timestamp=timestamp,
            width=encoded.width,
            height=encoded.height,
            encoding=self._tools.encoder.encoding,
            pts=picture.pts,
            keyframe=taken.keyframe,
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


def _last(pictures: Sequence[av.VideoFrame]) -> av.VideoFrame | None:
    return pictures[-1] if pictures else None
