"""A frame's picture as the broker still has it, or why it cannot be shown."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from frame_tracking import CAPTURE_HOP, FrameID

from camera_runtime.transports.base import BrokerUnavailableError

__all__ = ["BrokerPictures", "NoPictures", "Picture", "PictureBroker", "PictureState", "Pictures"]

_JPEG: Final = b"\xff\xd8\xff"
"""What a JPEG begins with, and the marker of its next part; a raw picture may begin with two such bytes."""
_WAIT_SECONDS: Final = 5.0
"""For the connection, of which there is one."""


class PictureState(StrEnum):
    """What there is of a picture."""

    KEPT = "kept"
    GONE = "gone"
    RAW = "raw"
    DENIED = "denied"
    IN_MESSAGES = "in messages"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG picture, if its state is KEPT; else `why` says in a sentence why there is none."""

    state: PictureState
    why: str = ""
    content: bytes = b""


class Pictures(Protocol):
    """Where pictures are looked up."""

    def look(self, frame_id: FrameID) -> Picture:
        """Return what there is of a frame's picture, as it was captured."""


class PictureBroker(Protocol):
    """A broker, as far as pictures go. One thread at a time."""

    def picture(self, frame_id: FrameID, hop: str) -> bytes | None:
        """See `camera_runtime.transports.base.Broker.picture`."""


class NoPictures:
    """Says the same of every frame."""

    def __init__(self, state: PictureState, why: str) -> None:
        self._picture = Picture(state, why)

    def look(self, frame_id: FrameID) -> Picture:  # noqa: ARG002 - the seam's
        """See `Pictures.look`."""
        return self._picture


class BrokerPictures:
    """Pictures in the pipeline's broker, whose keys are this pipeline's alone.

    Args:
        broker: the broker; its connection is used by one request after the other.
        keep_seconds: how long it keeps pictures.
    """

    def __init__(self, broker: PictureBroker, keep_seconds: int) -> None:
        self._broker, self._keep_seconds = broker, keep_seconds
        self._lock = threading.Lock()

    def look(self, frame_id: FrameID) -> Picture:
        """See `Pictures.look`."""
        if not self._lock.acquire(timeout=_WAIT_SECONDS):
            return Picture(PictureState.UNREACHABLE, "The broker is busy; try again.")
        try:
            content = self._broker.picture(frame_id, CAPTURE_HOP)
        except BrokerUnavailableError as error:
            return Picture(PictureState.UNREACHABLE, f"The picture cannot be looked up: {error}.")
        finally:
            self._lock.release()
        if content is None:
            why = f"Its picture is gone: pictures are kept for {self._keep_seconds} seconds after the last stage had them."
            return Picture(PictureState.GONE, why)
        if not content.startswith(_JPEG):
            return Picture(PictureState.RAW, "Its picture is raw, which no browser shows (spec.capture.encoding).")
        return Picture(PictureState.KEPT, content=content)
