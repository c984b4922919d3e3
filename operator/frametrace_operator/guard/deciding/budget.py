"""Budget: bytes of traces a day, what is kept of the projection, and the factor by which ratios are lowered to fit. Pure.

Both have a band in which nothing changes, so that a rate that sways writes no status and moves no ratio. Not all bytes follow
the ratio, as frames that `keepErrors` keeps do not: what a lowering brought says how much does, and one that brings nothing is
taken back.
"""

from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Final

from frametrace_api.quantities import bytes_of
from frametrace_api.status_tracing import BudgetBefore, GuardState, TracingStatus
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

TRY_WINDOWS: Final = 60
"""Windows after a lowering that was taken back, before another one is tried."""

_TARGET: Final = 0.9  # of the budget: what a lowered ratio aims at
_RAISE: Final = 1.25  # a ratio is raised only by more
_BACK: Final = 0.95  # of the budget: a projection that was above is within again
_WORTH: Final = 0.2  # a projection that differs by more is written down
_EXACT: Final = 6
_LEAST: Final = Decimal("0.0001")
_SAME: Final = 0.02  # two ratios that differ by less are the same


def kept_budget(after: TracingStatus, evidence: Evidence, pipeline: Pipeline, now: datetime) -> dict[str, Any]:
    """The fields of the status that the budget changes; none while tracing is not wholly in."""
    if after.state not in (GuardState.HEALTHY, GuardState.SUSPECT):
        return {}
    fields: dict[str, Any] = {}
    projection = evidence.projection
    reduces = pipeline.spec.tracing.budget.action is BudgetAction.REDUCE_SAMPLING
    if not reduces and (after.budget_factor is not None or after.budget_before is not None):
        fields = {"budget_factor": None, "budget_factor_time": now, "budget_before": None}
    if projection is None or projection.ratio <= 0 or not _of_now(projection, after, pipeline):
        return fields
    if reduces:
        fields = _factor(projection, after, pipeline, now)
    return _projected(projection.bytes_per_day, after, bytes_of(pipeline.spec.tracing.budget.bytes_per_day)) | fields


def byte_text(number: float, exact: int = 2) -> str:
    """Bytes as a quantity of so many digits that are not 0, such as 8100M."""
    whole = max(1, round(number))
    digits = max(0, len(str(whole)) - exact)
    rounded = round(whole, -digits)
    for unit, size in (("P", 10**15), ("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if rounded >= size and rounded % size == 0:
            return f"{rounded // size}{unit}"
    return str(rounded)


def _of_now(projection: Projection, status: TracingStatus, pipeline: Pipeline) -> bool:
    """Whether it was measured wholly at the ratio and the size of a span that are in force: one from before would be acted upon twice."""
    if projection.bytes_per_span != status.bytes_per_span:
        return False
    length = timedelta(seconds=MEASURED_WINDOWS * pipeline.spec.tracing.guard.window_seconds)
    changes = (status.budget_factor_time, status.evidence_since)
    if any(change is not None and projection.at - length < change for change in changes):
        return False
    ratio = float(ratio_in_force(status, pipeline))
    return abs(projection.ratio - ratio) <= _SAME * max(ratio, projection.ratio)


def _factor(projection: Projection, status: TracingStatus, pipeline: Pipeline, now: datetime) -> dict[str, Any]:
    budget, measured = bytes_of(pipeline.spec.tracing.budget.bytes_per_day), projection.bytes_per_day
    factor = float(status.budget_factor or 1)
    if measured <= 0:
        return {}  # nothing came, which says nothing of what comes when it does
    if measured > budget:
        return _lowered(measured, _TARGET * budget, status, pipeline, now)
    within: dict[str, Any] = {} if status.budget_before is None else {"budget_before": None}
    fitting = min(1.0, _TARGET * budget / _whole(projection, pipeline))
    if status.budget_factor is None or not _may_rise(status, pipeline, now):
        return within
    rises = projection.steady and fitting >= min(1.0, _RAISE * factor) and fitting > factor
    return within | (_changed(fitting, now) if rises else {})


def _whole(projection: Projection, pipeline: Pipeline) -> float:
    """The most that the spec's own ratios would make, by the last windows."""
    most = max(projection.bytes_per_day, projection.most)
    return most / projection.ratio * float(effective_ratio(all_ratios(pipeline, None)))


def _lowered(
    measured: float, target: float, status: TracingStatus, pipeline: Pipeline, now: datetime
) -> dict[str, Any]:
    """The factor that brings the bytes down; the one before, if this one brought nothing; none, if that was so lately."""
    before, factor = status.budget_before, float(status.budget_factor or 1)
    if factor <= _LEAST or _failed_lately(measured, status, pipeline, now):
        return {}
    fixed = _fixed(measured, factor, before)
    if before is not None and fixed >= target and measured > (1 - _WORTH) * bytes_of(before.bytes_per_day):
        return _told(float(before.factor), factor, bytes_of(before.bytes_per_day), before.bytes_per_day, now)
    if fixed >= target:
        fixed = 0.0  # it brought much, though not enough: go on as if all that is left followed
    fitting = (target - fixed) / (measured - fixed) * factor
    return _told(fitting, factor, target, byte_text(measured, _EXACT), now)


def _told(factor: float, before: float, expected: float, measured: str, now: datetime) -> dict[str, Any]:
    """Another factor, what it is expected to bring, and what the one before brought."""
    brought = BudgetBefore(factor=ratio_text(before), bytes_per_day=measured)
    return _changed(factor, now) | {"budget_before": brought, "projected_bytes_per_day": byte_text(expected)}


def _failed_lately(measured: float, status: TracingStatus, pipeline: Pipeline, now: datetime) -> bool:
    """Whether a lower factor was tried lately and taken back, at a rate like the present one."""
    before, changed = status.budget_before, status.budget_factor_time
    if before is None or changed is None or Decimal(before.factor) >= Decimal(status.budget_factor or "1"):
        return False
    known = bytes_of(before.bytes_per_day)
    pause = timedelta(seconds=TRY_WINDOWS * pipeline.spec.tracing.guard.window_seconds)
    return now - changed < pause and abs(measured - known) <= _WORTH * known


def _fixed(measured: float, factor: float, before: BudgetBefore | None) -> float:
    """Bytes a day that do not follow the ratio, by what a higher factor brought; none, where that is not known."""
    if before is None or float(before.factor) <= factor:
        return 0.0
    higher, known = float(before.factor), bytes_of(before.bytes_per_day)
    if measured > (1 + _WORTH) * known:  # more is made than before: that says nothing of what follows the ratio
        return 0.0
    straight = (measured * higher - known * factor) / (higher - factor)
    return min(max(straight, 0.0), measured)


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
