"""Decodes published pictures into arrays, for handlers that ask for one. Keeps its decoders; not thread-safe."""

from __future__ import annotations

from typing import Any, Final

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import VideoReformatter
from frame_tracking import FrameMetadata
from numpy.typing import NDArray

__all__ = ["PictureDecoder", "UnreadablePictureError"]

_MAX_SHRINK: Final = 3
_SMALL: Final = 160

Pixels = NDArray[np.uint8]


class UnreadablePictureError(ValueError):
    """The picture is not what its metadata say."""


class PictureDecoder:
    """Decodes the pictures of one thread."""

    def __init__(self) -> None:
        self._decoders: dict[int, VideoCodecContext] = {}
        self._reformatter = VideoReformatter()

    def rgb(self, picture: bytes, metadata: FrameMetadata) -> Pixels:
        """Return the whole picture: shape (height, width, 3), uint8, RGB.

        Raises:
            UnreadablePictureError: if it cannot be decoded.
        """
        if metadata.encoding == "rgb24":
            return _raw(picture, metadata)
        rgb = self._reformatter.reformat(self._decode(picture, 0), format="rgb24", threads=1)
        return np.asarray(rgb.to_ndarray(), np.uint8)

    def video(self, picture: bytes, metadata: FrameMetadata) -> av.VideoFrame:
        """Return the whole picture as FFmpeg's own frame.

        Raises:
            UnreadablePictureError: if it cannot be decoded.
        """
        if metadata.encoding == "rgb24":
            return av.VideoFrame.from_ndarray(np.ascontiguousarray(_raw(picture, metadata)), format="rgb24")
        return self._decode(picture, 0)

    def luma(self, picture: bytes, metadata: FrameMetadata) -> Pixels:
        """Return a small grey picture: shape (height, width), uint8, a half to an eighth of the size.

        Raises:
            UnreadablePictureError: if it cannot be decoded.
        """
        shrink = next((power for power in range(_MAX_SHRINK, 0, -1) if metadata.width >> power >= _SMALL), 0)
        if metadata.encoding == "rgb24":
            return _raw(picture, metadata)[:: 1 << shrink, :: 1 << shrink, 1]
        # The decoder leaves out what a smaller picture does not need: an eighth costs half of a whole one.
        decoded = self._decode(picture, shrink)
        plane = decoded.planes[0]
        rows: Pixels = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        return rows[: plane.height, : plane.width]

    def _decode(self, picture: bytes, shrink: int) -> av.VideoFrame:
        if not picture:  # to FFmpeg an empty packet is the end of the stream: the decoder would take nothing after it
            raise UnreadablePictureError("the frame has no picture: it is empty")
        decoder = self._decoders.pop(shrink, None) or _new_decoder(shrink)
        try:
            decoded = decoder.decode(av.Packet(picture))
        except av.FFmpegError as error:
            why = type(error).__name__
        else:
            if decoded:
                self._decoders[shrink] = decoder  # one that failed is let go of: what state it is in nobody can say
                return decoded[0]
            why = "no picture in it"
        raise UnreadablePictureError(f"the picture of {len(picture)} bytes is no JPEG: {why}")


def _new_decoder(shrink: int) -> VideoCodecContext:
    decoder: Any = av.CodecContext.create("mjpeg", "r")
    decoder.thread_count = 1
    decoder.options = {"lowres": str(shrink)}
    return decoder  # type: ignore[no-any-return]  # `create` is typed by the codec's name only for some


def _raw(picture: bytes, metadata: FrameMetadata) -> Pixels:
    if len(picture) != metadata.width * metadata.height * 3:
        raise UnreadablePictureError(f"a raw picture of {len(picture)} bytes is not {metadata.width}x{metadata.height}")
    return np.frombuffer(picture, np.uint8).reshape(metadata.height, metadata.width, 3)
