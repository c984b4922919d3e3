"""Looks for the frames of a session, which Jaeger cannot search for: no span carries it alone.

Each session has a frame 1, and those can be searched for: they tell when a camera's sessions began, and so where to look. A
session whose first frame is no longer kept, or was not traced, is the one before the first that is known, or the newest.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from frame_tracking import Attribute, FrameID, Journey

from camera_runtime.journeys.gathered import frame_id_of
from camera_runtime.journeys.jaeger import EARLIEST, LATEST
from camera_runtime.journeys.rounds import SOME, Rounds
from camera_runtime.journeys.windows import APART, Window

__all__ = ["Sessions"]

_FIRST: Final = {Attribute.FRAME_SEQUENCE.value: "1"}
_HANDOVER: Final = timedelta(seconds=2)
"""A capture that is replaced may give frames for a moment after the next one's first; and one that goes on for longer is another
camera's, of the same name in another pipeline."""
_OVERLAPPING: Final = 4
_CAMERAS: Final = 3
"""Cameras, before whose first known session is looked, where the camera is not told."""


class Sessions:
    """Looks with the searches of one look-up; `ever` is when sessions may have begun, `camera` whose they are, if it is known."""

    def __init__(self, rounds: Rounds, ever: Window, camera: str | None = None) -> None:
        self._rounds, self._ever, self._camera = rounds, ever, camera
        self._known: Sequence[FrameID] | None = None

    def find(self, session: str, window: Window) -> None:
        """Look for a session's frames."""
        if self.find_known(session, window):
            return
        firsts = self._firsts()
        for first in _earliest(firsts)[:_CAMERAS]:
            before, tags = window.until(first.time), self._rounds.of_camera(first.camera)
            last = self._rounds.last(before, tags)
            if last is not None and (frame_id := frame_id_of(last)) is not None and frame_id.session == session:
                self._rounds.walk(before, tags)
                return
        self._rounds.walk(window.usual, self._rounds.of_camera(self._camera), SOME)

    def find_known(self, session: str, window: Window) -> bool:
        """Look for the frames of a session whose first one is kept, unless a camera has that name; tells whether it is known."""
        firsts = self._firsts()
        own = next((each for each in firsts if each.session == session), None)
        if own is None or any(each.camera == session for each in firsts):
            return False
        lived, tags = window.usual.since(own.time - APART), self._rounds.of_camera(own.camera)
        for follower in _followers(own, firsts)[:_OVERLAPPING]:
            self._rounds.walk(lived.until(follower), tags)
            lived = lived.since(follower)
            self._rounds.glance(lived.until(follower + _HANDOVER), tags)
            latest = self._rounds.gathered.latest
            if latest is None or latest < follower:
                return True
        self._rounds.walk(lived, tags)
        return True

    def _firsts(self) -> Sequence[FrameID]:
        """Return the first frames of sessions, if they can be told apart; they are asked for once.

        Times that Jaeger does not count are passed over: nothing can be reckoned with them.
        """
        if self._known is None:
            ids = [frame_id_of(journey) for journey in self._asked()]
            own = [each for each in ids if each is not None and self._camera in {None, each.camera}]
            self._known = [each for each in own if EARLIEST < each.time < LATEST]
        return self._known

    def _asked(self) -> Sequence[Journey]:
        """Return all of them, or all of the camera; where neither is told apart at once, the newest of a fleet."""
        found = self._rounds.every(self._ever, _FIRST)
        if found is not None:
            return found
        if self._camera is None:
            return self._rounds.newest(self._ever, {**self._rounds.of_camera(None), **_FIRST})
        return self._rounds.every(self._ever, {**self._rounds.of_camera(self._camera), **_FIRST}) or ()


def _followers(own: FrameID, firsts: Sequence[FrameID]) -> Sequence[datetime]:
    """Return when later sessions of a camera of that name began."""
    return sorted(each.time for each in firsts if each.camera == own.camera and each.time > own.time)


def _earliest(firsts: Sequence[FrameID]) -> Sequence[FrameID]:
    """Return the earliest of each camera, the newest of these first."""
    earliest: dict[str, FrameID] = {}
    for each in sorted(firsts, key=_time, reverse=True):
        earliest[each.camera] = each
    return sorted(earliest.values(), key=_time, reverse=True)


def _time(frame_id: FrameID) -> datetime:
    return frame_id.time
