"""Whether a journey is complete: every hop of its topology, no orphan, one outcome a branch. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from frame_tracking.journey import Journey
from frame_tracking.names import CAPTURE_HOP, Outcome
from frame_tracking.topology import Topology

__all__ = ["Completeness", "judge"]


@dataclass(frozen=True, slots=True)
class Completeness:
    """What is wrong with a journey; nothing, when it is complete.

    Attributes:
        missing_hops: hops that should have a span and have none.
        orphans: names of spans whose parent is not in the trace.
        roots: how many spans have no parent (one, in a complete journey).
        branches_without_outcome: leaves that no outcome accounts for.
        branches_with_several: hops with more than one outcome.
    """

    missing_hops: tuple[str, ...]
    orphans: tuple[str, ...]
    roots: int
    branches_without_outcome: tuple[str, ...]
    branches_with_several: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is wrong."""
        return self.roots == 1 and not (
            self.missing_hops or self.orphans or self.branches_without_outcome or self.branches_with_several
        )


def judge(journey: Journey, topology: Topology) -> Completeness:
    """Judge a journey whose root belongs to `topology`.

    A frame that was dropped or dead-lettered at a hop accounts for every branch below it, and is not expected there. One
    that was kept from a hop on, though sampling had left it out, is expected below that hop only.
    """
    first = journey.partial[0].hop if journey.partial else CAPTURE_HOP
    start = first if first in topology.hops else CAPTURE_HOP
    reached = {start, *_below(start, topology)}
    outcomes = Counter(hop for hop, _ in journey.outcomes)
    ended_early = [
        hop for hop, outcome in journey.outcomes if outcome is not Outcome.COMPLETED or topology.children(hop)
    ]
    excused = {below for hop in ended_early if hop in topology.hops for below in _below(hop, topology)}
    expected = [hop for hop in topology.hops if hop in reached - excused - journey.not_reached]
    accounted = set(outcomes) | excused
    return Completeness(
        missing_hops=tuple(hop for hop in expected if hop not in journey.hops),
        orphans=tuple(span.name for span in journey.orphans),
        roots=len(journey.roots),
        branches_without_outcome=tuple(leaf for leaf in topology.leaves_below(start) if leaf not in accounted),
        branches_with_several=tuple(hop for hop, count in outcomes.items() if count > 1),
    )


def _below(hop: str, topology: Topology) -> tuple[str, ...]:
    children = topology.children(hop)
    return (*children, *(below for child in children for below in _below(child, topology)))
