"""FrameMetadata: what is known of a frame beside its picture; small, and readable by older and newer versions.

Serialised as JSON with the version that wrote it. A reader keeps fields it does not know and hands them on, so that
a frame can pass through stages of mixed versions without losing anything. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from frame_tracking.frame_id import FrameID

__all__ = ["METADATA_VERSION", "FrameMetadata", "InvalidMetadataError"]

METADATA_VERSION: Final = 1
_ENCODE: Final = json.JSONEncoder(separators=(",", ":")).encode
"""`json.dumps` with separators makes an encoder anew for every frame."""
_KNOWN: Final = {
    "width": int,
    "height": int,
    "encoding": str,
    "pts": int,
    "keyframe": bool,
    "camera_time": str,
    "results": dict,
}


class InvalidMetadataError(ValueError):
    """A text that is not a frame's metadata; the message names the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameMetadata:
    """One frame's metadata.

    Attributes:
        frame_id: the frame's ID.
        timestamp: capture time; made aware and brought to UTC (a naive value is local time).
        width: of the published picture, in pixels.
        height: of the published picture, in pixels.
        encoding: `jpeg`, or `rgb24` for raw.
        pts: the stream's own presentation time stamp, in its time base.
        keyframe: whether the stream marked the frame as one.
        camera_time: the camera's own clock, ISO 8601, when the stream carries it.
        results: what stages found, by stage name.
        extra: fields that this version does not know, kept as they came.
    """

    frame_id: FrameID
    timestamp: datetime
    width: int = 0
    height: int = 0
    encoding: str = "jpeg"
    pts: int | None = None
    keyframe: bool | None = None
    camera_time: str | None = None
    results: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.timestamp.tzinfo is not UTC:
            object.__setattr__(self, "timestamp", self.timestamp.astimezone(UTC))

    def to_json(self) -> str:
        """Serialise to compact JSON, in ASCII: half of a surrogate pair, which JSON can carry, fits into no other text.

        Raises:
            TypeError: if `results` or `extra` hold what JSON has no form for.
        """
        body: dict[str, Any] = {**self.extra, "version": METADATA_VERSION, "frame_id": self.frame_id}
        body |= {"timestamp": self.timestamp.isoformat()}
        body |= {"width": self.width, "height": self.height, "encoding": self.encoding}
        if self.pts is not None:
            body["pts"] = self.pts
        if self.keyframe is not None:
            body["keyframe"] = self.keyframe
        if self.camera_time is not None:
            body["camera_time"] = self.camera_time
        if self.results:
            body["results"] = self.results
        return _ENCODE(body)

    @classmethod
    def from_json(cls, text: str | bytes, frame_id: FrameID | None = None) -> FrameMetadata:
        """Read what any version wrote.

        Args:
            text: the JSON.
            frame_id: the frame's, where it is known; one that reads the same is not parsed again.

        Raises:
            InvalidMetadataError: if it is no JSON object, or a field is missing or of the wrong type.
        """
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            raise InvalidMetadataError("metadata is not JSON") from None
        if not isinstance(data, dict):
            raise InvalidMetadataError("metadata is not a JSON object")
        data.pop("version", None)
        named, timestamp = _text(data, "frame_id"), _text(data, "timestamp")
        known: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        for name, value in data.items():
            kind = _KNOWN.get(name)
            if kind is None:
                extra[name] = value
            elif value is not None:
                known[name] = _typed(name, value, kind)
        try:
            own = frame_id if frame_id is not None and frame_id == named else FrameID(named)
            return cls(frame_id=own, timestamp=datetime.fromisoformat(timestamp), extra=extra, **known)
        except (ValueError, OverflowError) as error:
            raise InvalidMetadataError(f"metadata: {error}") from None


def _text(data: dict[str, Any], name: str) -> str:
    value = data.pop(name, None)
    if not isinstance(value, str):
        raise InvalidMetadataError(f"metadata field {name!r} is missing or not a text")
    return value


def _typed(name: str, value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise InvalidMetadataError(f"metadata field {name!r} is {type(value).__name__}, not {kind.__name__}")
    return value
