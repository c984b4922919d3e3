"""Looks for frames by the spans of stages, for frames that have no span of the capture.

They are of two kinds: frames that sampling had left out and that a stage kept, whose first span says so and can be searched for;
and frames whose capture's spans were lost, which are looked for only where nothing else was found: every frame has such spans.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from frame_tracking import CAPTURE_SERVICE, Attribute, FrameQuery

from camera_runtime.journeys.base import JaegerUnavailableError
from camera_runtime.journeys.gathered import Gathered
from camera_runtime.journeys.rounds import FEW, MANY, Rounds
from camera_runtime.journeys.windows import APART, Window

__all__ = ["OfStages"]

_KEPT: Final = {Attribute.FRAME_PARTIAL.value: "upstream"}
_MOST: Final = 32
"""Services that are searched: a pipeline has at most so many stages, and a shared Jaeger may have many others."""
_MOST_KEPT: Final = 64
"""Services that are searched for what they kept: others' have nothing, and cost one request each."""
_QUEUES: Final = timedelta(minutes=10)
_LATE: Final = timedelta(minutes=1)
"""How long after its capture a frame comes to a stage: at the most, and usually."""


class OfStages:
    """Looks for frames by the spans of stages.

    Args:
        services: gives the names of services, the stages' among them.
        own: whether these are the pipeline's own stages; else many others may be among them, so that those are asked that the
            frames passed which were found, and all only where these tell of none.
    """

    def __init__(self, services: Callable[[], tuple[str, ...]], *, own: bool = False) -> None:
        self._services, self._own = services, own

    def find(self, rounds: Rounds, query: FrameQuery, window: Window) -> int:
        """Look for them; tells how many services were not searched."""
        gathered = rounds.gathered
        services = self._asked(gathered)
        asked, late = services[:_MOST], window.late(_QUEUES)
        camera, *others = _cameras(query)
        for service in services[:_MOST_KEPT]:
            kept = late.since(gathered.oldest or window.begin - APART)
            rounds.walk(kept, {**rounds.of_camera(camera), **_KEPT}, MANY, service)
        if gathered:
            return max(0, len(services) - _MOST_KEPT)
        for service in asked if others else ():
            rounds.walk(late.since(window.begin - APART), {**rounds.of_camera(None), **_KEPT}, FEW, service)
        for service in () if gathered else asked:
            rounds.walk(window.late(_LATE), rounds.of_camera(camera), FEW, service)
        return len(services) - len(asked)

    def _asked(self, gathered: Gathered) -> tuple[str, ...]:
        if not self._own and gathered.stages:
            return gathered.stages
        try:
            return tuple(name for name in self._services() if name != CAPTURE_SERVICE)
        except JaegerUnavailableError:  # such as one without the older query API, which can still be searched
            gathered.unnamed = True
            return ()


def _cameras(query: FrameQuery) -> tuple[str | None, ...]:
    """Return the cameras that may be meant, None for any."""
    if query.word and query.may_be_session and not query.session:
        return (query.word, None)
    return (query.word or None,)
