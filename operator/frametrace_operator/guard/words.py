"""The guard's sentences for people: what was measured, the limit, where, and what to check. Words only; pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from frametrace_api.group import REENABLE_TRACING
from frametrace_api.guard import Guard
from frametrace_api.status_tracing import Hold, LastAudit, LastRollback

from frametrace_operator.guard.evidence import AuditFinding, BackendHealth, Cause, Overhead

__all__ = [
    "CAUSES",
    "hold_words",
    "left_behind_words",
    "missing_words",
    "overhead_words",
    "probe_words",
    "restart_words",
    "some_frames",
    "span_words",
    "storage_words",
]

_FRAMES: Final = 3

CAUSES: Final[Mapping[Cause, tuple[str, str]]] = {
    Cause.BUFFER_FULL: (
        "the pods' span buffers were full",
        "check how fast Jaeger takes spans; a lower sampling.ratio makes fewer",
    ),
    Cause.EXPORT_FAILED: ("the pods could not export spans", "check that the pods reach Jaeger's OTLP endpoint"),
    Cause.BACKEND_REFUSED: ("Jaeger refused spans", "check Jaeger's log for the reason"),
    Cause.LOST_ON_THE_WAY: (
        "the pods exported the spans, and Jaeger did not keep them",
        "check what stands between the pods and Jaeger, and Jaeger's storage",
    ),
    Cause.CONTEXT_LOST: (
        "the trace context was lost between two hops",
        "check that the stage's handler hands on the frame that it was given",
    ),
    Cause.NOT_FOUND: (
        "the cause was not found",
        "look one of the frames up with `kubectl frametrace journey FRAME_ID`",
    ),
}
"""Each cause in words, and what to check."""


def missing_words(audit: AuditFinding, guard: Guard, row: int, dropped: Mapping[str, int]) -> str:
    """What an audit found missing."""
    share = _percent(audit.low) if audit.low == audit.high else f"{audit.low:.2g} to {_percent(audit.high)}"
    found = f"{audit.missing} of {audit.checked} traces are missing or incomplete ({share}; limit {guard.max_missing_percent} %)"
    last = f"in the window to {audit.window_end:%H:%M:%S} UTC"
    where = f"; most at {audit.hop}" if audit.hop else ""
    cause, check = CAUSES[audit.cause or Cause.NOT_FOUND]
    lost = ", ".join(f"{count} {why}" for why, count in sorted(dropped.items()) if count)
    counted = f" (spans lost in the pods: {lost})" if lost else ""
    return f"{found} {last}{_in_a_row(row, guard)}{where}: {cause}{counted}; {check}"


def overhead_words(overhead: Overhead, guard: Guard, row: int) -> str:
    """What tracing cost."""
    cost = f"tracing takes {_percent(overhead.percent)} of the pods' other CPU, {1000 * overhead.cores:.0f}m"
    return (
        f"{cost} (limit {guard.max_overhead_percent} %){_in_a_row(row, guard)}; "
        "a lower sampling.ratio makes fewer spans, and handlers that open many spans cost most"
    )


def probe_words(backend: BackendHealth) -> str:
    """Jaeger did not answer."""
    why = f": {backend.probe_error}" if backend.probe_error else ""
    return f"Jaeger failed {backend.blamed_probes} probes in a row, 5 s apart{why}; check its pod and its log"


def restart_words(backend: BackendHealth) -> str:
    """Jaeger restarted."""
    return f"Jaeger restarted {backend.restarts} times in 5 minutes; check why its last container ended: memory, storage, or its own log"


def span_words(backends: Sequence[BackendHealth], row: int) -> str:
    """Jaeger refused spans, or did not take them."""
    bad = next((one for one in reversed(backends) if one.failed_spans), backends[-1])
    share = _percent(100 * bad.failed_spans / bad.spans) if bad.spans else "all"
    return (
        f"Jaeger refused or failed {bad.failed_spans} of {bad.spans} spans ({share}; limit 1 %) "
        f"in the last of {row} bad windows in a row; check its log and its storage"
    )


def _in_a_row(row: int, guard: Guard) -> str:
    return f", {row} bad windows of {guard.window_seconds} s in a row" if row > 1 else ""


def _percent(value: float) -> str:
    return f"{value:.3g} %"


_HOLD: Final = {
    Hold.REQUESTED: "a person took tracing out",
    Hold.MANUAL: "tracing.guard.recovery.mode is Manual",
    Hold.ATTEMPTS_USED_UP: "tracing.guard.recovery.maxAttempts attempts to bring it back have failed",
}


def hold_words(hold: Hold) -> str:
    """Why tracing waits for a person, and what that person does."""
    return f"{_HOLD[hold]}: only a person brings it back, with `kubectl frametrace reenable` or the annotation {REENABLE_TRACING}"


def left_behind_words(rollback: LastRollback) -> str:
    """Which pods a rollback ended without; never empty."""
    names = ", ".join(rollback.left_behind)
    return f"the pods of {names} could not be replaced: their tracing is off by the live switch, and they are replaced as soon as they can be"


def storage_words() -> str:
    """What to do about a trace storage that gives traces up too early."""
    return "enlarge Jaeger's storage (tracing.backend.managed.size, if the operator runs it), or lower tracing.sampling.ratio"


def some_frames(audit: LastAudit | None) -> str:
    """A few of the frames whose traces are missing, as the end of a sentence; empty if none is named."""
    if audit is None or not audit.missing_frame_ids:
        return ""
    more = audit.frames_missing - _FRAMES
    rest = f" and {more} more" if more > 0 else ""
    return f"; frames {', '.join(audit.missing_frame_ids[:_FRAMES])}{rest}"
