"""Closing: waits until a window is over by the captures' own clocks, and most of its frames have come to their end."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from frame_tracking import CAPTURE_HOP

from frametrace_operator.guard.audit.readings import Place, Reading, changed
from frametrace_operator.guard.audit.survey import Survey
from frametrace_operator.guard.measuring.attention import Attention
from frametrace_operator.guard.measuring.clock import Clock
from frametrace_operator.guard.measuring.trees import Trees
from frametrace_operator.pods.base import Asked

__all__ = ["Closing"]

_DRIFT: Final = 1.5
"""Seconds: a frame's own time is at most one off the capture's clock, and it takes some time to end."""
_SPARE: Final = 0.2
"""Seconds: a capture's time is a little later than the moment at which its reading began; without them each window is read twice."""
_BACKLOG: Final = 0.2
_AGAIN: Final = 5.0
_STRAGGLERS: Final = 5.0
"""Seconds that a window waits for a few frames which are still on their way; then it goes on without them."""


@dataclass(frozen=True, slots=True)
class Closing:
    """Waits for windows' ends; `read` reads the ledgers of the pipeline's pods.

    A window is read so many seconds after its end as `stagger` says.
    """

    clock: Clock
    read: Callable[[Asked | None], Awaitable[Reading]]
    attention: Attention
    trees: Trees
    stagger: Callable[[], float]

    async def closed(self, span: tuple[int, int], before: Reading | None) -> tuple[Reading, Survey]:
        """The ledgers, once the window is over; later, if most of its frames are still on their way.

        They are kept until the window has settled, so the names of frames are not in them any more.

        Args:
            span: the window.
            before: the reading of the window before it.
        """
        until, length = self._until(before), span[1] - span[0]
        late = self.stagger()
        left = span[1] + _DRIFT - until + _SPARE + late if until is not None else length
        await self.clock.sleep(min(left, 2 * length))  # a capture's clock that went back must not have all wait for it
        begun = self.clock.now() - late  # whose window is read later waits no longer for its last frames
        while True:
            reading = await self.read(Asked(*span, self.attention.names()))
            seen = self.trees.survey(reading, span)
            gone = changed(before, reading) if before is not None else frozenset()
            wait = _wait(reading, seen, gone, self.clock.now() - begun)
            if wait is None:
                return reading.plain, seen
            await self.clock.sleep(wait)

    def _until(self, reading: Reading | None) -> float | None:
        """Up to when captures have captured by now, from what they said at a reading."""
        if reading is None or reading.captured_until is None:
            return None
        return reading.captured_until + self.clock.now() - reading.at


def _wait(reading: Reading, seen: Survey, gone: frozenset[Place], waited: float) -> float | None:
    """How long to wait before the window is read again; None if it is to be taken as it is.

    `gone` are places that some of its frames may have passed in processes that do not tell any more.
    """
    until, end = reading.captured_until, seen.end + _DRIFT
    if waited >= max(60.0, 2.0 * (seen.end - seen.start)):
        return None
    if until is not None and until < end:
        return max(0.1, min(end - until, _AGAIN))
    if until is None:
        return _AGAIN
    # What a stage passes on untraced, or a process took with it, never ends for those who count traced frames. A capture that is
    # gone took its frames' beginnings, too: they are not among those that are waited for.
    if seen.problem or not seen.in_flight or seen.off or any(place.hop != CAPTURE_HOP for place in gone):
        return None
    if seen.waiting > _BACKLOG:
        return _AGAIN
    return 1.0 if waited < _STRAGGLERS else None
