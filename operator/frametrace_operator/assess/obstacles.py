"""Obstacles: what a person must change, and whether frames wait for that. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from frametrace_api.conditions import StalledReason

from frametrace_operator.assess.facts import Facts, listed
from frametrace_operator.manifests import Child
from frametrace_operator.naming import Role

__all__ = ["Obstacle", "first_obstacle"]

_BESIDE: Final = frozenset({Role.JAEGER.value, Role.MONITOR.value, Role.PAGE.value, Role.REPORT.value})


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing to change. `keeps_frames`: until then frames do not flow, or not as the spec says."""

    why: StalledReason
    message: str
    keeps_frames: bool = True


def first_obstacle(facts: Facts) -> Obstacle | None:
    """One that frames wait for if there is any, and of these the most certain; None if nothing has to be changed."""
    return min(_obstacles(facts), key=lambda obstacle: not obstacle.keeps_frames, default=None)


def _obstacles(facts: Facts) -> Iterator[Obstacle]:
    for keeps in (True, False):
        conflicts = [each for each in facts.plan.conflicts if _keeps_frames(each.child) is keeps]
        if conflicts:
            named = listed(f"{_named(each.child)} belongs to {each.owner}" for each in conflicts)
            yield Obstacle(StalledReason.OWNER_CONFLICT, f"{named}; delete or rename it", keeps)
        refused = [each for each in facts.outcome.refused if _keeps_frames(each.child) is keeps]
        if refused:
            told = listed(f"{_named(each.child)}: {each.message}" for each in refused)
            yield Obstacle(StalledReason.APPLY_REFUSED, told, keeps)
    if facts.outcome.undeleted:  # what is left over keeps no frame from where it is to go
        left = listed(
            f"{each.key[1]} {each.key[2]} cannot be deleted: {each.message}" for each in facts.outcome.undeleted
        )
        yield Obstacle(StalledReason.APPLY_REFUSED, left, keeps_frames=False)
    if facts.suspended:
        return
    missing = _missing_secrets(facts, mounted=True)
    if missing and any(facts.keeps_frames(role, item) for role, item in facts.needed):
        yield Obstacle(StalledReason.SECRET_MISSING, missing)
    unread = _missing_secrets(facts, mounted=False)
    if unread:
        yield Obstacle(StalledReason.SECRET_MISSING, unread, keeps_frames=False)
    for role, item in facts.needed:
        trouble = facts.trouble(role, item)
        if trouble is not None and trouble.stalled is not None:
            told = f"{' '.join(filter(None, (role, item)))}: {trouble.message}"
            yield Obstacle(trouble.stalled, told, facts.keeps_frames(role, item))


def _keeps_frames(child: Child) -> bool:
    """Whether frames wait for a child: not for Jaeger's, nor for what is only looked at."""
    return child.role not in _BESIDE and not (child.role == Role.NETWORK and child.item in _BESIDE)


def _named(child: Child) -> str:
    _, kind, name = child.key
    return f"{kind} {name}"


def _missing_secrets(facts: Facts, *, mounted: bool) -> str:
    """Each Secret or key once, with all the fields that name it."""
    named: dict[str, list[str]] = {}
    for each in (each for each in facts.seen.missing_secrets if each.use.mounted is mounted):
        fields = named.setdefault(each.text, [])
        fields.extend([each.use.where] if each.use.where not in fields else [])
    place = f"in namespace {facts.pipeline.namespace}"
    return listed(f"{text} {place} (named by {', '.join(fields)}); create it" for text, fields in named.items())
