"""Looks: has one pipeline's windows looked up once they have settled, closer where something is missing."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from frame_tracking import CAPTURE_HOP, FrameID
from frame_tracking.ledger_window import BUCKET_SECONDS, MOST_FRAMES

from frametrace_operator.guard.audit.finding import Counted
from frametrace_operator.guard.audit.readings import Place, Reading, changed
from frametrace_operator.guard.audit.survey import Survey
from frametrace_operator.guard.measuring.attention import Attention
from frametrace_operator.guard.measuring.look import PATIENCE, Look
from frametrace_operator.guard.measuring.seen import LookTools, Seen
from frametrace_operator.guard.measuring.tools import Tools
from frametrace_operator.guard.measuring.trees import Trees
from frametrace_operator.guard.measuring.turnover import LONGEST_SECONDS, RECENT_SECONDS, Turnover
from frametrace_operator.guard.measuring.watched import Watched
from frametrace_operator.pods.base import Asked

__all__ = ["LONGEST_LOOKS", "Looks"]

_LATE_SECONDS: Final = 40
"""After a window was looked up, until what was still on its way is: ledgers name frames for two minutes."""
LONGEST_LOOKS: Final = 3 * PATIENCE + LONGEST_SECONDS + _LATE_SECONDS
"""Seconds after a window has settled, that its looks may take: at a sample, at all of it and at what was late."""
_MOST_TURNOVERS: Final = 100
_NAMED: Final = 62.0
"""Seconds after a window has settled, until which what was on its way is read: for longer looks do not count on those minutes."""


@dataclass
class Looks:
    """Looks windows up; what one look finds helps the next ones to understand.

    Attributes:
        read: reads the ledgers of the pipeline's pods.
        watched: what the measuring was told last.
    """

    tools: Tools
    read: Callable[[Asked | None], Awaitable[Reading]]
    watched: Callable[[], Watched]
    attention: Attention
    trees: Trees
    _witness: FrameID | None = field(default=None, init=False)
    _lost_at: float = field(default=float("-inf"), init=False)
    _begun_at: float = field(default=float("-inf"), init=False)
    _looked: bool = field(default=False, init=False)
    _turnovers: dict[int, Turnover] = field(default_factory=dict, init=False)

    def begun_anew(self) -> None:
        """Jaeger's process is another one: what its memory had is gone."""
        self._begun_at = self.tools.clock.now()

    async def counted(self, before: Reading, first: Reading, seen: Survey) -> tuple[Counted, Survey]:
        """Wait until a window has settled, and look it up; all of it, if something of a sample is missing.

        Args:
            before: the reading of the window before it.
            first: its own.
            seen: what that says of it.

        Returns:
            What was counted, and what was known of the window by then: some frames may still have been on their way.
        """
        await self.tools.clock.sleep(self.watched().settle_seconds)
        first, seen = await self._with_stragglers(first, seen)
        close = self.attention.close
        counted = await self._looked_up(before, first, seen, self.attention.take(seen.expected))
        if counted.missing:
            self.attention.doubt()
        if counted.missing and not close and counted.checked < min(counted.expected, self.tools.whole):
            counted = await self._closer(before, counted) or counted
        if not counted.missing:
            self.attention.calm()
        return counted, seen

    async def late(self, before: Reading, first: Reading, seen: Survey) -> Counted | None:
        """Look up what was on its way when a window was looked up and has ended since; None if nothing has."""
        latest = first.at + self.watched().settle_seconds + _NAMED
        await self.tools.clock.sleep(min(_LATE_SECONDS, max(0.0, latest - self.tools.clock.now())))
        span = (seen.start, seen.end)
        reading = await self.read(Asked(*span, self.attention.names()))
        again, late = self.trees.survey(reading, span), frozenset(seen.in_flight)
        over = tuple(frame for frame in again.over if frame in late)
        if again.problem or not over:
            return None
        only = replace(again, traced=len(over), finished=len(over), over=over, in_flight=(), whole=True)
        counted = await self._looked_up(before, reading, only, self.attention.take(len(over)))
        if counted.missing:
            self.attention.doubt()
        return counted

    async def _with_stragglers(self, first: Reading, seen: Survey) -> tuple[Reading, Survey]:
        """Read a window again of which frames were still on their way, or that became suspect meanwhile; most have ended by now."""
        more = self.attention.close and not seen.whole and len(seen.over) < self.tools.whole
        if seen.problem or not (seen.in_flight or more):
            return first, seen
        span = (seen.start, seen.end)
        later = await self.read(Asked(*span, self.attention.names()))
        again = self.trees.survey(later, span)
        return (later, again) if len(again.over) > len(seen.over) else (first, seen)

    async def _closer(self, before: Reading, sample: Counted) -> Counted | None:
        """Look the same window up as a suspect's, as a missing frame was found in a sample of it; None if that would be no more."""
        most = self.attention.take(sample.expected)
        if most <= sample.checked:
            return None
        span = (sample.start, sample.end)
        reading = await self.read(Asked(*span, min(MOST_FRAMES, most)))
        seen = self.trees.survey(reading, span)
        return await self._looked_up(before, reading, seen, most) if seen.over else None

    async def _looked_up(self, before: Reading, first: Reading, seen: Survey, most: int) -> Counted:
        problem = seen.problem or _silence(first, seen)
        if problem:
            unknown = seen.finished
            return Counted(seen.start, seen.end, unknown, unknown, unknown=unknown, reason=problem)
        look = Look(self._seen(before, first, seen, most), self._look_tools())
        counted = await look.counted()
        self._looked = self._looked or look.answered
        if look.lost:  # it excuses what was captured until now, and no later window
            self._witness, self._lost_at = None, self.tools.clock.now()
        self._witness = look.whole or self._witness
        return counted + _untold(seen, changed(before, first)) if counted.checked else counted

    def _seen(self, before: Reading, first: Reading, seen: Survey, most: int) -> Seen:
        watched = self.watched()
        return Seen(
            watched,
            seen,
            before,
            first,
            tuple(map(FrameID, seen.over[:most])),
            self.trees.known,
            self._witness,
            lost=before.at < self._lost_at,
            blind=not (self._looked or watched.life),
        )

    def _look_tools(self) -> LookTools:
        tools = self.tools
        while len(self._turnovers) > _MOST_TURNOVERS:
            del self._turnovers[next(iter(self._turnovers))]
        return LookTools(
            tools.jaegers,
            tools.clock,
            lambda: self.read(None),
            tools.probed,
            lambda: self._begun_at,
            self._recent,
            self._turnovers,
        )

    async def _recent(self, now: float) -> Sequence[FrameID]:
        """Frames of the last seconds, by the captures' clocks, that are over."""
        end = (int(now) // BUCKET_SECONDS + 1) * BUCKET_SECONDS
        span = (end - RECENT_SECONDS, end)
        seen = self.trees.survey(await self.read(Asked(*span, self.attention.names())), span)
        return tuple(map(FrameID, seen.over))


def _untold(seen: Survey, gone: frozenset[Place]) -> Counted:
    """Frames that a stage's process which is gone may have finished: nobody knows. Those of a capture were not counted either."""
    replaced = {place.hop for place in gone if place.hop != CAPTURE_HOP}
    frames = max(0, seen.finished - seen.expected) if replaced else 0
    reason = f"pods of {', '.join(sorted(replaced))} were replaced, or did not tell, in this window" if frames else ""
    return Counted(seen.start, seen.end, frames, frames, unknown=frames, reason=reason)


def _silence(reading: Reading, seen: Survey) -> str:
    """Why nothing is known to be over though frames were captured; empty if something is."""
    if seen.over or not seen.finished:
        return ""
    if reading.unread:
        return f"pods told no ledger: {', '.join(sorted(reading.unread)[:3])}"
    return "its frames are still on their way"
