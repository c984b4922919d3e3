"""Measure: one pipeline's windows, one after the other: read the ledgers when a window is over, then have it looked up.

Windows are of the frames' own time, and the captures' own clocks say when one is over: no two clocks are compared.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from frame_tracking.ledger_window import BUCKET_SECONDS
from frametrace_api.status_tracing import AuditResult

from frametrace_operator.guard.audit.counting import Sent, SpanBalance
from frametrace_operator.guard.audit.finding import Counted, too_much
from frametrace_operator.guard.audit.pool import Pool
from frametrace_operator.guard.audit.readings import Reading, between
from frametrace_operator.guard.audit.survey import Survey
from frametrace_operator.guard.evidence import AuditFinding, Evidence
from frametrace_operator.guard.jaeger.base import JaegerSilentError, Taken
from frametrace_operator.guard.measuring.attention import Attention
from frametrace_operator.guard.measuring.closing import Closing
from frametrace_operator.guard.measuring.growth import Growth
from frametrace_operator.guard.measuring.history import History
from frametrace_operator.guard.measuring.looks import LONGEST_LOOKS, Looks
from frametrace_operator.guard.measuring.tools import Tools
from frametrace_operator.guard.measuring.trees import Trees
from frametrace_operator.guard.measuring.watched import Watched
from frametrace_operator.pods.base import Asked

__all__ = ["Measure"]

_AGAIN: Final = 5.0
_MOST_LOOKS: Final = 8
_CATCH_UP: Final = 4.0
"""Windows that may be read at once after a wait."""


class Measure:
    """Measures one pipeline, of which it may be told anew at any time."""

    def __init__(self, watched: Watched, tools: Tools) -> None:
        self.watched, self.tools = watched, tools
        self._history, self._pool, self._trees = History(), Pool(), Trees()
        self._sent, self._balance = Sent(), SpanBalance()
        self._history.keep(watched.failure_windows)
        self._growth = Growth()
        self._attention = Attention(tools, lambda: self.watched)
        self._closing = Closing(
            tools.clock, self._read, self._attention, self._trees, lambda: tools.stagger(self.watched)
        )
        self._looks = Looks(tools, self._read, lambda: self.watched, self._attention, self._trees)
        self._before: Reading | None = None
        self._room = _CATCH_UP
        self._closed_at = float("inf")

    @property
    def evidence(self) -> Evidence:
        """All that is known."""
        return self._history.evidence

    def follow(self, watched: Watched) -> None:
        """Measure it as it is now."""
        before, self.watched = self.watched, watched
        self._history.keep(watched.failure_windows)
        if before.life != watched.life:
            self._looks.begun_anew()
        if not watched.on_volume:
            self._growth = Growth()
            self._history.sized(None)
        if (before.restarts, before.excuse, before.jaeger) != (watched.restarts, watched.excuse, watched.jaeger):
            self.probed()

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
                self._trees.know(self.watched.topology)
                span = (start, start + self.watched.length)
                before = self._before
                reading, seen = await self._closing.closed(span, before)
                await self._note(reading, seen)
                takes = self.watched.settle_seconds + int(LONGEST_LOOKS)
                most = _MOST_LOOKS + takes // self.watched.length
                if before is not None and reading.ledgers and len(under_way) < most:
                    look = looks.create_task(self._look(before, reading, seen))
                    under_way.add(look)
                    look.add_done_callback(under_way.discard)
                start = _next_start(span, reading)
                await self._pace(self.watched.length)

    async def _first_start(self) -> int:
        """Wait for a capture that tells its time."""
        while True:
            self._before = await self._read(None)
            until = self._before.captured_until
            if until is not None:
                return self.tools.first_start(until, self.watched.length)
            await self.tools.clock.sleep(_AGAIN)

    async def _pace(self, length: int) -> None:
        """Keep to a window a window's length by our own clock, but for a few in a row: a pod may tell any time."""
        clock = self.tools.clock
        now = clock.now()
        self._room = min(_CATCH_UP, self._room + max(0.0, now - self._closed_at) / length) - 1
        self._closed_at = now
        if self._room < 0:
            await clock.sleep(-self._room * length)

    async def _note(self, reading: Reading, seen: Survey) -> None:
        """Note what a reading tells by itself: what tracing cost is known now; what of it Jaeger has, only after settling."""
        before = self._before
        if before is not None and reading.at > before.at:
            done = between(before, reading)
            self._history.window(self._at(), (before, reading), done, self.tools.probed(), self.watched)
            self.tools.changed()
            sent, gone = self._sent.since(reading)
            await self._count(sent, gone=gone)
        self._history.ended(seen.expected)
        self._attention.saw(seen.by_camera)
        self._before = reading

    async def _count(self, sent: int, *, gone: bool) -> None:
        """Compare the spans that pods sent with those that Jaeger took, where that is this pipeline's alone."""
        watched = self.watched
        if not watched.jaeger.metrics_url:
            return
        try:
            taken: Taken | None = await self.tools.jaegers.taken(watched.jaeger)
        except JaegerSilentError:
            taken = None
        if self._balance.add(sent, taken.spans if taken is not None else None, gone=gone):
            self._attention.doubt()
        if watched.on_volume:
            lifetime, known = watched.trace_seconds, watched.bytes_per_span
            self._history.sized(self._growth.told(self.tools.clock.now(), taken, lifetime=lifetime, known=known))

    async def _look(self, before: Reading, first: Reading, seen: Survey) -> None:
        """Say what a window means: once, and with the last of its frames, unless it is bad or unknown whatever becomes of those."""
        counted, seen = await self._looks.counted(before, first, seen)
        if not seen.in_flight or seen.problem:
            self._found(self._add(counted))
            return
        alone = self._alone(counted)
        bad, unknown = too_much(alone, self.watched.limit), alone.result is AuditResult.UNKNOWN
        if bad or unknown:
            self._found(self._add(counted))
        late = await self._looks.late(before, first, seen)
        whole = counted if late is None else counted + late
        if bad and late is not None:
            self._found(replace(self._alone(whole), windows=0))  # a window counts once
        elif not bad and (not unknown or (late is not None and late.missing)):
            self._found(self._add(whole))

    def _alone(self, counted: Counted) -> AuditFinding:
        return self._pool.alone(counted, self._at(), self.watched.limit)

    def _add(self, counted: Counted) -> AuditFinding:
        return self._pool.add(counted, self._at(), self.watched.limit, self.watched.since)

    def _found(self, finding: AuditFinding) -> None:
        self._history.audited(finding)
        self.tools.changed()

    async def _read(self, asked: Asked | None) -> Reading:
        return await self.tools.read(self.watched, asked)

    def _at(self) -> datetime:
        return datetime.fromtimestamp(self.tools.clock.wall(), UTC)


def _next_start(span: tuple[int, int], reading: Reading) -> int:
    """The next window's start; what lies too far back, because we could not read, is passed over."""
    until = reading.captured_until
    length = span[1] - span[0]
    if until is None or until - span[1] < 4 * length + 60:
        return span[1]
    return int(until) // BUCKET_SECONDS * BUCKET_SECONDS
