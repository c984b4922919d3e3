"""Budget: bytes of traces a day, what is kept of the projection, and the factor by which ratios are lowered to fit. Pure.

Both have a band in which nothing changes, so that a rate that sways writes no status and moves no ratio.
"""

from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Final

from frametrace_api.quantities import bytes_of
from frametrace_api.status_tracing import GuardState, TracingStatus
from frametrace_api.tracing import BudgetAction

from frametrace_operator.guard.deciding.ratios import all_ratios, effective_ratio, ratio_text
from frametrace_operator.guard.deciding.wanted import ratio_in_force
from frametrace_operator.guard.evidence import Evidence, Projection
from frametrace_operator.pipeline import Pipeline

__all__ = ["MEASURED_WINDOWS", "RAISE_WINDOWS", "byte_text", "kept_budget"]

RAISE_WINDOWS: Final = 10
"""Windows after a change of the ratio, before it may rise."""

MEASURED_WINDOWS: Final = 2
"""Windows before a projection in which nothing may have changed: it is of one, which may have begun before that took effect."""

_TARGET: Final = 0.9  # of the budget: what a lowered ratio aims at
_RAISE: Final = 1.25  # a ratio is raised only by more
_BACK: Final = 0.95  # of the budget: a projection that was above is within again
_WORTH: Final = 0.2  # a projection that differs by more is written down
_LEAST: Final = Decimal("0.0001")
_SAME: Final = 0.02  # two ratios that differ by less are the same


def kept_budget(after: TracingStatus, evidence: Evidence, pipeline: Pipeline, now: datetime) -> dict[str, Any]:
    """The fields of the status that the budget changes; none while tracing is not wholly in."""
    if after.state not in (GuardState.HEALTHY, GuardState.SUSPECT):
        return {}
    fields: dict[str, Any] = {}
    projection = evidence.projection
    reduces = pipeline.spec.tracing.budget.action is BudgetAction.REDUCE_SAMPLING
    if not reduces and after.budget_factor is not None:
        fields = {"budget_factor": None, "budget_factor_time": now}
    if projection is None or projection.ratio <= 0 or not _of_now(projection, after, pipeline):
        return fields
    if reduces:
        fields = _factor(projection, after, pipeline, now)
    return fields | _projected(projection.bytes_per_day, after, bytes_of(pipeline.spec.tracing.budget.bytes_per_day))


def byte_text(number: float) -> str:
    """Bytes as a quantity of two or three digits, such as 8100M."""
    whole = max(1, round(number))
    digits = max(0, len(str(whole)) - 2)
    rounded = round(whole, -digits)
    for unit, size in (("P", 10**15), ("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if rounded >= size and rounded % size == 0:
            return f"{rounded // size}{unit}"
    return str(rounded)


def _of_now(projection: Projection, status: TracingStatus, pipeline: Pipeline) -> bool:
    """Whether it was measured wholly at the ratio that is in force: one from before a change would be acted upon twice."""
    length = timedelta(seconds=MEASURED_WINDOWS * pipeline.spec.tracing.guard.window_seconds)
    changes = (status.budget_factor_time, status.evidence_since)
    if any(change is not None and projection.at - length < change for change in changes):
        return False
    ratio = float(ratio_in_force(status, pipeline))
    return abs(projection.ratio - ratio) <= _SAME * max(ratio, projection.ratio)


def _factor(projection: Projection, status: TracingStatus, pipeline: Pipeline, now: datetime) -> dict[str, Any]:
    budget = bytes_of(pipeline.spec.tracing.budget.bytes_per_day)
    whole = projection.bytes_per_day / projection.ratio * float(effective_ratio(all_ratios(pipeline, None)))
    factor = float(status.budget_factor or 1)
    fitting = min(1.0, _TARGET * budget / whole) if whole > 0 else 1.0
    if projection.bytes_per_day > budget and fitting < factor:
        return _changed(fitting, now)
    if status.budget_factor is None or not _may_rise(status, pipeline, now):
        return {}
    return _changed(fitting, now) if fitting >= min(1.0, _RAISE * factor) and fitting > factor else {}


def _may_rise(status: TracingStatus, pipeline: Pipeline, now: datetime) -> bool:
    pause = timedelta(seconds=RAISE_WINDOWS * pipeline.spec.tracing.guard.window_seconds)
    return status.budget_factor_time is None or now - status.budget_factor_time >= pause


def _changed(factor: float, now: datetime) -> dict[str, Any]:
    exact = Decimal(str(factor)).quantize(_LEAST, rounding=ROUND_FLOOR)
    text = None if exact >= 1 else ratio_text(max(exact, _LEAST))
    return {"budget_factor": text, "budget_factor_time": now}


def _projected(measured: float, status: TracingStatus, budget: int) -> dict[str, Any]:
    before = status.projected_bytes_per_day
    if before is not None:
        known = bytes_of(before)
        crossed = measured > budget if known <= budget else measured < _BACK * budget
        if not crossed and abs(measured - known) <= _WORTH * known:
            return {}
        if not crossed and (known > budget) != (measured > budget):
            return {}
    return {"projected_bytes_per_day": byte_text(measured)}
