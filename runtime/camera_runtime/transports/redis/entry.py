"""A stream's entry between Redis (bytes) and the seam (frames). Pure: reading never raises for what a foreign hand wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from frame_tracking import (
    DropReason,
    FrameID,
    FrameMetadata,
    InvalidFrameIDError,
    InvalidMetadataError,
    TraceContext,
    recover,
)

from camera_runtime.transports.base import Dropped

__all__ = ["Entry", "Token", "context_of", "dropped_of", "frame_id_of", "metadata_of"]


@dataclass(slots=True)
class Entry:
    """What a replica took from a stream.

    Attributes:
        camera: whose stream it is.
        count: how often it was handed out.
        done: whether the stage finished the frame before.
        waited_ms: between its arrival in the stream and now, by Redis's own clock.
        taken_at: seconds, monotonic.
        picture: its content; None before it was fetched, or once it is gone.
        fetched: whether it was asked for.
        misplaced: whether there is no asking for it: what is under its key is no picture, or the key is none of ours.
    """

    stream: str
    camera: str
    entry_id: str
    fields: Mapping[bytes, bytes]
    count: int
    done: bool
    waited_ms: float
    taken_at: float
    picture: bytes | None = None
    fetched: bool = False
    misplaced: bool = False

    def text(self, name: str) -> str:
        """Return a field, or nothing."""
        return self.fields.get(name.encode(), b"").decode("utf-8", "replace")

    @property
    def picture_key(self) -> str:
        """Where the picture is; empty if the frame came without one."""
        return self.text("picture")

    @property
    def lacks_picture(self) -> bool:
        """Whether its picture is to be asked for still."""
        return not (self.fetched or self.misplaced) and bool(self.fields.get(b"picture"))

    def keep_picture(self, answer: object) -> None:
        """Take Redis's answer to the question for the picture; where it refused to answer, ask again."""
        if answer is None or isinstance(answer, bytes):
            self.picture, self.fetched = answer, True
        elif isinstance(answer, Exception) and str(answer).startswith("WRONGTYPE"):
            self.misplaced = True  # it would be refused each time


@dataclass(slots=True, eq=False)
class Token:
    """What a consumer remembers of a frame that it handed out.

    Attributes:
        picture: the content as it was handed out, to see whether a handler has put another in its place.
        metadata: as they came, for a dead letter that tells what was received.
        uncertain: whether an earlier attempt to finish may have taken effect unseen.
    """

    stream: str
    entry_id: str
    picture_key: str
    picture: bytes
    count: int
    metadata: bytes = b""
    uncertain: bool = False

    def suspect(self) -> None:
        """Remember that an attempt's answer was lost."""
        self.uncertain = True


def frame_id_of(entry: Entry) -> FrameID | None:
    """Return the entry's frame ID, or None if it has none that can be read, or that of another camera's frame.

    A frame of another camera would be handed on to a stream that nobody reads for it.
    """
    try:
        frame_id = FrameID(entry.text("frame_id"))
    except InvalidFrameIDError:
        return None
    return frame_id if frame_id.camera == entry.camera else None


def metadata_of(entry: Entry, frame_id: FrameID) -> FrameMetadata | None:
    """Return the entry's metadata, or None if it cannot be read or is another frame's."""
    try:
        metadata = FrameMetadata.from_json(entry.fields.get(b"metadata", b""), frame_id)
    except InvalidMetadataError:
        return None
    return metadata if metadata.frame_id == frame_id else None


def dropped_of(branches: Iterable[Sequence[bytes]], reason: DropReason) -> tuple[Dropped, ...]:
    """Return what a script says of lost branches (frame ID, traceparent, tracestate, stage); nameless ones are left out."""
    found = []
    for branch in branches:
        text, traceparent, tracestate, stage = (part.decode("utf-8", "replace") for part in branch)
        try:
            frame_id = FrameID(text)
        except InvalidFrameIDError:
            continue
        context, _ = recover(frame_id, traceparent, tracestate)
        found.append(Dropped(frame_id, frame_id.camera, stage, context, reason))
    return tuple(found)


def context_of(entry: Entry, frame_id: FrameID) -> TraceContext:
    """Return the context to end the frame's trace under."""
    return recover(frame_id, entry.text("traceparent"), entry.text("tracestate"))[0]
