"""Measure: one pipeline's windows, one after the other: read the ledgers when a window is over, then have it looked up.

Windows are of the frames' own time, and the captures' own clocks say when one is over: no two clocks are compared.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil
from typing import Final

from frame_tracking import FrameID, Topology
from frame_tracking.ledger_window import BUCKET_SECONDS, MOST_FRAMES

from frametrace_operator.guard.audit.counting import SpanBalance
from frametrace_operator.guard.audit.finding import Counted, Pool
from frametrace_operator.guard.audit.readings import Between, Reading, between, changed_hops
from frametrace_operator.guard.audit.survey import Survey, survey
from frametrace_operator.guard.clock import Clock
from frametrace_operator.guard.evidence import Evidence
from frametrace_operator.guard.history import History
from frametrace_operator.guard.jaeger.base import Jaegers, JaegerSilentError
from frametrace_operator.guard.look import Look, LookTools, Seen
from frametrace_operator.guard.probes import Probed
from frametrace_operator.guard.watched import Watched
from frametrace_operator.pods.base import Asked

__all__ = ["Measure", "Tools"]

_DRIFT: Final = 1.5
"""Seconds: a frame's own time is at most one off the capture's clock, and it takes some time to end."""
_BACKLOG: Final = 0.2
_AGAIN: Final = 5.0
_STRAGGLERS: Final = 5.0
"""Seconds that a window waits for a few frames which are still on their way; then it goes on without them."""
_SUSPECT_WINDOWS: Final = 3
_MOST_LOOKS: Final = 8
_MORE: Final = 1.3
_TREES: Final = 8
_CATCH_UP: Final = 4.0
"""Windows that may be read at once after a wait."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a pipeline is measured with.

    Attributes:
        read: reads the ledgers of some pods, with a range if one is asked for.
        whole: frames up to which a suspect pipeline is looked at whole.
        share: look-ups that a healthy pipeline has in a window of which so many frames are expected.
        probed: how its Jaeger answered lately.
        changed: is called when a window was looked up, or Jaeger's state is another.
        first_start: where the first window begins, in seconds since 1970, given the captures' time and a window's length.
    """

    jaegers: Jaegers
    clock: Clock
    read: Callable[[Watched, Asked | None], Awaitable[Reading]]
    whole: int
    share: Callable[[int], int]
    probed: Callable[[], Probed]
    changed: Callable[[], None]
    first_start: Callable[[float, int], int]


@dataclass
class Measure:
    """Measures one pipeline; `watched` may be replaced at any time."""

    watched: Watched
    tools: Tools
    _history: History = field(default_factory=History)
    _pool: Pool = field(default_factory=Pool)
    _balance: SpanBalance = field(default_factory=SpanBalance)
    _trees: dict[str, Topology] = field(default_factory=dict)
    _before: Reading | None = None
    _by_camera: dict[str, int] = field(default_factory=dict)
    _suspect: int = 0
    _witness: FrameID | None = None
    _lost_at: float = float("-inf")
    _room: float = _CATCH_UP
    _closed_at: float = float("inf")

    @property
    def evidence(self) -> Evidence:
        """All that is known."""
        return self._history.evidence

    def probed(self) -> None:
        """Jaeger's state is another."""
        self._history.probed(self._at(), self.tools.probed(), self.watched)
        self.tools.changed()

    async def run(self) -> None:
        """Measure one window after the other, for ever."""
        start = await self._first_start()
        async with asyncio.TaskGroup() as looks:
            under_way: set[asyncio.Task[None]] = set()
            while True:
                self._know(self.watched.topology)
                span = (start, start + self.watched.length)
                before = self._before
                reading, seen = await self._closed(span)
                if (
                    before is not None
                    and reading.ledgers
                    and len(under_way) < _MOST_LOOKS + self.watched.settle_seconds // self.watched.length
                ):
                    look = looks.create_task(self._look(before, reading, seen))
                    under_way.add(look)
                    look.add_done_callback(under_way.discard)
                start = self._next_start(span, reading)
                await self._pace(self.watched.length)

    async def _pace(self, length: int) -> None:
        """Keep to a window a window's length by our own clock, but for a few in a row: a pod may tell any time."""
        clock = self.tools.clock
        now = clock.now()
        self._room = min(_CATCH_UP, self._room + max(0.0, now - self._closed_at) / length) - 1
        self._closed_at = now
        if self._room < 0:
            await clock.sleep(-self._room * length)

    async def _first_start(self) -> int:
        """Wait for a capture that tells its time."""
        while True:
            self._before = await self._read(None)
            until = self._before.captured_until
            if until is not None:
                return self.tools.first_start(until, self.watched.length)
            await self.tools.clock.sleep(_AGAIN)

    def _next_start(self, span: tuple[int, int], reading: Reading) -> int:
        """The next window's start; what lies too far back, because we could not read, is passed over."""
        until = reading.captured_until
        length = span[1] - span[0]
        if until is None or until - span[1] < 4 * length + 60:
            return span[1]
        return int(until) // BUCKET_SECONDS * BUCKET_SECONDS

    async def _closed(self, span: tuple[int, int]) -> tuple[Reading, Survey]:
        """The ledgers, once the window is over; later, if most of its frames are still on their way."""
        clock, end = self.tools.clock, span[1] + _DRIFT
        behind = self._until(self._before)
        await clock.sleep(end - behind if behind is not None else self.watched.length)
        begun = clock.now()
        while True:
            reading = await self._read(Asked(*span, self._frames()))
            seen = survey(reading.ledgers.values(), span, self._trees)
            wait = self._wait(reading, seen, clock.now() - begun)
            if wait is None:
                await self._note(reading, seen)
                return reading, seen
            await clock.sleep(wait)

    def _wait(self, reading: Reading, seen: Survey, waited: float) -> float | None:
        """How long to wait before the window is read again; None if it is to be taken as it is."""
        until, end = reading.captured_until, seen.end + _DRIFT
        if waited >= max(60.0, 2.0 * (seen.end - seen.start)):
            return None
        if until is not None and until < end:
            return max(0.1, end - until)
        if until is None:
            return _AGAIN
        # What a stage passes on untraced, or a process took with it, never ends for those who count traced frames.
        if seen.problem or not seen.in_flight or seen.off or self._replaced(reading):
            return None
        if seen.waiting > _BACKLOG:
            return _AGAIN
        return 1.0 if waited < _STRAGGLERS else None

    def _until(self, reading: Reading | None) -> float | None:
        """Up to when captures have captured by now, from what they said at a reading."""
        if reading is None or reading.captured_until is None:
            return None
        return reading.captured_until + self.tools.clock.now() - reading.at

    def _replaced(self, reading: Reading) -> frozenset[str]:
        """Hops that some of the window's frames may have passed in processes that do not tell any more."""
        return changed_hops(self._before, reading) if self._before is not None else frozenset()

    async def _note(self, reading: Reading, seen: Survey) -> None:
        """Note what a reading tells by itself."""
        done = between(self._before, reading) if self._before is not None else Between()
        seconds = reading.at - self._before.at if self._before is not None else 0.0
        if self._before is not None and seconds > 0:
            pair = (self._before, reading)
            self._history.window(self._at(), pair, done, self.tools.probed(), self.watched)
            self.tools.changed()  # what tracing cost is known now; what of it Jaeger has, only after settling
            await self._count(done)
        self._history.ended(seen.expected)
        self._by_camera = dict(seen.by_camera)
        self._before = reading

    async def _count(self, done: Between) -> None:
        """Compare the spans that pods sent with those that Jaeger took, where that is this pipeline's alone."""
        at = self.watched.jaeger
        if not at.metrics_url:
            return
        try:
            accepted: int | None = await self.tools.jaegers.accepted(at)
        except JaegerSilentError:
            accepted = None
        if self._balance.add(done.exported, accepted):
            self._suspect = _SUSPECT_WINDOWS

    def _frames(self) -> int:
        """How many frames a camera and hop to ask for, so that there are enough of all cameras together."""
        total = sum(self._by_camera.values())
        wanted = self._wanted(total or MOST_FRAMES)
        if not total or total <= wanted:
            return min(MOST_FRAMES, wanted)
        return min(MOST_FRAMES, ceil(_MORE * wanted * max(self._by_camera.values()) / total) + 8)

    def _wanted(self, expected: int) -> int:
        """How many frames to look up."""
        if self._suspect or self.watched.suspect:
            return self.tools.whole
        return self.tools.share(expected)

    async def _look(self, before: Reading, first: Reading, seen: Survey) -> None:
        await self.tools.clock.sleep(self.watched.settle_seconds)
        first, seen = await self._with_stragglers(first, seen)
        counted = await self._looked_up(before, first, seen, self._wanted(seen.expected))
        if counted.missing and counted.checked < min(counted.expected, self.tools.whole):
            counted = await self._look_closer(before, (seen.start, seen.end)) or counted
        self._suspect = _SUSPECT_WINDOWS if counted.missing else max(0, self._suspect - 1)
        self._history.audited(self._pool.add(counted, self._at(), self.watched.limit))
        self.tools.changed()

    async def _with_stragglers(self, first: Reading, seen: Survey) -> tuple[Reading, Survey]:
        """Read a window again of which frames were still on their way; most have ended by now."""
        if not seen.in_flight or seen.problem:
            return first, seen
        span = (seen.start, seen.end)
        later = await self._read(Asked(*span, self._frames()))
        again = survey(later.ledgers.values(), span, self._trees)
        return (later, again) if len(again.over) > len(seen.over) else (first, seen)

    async def _look_closer(self, before: Reading, span: tuple[int, int]) -> Counted | None:
        """Look the same window up whole, as a missing frame was found in a sample of it."""
        reading = await self._read(Asked(*span, self.tools.whole))
        seen = survey(reading.ledgers.values(), span, self._trees)
        return await self._looked_up(before, reading, seen, self.tools.whole) if seen.over else None

    async def _looked_up(self, before: Reading, first: Reading, seen: Survey, most: int) -> Counted:
        problem = seen.problem or _silence(first, seen)
        if problem:
            unknown = seen.finished
            return Counted(seen.start, seen.end, unknown, unknown, unknown=unknown, reason=problem)
        tools = LookTools(self.tools.jaegers, self.tools.clock, lambda: self._read(None), self.tools.probed)
        known = dict(self._trees)
        lost = before.at < self._lost_at
        look = Look(Seen(self.watched, seen, before, first, seen.over[:most], known, self._witness, lost=lost), tools)
        counted = await look.counted()
        if look.lost:  # it excuses what was captured until now, and no later window
            self._witness, self._lost_at = None, self.tools.clock.now()
        self._witness = look.whole or self._witness
        return counted + _untold(seen, changed_hops(before, first)) if counted.checked else counted

    async def _read(self, asked: Asked | None) -> Reading:
        return await self.tools.read(self.watched, asked)

    def _know(self, tree: Topology) -> None:
        self._trees.pop(tree.revision, None)
        self._trees[tree.revision] = tree
        if len(self._trees) > _TREES:
            del self._trees[next(iter(self._trees))]

    def _at(self) -> datetime:
        return datetime.fromtimestamp(self.tools.clock.now(), UTC)


def _untold(seen: Survey, replaced: frozenset[str]) -> Counted:
    """Frames that a process which is gone may have finished: nobody knows."""
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
