"""What pipelines told before an upgrade and do not tell after it: values that are gone, worse, or of another time. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scripts.upgrade.compare import Snapshot

__all__ = ["Rules", "lost_status", "told_otherwise"]

#: True for a moment where the new operator has something to apply.
_WORKS = "Reconciling"
#: They say what was measured last. An alarm for a moment is seen in `tracing.stateSince`, which must stay.
_MEASURED = frozenset({"TracesFlowing", "WithinTraceBudget"})
#: What a person or the guard did, and when.
_LASTING = (
    "state",
    "stateSince",
    "lastRollback",
    "hold",
    "attempts",
    "handledRollbackRequest",
    "handledReenableRequest",
)
_FIGURES = ("effectiveRatio",)
#: Field → what names a line of it, and what of a line must stay.
_LINES = {
    "cameras": ("id", ("state", "reason")),
    "stages": ("name", ("state", "reason", "replicas", "readyReplicas")),
}
_COUNTS = ("camerasReady", "stagesReady", "mode")
_WORSE_PERCENT = 1.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What a turn may do to statuses.

    Attributes:
        may_go: fields that may be gone.
        may_forget: whether what was measured may be unknown again.
        replaced: pipelines whose pods were replaced rightly: times may be new.
    """

    may_go: frozenset[str] = frozenset()
    may_forget: bool = False
    replaced: frozenset[str] = frozenset()


def lost_status(before: Snapshot, after: Snapshot, rules: Rules | None = None) -> list[str]:
    """What the statuses told before and do not tell now, a sentence each."""
    rules = rules or Rules()
    return [
        f"{name}: {found}"
        for name, status in before.statuses.items()
        for found in _lost(status, after.statuses.get(name, {}), rules, same_times=name not in rules.replaced)
    ]


def told_otherwise(before: Snapshot, after: Snapshot) -> list[str]:
    """What is measured and is told with another reason, or since another time: no loss, and worth knowing."""
    return [
        f"{name}: {kind} is {now['status']} ({now['reason']}), was {was['status']} ({was['reason']})"
        for name, status in before.statuses.items()
        for kind, was, now in _pairs(status, after.statuses.get(name, {}))
        if kind in _MEASURED and now and any(now[key] != was[key] for key in ("reason", "lastTransitionTime"))
    ]


def _lost(before: Mapping[str, Any], after: Mapping[str, Any], rules: Rules, *, same_times: bool) -> Iterator[str]:
    yield from (f"{field} is gone" for field in sorted(before.keys() - after.keys() - rules.may_go))
    yield from _others(before, after, _COUNTS)
    for kind, was, now in _pairs(before, after):
        if now is None:
            yield f"condition {kind} is gone"
        elif kind in _MEASURED:
            yield from _worse(kind, was, now, may_forget=rules.may_forget)
        else:
            yield from _changed(kind, was, now, same_times=same_times and kind != _WORKS)
    for field, (key, values) in _LINES.items():
        kept = (*values, "lastTransitionTime") if same_times else values
        yield from _lost_lines(field, key, kept, before, after)
    yield from (f"tracing.{found}" for found in _lost_tracing(before.get("tracing") or {}, after.get("tracing") or {}))


def _others(before: Mapping[str, Any], after: Mapping[str, Any], fields: Sequence[str]) -> Iterator[str]:
    """Fields that both tell, and tell differently."""
    both = [field for field in fields if field in before and field in after]
    yield from (f"{field} was {before[field]}, is {after[field]}" for field in both if before[field] != after[field])


def _pairs(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any] | None]]:
    now = {condition["type"]: condition for condition in after.get("conditions", ())}
    for was in before.get("conditions", ()):
        yield was["type"], was, now.get(was["type"])


def _worse(kind: str, was: Mapping[str, Any], now: Mapping[str, Any], *, may_forget: bool) -> Iterator[str]:
    forgotten = was["status"] == "True" and now["status"] == "Unknown" and not may_forget
    if forgotten or (now["status"] == "False" and was["status"] != "False"):
        yield f"condition {kind} was {was['status']}, is {now['status']}: {now.get('reason')}"


def _changed(kind: str, was: Mapping[str, Any], now: Mapping[str, Any], *, same_times: bool) -> Iterator[str]:
    if now["status"] != was["status"]:
        yield f"condition {kind} was {was['status']} since {was['lastTransitionTime']}, is {now['status']}"
    elif now.get("reason") != was.get("reason") and kind != _WORKS:
        yield f"condition {kind} says {now.get('reason')}, said {was.get('reason')}"
    elif same_times and now["lastTransitionTime"] != was["lastTransitionTime"]:
        yield f"condition {kind} is {now['status']} since {now['lastTransitionTime']}, was since {was['lastTransitionTime']}"


def _lost_lines(
    field: str, key: str, values: Sequence[str], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[str]:
    now = {line[key]: line for line in after.get(field, ())}
    for was in before.get(field, ()):
        name, held = was[key], now.get(was[key])
        if held is None:
            yield f"{field}: {name} is gone"
            continue
        yield from (
            f"{field}: {name}: {value} was {was.get(value)}, is {held.get(value)}"
            for value in values
            if was.get(value) != held.get(value)
        )


def _lost_tracing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    yield from (
        f"{field} was {before.get(field)}, is {after.get(field)}"
        for field in _LASTING
        if before.get(field) != after.get(field)
    )
    yield from _others(before, after, _FIGURES)
    told = ("lastAudit", "completenessPercent", *_FIGURES)
    yield from (f"{field} is gone" for field in told if field in before.keys() - after.keys())
    was, now = (float(each.get("completenessPercent", 100)) for each in (before, after))
    if now < was - _WORSE_PERCENT:
        yield f"completenessPercent was {was:g}, is {now:g}"
