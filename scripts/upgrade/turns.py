"""One change of the operator's version, judged by what was there before and after it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from scripts.upgrade.compare import Snapshot, needless_restarts, of_the_runtime, template_changes, waiting
from scripts.upgrade.frames import Frames
from scripts.upgrade.statuses import Rules, lost_status, told_otherwise

__all__ = ["Kind", "Turn", "judged"]


class Kind(Enum):
    """What is changed in a turn."""

    UPGRADE = "upgrade"
    RETURN = "return"
    WITH_RUNTIME = "upgrade with the runtime"

    @property
    def replaces(self) -> bool:
        """Whether pods are replaced rightly."""
        return self is Kind.WITH_RUNTIME

    def rules(self, replaced: frozenset[str]) -> Rules:
        """What it may do to statuses, where the pods of these pipelines have another template."""
        may_go = {"pendingUpgrade"}  # ends when it is approved, or when there is nothing to wait for
        if self is Kind.RETURN:
            return Rules(
                frozenset(may_go | {"mode"}), may_forget=True
            )  # 0.1.0 does not know the one, and forgets the other
        return Rules(frozenset(may_go), replaced=replaced if self.replaces else frozenset())


@dataclass(frozen=True, slots=True)
class Turn:
    """What one change of the operator's version did.

    Attributes:
        seconds: until the new operator led.
        replaced: how many Deployments have another template.
        unexpected: Deployments whose template changed and should not have, or the other way round; pipelines that should wait and do not.
        restarted: pods that restarted though their template did not change, those of Redis and Jaeger among them.
        lost: what statuses told before and not after.
        otherwise: reasons of what is measured that are others now; no fault.
        frames: what became of the frames that were captured meanwhile; None where they were not counted.
    """

    name: str
    seconds: float
    replaced: int = 0
    unexpected: list[str] = field(default_factory=list)
    restarted: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    otherwise: list[str] = field(default_factory=list)
    frames: Frames | None = None

    @property
    def is_clean(self) -> bool:
        """Whether nothing restarted without a reason, nothing was lost, and every frame that was counted is accounted for."""
        counted = self.frames is None or self.frames.all_accounted
        return counted and not (self.unexpected or self.restarted or self.lost)


def judged(kind: Kind, seconds: float, before: Snapshot, after: Snapshot, frames: Frames | None = None) -> Turn:
    """Return what a turn did."""
    changed = template_changes(before, after)
    replaced = frozenset(after.roles[name][0] for name in changed if name in after.roles)
    return Turn(
        name=kind.value,
        seconds=round(seconds, 1),
        replaced=len(changed),
        unexpected=list(_unexpected(kind, before, after, changed)),
        restarted=needless_restarts(before, after),
        lost=lost_status(before, after, kind.rules(replaced)),
        otherwise=told_otherwise(before, after),
        frames=frames,
    )


def _unexpected(kind: Kind, before: Snapshot, after: Snapshot, changed: list[str]) -> Iterator[str]:
    wanted = set(of_the_runtime(before)) if kind.replaces else set()
    yield from (f"{name} has another template" for name in sorted(set(changed) - wanted))
    yield from (f"{name} has the template of before" for name in sorted(wanted - set(changed)))
    if kind.replaces:
        yield from (
            f"{name} does not say what waits for approval" for name in sorted(before.on_approval - waiting(after))
        )
