"""What a stage's handler gets and may return.

A handler is a function, or a class that is made once without arguments and then called. It gets a `StageFrame` and
returns one, or results, or None; what it raises is recorded on its span. It runs with the frame's span as the current
one, so that spans of its own nest under it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from operator import index
from typing import Any, Final

import av
import numpy as np
from frame_tracking import FrameID, FrameMetadata
from numpy.typing import NDArray

from camera_runtime.frame import Frame
from camera_runtime.stages.decoder import PictureDecoder

__all__ = ["Handler", "InvalidResultError", "StageFrame", "outgoing"]

_ENCODINGS: Final = ("jpeg", "rgb24")


class InvalidResultError(TypeError):
    """A handler returned what cannot be handed on."""


@dataclass(frozen=True, slots=True)
class StageFrame:
    """A frame as a handler sees it. Does not change; `with_picture` and `with_results` return a new one."""

    _frame: Frame
    _decoder: PictureDecoder

    @property
    def frame_id(self) -> FrameID:
        """The frame's ID."""
        return self._frame.frame_id

    @property
    def camera(self) -> str:
        """The camera's ID."""
        return self._frame.frame_id.camera

    @property
    def metadata(self) -> FrameMetadata:
        """What is known of the frame; `metadata.results` holds what earlier stages found."""
        return self._frame.metadata

    @property
    def picture(self) -> bytes:
        """The encoded picture: JPEG, or raw RGB24 (`metadata.encoding`)."""
        return self._frame.picture

    def array(self) -> NDArray[np.uint8]:
        """Decode the picture: shape (height, width, 3), RGB. Do not write into it.

        Raises:
            camera_runtime.stages.decoder.UnreadablePictureError: if it cannot be decoded.
        """
        return self._decoder.rgb(self.picture, self.metadata)

    def luma(self) -> NDArray[np.uint8]:
        """Decode a small grey picture, cheaply: shape (height, width), a half to an eighth of the size.

        Raises:
            camera_runtime.stages.decoder.UnreadablePictureError: if it cannot be decoded.
        """
        return self._decoder.luma(self.picture, self.metadata)

    def video(self) -> av.VideoFrame:
        """Decode the picture as FFmpeg's own frame, for handlers that work with PyAV.

        Raises:
            camera_runtime.stages.decoder.UnreadablePictureError: if it cannot be decoded.
        """
        return self._decoder.video(self.picture, self.metadata)

    def with_picture(self, picture: bytes, width: int, height: int, encoding: str = "jpeg") -> StageFrame:
        """Return the frame with another picture (sizes in pixels).

        Raises:
            InvalidResultError: if `picture` is no bytes or empty, a size no whole number, or `encoding` neither `jpeg`
                nor `rgb24`.
        """
        if not isinstance(picture, bytes):
            raise InvalidResultError(f"the picture is {type(picture).__name__}, not bytes (an array has `tobytes()`)")
        if not picture:
            raise InvalidResultError("the picture is empty (`with_results` hands a frame on with the picture it has)")
        if encoding not in _ENCODINGS:
            raise InvalidResultError(f"encoding {encoding!r} is none of {', '.join(_ENCODINGS)}")
        try:
            size = (index(width), index(height))
        except TypeError:
            raise InvalidResultError(f"the size {width!r} x {height!r} is not in whole pixels") from None
        metadata = replace(self.metadata, width=size[0], height=size[1], encoding=encoding)
        return replace(self, _frame=replace(self._frame, metadata=metadata, picture=picture, reference=""))

    def with_results(self, stage: str, results: Mapping[str, Any]) -> StageFrame:
        """Return the frame with results under a stage's name: text, numbers, lists and mappings of them.

        Raises:
            InvalidResultError: if they cannot be written as JSON.
        """
        try:
            json.dumps(results, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise InvalidResultError(f"results cannot be written as JSON: {error}") from None
        merged = {**self.metadata.results, stage: dict(results)}
        return replace(self, _frame=replace(self._frame, metadata=replace(self.metadata, results=merged)))

    def unwrap(self) -> Frame:
        """Return the frame as transports take it."""
        return self._frame


Handler = Callable[[StageFrame], StageFrame | Mapping[str, Any] | None]
"""A stage's handler: what it returns goes on, is the stage's results, or ends the frame's branch."""


def outgoing(returned: object, given: StageFrame, stage: str) -> Frame | None:
    """Turn what a handler returned into the frame to hand on; None if the frame ends here.

    Raises:
        InvalidResultError: if it is neither a frame, nor results, nor None.
    """
    if returned is None:
        return None
    if isinstance(returned, StageFrame):
        if returned.frame_id != given.frame_id:
            raise InvalidResultError(f"the handler of {stage!r} returned frame {returned.frame_id}, not the one it got")
        return returned.unwrap()
    if isinstance(returned, Mapping):
        return given.with_results(stage, returned).unwrap()
    raise InvalidResultError(
        f"the handler of {stage!r} returned {type(returned).__name__}, not a frame, results or None"
    )
