"""The `test://` source: a moving pattern with its number burned in, so that nobody needs a camera to begin.

Picture n is the same on every machine. The number stands in the top row as 32 squares across the width: white, black,
24 bits (most significant first), 4 bits of their count, black, white.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from camera_runtime.capture.events import Received
from camera_runtime.capture.pattern import Pattern
from camera_runtime.capture.problem import Problem, SourceError

__all__ = ["Drawing", "SyntheticSource"]

_CELLS: Final = 32
_BITS: Final = 24
_BLACK: Final = 16
_WHITE: Final = 235
_SECOND: Final = 1_000_000_000

_Luma = NDArray[np.uint8]


class Drawing:
    """Draws a pattern's pictures into memory of its own, over and over: only what moves is drawn anew.

    Args:
        pattern: what to draw.
    """

    def __init__(self, pattern: Pattern) -> None:
        self.pattern = pattern
        slope = np.arange(pattern.width, dtype=np.uint32) * 150 // max(1, pattern.width) + 40
        self._slope = slope.astype(np.uint8)
        self._planes = np.full((pattern.height * 3 // 2, pattern.width), 128, np.uint8)
        self._luma = self._planes[: pattern.height]
        self._luma[:] = self._slope
        self._side = pattern.width // _CELLS
        self._box = slice(0, 0), slice(0, 0)

    def luma(self, number: int) -> _Luma:
        """Return picture `number`'s brightness: an array of shape (height, width), uint8, valid until the next one."""
        height, width = self.pattern.height, self.pattern.width
        rows, columns = self._box
        self._luma[rows, columns] = self._slope[columns]
        box = height // 4
        left = number * max(2, width // 200) % (width - box)
        self._box = slice(height // 2, height // 2 + box), slice(left, left + box)
        self._luma[self._box] = 220
        self._luma[: self._side, : self._side * _CELLS] = np.repeat(_cells(number % (1 << _BITS)), self._side)
        return self._luma

    def picture(self, number: int) -> av.VideoFrame:
        """Return picture `number`."""
        self.luma(number)
        picture = av.VideoFrame.from_ndarray(self._planes, format="yuv420p")
        picture.color_range = ColorRange.MPEG
        picture.pts, picture.time_base = number, Fraction(1, self.pattern.fps)
        return picture


@dataclass(frozen=True, slots=True)
class _SyntheticPacket:
    received: Received
    number: int
    drawing: Drawing = field(repr=False)
    keyframe: bool = True

    @property
    def pts(self) -> int:
        return self.number

    def decode(self) -> Sequence[av.VideoFrame]:
        """Draw the picture."""
        return (self.drawing.picture(self.number),)


class SyntheticSource:
    """Draws pictures, each when it is due; never ends by itself."""

    def __init__(self, pattern: Pattern) -> None:
        self._drawing = Drawing(pattern)
        self._ended = threading.Event()

    def open(self) -> None:
        """See `Source.open`; there is nothing to connect to."""

    def packets(self) -> Iterator[_SyntheticPacket]:
        """See `Source.packets`."""
        begun, number = time.monotonic_ns(), 0
        while not self._ended.wait(
            max(0, begun + number * _SECOND // self._drawing.pattern.fps - time.monotonic_ns()) / 1e9
        ):
            yield _SyntheticPacket(Received(time.time_ns(), time.monotonic_ns()), number, self._drawing)
            number += 1
        raise SourceError(Problem.CLOSED, "the test source was closed")

    def abort(self) -> None:
        """See `Source.abort`."""
        self._ended.set()

    def close(self) -> None:
        """See `Source.close`."""
        self._ended.set()


def _cells(number: int) -> NDArray[np.uint8]:
    bits = [number >> place & 1 for place in reversed(range(_BITS))]
    check = [sum(bits) % 16 >> place & 1 for place in reversed(range(4))]
    return np.array([1, 0, *bits, *check, 0, 1], np.uint8) * (_WHITE - _BLACK) + _BLACK
