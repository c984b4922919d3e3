"""Turns a stream's packets into pictures to publish: decode, keep to the rate, scale, encode. No I/O of its own.

Every picture is decoded, for later ones build on it; those over the rate are passed over before they are encoded.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Final

import av

from camera_runtime.capture.base import Packet
from camera_runtime.capture.events import Event, Lost, LostReason, Passed, Received, TakenPicture
from camera_runtime.capture.frozen import fingerprint
from camera_runtime.capture.pace import Pace
from camera_runtime.capture.picture import PictureEncoder
from camera_runtime.capture.problem import Problem, SourceError

__all__ = ["PictureTaker"]

_LOOK_NS: Final = 1_000_000_000
_MAX_HELD: Final = 64


class PictureTaker:
    """Takes one camera's packets, one connection after the other. Not thread-safe.

    Args:
        pace: which pictures to take.
        encoder: makes the published pictures.
        has_room: whether another picture can be handed over now; without room, it is lost before it is encoded.
    """

    def __init__(self, pace: Pace, encoder: PictureEncoder, has_room: Callable[[], bool] = lambda: True) -> None:
        self._pace = pace
        self._encoder = encoder
        self._has_room = has_room
        self._began = False
        self._looked_ns = 0
        self._held: dict[int, Received] = {}

    def begin(self) -> None:
        """A new connection: its pictures begin with a key frame."""
        self._began = False
        self._held.clear()

    def take(self, packet: Packet) -> Iterator[Event]:
        """Yield what becomes of a packet; most give one picture. What is yielded is valid until the next step.

        Raises:
            SourceError: if the stream must not go on; a packet that is damaged is a `Lost`.
        """
        self._began = self._began or packet.keyframe
        if not self._began:
            return
        begun = time.time_ns()
        try:
            pictures = packet.decode()
        except SourceError as error:
            if error.problem is not Problem.INVALID_STREAM:
                raise
            yield self._damaged(packet.received, error)
            return
        decode_ns = (begun, time.time_ns())
        self._hold(packet)
        for picture in pictures:
            yield self._picture(picture, self._received(picture, packet.received), decode_ns)

    def _damaged(self, received: Received, error: SourceError) -> Event:
        if self._pace.takes(received.wall_ns):
            return Lost(received, LostReason.MALFORMED, str(error))
        return Passed(received, 1, corrupt=1)

    def _hold(self, packet: Packet) -> None:
        """Remember when a packet came: a decoder that puts pictures into order gives them later."""
        if packet.pts is not None:
            if len(self._held) >= _MAX_HELD:
                del self._held[next(iter(self._held))]
            self._held[packet.pts] = packet.received

    def _received(self, picture: av.VideoFrame, latest: Received) -> Received:
        return latest if picture.pts is None else self._held.pop(picture.pts, latest)

    def _picture(self, picture: av.VideoFrame, received: Received, decode_ns: tuple[int, int]) -> Event:
        mark = self._look(picture, received.monotonic_ns)
        if not self._pace.takes(received.wall_ns):
            return Passed(received, 1, corrupt=int(picture.is_corrupt), mark=mark)
        if not self._has_room():
            return Lost(received, LostReason.OVERFLOW, "the pictures before it were not taken in time")
        begun = time.time_ns()
        try:
            encoded = self._encoder.encode(picture)
        except MemoryError:
            raise SourceError(Problem.EXCESSIVE, "pictures need more memory than a decoder may have") from None
        except (av.FFmpegError, ValueError) as error:
            return Lost(received, LostReason.MALFORMED, f"a picture could not be encoded ({type(error).__name__})")
        return TakenPicture(
            received=received,
            decode_ns=decode_ns,
            process_ns=(begun, time.time_ns()),
            camera_size=(picture.width, picture.height),
            size=(encoded.width, encoded.height),
            encoding=self._encoder.encoding,
            data=encoded.data,
            keyframe=bool(picture.key_frame),
            pts=picture.pts,
            time_base=picture.time_base,
            corrupt=picture.is_corrupt,
            mark=mark,
        )

    def _look(self, picture: av.VideoFrame, now_ns: int) -> int | None:
        """Return the picture's fingerprint, once a second."""
        if now_ns - self._looked_ns < _LOOK_NS:
            return None
        self._looked_ns = now_ns
        return fingerprint(picture)
