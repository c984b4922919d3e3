"""Makes the published picture of a decoded one: scaled down if asked, then JPEG or raw RGB.

One reformatter and one encoder live as long as the stream keeps its size: PyAV 18 holds about 2 MB for every
reformatter. Knows nothing of frames' IDs or traces.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

import av
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import ColorRange, VideoReformatter

__all__ = ["EncodedPicture", "PictureEncoder", "qscale"]

_FULL_RANGE: Final = "yuvj420p"
_WORST_QSCALE: Final = 31


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """A picture ready to be sent; sizes in pixels. `data` is the encoder's own memory wherever that is possible."""

    data: bytes | memoryview
    width: int
    height: int


class PictureEncoder:
    """Encodes the pictures of one stream. Not thread-safe.

    Args:
        encoding: `JPEG`, or `Raw` for RGB24 without padding.
        quality: JPEG quality as libjpeg counts it, 1 to 100.
        max_width: wider pictures are scaled down to it, keeping their shape; 0 keeps the size.
    """

    def __init__(self, encoding: Literal["JPEG", "Raw"] = "JPEG", quality: int = 85, max_width: int = 0) -> None:
        self._raw = encoding == "Raw"
        self._qscale = qscale(quality)
        self._max_width = max_width
        self._reformatter = VideoReformatter()
        self._encoder: VideoCodecContext | None = None
        self._number = 0

    @property
    def encoding(self) -> str:
        """What `FrameMetadata.encoding` says of these pictures."""
        return "rgb24" if self._raw else "jpeg"

    def encode(self, picture: av.VideoFrame, size: tuple[int, int] | None = None) -> EncodedPicture:
        """Scale and encode.

        Args:
            picture: a decoded one.
            size: width and height in pixels; by default its own, within `max_width`.

        Raises:
            ValueError: if FFmpeg cannot encode a picture of this size.
        """
        width, height = size or self._size(picture.width, picture.height)
        scaled = self._reformatter.reformat(
            picture,
            width,
            height,
            "rgb24" if self._raw else _FULL_RANGE,
            dst_color_range=ColorRange.JPEG,
            interpolation="FAST_BILINEAR" if width == picture.width else "BILINEAR",
            threads=1,
        )
        return EncodedPicture(_rgb(scaled) if self._raw else self._jpeg(scaled), width, height)

    def _size(self, width: int, height: int) -> tuple[int, int]:
        if not self._max_width or width <= self._max_width:
            return width, height
        return self._max_width, max(2, round(height * self._max_width / width / 2) * 2)

    def _jpeg(self, picture: av.VideoFrame) -> memoryview:
        encoder = self._encoder
        if encoder is None or (encoder.width, encoder.height) != (picture.width, picture.height):
            encoder = self._encoder = _new_encoder(picture.width, picture.height, self._qscale)
        self._number += 1
        picture.pts, picture.time_base = self._number, encoder.time_base
        packets = encoder.encode(picture)
        if len(packets) != 1:
            raise ValueError(f"the JPEG encoder gave {len(packets)} pictures for one")
        return memoryview(packets[0])


def qscale(quality: int) -> int:
    """Return FFmpeg's quantiser for a JPEG quality of 1 to 100.

    Both scale a table of steps; FFmpeg's is MPEG-1's (mean 34, times qscale / 8), libjpeg's has the mean 57 at 50.
    """
    scale = 5000 / quality if quality < 50 else 200 - 2 * quality  # noqa: PLR2004 - libjpeg's own formula
    return min(_WORST_QSCALE, max(1, round(scale * 57 / 100 / (34 / 8))))


def _new_encoder(width: int, height: int, scale: int) -> VideoCodecContext:
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, _FULL_RANGE
    encoder.color_range = ColorRange.JPEG
    encoder.time_base = Fraction(1, 1000)
    encoder.thread_count = 1
    encoder.qmin = encoder.qmax = scale
    # Standard Huffman tables: optimal ones save a fifth of the bytes and cost a tenth more time.
    encoder.options = {"huffman": "default", "flags": "+bitexact"}
    return encoder


def _rgb(picture: av.VideoFrame) -> bytes | memoryview:
    plane = picture.planes[0]
    if plane.line_size == picture.width * 3:
        return memoryview(plane)
    return picture.to_ndarray().tobytes()
