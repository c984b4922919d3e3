"""Settles a frame at a stage: hands it on, ends it, gives it back or puts it aside; in the queue, the trace and the counts.

The order is always: the queue first, since it alone knows whether this stage had finished the frame before; then the
trace, with one outcome a branch; then the counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import structlog
from frame_tracking import Attribute, DropReason, FrameID, Outcome
from telemetry import describe
from telemetry.tracer import FrameTracer, HopTrace

from camera_runtime.account import FrameAccount
from camera_runtime.frame import Frame
from camera_runtime.queue_end import report_dropped
from camera_runtime.stages.attempt import Attempt
from camera_runtime.stages.entries import Entries
from camera_runtime.transports.base import BrokerUnavailableError, Consumer, Delivery, Sent

__all__ = ["Settlement", "StageTools"]

_LOG = structlog.get_logger(__name__)
_MAX_ERROR: Final = 500
_SAY_AGAIN_SECONDS: Final = 60.0

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class StageTools:
    """What a stage's frames pass through.

    Attributes:
        name: the stage's.
        destination: gives the name of the queue that a camera's frames go on to.
        has_readers: whether a stage reads from this one now.
        system: the broker's kind, as spans call it.
        max_deliveries: how often a frame is tried before it is dead-lettered.
        timeout_seconds: how long a handler may take.
    """

    name: str
    consumer: Consumer
    tracer: FrameTracer
    account: FrameAccount
    destination: Callable[[str], str]
    has_readers: Callable[[], bool]
    system: str
    max_deliveries: int = 3
    timeout_seconds: float = 30.0


class Settlement:
    """Settles one stage's frames. One thread at a time.

    A broker that does not answer is asked again until it does: the same frame's second try tells for certain whether
    the first one took effect, so that its outcome is told once and told right.

    Args:
        tools: what the frames pass through.
        pause: waits before the next try; False when there is to be none, because the process ends.
        entries: are told which frames are not this process's any more.
    """

    def __init__(self, tools: StageTools, pause: Callable[[], bool], entries: Entries) -> None:
        self._tools = tools
        self._pause = pause
        self._entries = entries
        self._said = float("-inf")

    def hand_on(self, attempt: Attempt, frame: Frame) -> None:
        """Hand a processed frame on to the stages that read from this one; where none does, its branch is complete.

        A frame that cannot be written, for what the handler put into it, has failed as if the handler had.

        Raises:
            BrokerUnavailableError: if the process ends before the broker answered.
        """
        hop, sends = attempt.hop, self._tools.has_readers()
        now = self._worked(attempt, len(frame.picture))
        context = hop.send(self._tools.destination(frame.metadata.frame_id.camera), now) if sends else hop.context
        try:
            sent = self._insist(lambda: self._tools.consumer.forward(frame, context))
        except Exception as error:
            if sends:
                hop.sent(time.time_ns(), error=error)
            if not isinstance(error, BrokerUnavailableError):
                self._failed(attempt, error)  # what the handler gave cannot be written
                return
            self._leave(hop, error)
            raise
        if sends:
            hop.sent(time.time_ns(), self._sent_attributes(frame, sent) if hop.recording else None)
        self._forwarded(hop, frame.frame_id, sent)

    def complete(self, attempt: Attempt) -> None:
        """End a frame's branch here, because its handler returned None.

        Raises:
            BrokerUnavailableError: if the process ends before the broker answered.
        """
        frame, hop = attempt.delivery.frame, attempt.hop
        self._worked(attempt, len(frame.picture))
        hop.set_attributes({Attribute.FRAME_ENDED_BY: self._tools.name})
        first = self._finish(hop, lambda: self._tools.consumer.ack(frame))
        self._end(hop, frame.frame_id, Outcome.COMPLETED, first=first)

    def fail(self, attempt: Attempt, error: BaseException) -> None:
        """Record a handler's error; give the frame back, or put it aside when it was tried often enough.

        Raises:
            BrokerUnavailableError: if the process ends before the broker answered.
        """
        self._worked(attempt, len(attempt.delivery.frame.picture))
        self._failed(attempt, error)

    def give_back(self, attempt: Attempt) -> None:
        """Give a frame back whose handler was not done when the process had to end: it has neither failed nor ended.

        Raises:
            BrokerUnavailableError: if the broker did not answer.
        """
        frame, hop = attempt.delivery.frame, attempt.hop
        hop.set_attributes({Attribute.FRAME_GIVEN_BACK: True})
        hop.end(time.time_ns())
        self._insist(lambda: self._tools.consumer.give_back(frame))
        self._entries.give_back(frame.frame_id)

    def give_up(self, hop: HopTrace, delivery: Delivery) -> None:
        """Put a frame aside that never was finished, nor failed: each time the process that worked on it died.

        Raises:
            BrokerUnavailableError: if the process ends before the broker answered.
        """
        why = f"handed out {delivery.count} times and never finished: the process ended each time"
        hop.fail(RuntimeError(why))
        self._put_aside(hop, delivery, why)

    def expire(self, delivery: Delivery) -> None:
        """End a frame whose picture is gone.

        Raises:
            BrokerUnavailableError: if the process ends before the broker answered.
        """
        frame_id, ended = delivery.frame.frame_id, (Outcome.DROPPED, DropReason.EXPIRED)
        if self._insist(lambda: self._tools.consumer.ack(delivery.frame)):
            self._tools.tracer.drop(frame_id, delivery.context, ended, {Attribute.STAGE_NAME: self._tools.name})
            self._tools.account.ended(frame_id, *ended)
        else:
            self._tools.account.duplicate(frame_id)
            self._entries.give_back(frame_id)

    def repeat(self, hop: HopTrace, delivery: Delivery) -> None:
        """Acknowledge a frame that this stage had finished; its outcome was told then.

        Raises:
            BrokerUnavailableError: if the process ends before the broker answered.
        """
        self._finish(hop, lambda: self._tools.consumer.ack(delivery.frame))
        self._duplicate(hop, delivery.frame.frame_id)

    def _failed(self, attempt: Attempt, error: BaseException) -> None:
        """Record an error; give the frame back, or put it aside when it was tried often enough."""
        hop, delivery = attempt.hop, attempt.delivery
        hop.fail(error)
        if delivery.count >= self._tools.max_deliveries:
            self._put_aside(hop, delivery, f"{type(error).__name__}: {describe(error)}"[:_MAX_ERROR])
            return
        hop.end(time.time_ns())
        self._insist(lambda: self._tools.consumer.retry(delivery.frame))
        self._entries.give_back(delivery.frame.frame_id)

    def _worked(self, attempt: Attempt, size: int) -> int:
        """Note how long the handler took; return the time."""
        now = time.time_ns()
        took_ns = now - attempt.begun_ns
        if attempt.hop.recording:
            attempt.hop.set_attributes({Attribute.FRAME_SIZE_BYTES: size, Attribute.FRAME_PROCESSING_MS: took_ns / 1e6})
        self._tools.account.processed(attempt.delivery.frame.frame_id, attempt.hop.context, took_ns / 1e9)
        return now

    def _sent_attributes(self, frame: Frame, sent: Sent) -> dict[str, str | bool | int | float]:
        return {
            Attribute.MESSAGING_SYSTEM: self._tools.system,
            Attribute.MESSAGING_BODY_SIZE: len(frame.picture),
            Attribute.MESSAGING_MESSAGE_ID: sent.message_id,
        }

    def _forwarded(self, hop: HopTrace, frame_id: FrameID, sent: Sent) -> None:
        if sent.duplicate:
            self._another_did(hop, frame_id)
        elif sent.refused:
            hop.end(time.time_ns(), Outcome.DROPPED, DropReason.OVERFLOW)
            self._tools.account.ended(frame_id, Outcome.DROPPED, DropReason.OVERFLOW)
        elif sent.readers:
            hop.end(time.time_ns())
            self._tools.account.left(frame_id)
        else:
            self._end(hop, frame_id, Outcome.COMPLETED, first=True)
        report_dropped(sent.dropped, self._tools.tracer, self._tools.account)

    def _put_aside(self, hop: HopTrace, delivery: Delivery, why: str) -> None:
        first = self._finish(hop, lambda: self._tools.consumer.dead_letter(delivery.frame, why))
        self._end(hop, delivery.frame.frame_id, Outcome.DEAD_LETTERED, first=first)
        # Once a minute: the counts, and each frame's trace, tell the rest.
        if first and time.monotonic() - self._said >= _SAY_AGAIN_SECONDS:
            self._said = time.monotonic()
            _LOG.warning("frame dead-lettered", stage=self._tools.name, frame=delivery.frame.frame_id, reason=why)

    def _end(self, hop: HopTrace, frame_id: FrameID, outcome: Outcome, *, first: bool) -> None:
        if not first:
            self._another_did(hop, frame_id)
            return
        hop.end(time.time_ns(), outcome)
        self._tools.account.ended(frame_id, outcome)

    def _another_did(self, hop: HopTrace, frame_id: FrameID) -> None:
        """End a second execution of a frame whose outcome another replica has told."""
        self._duplicate(hop, frame_id)
        self._entries.give_back(frame_id)

    def _duplicate(self, hop: HopTrace, frame_id: FrameID) -> None:
        hop.set_attributes({Attribute.FRAME_DUPLICATE: True})
        hop.end(time.time_ns())
        self._tools.account.duplicate(frame_id)

    def _finish(self, hop: HopTrace, call: Callable[[], bool]) -> bool:
        try:
            return self._insist(call)
        except BrokerUnavailableError as error:
            self._leave(hop, error)
            raise

    def _leave(self, hop: HopTrace, error: BrokerUnavailableError) -> None:
        """End a hop without an outcome: whoever is handed the frame next will tell it."""
        hop.fail(error)
        hop.end(time.time_ns())

    def _insist(self, call: Callable[[], _Result]) -> _Result:
        while True:
            try:
                return call()
            except BrokerUnavailableError as error:
                self._tools.account.broker(error)
                if not self._pause():
                    raise
