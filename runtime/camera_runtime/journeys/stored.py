"""Journeys in a Jaeger: one by its trace ID, or those that a part of a frame's ID names, newest first.

A camera, a number and a time can be searched for; a session cannot, so it is looked for where it can have been. Frames that a
stage kept though sampling had left them out, and those whose capture's spans were lost, are found by the stages' spans.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Protocol

from frame_tracking import Attribute, FrameQuery, Journey, now
from frame_tracking.frame_id import FrameID

from camera_runtime.journeys.base import JaegerUnavailableError, Matches
from camera_runtime.journeys.gathered import Gathered, frame_id_of
from camera_runtime.journeys.jaeger import Search
from camera_runtime.journeys.rounds import Rounds
from camera_runtime.journeys.sessions import Sessions
from camera_runtime.journeys.stages import OfStages
from camera_runtime.journeys.windows import LOOK_BACK, Window

__all__ = ["JaegerJourneys", "Traces"]

_AT_ONCE: Final = 1500
_LIKE_A_CAMERA: Final = re.compile(r"[a-z]+[0-9]+")
"""Words that are looked for as a camera before they are looked for as a session; others the other way round. It saves a search."""
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


class Traces(Protocol):
    """The traces of a Jaeger. Methods raise `camera_runtime.journeys.base.JaegerUnavailableError`."""

    name: str
    """Where it is, without credentials."""

    def services(self) -> tuple[str, ...]:
        """Return the services that it has spans of."""

    def journey(self, trace_id: str) -> Journey | None:
        """Return a trace; None if it has no such."""

    def search(self, search: Search) -> tuple[Journey, ...]:
        """Return traces, whole ones, in no order."""


class JaegerJourneys:
    """Journeys in a Jaeger: by the trace ID that a frame ID gives, with no need of a service's name.

    Methods raise `camera_runtime.journeys.base.JaegerUnavailableError` when it does not answer.

    Args:
        jaeger: where they are.
        tags: what a hop's own span carries of every frame that is searched for; a look-up by ID does without.
        clock: gives the time, in UTC.
        most: traces that may be asked for at once.
        owns: tells whether a journey may be found; a look-up by ID does without.
        stages: gives the names of the stages; by default those are searched that found frames passed, else all services that Jaeger knows.
        keep: how long traces are kept, if that is known.
    """

    def __init__(
        self,
        jaeger: Traces,
        tags: Mapping[str, str] = _NONE,
        clock: Callable[[], datetime] = now,
        most: int = _AT_ONCE,
        *,
        owns: Callable[[Journey], bool] = lambda _: True,
        stages: Callable[[], tuple[str, ...]] | None = None,
        keep: timedelta | None = None,
    ) -> None:
        self._jaeger, self._tags, self._now, self._owns, self._keep = jaeger, tags, clock, owns, keep
        self._most = most
        self._stages = OfStages(stages or jaeger.services, own=stages is not None)
        self.name = f"Jaeger at {jaeger.name}"
        self.unreadable = 0

    def journey(self, frame_id: FrameID) -> Journey | None:
        """See `JourneySource.journey`."""
        return self._jaeger.journey(frame_id.trace_id)

    def find(self, query: FrameQuery, limit: int) -> Matches:
        """See `JourneySource.find`. A word alone is a camera's name, if one has it, else a session."""
        if query.exact is not None:
            found = self.journey(query.exact)
            return Matches() if found is None else Matches((found,))
        window = Window.of(query, self._ever())
        gathered = Gathered(limit, lambda journey: self._is_wanted(query, journey))
        rounds = Rounds(self._jaeger, self._tags, self._owns, self._most, gathered)
        if query.sequence is not None:
            _by_number(rounds, query, window, query.sequence)
        elif query.session:
            Sessions(rounds, self._ever(), query.word).find(query.session, window)
        else:
            self._by_time(rounds, query, window)
        unasked = 0 if gathered.full and _is_session(query, gathered) else self._stages.find(rounds, query, window)
        if gathered.too_slow:
            raise JaegerUnavailableError(f"{self.name} takes too long to answer")
        return gathered.matches(None if window.told or self._keep else LOOK_BACK, unasked)

    def _by_time(self, rounds: Rounds, query: FrameQuery, window: Window) -> None:
        word = query.word if query.word and query.may_be_session else ""
        sessions = Sessions(rounds, self._ever())
        if word and not _LIKE_A_CAMERA.fullmatch(word) and sessions.find_known(word, window):
            return
        rounds.walk(window.usual, rounds.of_camera(query.word))
        for parts in window.beside:
            if not rounds.gathered:
                for part in parts:
                    rounds.look(part, rounds.of_camera(query.word))
        if word and not rounds.gathered:
            sessions.find(word, window)

    def _ever(self) -> Window:
        return Window.ever(self._now(), self._keep or LOOK_BACK)

    def _is_wanted(self, query: FrameQuery, journey: Journey) -> bool:
        frame_id = frame_id_of(journey)
        return frame_id is not None and query.matches(frame_id) and self._owns(journey)


def _is_session(query: FrameQuery, gathered: Gathered) -> bool:
    """Tell whether a session's frames were found, of which those are enough that have a span of the capture."""
    return bool(query.session) or (query.may_be_session and gathered.session == query.word)


def _by_number(rounds: Rounds, query: FrameQuery, window: Window, number: int) -> None:
    """Find frames of a number, which few frames have: many cameras' and sessions' are told apart sooner than searched apart."""
    of_number = {Attribute.FRAME_SEQUENCE.value: str(number)}
    if rounds.all_of(window.whole, of_number):
        return
    rounds.walk(window.whole, {**rounds.of_camera(query.word), **of_number})
    if query.word and query.may_be_session and not rounds.gathered:
        rounds.walk(window.whole, {**rounds.of_camera(None), **of_number})
