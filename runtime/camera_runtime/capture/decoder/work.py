"""The decoder's work: one job after the other, each until its stream breaks. Runs in the child."""

from __future__ import annotations

import socket
import time
from typing import Final

from camera_runtime.capture.decoder.job import Job, PictureSettings
from camera_runtime.capture.decoder.messages import Failed, Layout, Opened, encode, encode_picture
from camera_runtime.capture.decoder.ring import RingWriter
from camera_runtime.capture.decoder.sources import source_of
from camera_runtime.capture.events import Event, Lost, LostReason, Noted, Passed, Received, TakenPicture
from camera_runtime.capture.pace import Pace
from camera_runtime.capture.picture import PictureEncoder
from camera_runtime.capture.problem import Problem, SourceError
from camera_runtime.capture.recording import RecordingSource
from camera_runtime.capture.taker import PictureTaker

__all__ = ["Reporter", "work"]

_MOST_JOB: Final = 64 * 1024
_TELL_NS: Final = 250_000_000
_PATIENCE_SECONDS: Final = 0.001


class Reporter:
    """Tells the parent what the stream gives.

    A camera does not wait: what cannot be told now is counted and told later. A recording does, if `patient` is set.
    """

    def __init__(self, parent: socket.socket, ring: RingWriter) -> None:
        self.patient = False
        self._parent = parent
        self._ring = ring
        self._passed: Passed | None = None
        self._overrun: Lost | None = None
        self._told_ns = 0

    def tell(self, event: Event) -> None:
        """Tell an event. Pictures passed over and overruns are gathered for a quarter of a second."""
        match event:
            case TakenPicture():
                self._flush()
                self._picture(event)
            case Passed():
                self._passed = _joined(self._passed, event)
                self._flush_if_due(event.received)
            case Lost(reason=LostReason.OVERFLOW):
                self._lose(event.received, event.count)
                self._flush_if_due(event.received)
            case Lost() | Noted():
                self._flush()
                self._send(encode(event))

    def say(self, message: Opened | Layout | Failed) -> None:
        """Tell what must arrive: waits for the parent."""
        self._flush()
        self._parent.sendall(encode(message))

    def has_room(self) -> bool:
        """Tell whether another picture can be told now."""
        while self.patient and not self._ring.has_room():
            time.sleep(_PATIENCE_SECONDS)
        return self._ring.has_room()

    def _picture(self, picture: TakenPicture) -> None:
        size = len(picture.data)
        while self.patient and not self._ring.fits(size):
            time.sleep(_PATIENCE_SECONDS)
        if not self._ring.fits(size):
            self._lose(picture.received, 1)
            return
        if self._ring.fit(size):
            self.say(Layout(self._ring.slot_size, self._ring.slots))
        slot = self._ring.write(picture.data)
        if not self._send(encode_picture(picture, slot)):
            self._ring.unwrite()
            self._lose(picture.received, 1)

    def _lose(self, received: Received, count: int) -> None:
        before = self._overrun.count if self._overrun else 0
        self._overrun = Lost(received, LostReason.OVERFLOW, "the broker did not take pictures in time", before + count)

    def _flush_if_due(self, received: Received) -> None:
        if received.monotonic_ns - self._told_ns >= _TELL_NS:
            self._flush()

    def _flush(self) -> None:
        if self._overrun and self._send(encode(self._overrun)):
            self._overrun = None
        if self._passed and self._send(encode(self._passed)):
            self._passed = None
        self._told_ns = time.monotonic_ns()

    def _send(self, message: bytes) -> bool:
        try:
            self._parent.send(message, 0 if self.patient else socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        return True


def work(parent: socket.socket, memory: int) -> None:
    """Do jobs until the parent hangs up."""
    ring = RingWriter(memory)
    reporter = Reporter(parent, ring)
    takers: dict[PictureSettings, PictureTaker] = {}
    while data := parent.recv(_MOST_JOB):
        job = Job.from_bytes(data)
        taker = takers.get(job.pictures) or takers.setdefault(job.pictures, _taker(job.pictures, reporter))
        reporter.say(Failed(_run(job, taker, reporter)))


def _taker(settings: PictureSettings, reporter: Reporter) -> PictureTaker:
    encoder = PictureEncoder(settings.encoding, settings.jpeg_quality, settings.max_width)
    return PictureTaker(Pace.of(settings.frames_per_second), encoder, reporter.has_room)


def _run(job: Job, taker: PictureTaker, reporter: Reporter) -> SourceError:
    """Serve one connection; return why it ended."""
    try:
        source = source_of(job.url)
        reporter.patient = isinstance(source, RecordingSource)
        try:
            source.open()
            reporter.say(Opened())
            taker.begin()
            for packet in source.packets():
                for event in taker.take(packet):
                    reporter.tell(event)
        finally:
            source.close()
    except SourceError as error:
        return error
    except MemoryError:
        return SourceError(Problem.EXCESSIVE, "the stream needs more memory than a decoder may have")
    except ValueError as error:
        return SourceError(Problem.DECODER, f"the decoder failed ({type(error).__name__})")
    return SourceError(Problem.CLOSED, "the stream ended")


def _joined(before: Passed | None, now: Passed) -> Passed:
    if before is None:
        return now
    mark = before.mark if now.mark is None else now.mark
    return Passed(now.received, before.count + now.count, before.corrupt + now.corrupt, mark)
