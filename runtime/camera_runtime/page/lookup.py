"""Looks frames up for the page: one by its ID, with its picture and what is missing; or those that a part of an ID names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from frame_tracking import FrameID, FrameQuery, Journey, JourneyView, Topology, revision_of
from frametrace_api.contract import LiveContract

from camera_runtime.journeys.base import JaegerUnavailableError, Matches
from camera_runtime.journeys.gathered import frame_id_of
from camera_runtime.page.belonging import Belonging
from camera_runtime.page.frames import Frames
from camera_runtime.page.pictures import Picture, Pictures
from camera_runtime.page.unseen import Neighbours, Unseen, neighbours_of, why_unseen

__all__ = ["Found", "Lookup", "Stored"]


class Stored(Protocol):
    """The journeys of a Jaeger. Its methods raise `JaegerUnavailableError`; `find` gives those of this pipeline only."""

    def journey(self, frame_id: FrameID) -> Journey | None:
        """Return a frame's journey; None if nothing of it is there."""

    def find(self, query: FrameQuery, limit: int) -> Matches:
        """Return the journeys of the newest frames that match."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of one frame.

    Attributes:
        view: its journey and what is missing of it; None where it has no span, or Jaeger did not answer.
        unseen: what can have become of a frame without a span.
        trouble: why Jaeger could not be asked.
    """

    frame_id: FrameID
    picture: Picture
    view: JourneyView | None = None
    unseen: tuple[str, ...] = ()
    neighbours: Neighbours = field(default_factory=Neighbours)
    trouble: str = ""


class Lookup:
    """Looks up what is of one pipeline.

    Args:
        stored: its Jaeger, which finds frames of this pipeline by parts of their IDs; `frames`: lists of them.
        pictures: its pictures.
        pipeline: which it is.
        keep_seconds: how long traces are kept; 0: nobody here knows.
        live: gives the live contract that holds now.
        now: gives the time, in UTC.
    """

    def __init__(
        self,
        stored: Stored,
        frames: Frames,
        pictures: Pictures,
        pipeline: Belonging,
        keep_seconds: int,
        live: Callable[[], LiveContract],
        now: Callable[[], datetime],
    ) -> None:
        self._stored, self._frames, self._pictures, self._pipeline = stored, frames, pictures, pipeline
        self._keep_seconds, self._live, self.now = keep_seconds, live, now

    def frame(self, frame_id: FrameID) -> Found:
        """Return what is known of a frame."""
        picture = self._pictures.look(frame_id)
        try:
            journey = self._stored.journey(frame_id)
            if journey is not None and self._pipeline.owns(journey):
                return Found(frame_id, picture, JourneyView.of(journey, self.topology_of(journey)))
            return self._unseen(frame_id, picture)
        except JaegerUnavailableError as error:
            return Found(frame_id, picture, trouble=str(error))

    def matches(self, query: FrameQuery, limit: int) -> Matches:
        """Return the newest frames that match.

        Raises:
            JaegerUnavailableError: if Jaeger does not answer.
        """
        return self._stored.find(query, limit)

    def topology_of(self, journey: Journey) -> Topology | None:
        """Return the tree of stages that a frame was captured under, if it is the one of now."""
        live = self._live()
        tree = Topology.of((edge.name, edge.input) for edge in live.stages)
        return tree if revision_of(journey) in {None, live.revision} else None

    def _unseen(self, frame_id: FrameID, picture: Picture) -> Found:
        others = [other for other in map(frame_id_of, self._frames.around(frame_id)) if other is not None]
        known = Unseen(frame_id, self.now(), self._keep_seconds, self._live(), picture.state)
        return Found(frame_id, picture, unseen=why_unseen(known), neighbours=neighbours_of(frame_id, others))
