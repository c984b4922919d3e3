"""A stage's loop: receive, recover the context, run the handler inside the frame's span, settle.

The handler runs in the loop's own thread, so that context variables flow and no frame waits for a change of threads. A
supervisor watches it: when a handler hangs past its time-out, the frame counts as failed, the thread is abandoned, and
a new one goes on with the next frame.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

import structlog
from frame_tracking import Attribute
from telemetry.tracer import AttributeValue, HopTrace

from camera_runtime.backoff import Backoff
from camera_runtime.queue_end import report_dropped
from camera_runtime.stages.attempt import Attempt
from camera_runtime.stages.decoder import PictureDecoder
from camera_runtime.stages.entries import Entries
from camera_runtime.stages.handler import Handler, StageFrame, outgoing
from camera_runtime.stages.settle import Settlement, StageTools
from camera_runtime.transports.base import BrokerUnavailableError, Delivery

__all__ = ["StageWorker"]


class _AbandonedError(Exception):
    """The supervisor took the frame out of this thread's hands: the thread is over."""


_LOG = structlog.get_logger(__name__)
_RECEIVE_SECONDS: Final = 1.0
_WATCH_SECONDS: Final = 0.2
_LAG_SECONDS: Final = 5.0
_STUCK_SECONDS: Final = 30.0
_MAX_HUNG: Final = 8
_DRAIN_SECONDS: Final = 6.0


