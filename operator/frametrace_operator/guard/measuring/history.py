"""History: the last windows of one pipeline's evidence. No I/O."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from frametrace_operator.guard.audit.readings import Between, Reading
from frametrace_operator.guard.evidence import AuditFinding, BackendHealth, Evidence, Overhead
from frametrace_operator.guard.measuring.probes import Probed
from frametrace_operator.guard.measuring.projecting import projection
from frametrace_operator.guard.measuring.watched import Watched

__all__ = ["History"]

_WINDOWS: Final = 20


class History:
    """Keeps what was measured."""

    def __init__(self) -> None:
        self.evidence = Evidence()

    def audited(self, finding: AuditFinding) -> None:
        """Keep a window's finding."""
        self.evidence = replace(self.evidence, audits=(*self.evidence.audits, finding)[-_WINDOWS:])

    def ended(self, frames: int) -> None:
        """Count traced frames that have ended."""
        self.evidence = replace(self.evidence, ended=self.evidence.ended + frames)

    def window(
        self, at: datetime, pair: tuple[Reading, Reading], done: Between, probed: Probed, watched: Watched
    ) -> None:
        """Keep what the time between two readings cost and lost."""
        before, after = pair
        seconds = after.at - before.at
        overhead = Overhead(at, seconds, done.tracing_cpu, done.other_cpu)
        health = _health(at, probed, watched, done)
        projected = projection(
            before.ledgers.values(), after.ledgers.values(), at=at, seconds=seconds, ratio=watched.ratio
        )
        self.evidence = replace(
            self.evidence,
            overheads=(*self.evidence.overheads, overhead)[-_WINDOWS:],
            backends=(*self.evidence.backends, health)[-_WINDOWS:],
            projection=projected or self.evidence.projection,
            dropped=done.dropped,
        )

    def probed(self, at: datetime, probed: Probed, watched: Watched) -> None:
        """Let the last window say how Jaeger answers now; its spans stay those of the window."""
        backends = self.evidence.backends
        last = backends[-1] if backends else BackendHealth(at)
        now = replace(
            last,
            failed_probes=probed.failed,
            probe_error=probed.error,
            restarts=watched.restarts,
            probed_at=at,
            excuse=watched.excuse or last.excuse,  # what was lost in the window stays excused
        )
        self.evidence = replace(self.evidence, backends=(*backends[:-1], now))


def _health(at: datetime, probed: Probed, watched: Watched, done: Between) -> BackendHealth:
    return BackendHealth(at, probed.failed, probed.error, done.spans, done.failed, watched.restarts, watched.excuse)
