"""History: the last windows of one pipeline's evidence. No I/O."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from frametrace_operator.guard.audit.readings import Between, Reading
from frametrace_operator.guard.evidence import DECIDED, AuditFinding, BackendHealth, Evidence, Overhead, Projection
from frametrace_operator.guard.measuring.probes import Probed
from frametrace_operator.guard.measuring.projecting import Steady, projection, seen_whole
from frametrace_operator.guard.measuring.watched import Watched

__all__ = ["History"]

_WINDOWS: Final = 20
_WINDOWS_A_ROW: Final = 3
"""Kept for each of the bad windows in a row that are wanted: those among them that say nothing take places, too."""


class History:
    """Keeps what was measured."""

    def __init__(self) -> None:
        self.evidence = Evidence()
        self._most = _WINDOWS
        self._steady = Steady()
        self._excused_probes, self._has_excuse = 0, False

    def keep(self, failure_windows: int) -> None:
        """Keep so many windows that a row of so many bad ones is among them."""
        self._most = max(_WINDOWS, _WINDOWS_A_ROW * failure_windows)

    def audited(self, finding: AuditFinding) -> None:
        """Keep a window's finding."""
        self._forget_later_than(finding.at)
        decided_at = self.evidence.decided_at
        if decided_at is None or finding.result in DECIDED:
            decided_at = finding.at
        older, lately = self.evidence.audits[: 1 - _WINDOWS], (*self.evidence.audits[1 - _WINDOWS :], finding)
        unnamed = (replace(each, frames=()) if each.frames else each for each in older)  # they are most of what is kept
        audits = (*unnamed, *lately)[-self._most :]
        self.evidence = replace(self.evidence, audits=audits, decided_at=decided_at)

    def ended(self, frames: int) -> None:
        """Count traced frames that have ended."""
        self.evidence = replace(self.evidence, ended=self.evidence.ended + frames)

    def window(
        self, at: datetime, pair: tuple[Reading, Reading], done: Between, probed: Probed, watched: Watched
    ) -> None:
        """Keep what the time between two readings cost and lost."""
        self._forget_later_than(at)
        before, after = pair
        seconds = after.at - before.at
        overhead = Overhead(at, seconds, done.tracing_cpu, done.other_cpu)
        health = self._health(at, probed, watched, done)
        told = before.ledgers.values(), after.ledgers.values()
        of_span = watched.bytes_per_span
        projected = projection(*told, at=at, seconds=seconds, ratio=watched.ratio, bytes_per_span=of_span)
        projected = projected or self.evidence.projection
        if not seen_whole(*told):
            projected = _larger(projected, self.evidence.projection)
        self.evidence = replace(
            self.evidence,
            overheads=(*self.evidence.overheads, overhead)[-self._most :],
            backends=(*self.evidence.backends, health)[-self._most :],
            projection=self._steady.told(projected),
            dropped=done.dropped,
        )

    def sized(self, bytes_per_span: int | None) -> None:
        """Keep what Jaeger's volume takes of a span."""
        self.evidence = replace(self.evidence, bytes_per_span=bytes_per_span)

    def probed(self, at: datetime, probed: Probed, watched: Watched) -> None:
        """Let the last window say how Jaeger answers now; its spans stay those of the window."""
        self._forget_later_than(at)
        backends = self.evidence.backends
        self.evidence = replace(self.evidence, answers=probed.answered)
        if not (backends or probed.error or watched.restarts or watched.excuse):
            return  # no window says anything yet, and none is made of an answer
        last = backends[-1] if backends else BackendHealth(at)
        now = replace(
            last,
            failed_probes=probed.failed,
            excused_probes=self._excused(probed, watched),
            probe_error=probed.error,
            restarts=watched.restarts,
            probed_at=at,
            excuse=watched.excuse or last.excuse,  # what was lost in the window stays excused
        )
        self.evidence = replace(self.evidence, backends=(*backends[:-1], now))

    def _forget_later_than(self, now: datetime) -> None:
        known = self.evidence.until(now)
        if known is not self.evidence:
            self.evidence, self._steady = known, Steady()

    def _health(self, at: datetime, probed: Probed, watched: Watched, done: Between) -> BackendHealth:
        return BackendHealth(
            at,
            probed.failed,
            probed.error,
            done.spans,
            done.failed,
            watched.restarts,
            watched.excuse,
            excused_probes=self._excused(probed, watched),
        )

    def _excused(self, probed: Probed, watched: Watched) -> int:
        """Of the probes in a row that failed, those up to the last moment at which Jaeger had an excuse: this one, or the last call's."""
        if watched.excuse or self._has_excuse:
            self._excused_probes = probed.failed
        self._has_excuse = bool(watched.excuse)
        self._excused_probes = min(self._excused_probes, probed.failed)
        return self._excused_probes


def _larger(at_least: Projection | None, last: Projection | None) -> Projection | None:
    """What is known in part may raise what was projected, and never lowers it: a new pod would seem to halve the storage."""
    found = [each for each in (at_least, last) if each is not None]
    return max(found, key=lambda each: each.bytes_per_day / each.ratio, default=None)
