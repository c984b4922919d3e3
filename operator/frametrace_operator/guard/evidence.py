"""Evidence: what is measured of a pipeline's tracing, window by window. Values only; must not know how it is measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from frame_tracking import FrameID
from frametrace_api.status_tracing import AuditMethod, AuditResult

__all__ = [
    "BYTES_A_SPAN",
    "DECIDED",
    "AuditFinding",
    "BackendHealth",
    "Cause",
    "Evidence",
    "MissingFrame",
    "Overhead",
    "Projection",
]

BYTES_A_SPAN: Final = 900
"""What badger's files have of a built-in span of a pod, as measured. Traces are projected by it where no volume of the pipeline's own
has told its size of a span, and where there is none: a budget is a scale."""

DECIDED: Final = (AuditResult.COMPLETE, AuditResult.MISSING)
"""Results that say whether traces are there."""

_LEAST_STEP: Final = timedelta(seconds=5)
"""By which the clock was set back at least: a pass takes some time, and what it is told may be dated a little later."""


class Cause(StrEnum):
    """Why a trace is missing or incomplete."""

    BUFFER_FULL = "BufferFull"
    EXPORT_FAILED = "ExportFailed"
    BACKEND_REFUSED = "BackendRefused"
    LOST_ON_THE_WAY = "LostOnTheWay"
    CONTEXT_LOST = "ContextLost"
    NOT_FOUND = "NotFound"


@dataclass(frozen=True, slots=True)
class MissingFrame:
    """A frame whose trace Jaeger cannot return whole: the first hop that is missing, and why, as far as it is known."""

    frame_id: FrameID
    hop: str
    cause: Cause


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """One window's comparison of ledgers with Jaeger.

    Attributes:
        at: when it was made.
        window_start: and `window_end`, in the frames' own time.
        expected: traced frames that ended in the window.
        checked: of them, those that were looked up (all, when the method is Exact).
        missing: of the checked ones, those whose trace is missing or incomplete.
        unknown: frames of which nothing can be said: Jaeger was silent, pods were replaced, the ring had to evict them.
        evicted: of `unknown`, those that the storage was too small for.
        low: lower end of what is missing, in percent of `expected`, as if all that is unknown were there; of a sample, the
            end of its 99 % interval. `high`: as if none of it were; equal to `low` when Exact and nothing is unknown.
        frames: some of the missing ones, at most 1,000.
        hop: where most of them were lost.
        cause: why most of them were.
        reason: why the result is Unknown or InsufficientEvidence, a sentence; empty otherwise.
        windows: of how many windows it is evidence, as thin ones are pooled: where too much is missing, of those that miss
            something; else, of all. None, if it says more of a window that another one was made of already.
    """

    at: datetime
    window_start: datetime
    window_end: datetime
    result: AuditResult
    method: AuditMethod
    expected: int
    checked: int
    missing: int = 0
    unknown: int = 0
    evicted: int = 0
    low: float = 0.0
    high: float = 0.0
    frames: tuple[MissingFrame, ...] = ()
    hop: str = ""
    cause: Cause | None = None
    reason: str = ""
    windows: int = 1


@dataclass(frozen=True, slots=True)
class Overhead:
    """CPU of one window over all pods of a pipeline, in seconds; `other_cpu` is without what tracing took."""

    at: datetime
    seconds: float
    tracing_cpu: float
    other_cpu: float

    @property
    def percent(self) -> float:
        """Tracing's CPU, in percent of the pods' CPU without it."""
        return 100.0 * self.tracing_cpu / self.other_cpu if self.other_cpu > 0 else 0.0

    @property
    def cores(self) -> float:
        """Tracing's CPU, in cores."""
        return self.tracing_cpu / self.seconds if self.seconds > 0 else 0.0


@dataclass(frozen=True, slots=True)
class BackendHealth:
    """How Jaeger does.

    Attributes:
        failed_probes: probes in a row that failed, 5 s apart; 0 if the last one succeeded.
        probe_error: what the last failed probe met, one line.
        spans: spans that the pods tried to export in the last window.
        failed_spans: of them, those that were refused or failed for Jaeger's reasons.
        restarts: restarts of the managed Jaeger in the last 5 minutes.
        probed_at: when it was last probed, after the window was measured; None if not since.
        excuse: what made it sick that is not its own doing (a node down, an image that cannot be pulled); empty if nothing.
        excused_probes: of the failed ones, those up to the last moment at which it had an excuse.
    """

    at: datetime
    failed_probes: int = 0
    probe_error: str = ""
    spans: int = 0
    failed_spans: int = 0
    restarts: int = 0
    excuse: str = ""
    probed_at: datetime | None = None
    excused_probes: int = 0

    @property
    def blamed_probes(self) -> int:
        """Probes in a row that failed, and nothing but Jaeger explains it."""
        return self.failed_probes - self.excused_probes


@dataclass(frozen=True, slots=True)
class Projection:
    """Bytes of traces a day at the present rate and ratio, and the ratio that was in force when it was measured.

    Attributes:
        most: bytes a day of the last windows at this ratio; 0 if this one alone is known.
        steady: whether enough windows in a row had spans to say how little is made.
        bytes_per_span: that it reckons with, as the status had it; None for the constant.
    """

    at: datetime
    bytes_per_day: float
    ratio: float
    most: float = 0.0
    steady: bool = True
    bytes_per_span: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one pipeline; each history is oldest first, 20 windows or three times failureWindows, of this operator process only.

    Attributes:
        dropped: spans that the pods lost in the last window, by the ledgers' causes.
        decided_at: when an audit said last that traces are complete or missing; when the first one was made, until one does.
        ended: traced frames known to have ended since the operator began to look (the probation counts them).
        bytes_per_span: that a managed Jaeger's volume takes, as measured; None if it has none, or it is not known yet.
        answers: whether Jaeger answered its last probe; not, before this process has probed it.
    """

    audits: tuple[AuditFinding, ...] = ()
    overheads: tuple[Overhead, ...] = ()
    backends: tuple[BackendHealth, ...] = ()
    projection: Projection | None = None
    dropped: Mapping[str, int] = field(default_factory=dict)
    decided_at: datetime | None = None
    ended: int = 0
    bytes_per_span: int | None = None
    answers: bool = False

    @property
    def failed_probes(self) -> int:
        """Probes in a row that Jaeger failed; 0 if it answered the last one, or was not asked yet."""
        return self.backends[-1].failed_probes if self.backends else 0

    def until(self, now: datetime) -> Self:
        """The evidence without what is dated later: the clock was set back since, and nobody can say how old that is.

        It would count as measured after whatever happens next. The very same evidence, if there is no such thing.
        """
        latest = now + _LEAST_STEP
        if not any(each[-1].at > latest for each in (self.audits, self.overheads, self.backends) if each):
            return self
        return replace(
            self,
            audits=tuple(each for each in self.audits if each.at <= latest),
            overheads=tuple(each for each in self.overheads if each.at <= latest),
            backends=tuple(each for each in self.backends if each.at <= latest),
            projection=None,
            decided_at=None,
        )