class StageWorker:
    """Runs one stage.

    Args:
        tools: what its frames pass through.
        handler: what is done with them.
        backoff: how long to wait for a broker that is away.
        monotonic: seconds from anywhere.
    """

    def __init__(
        self,
        tools: StageTools,
        handler: Handler,
        backoff: Backoff | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tools = tools
        self._handler = handler
        self._monotonic = monotonic
        self._entries = Entries(tools.account)
        self._settlement = Settlement(tools, self._pause, self._entries)
        self._backoff = backoff or Backoff()
        self._stop = threading.Event()
        self._cameras: tuple[str, ...] = ()
        self._reading: tuple[str, ...] = ()
        self._attempt: Attempt | None = None
        self._loop_thread: threading.Thread | None = None
        self._hung: list[threading.Thread] = []
        self._turned = self._lag_told = monotonic()

    def run(self) -> None:
        """Work until `stop`."""
        self._begin_loop()
        while not self._stop.wait(_WATCH_SECONDS):
            self.check()
        self._drain()

    def stop(self) -> None:
        """End after the frame that is being worked on. From any thread."""
        self._stop.set()

    def follow(self, cameras: Sequence[str]) -> None:
        """Read these cameras' frames from now on. From any thread."""
        self._cameras = tuple(cameras)

    @property
    def alive(self) -> bool:
        """Whether the loop turns: neither the broker's absence nor a slow handler within its time changes that."""
        self._hung = [thread for thread in self._hung if thread.is_alive()]
        idle = self._monotonic() - self._turned
        return len(self._hung) < _MAX_HUNG and idle < _STUCK_SECONDS + self._tools.timeout_seconds

    def check(self) -> bool:
        """Abandon a handler that hangs; True if one did."""
        attempt = self._attempt
        if attempt is None or self._monotonic() < attempt.overdue or not attempt.claim():
            return False
        error = TimeoutError(f"the handler took more than {self._tools.timeout_seconds:g} s")
        self._abandon(lambda: self._settlement.fail(attempt, error))
        self._begin_loop()
        return True

    def step(self, decoder: PictureDecoder) -> bool:
        """Receive and settle one frame, if one comes; False if the broker does not answer."""
        self._turned = self._monotonic()
        try:
            self._follow_cameras()
            delivery = self._tools.consumer.receive(_RECEIVE_SECONDS)
            if delivery is not None:
                self._take(delivery, decoder)
            report_dropped(self._tools.consumer.take_dropped(), self._tools.tracer, self._tools.account)
            self._tell_lag()
        except BrokerUnavailableError as error:
            self._tools.account.broker(error)
            self._pause()
            return False
        self._backoff.reset()
        self._tools.account.broker()
        return True

    def _pause(self) -> bool:
        """Wait a little; False if the process ends."""
        self._turned = self._monotonic()
        return not self._stop.wait(self._backoff.next())

    def _follow_cameras(self) -> None:
        cameras = self._cameras
        if cameras != self._reading:
            self._tools.consumer.set_cameras(cameras)
            self._reading = cameras

    def _begin_loop(self) -> None:
        self._loop_thread = threading.Thread(target=self._loop, name=f"stage-{self._tools.name}", daemon=True)
        self._loop_thread.start()

    def _loop(self) -> None:
        decoder, own = PictureDecoder(), threading.current_thread()
        while not self._stop.is_set() and self._loop_thread is own:
            try:
                self.step(decoder)
            except _AbandonedError:
                return
            except Exception:  # noqa: BLE001 - one frame's fault must not keep the others waiting
                _LOG.exception("a frame could not be settled")
                self._pause()

    def _take(self, delivery: Delivery, decoder: PictureDecoder) -> None:
        frame_id = delivery.frame.frame_id
        if not delivery.done:
            self._entries.enter(delivery)
        if delivery.expired and not delivery.done:
            self._settlement.expire(delivery)
            return
        begun = time.time_ns()
        hop = self._tools.tracer.process(
            frame_id, (delivery.context, delivery.arrival), begun, self._attributes(delivery)
        )
        if delivery.done:
            self._settlement.repeat(hop, delivery)
        elif delivery.count > self._tools.max_deliveries:
            self._settlement.give_up(hop, delivery)
        else:
            self._work(delivery, hop, begun, decoder)

    def _work(self, delivery: Delivery, hop: HopTrace, begun: int, decoder: PictureDecoder) -> None:
        attempt = Attempt(delivery, hop, begun, self._monotonic() + self._tools.timeout_seconds)
        self._attempt = attempt
        given, failure, result = StageFrame(delivery.frame, decoder), None, None
        with hop.activate():
            try:
                result = outgoing(self._handler(given), given, self._tools.name)
            except BaseException as error:  # noqa: BLE001 - a handler may raise anything, `SystemExit` too
                failure = error
        if not attempt.claim():
            raise _AbandonedError
        self._attempt = None
        if failure is not None:
            self._settlement.fail(attempt, failure)
        elif result is None:
            self._settlement.complete(attempt)
        else:
            self._settlement.hand_on(attempt, result)

    def _attributes(self, delivery: Delivery) -> dict[str, AttributeValue]:
        return {
            Attribute.MESSAGING_SYSTEM: self._tools.system,
            Attribute.MESSAGING_DESTINATION: self._tools.consumer.source(delivery.frame.frame_id.camera),
            Attribute.MESSAGING_CONSUMER_GROUP: self._tools.name,
            Attribute.DELIVERY_COUNT: delivery.count,
            Attribute.QUEUED_MS: delivery.queued_ms,
        }

    def _tell_lag(self) -> None:
        if self._monotonic() - self._lag_told >= _LAG_SECONDS:
            self._lag_told = self._monotonic()
            self._tools.account.lag(self._tools.consumer.lag())

    def _abandon(self, settle: Callable[[], None]) -> None:
        """Settle the frame that is being worked on without its handler."""
        if self._loop_thread is not None:
            self._hung.append(self._loop_thread)
        self._attempt = None
        try:
            settle()
        except BrokerUnavailableError as unavailable:
            self._tools.account.broker(unavailable)

    def _drain(self) -> None:
        """Let the frame in hand finish; what takes longer, and what was not begun, goes to another replica."""
        thread = self._loop_thread
        if thread is not None:
            thread.join(_DRAIN_SECONDS)
        attempt = self._attempt
        if attempt is not None and attempt.claim():
            self._abandon(lambda: self._settlement.give_back(attempt))
        elif thread is not None and thread.is_alive():
            return  # it waits for the broker, on the connection that the consumer has
        self._tools.consumer.close()
