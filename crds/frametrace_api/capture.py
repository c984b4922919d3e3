"""How every camera of a pipeline is captured. Must not know single cameras."""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from frametrace_api.base import ApiModel
from frametrace_api.numbers import Between, IntegerOrText
from frametrace_api.pods import PodSettings
from frametrace_api.resources import Resources
from frametrace_api.rules import Rule, cel_text
from frametrace_api.scalars import ImageReference

__all__ = ["Capture", "Encoding", "TimestampSource"]


_RATE = r"(0|[1-9][0-9]?|1[0-9]{2}|2[0-3][0-9])(\.[0-9]{1,3})?|240(\.0{1,3})?"
_RATE_WORDS = (
    'must be a number above 0 and at most 240, quoted if it has decimals: 5, or "0.5" for a frame every 2 seconds'
)


def _is_rate(text: str) -> bool:
    return re.fullmatch(_RATE, text) is not None and float(text) > 0


FrameRate = Annotated[
    str,
    Field(max_length=7),
    Rule(
        cel=f"string(self).matches({cel_text(f'^(?:{_RATE})$')}) && double(string(self)) > 0.0",
        message=_RATE_WORDS,
        message_expression=f"{cel_text(f'{_RATE_WORDS}; got ')} + string(self)",
        holds=_is_rate,
    ),
    IntegerOrText(max_length=7),
]
"""Frames a second: a whole number, or a decimal text; kept as text."""


class Encoding(StrEnum):
    """How a frame's picture travels."""

    JPEG = "JPEG"
    RAW = "Raw"


class TimestampSource(StrEnum):
    """Which clock a frame's metadata takes its time from."""

    WALLCLOCK = "Wallclock"
    STREAM = "Stream"


class Capture(ApiModel):
    """How cameras are captured."""

    frames_per_second: FrameRate | None = None
    """Most frames a second that are taken from a camera: above 0 and at most 240, such as 5, or "0.5" for a frame every 2 seconds. Frames passed over get no frame ID and are counted as skipped. Left out: every frame."""
    max_width: Annotated[int, Between(16, 8192)] | None = None
    """Widest picture in pixels; a wider one is scaled down, keeping its shape. Left out: as the camera sends it."""
    encoding: Encoding = Encoding.JPEG
    """How pictures travel to the stages: JPEG, or Raw (RGB bytes: no loss, 10 to 50 times the size). Default: JPEG."""
    jpeg_quality: Annotated[int, Between(1, 100)] = 85
    """Quality of JPEG pictures from 1 to 100; without effect on Raw. Default: 85."""
    timestamp_source: TimestampSource = TimestampSource.WALLCLOCK
    """Clock of the frame's metadata: Wallclock is the node's, Stream is the camera's own. Frame IDs always use the node's. Default: Wallclock."""
    image: ImageReference | None = None
    """Image of the capture pods. Left out: the operator's own runtime image."""
    resources: Resources | None = None
    """CPU and memory of each capture container, as in a Pod. Left out: what the operator's chart sets."""
    pod_settings: PodSettings | None = None
    """Where the capture pods run, and what is added to them. Left out: nothing."""
