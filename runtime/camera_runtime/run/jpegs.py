"""JpegPictures: frames' pictures as JPEG, whatever they are sent as, for those that people look at."""

from __future__ import annotations

import threading
from collections.abc import Callable

from camera_runtime.frame import Frame

__all__ = ["JpegPictures"]


class JpegPictures:
    """Encodes raw pictures when asked. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._encode: Callable[[Frame], bytes] | None = None

    def of(self, frame: Frame) -> bytes:
        """Return a frame's picture as JPEG."""
        if frame.metadata.encoding == "jpeg":
            return frame.picture
        with self._lock:
            if self._encode is None:
                self._encode = _encoder()
            return self._encode(frame)


def _encoder() -> Callable[[Frame], bytes]:
    from camera_runtime.capture.picture import PictureEncoder  # noqa: PLC0415 - only raw pictures need numpy's megabytes
    from camera_runtime.stages.decoder import PictureDecoder  # noqa: PLC0415 - as above

    decoder, encoder = PictureDecoder(), PictureEncoder()
    return lambda frame: bytes(encoder.encode(decoder.video(frame.picture, frame.metadata)).data)
