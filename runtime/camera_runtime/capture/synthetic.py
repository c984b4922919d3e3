"""The `test://` source: a moving pattern with its number burned in, so that nobody needs a camera to begin.

`test://?width=1280&height=720&fps=30`. Picture n is the same on every machine. The number stands in the top row as 32
squares across the width: white, black, 24 bits (most significant first), 4 bits of their count, black, white.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Self
from urllib.parse import parse_qsl, urlsplit

import av
import numpy as np
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from camera_runtime.capture.problem import Problem, SourceError

__all__ = ["Pattern", "SyntheticSource"]

_CELLS: Final = 32
_BITS: Final = 24
_BLACK: Final = 16
_WHITE: Final = 235
_SECOND: Final = 1_000_000_000
_LIMITS: Final = {"width": (320, 3840), "height": (64, 2160), "fps": (1, 120)}

_Luma = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Pattern:
    """What to draw: size in pixels (even), and pictures a second."""

    width: int = 1280
    height: int = 720
    fps: int = 30

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read a `test://` URL's query.

        Raises:
            SourceError: `INVALID_URL`, for another scheme, an unknown parameter or a value out of bounds.
        """
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True)
        if parts.scheme != "test" or any(name not in _LIMITS for name, _ in query):
            raise SourceError(Problem.INVALID_URL, "a test source is test://?width=1280&height=720&fps=30")
        return cls(**{name: _bounded(name, value) for name, value in query})

    def luma(self, number: int) -> _Luma:
        """Return picture `number`'s brightness: an array of shape (height, width), uint8."""
        picture = np.empty((self.height, self.width), np.uint8)
        picture[:] = (np.arange(self.width, dtype=np.uint32) * 150 // self.width + 40).astype(np.uint8)
        box = self.height // 4
        left = number * max(2, self.width // 200) % (self.width - box)
        picture[self.height // 2 : self.height // 2 + box, left : left + box] = 220
        _draw_number(picture, number % (1 << _BITS))
        return picture


@dataclass(frozen=True, slots=True)
class _SyntheticPacket:
    received_ns: int
    number: int
    pattern: Pattern
    keyframe: bool = True

    def decode(self) -> Sequence[av.VideoFrame]:
        """Draw the picture."""
        luma = self.pattern.luma(self.number)
        grey = np.full((self.pattern.height // 2, self.pattern.width), 128, np.uint8)
        picture = av.VideoFrame.from_ndarray(np.vstack((luma, grey)), format="yuv420p")
        picture.color_range = ColorRange.MPEG
        picture.pts, picture.time_base = self.number, Fraction(1, self.pattern.fps)
        return (picture,)


class SyntheticSource:
    """Draws pictures, each when it is due; never ends by itself."""

    def __init__(self, pattern: Pattern) -> None:
        self._pattern = pattern
        self._ended = threading.Event()

    def open(self) -> None:
        """See `Source.open`; there is nothing to connect to."""

    def packets(self) -> Iterator[_SyntheticPacket]:
        """See `Source.packets`."""
        begun, number = time.monotonic_ns(), 0
        while not self._ended.wait(max(0, begun + number * _SECOND // self._pattern.fps - time.monotonic_ns()) / 1e9):
            yield _SyntheticPacket(time.time_ns(), number, self._pattern)
            number += 1
        raise SourceError(Problem.CLOSED, "the test source was closed")

    def abort(self) -> None:
        """See `Source.abort`."""
        self._ended.set()

    def close(self) -> None:
        """See `Source.close`."""
        self._ended.set()


def _bounded(name: str, value: str) -> int:
    least, most = _LIMITS[name]
    if not value.isascii() or not value.isdecimal() or not least <= int(value) <= most:
        raise SourceError(Problem.INVALID_URL, f"test source: {name} is a number from {least} to {most}")
    return int(value) if name == "fps" else int(value) // 2 * 2


def _draw_number(luma: _Luma, number: int) -> None:
    bits = [number >> place & 1 for place in reversed(range(_BITS))]
    check = [sum(bits) % 16 >> place & 1 for place in reversed(range(4))]
    side = luma.shape[1] // _CELLS
    row = np.array([1, 0, *bits, *check, 0, 1], np.uint8) * (_WHITE - _BLACK) + _BLACK
    luma[:side, : side * _CELLS] = np.repeat(row, side)
