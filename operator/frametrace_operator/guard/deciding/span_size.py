"""Span size: what the status keeps of the bytes that a span takes on the volume, and what was told in the size before. Pure.

The projection reckons with what the status has, not with what was measured last: so an operator that begins anew goes on as the
one before it, and a measurement that sways moves no ratio.
"""

from typing import Any, Final

from frametrace_api.quantities import bytes_of
from frametrace_api.status_tracing import TracingStatus

from frametrace_operator.guard.deciding.budget import byte_text
from frametrace_operator.guard.evidence import BYTES_A_SPAN, Evidence
from frametrace_operator.manifests.endpoints import has_trace_volume
from frametrace_operator.pipeline import Pipeline

__all__ = ["kept_span_size"]

_WORTH: Final = 0.2  # a size that differs by more is written down
_EXACT: Final = 6


def kept_span_size(after: TracingStatus, evidence: Evidence, pipeline: Pipeline) -> dict[str, Any]:
    """The fields of the status that another size of a span changes; none where it is the same, or not known."""
    known = after.bytes_per_span
    now = _size(known, evidence.bytes_per_span) if has_trace_volume(pipeline) else None
    if now == known:
        return {}
    return {"bytes_per_span": now} | _told_anew(after, (now or BYTES_A_SPAN) / (known or BYTES_A_SPAN))


def _size(known: int | None, found: int | None) -> int | None:
    if found is None or (known is not None and abs(found - known) <= _WORTH * known):
        return known
    return found


def _told_anew(status: TracingStatus, times: float) -> dict[str, Any]:
    """Bytes a day that were told in the size before: the budget compares them with what is projected from now on."""
    fields: dict[str, Any] = {}
    if status.projected_bytes_per_day is not None:
        fields["projected_bytes_per_day"] = byte_text(times * bytes_of(status.projected_bytes_per_day))
    before = status.budget_before
    if before is not None:
        whole = byte_text(times * bytes_of(before.bytes_per_day), _EXACT)
        fields["budget_before"] = before.model_copy(update={"bytes_per_day": whole})
    return fields
