"""Examine: what is wrong with one frame's journey, as Jaeger returns it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from frame_tracking import (
    CAPTURE_HOP,
    Attribute,
    Completeness,
    Journey,
    JourneySpan,
    Outcome,
    SpanName,
    Topology,
    judge,
)

__all__ = ["Fault", "UnknownStagesError", "examine"]

_ODD: Final = frozenset({Attribute.FRAME_PARTIAL, Attribute.FRAME_DUPLICATE, Attribute.FRAME_LATE})


class UnknownStagesError(Exception):
    """A journey under a tree of stages that is not known any more: nothing can be said of it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong.

    Attributes:
        hops: where something is missing, the first one first.
        context_lost: whether a frame's context got lost there.
        stages: of the tree that it was judged by: each with the hop before it.
    """

    hops: tuple[str, ...]
    context_lost: bool = False
    stages: tuple[tuple[str, str], ...] = field(default=(), compare=False)


def examine(journey: Journey | None, expected: Topology, topologies: Mapping[str, Topology]) -> Fault | None:
    """Return what is wrong; None if the journey is complete, whatever came late.

    Args:
        journey: None if Jaeger has no such trace.
        expected: the stages that held when the frame was captured.
        topologies: those that are known, by revision: the journey's root says which it belongs to.

    Raises:
        UnknownStagesError: if its root names a tree that is not among them.
    """
    if journey is None or not journey.spans:
        return Fault(expected.hops, stages=expected.stages)
    topology = _topology(journey, expected, topologies)
    if _plainly_whole(journey, topology):
        return None
    journey = _without_late_orphans(journey)
    found = judge(journey, topology)
    if found.complete:
        return None
    lost = tuple(span.hop for span in journey.spans if span.attributes.get(Attribute.FRAME_CONTEXT_LOST) is True)
    hops = _hops(found, journey, topology) or lost or (CAPTURE_HOP,)
    return Fault(hops, bool(lost) and not found.missing_hops, topology.stages)


def _topology(journey: Journey, expected: Topology, topologies: Mapping[str, Topology]) -> Topology:
    for root in journey.roots:
        if Attribute.REVISION in root.attributes:
            found = topologies.get(str(root.attributes[Attribute.REVISION]))
            if found is None:
                raise UnknownStagesError
            return found
    return expected


def _plainly_whole(journey: Journey, topology: Topology) -> bool:
    """Whether all is there and nothing is out of the ordinary, as with nearly every frame: found in a fifth of a judgement's time."""
    known = {span.span_id for span in journey.spans}
    roots, hops, ended = 0, set(), []
    for span in journey.spans:
        attributes = span.attributes
        if span.parent_id is None:
            roots += 1
        elif span.parent_id not in known:
            return False
        if span.name == SpanName.DROP_FRAME or not _ODD.isdisjoint(attributes):
            return False
        if span.is_hop:
            hops.add(span.hop)
        if Attribute.FRAME_OUTCOME in attributes:
            if attributes[Attribute.FRAME_OUTCOME] != Outcome.COMPLETED:
                return False
            ended.append(span.hop)
    wanted, leaves = _parts(topology)
    return roots == 1 and hops >= wanted and sorted(ended) == leaves


@lru_cache(64)
def _parts(topology: Topology) -> tuple[frozenset[str], list[str]]:
    return frozenset(topology.hops), sorted(topology.leaves)


def _without_late_orphans(journey: Journey) -> Journey:
    """Leave out what came late and lost its parent: it is counted, and never judged missing."""
    orphans = journey.orphans
    late = {span.span_id for span in orphans if span.attributes.get(Attribute.FRAME_LATE) is True}
    return (
        replace(journey, spans=tuple(span for span in journey.spans if span.span_id not in late)) if late else journey
    )


def _hops(found: Completeness, journey: Journey, topology: Topology) -> tuple[str, ...]:
    wrong = {*found.missing_hops, *found.branches_without_outcome, *found.branches_with_several}
    if not wrong:
        wrong = {_parents_hop(span, topology) for span in journey.orphans}
    return tuple(hop for hop in topology.hops if hop in wrong)


def _parents_hop(orphan: JourneySpan, topology: Topology) -> str:
    """The hop that an orphan's parent belongs to: it was sent from the hop before, or it is a hop's own."""
    return dict(topology.stages).get(orphan.hop, orphan.hop) if orphan.is_hop else orphan.hop
