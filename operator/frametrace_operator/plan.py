"""Plan: the writes that bring a pipeline to what it should be. A value only; `decide` makes it, `act` carries it out."""

from dataclasses import dataclass, field
from typing import Final

from frametrace_operator.guard.acting.live_switch import Telling
from frametrace_operator.manifests import Child, ChildKey
from frametrace_operator.ownership import Conflict
from frametrace_operator.upgrade import Pending

__all__ = ["DRIFTED", "Plan"]

DRIFTED: Final = "drifted at"
"""How the reason begins for which a child is written that somebody else changed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Writes, in the order in which they are to be made.

    Attributes:
        create: children that are made once and then left alone.
        grow: volumes that are to be larger than they are; a cluster may be unable to do that.
        apply: children that are new, changed, or were changed by somebody; with the reason for each.
        unroll: keys and UIDs of Deployments that cannot be applied before `rollingUpdate` is taken out of them.
        resting: children that somebody keeps changing back, whose repair waits.
        delete: keys and UIDs of children that should not be there any more.
        conflicts: children that cannot be written.
        pending: what waits for a person's approval.
        telling: running pods that are to be told of the live ConfigMap, as soon as it is written.
    """

    create: tuple[Child, ...] = ()
    grow: tuple[Child, ...] = ()
    apply: tuple[tuple[Child, str], ...] = ()
    unroll: tuple[tuple[ChildKey, str], ...] = ()
    resting: tuple[ChildKey, ...] = ()
    delete: tuple[tuple[ChildKey, str], ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    pending: Pending | None = None
    telling: Telling = field(default_factory=Telling)

    @property
    def writes(self) -> int:
        """How many children are written or deleted, those apart that grow: they may wait for ever."""
        return len(self.create) + len(self.apply) + len(self.delete)

    @property
    def repairs(self) -> frozenset[ChildKey]:
        """The children among those to apply that somebody else changed."""
        return frozenset(child.key for child, why in self.apply if why.startswith(DRIFTED))
