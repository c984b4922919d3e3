"""A feed whose pictures are decoded by a process of its own. It is the one that pods run."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Final, Protocol

from camera_runtime.capture.decoder.job import Job, PictureSettings
from camera_runtime.capture.decoder.limits import DecoderLimits
from camera_runtime.capture.decoder.messages import Failed, Opened
from camera_runtime.capture.decoder.process import DecoderProcess
from camera_runtime.capture.events import Event, Noted
from camera_runtime.capture.problem import Problem, SourceError

__all__ = ["DecoderFeed", "DecoderPool", "PlainPath", "StreamPath"]

_RENEW_SECONDS: Final = 1.0
_OWN_PROBLEMS: Final = (Problem.EXCESSIVE, Problem.DECODER)


class StreamPath(Protocol):
    """How a decoder gets at a stream."""

    def open(self) -> str:
        """Make the way; return the URL for the decoder.

        Raises:
            SourceError: if there is none.
        """

    @property
    def problem(self) -> SourceError | None:
        """What went wrong on the way, if that is known."""

    @property
    def lost_packets(self) -> int:
        """How many packets the stream lacks so far."""

    def abort(self) -> None:
        """Cut the connection. From any thread."""

    def close(self) -> None:
        """Let go of the connection. Never raises."""


class PlainPath:
    """A stream that the decoder opens by itself: a test source or a file."""

    problem: SourceError | None = None
    lost_packets = 0

    def __init__(self, url: str) -> None:
        self._url = url

    def open(self) -> str:
        """See `StreamPath`."""
        return self._url

    def abort(self) -> None:
        """See `StreamPath`; there is nothing to cut."""

    def close(self) -> None:
        """See `StreamPath`; there is nothing to close."""


class DecoderPool:
    """Keeps a decoder that ended its job in good order for the next connection: starting one costs 0.3 s of CPU.

    Args:
        limits: of every decoder.
    """

    def __init__(self, limits: DecoderLimits | None = None) -> None:
        self._limits = limits or DecoderLimits.of_container()
        self._spare: DecoderProcess | None = None

    def take(self) -> DecoderProcess:
        """Return a decoder without a job.

        Raises:
            SourceError: if none can be started.
        """
        spare, self._spare = self._spare, None
        try:
            return spare or DecoderProcess(self._limits)
        except OSError as error:
            raise SourceError(Problem.DECODER, f"the decoder cannot be started: {error.strerror or error}") from None

    def give_back(self, process: DecoderProcess) -> None:
        """Keep a decoder that waits for its next job."""
        if self._spare:
            process.end()
        else:
            self._spare = process

    def close(self) -> None:
        """End the decoder that is kept."""
        spare, self._spare = self._spare, None
        if spare:
            spare.end()


class DecoderFeed:
    """One connection.

    Args:
        path: leads to the stream.
        settings: how its pictures are made.
        pool: gives the decoder.
    """

    def __init__(self, path: StreamPath, settings: PictureSettings, pool: DecoderPool) -> None:
        self._path = path
        self._settings = settings
        self._pool = pool
        self._lock = threading.Lock()
        self._process: DecoderProcess | None = None
        self._aborted = False
        self._orderly = False

    def open(self) -> None:
        """See `Feed.open`."""
        process = self._pool.take()  # first: it loads its libraries while the camera is dialled
        with self._lock:
            self._process = process
        self._orderly = True
        url = self._path.open()
        self._orderly = False
        if self._aborted:
            raise SourceError(Problem.SILENT, "the connection was broken")
        process.begin(Job(url, self._settings))
        message = self._hear(process)
        if not isinstance(message, Opened):
            raise SourceError(Problem.DECODER, "the decoder gave a picture before it opened the stream")

    def events(self) -> Iterator[Event]:
        """See `Feed.events`."""
        process = self._process
        if process is None:
            raise RuntimeError("events() comes after open()")
        renew_at, lost = 0.0, 0
        while True:
            event = self._hear(process)
            if isinstance(event, Opened):
                continue
            if self._path.lost_packets > lost:
                yield Noted(Problem.PACKET_LOSS, self._path.lost_packets - lost)
                lost = self._path.lost_packets
            if time.monotonic() >= renew_at:
                process.progressed()
                renew_at = time.monotonic() + _RENEW_SECONDS
            yield event

    def abort(self) -> None:
        """See `Feed.abort`."""
        self._aborted = True
        self._path.abort()
        with self._lock:
            if self._process:
                self._process.kill()

    def close(self) -> None:
        """See `Feed.close`."""
        with self._lock:
            process, self._process = self._process, None
        if process and self._orderly and not self._aborted:
            self._pool.give_back(process)
        elif process:
            process.end()
        self._path.close()

    def _hear(self, process: DecoderProcess) -> Event | Opened:
        try:
            message = process.hear()
        except SourceError as error:
            raise self._better(error) from None
        if isinstance(message, Failed):
            # One that was at its limits still holds the memory: the next connection gets a fresh one.
            self._orderly = message.error.problem not in _OWN_PROBLEMS
            raise self._better(message.error)
        return message

    def _better(self, error: SourceError) -> SourceError:
        """Return what the way to the camera saw go wrong, unless the decoder's own end is what went wrong."""
        return error if error.problem in _OWN_PROBLEMS else self._path.problem or error
