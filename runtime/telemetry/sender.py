"""SpanSender: takes batches out of the buffer and hands them to a sink, from a thread of its own, retrying within bounds."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from math import isfinite
from random import random
from typing import Final

import structlog

from telemetry.envelope import Envelope
from telemetry.redaction import describe
from telemetry.settings import BatchSettings
from telemetry.sink import Answer, Receipt, SpanSink
from telemetry.span_buffer import HOLD_SECONDS, Entry, SpanBuffer

__all__ = ["SpanSender"]

_LOG = structlog.get_logger(__name__)
_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 16.0
_SAY_AGAIN_SECONDS: Final = 60.0
_LONGEST_PATIENCE: Final = 300.0
_PATIENCE_STEP: Final = 0.25
REFUSED: Final = "refused"
REJECTED: Final = "rejected"
UNAVAILABLE: Final = "unavailable"
UNENCODABLE: Final = "unencodable"


class SpanSender:
    """Sends what waits in `buffer`; its thread starts with the first of it.

    Args:
        envelope: makes requests of entries.
        sink: takes them.
        settings: how many and how often.
        deadline_seconds: longest time for one request with its retries.
    """

    def __init__(
        self, buffer: SpanBuffer, envelope: Envelope, sink: SpanSink, settings: BatchSettings, deadline_seconds: float
    ) -> None:
        self._buffer, self._envelope, self._sink, self._settings = buffer, envelope, sink, settings
        self._deadline = min(deadline_seconds, settings.export_seconds)
        self._said = self._not_before = float("-inf")
        self.reset()

    def reset(self) -> None:
        """Begin anew, without a thread: after a fork, in the child."""
        self._flushes = 0
        self._flushed = threading.Condition()
        self._stop = threading.Event()
        self.cpu_ns = 0
        self._buffer.on_first(self._start)

    def flush(self, timeout_seconds: float) -> bool:
        """Send all that waits, without holding anything back; False if time ran out."""
        with self._flushed:
            self._flushes += 1
            self._buffer.ready.set()
            try:
                return self._flushed.wait_for(lambda: not self._buffer.waiting, timeout_seconds)
            finally:
                self._flushes -= 1

    def stop(self) -> None:
        """End the thread; a retry that waits, and a request that is on its way, are broken off."""
        self._stop.set()
        self._buffer.ready.set()
        self._sink.close()

    def _start(self) -> None:
        if self._stop.is_set():
            return
        try:
            threading.Thread(target=self._run, name="frametrace-spans", daemon=True).start()
        except RuntimeError as error:  # no thread to be had: frames go on, and the next one's spans try again
            self._say(0, Receipt(Answer.UNAVAILABLE, why=describe(error)))
            self._buffer.on_first(self._start)

    def _run(self) -> None:
        delay = max(HOLD_SECONDS, self._settings.delay_seconds)  # spans are held for that long in any case
        next_due = time.monotonic() + delay
        while not self._stop.is_set():
            if self._is_patient():
                self._stop.wait(_PATIENCE_STEP)
                continue
            if not (self._flushes and self._buffer.waiting):
                self._buffer.ready.wait(max(0.0, next_due - time.monotonic()))
            due = time.monotonic() >= next_due
            sent = self._send_batches(all_of_it=due or self._flushes > 0)
            if due:
                next_due = time.monotonic() + delay
            self.cpu_ns = time.thread_time_ns()
            if not sent and self._buffer.ready.is_set():
                self._stop.wait(HOLD_SECONDS / 4)  # a whole batch waits, and is too young yet

    def _send_batches(self, *, all_of_it: bool) -> bool:
        """Send whole batches, and if asked the last one that is not whole; tell whether there was something to send."""
        found = False
        # A flush may begin while a request is on its way, and what remains after it may be less than a batch.
        while not self._stop.is_set() and (all_of_it or self._flushes or self._buffer.ready.is_set()):
            entries = self._buffer.take(self._settings.batch, held=not self._flushes)
            if not entries:
                break
            found = True
            self._send(entries)
            if self._is_patient():
                break
        with self._flushed:
            if self._flushes and not self._buffer.waiting:
                self._buffer.ready.clear()
            self._flushed.notify_all()
        return found

    def _send(self, entries: Sequence[Entry]) -> None:
        try:
            request = self._envelope.request(entries)
        except Exception:  # noqa: BLE001 - whatever a value of a user's makes an encoder raise: the others' spans go on
            self._send_what_can_be_encoded(entries)
            return
        spans = sum(entry.spans for entry in entries)
        receipt = self._deliver(request)
        if receipt.answer is Answer.TAKEN:
            rejected = max(0, min(receipt.rejected, spans))
            self._buffer.settle(spans - rejected, rejected, REJECTED)
            lost = rejected
        else:
            self._buffer.settle(0, spans, REFUSED if receipt.answer is Answer.REFUSED else UNAVAILABLE)
            lost = spans
        if lost or receipt.why:
            self._say(lost, receipt)

    def _send_what_can_be_encoded(self, entries: Sequence[Entry]) -> None:
        if len(entries) > 1:
            for entry in entries:
                self._send([entry])
            return
        _LOG.exception("spans cannot be encoded", spans=entries[0].spans)
        self._buffer.settle(0, entries[0].spans, UNENCODABLE)

    def _deliver(self, request: bytes) -> Receipt:
        """Hand a request over, again and again while there is time and hope."""
        deadline, wait = time.monotonic() + self._deadline, _FIRST_WAIT
        while True:
            receipt = self._ask(request, max(0.001, deadline - time.monotonic()))
            if receipt.answer is not Answer.UNAVAILABLE or self._stop.is_set():
                return receipt
            pause = max(receipt.after_seconds, wait * (0.8 + 0.4 * random()))  # noqa: S311 - jitter  # nosec B311
            if time.monotonic() + pause >= deadline:
                self._be_patient(receipt.after_seconds)
                return receipt
            if self._stop.wait(pause):
                return receipt
            wait = min(_LONGEST_WAIT, wait * 2)

    def _be_patient(self, seconds: float) -> None:
        """Leave a receiver alone that asked for longer than a request may take: the next ones wait in the buffer."""
        if seconds and isfinite(seconds):
            self._not_before = time.monotonic() + min(_LONGEST_PATIENCE, seconds)

    def _is_patient(self) -> bool:
        """Whether the receiver is to be left alone now; what is sent at the end may go at once."""
        return time.monotonic() < self._not_before and not self._flushes

    def _ask(self, request: bytes, seconds: float) -> Receipt:
        """Ask the sink once; a fault of its own, which it must not have, costs this request and not the thread."""
        try:
            return self._sink.send(request, seconds)
        except Exception as error:  # noqa: BLE001 - whatever a receiver's answer makes it raise
            _LOG.exception("spans cannot be sent")
            return Receipt(Answer.REFUSED, why=describe(error))

    def _say(self, lost: int, receipt: Receipt) -> None:
        """Log a loss, at most once a minute: the counts tell the rest."""
        now = time.monotonic()
        if now - self._said >= _SAY_AGAIN_SECONDS:
            self._said = now
            _LOG.warning("spans not taken", spans=lost, answer=receipt.answer.value, reason=receipt.why)
