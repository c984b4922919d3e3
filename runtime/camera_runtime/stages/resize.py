"""The built-in handler `resize`: hands frames on with a picture of another size.

Settings, in the stage's `env`: `RESIZE_WIDTH` and `RESIZE_HEIGHT` in pixels (16 to 8192). With one of them the picture
keeps its shape; with both it is made exactly that size. `RESIZE_QUALITY` is the quality of JPEG pictures (1 to 100, 85).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

import av

from camera_runtime.capture.picture import PictureEncoder
from camera_runtime.stages.handler import StageFrame
from camera_runtime.stages.settings import InvalidSettingError, whole_number

__all__ = ["Resize"]

_PIXELS: Final = (16, 8192)
_QUALITY: Final = 85


class Resize:
    """Scales pictures; what is JPEG stays JPEG, what is raw stays raw.

    Args:
        environ: the stage's settings.

    Raises:
        InvalidSettingError: if neither size is set, or a setting is out of bounds.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._width = whole_number(environ, "RESIZE_WIDTH", _PIXELS, 0)
        self._height = whole_number(environ, "RESIZE_HEIGHT", _PIXELS, 0)
        if not (self._width or self._height):
            raise InvalidSettingError(
                'set RESIZE_WIDTH, RESIZE_HEIGHT or both in the stage\'s env, in pixels: {name: RESIZE_WIDTH, value: "640"}'
            )
        quality = whole_number(environ, "RESIZE_QUALITY", (1, 100), _QUALITY)
        self._encoders = {"jpeg": PictureEncoder("JPEG", quality), "rgb24": PictureEncoder("Raw")}

    def __call__(self, frame: StageFrame) -> StageFrame:
        """Return the frame with its picture in the new size; the same one, if it has that already."""
        picture = frame.video()
        size = self._size(picture)
        if size == (picture.width, picture.height):
            return frame
        encoding = frame.metadata.encoding
        encoded = self._encoders[encoding].encode(picture, size)
        return frame.with_picture(bytes(encoded.data), encoded.width, encoded.height, encoding)

    def _size(self, picture: av.VideoFrame) -> tuple[int, int]:
        if self._width and self._height:
            return self._width, self._height
        if self._width:
            return self._width, _scaled(picture.height, self._width, picture.width)
        return _scaled(picture.width, self._height, picture.height), self._height


def _scaled(side: int, wanted: int, other: int) -> int:
    """Return `side` as the other one changes to `wanted`: even, for pictures are stored with half the colour."""
    return max(2, round(side * wanted / other / 2) * 2)
