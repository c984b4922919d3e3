"""Frame: a picture on its way, with its metadata and its place in its trace."""

from __future__ import annotations

from dataclasses import dataclass

from frame_tracking import FrameID, FrameMetadata, TraceContext

__all__ = ["Frame"]


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame.

    Attributes:
        metadata: what is known of it.
        picture: the encoded picture (JPEG, or raw RGB24 of `height * width * 3` bytes); empty when only metadata moves.
        trace_context: of the span that handed it over; None before it has one.
        reference: the broker's key of the stored picture; set by a transport, so that an unchanged picture is handed
            on without being copied.
        token: what a consumer needs to acknowledge it; set by a transport, opaque to all others.
    """

    metadata: FrameMetadata
    picture: bytes = b""
    trace_context: TraceContext | None = None
    reference: str = ""
    token: object = None

    @property
    def frame_id(self) -> FrameID:
        """The frame's ID."""
        return self.metadata.frame_id
