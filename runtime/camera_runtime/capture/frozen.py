"""Notices a picture that stands still although the stream goes on. Pure but for looking into the picture's plane.

A living camera's pictures differ by noise alone; pictures that are equal to the last bit for seconds, over several
key frames, come from a frozen encoder or a stuck relay.
"""

from __future__ import annotations

from typing import Final
from zlib import crc32

import av

__all__ = ["FrozenPicture", "fingerprint"]

_SECOND: Final = 1_000_000_000
_ROWS: Final = 32


class FrozenPicture:
    """Follows the fingerprints of one connection's pictures.

    Args:
        after_seconds: how long an equal picture is taken for a still scene.
    """

    def __init__(self, after_seconds: float = 8.0) -> None:
        self._after_ns = int(after_seconds * _SECOND)
        self._last = -1
        self._stood_ns = 0
        self._looked_ns = -_SECOND
        self._standing = False

    @property
    def standing(self) -> bool:
        """Whether the picture stood still when it was last looked at."""
        return self._standing

    def frozen(self, mark: int, now_ns: int) -> bool:
        """Take a picture's fingerprint; True once it has been the same for too long.

        Between two looks at most two seconds count, so that a clock that is set makes no picture old.
        """
        passed = min(max(0, now_ns - self._looked_ns), 2 * _SECOND)
        self._stood_ns = self._stood_ns + passed if mark == self._last else 0
        self._last, self._looked_ns = mark, now_ns
        self._standing = self._stood_ns >= self._after_ns
        return self._standing


def fingerprint(picture: av.VideoFrame) -> int:
    """Return a checksum over evenly spread rows of the picture's first plane."""
    plane = picture.planes[0]
    view, stride = memoryview(plane), plane.line_size
    step = max(1, plane.height // _ROWS)
    mark = 0
    for row in range(0, plane.height, step):
        mark = crc32(view[row * stride : row * stride + plane.width], mark)
    return mark
