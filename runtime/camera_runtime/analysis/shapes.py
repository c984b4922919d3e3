"""Completeness of many journeys, in bounded memory: journeys of the same shape are equally complete, and shapes are few."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from frame_tracking import CAPTURE_HOP, Attribute, Completeness, Journey, Topology, judge, revision_of

from camera_runtime.analysis.owners import owner_of
from camera_runtime.analysis.trees import Trees

__all__ = ["Completed", "HopTotal", "Problem", "Shapes"]

_EXAMPLES: Final = 5
_MOST: Final = 10_000
"""Shapes that are told apart; of more, which only a wild trace store has, the rest is counted as not judged."""

_JUDGED_BY: Final = frozenset(
    {
        "span.kind",
        Attribute.STAGE_NAME,
        Attribute.FRAME_OUTCOME,
        Attribute.FRAME_DUPLICATE,
        Attribute.FRAME_PARTIAL,
        Attribute.REVISION,
        Attribute.PIPELINE_NAME,
    }
)
"""Attributes that `judge` and the choice of the tree look at. A lossy store has a shape for each set of spans that may be lost,
and a handler's attributes may be long."""

Shape = tuple[object, ...]


@dataclass(slots=True)
class _Kept:
    journey: Journey
    frames: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with some journeys: how many, and a few of their frames."""

    what: str
    frames: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HopTotal:
    """Journeys that should have a span of a hop, and those that have none."""

    hop: str
    expected: int
    missing: int


@dataclass(frozen=True, slots=True)
class Completed:
    """What was found.

    Attributes:
        frames: journeys that were judged.
        complete: of them, those to which nothing is missing.
        partial: journeys that begin in the middle, because sampling had left them out; not judged.
        unjudged: journeys of a revision whose stages are not known.
        inferred: of those that were judged, those whose stages were inferred from the journeys themselves: a hop that never has a
            span is then unseen.
    """

    frames: int
    complete: int
    partial: int
    unjudged: int
    inferred: int
    hops: tuple[HopTotal, ...]
    problems: tuple[Problem, ...]


class Shapes:
    """Adds journeys up.

    Args:
        topologies: trees of stages by revision, as far as they are known; others are inferred from the journeys.
    """

    def __init__(self, topologies: Mapping[str, Topology]) -> None:
        self._trees = Trees(topologies)
        self._kept: dict[Shape, _Kept] = {}
        self._beyond = 0

    def take(self, journey: Journey) -> None:
        """Add one."""
        shape = _shape(journey)
        kept = self._kept.get(shape)
        if kept is None:
            if len(self._kept) >= _MOST:
                self._beyond += 1
                return
            kept = self._kept[shape] = _Kept(_bare(journey))
            self._trees.learn(journey)
        kept.frames += 1
        if len(kept.examples) < _EXAMPLES:
            kept.examples.append(journey.frame_id or f"trace {journey.trace_id}")

    def completed(self) -> Completed:
        """Judge what was added so far."""
        expected, missing, problems = defaultdict[str, int](int), defaultdict[str, int](int), _Problems()
        frames = complete = partial = inferred = 0
        unjudged = self._beyond
        for kept in self._kept.values():
            if kept.journey.partial:
                partial += kept.frames
                continue
            tree = self._trees.of(kept.journey)
            if tree is None:
                unjudged += kept.frames
                continue
            found = judge(kept.journey, tree.topology)
            frames += kept.frames
            inferred += kept.frames if tree.inferred else 0
            complete += kept.frames if found.complete else 0
            for hop in {*kept.journey.hops, *found.missing_hops}:
                expected[hop] += kept.frames
            for hop in found.missing_hops:
                missing[hop] += kept.frames
            problems.add(found, kept)
        hops = tuple(HopTotal(hop, expected[hop], missing[hop]) for hop in sorted(expected, key=_capture_first))
        return Completed(frames, complete, partial, unjudged, inferred, hops, problems.listed())


class _Problems:
    """Problems by what they are, with the frames of all shapes that have them."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, tuple[str, ...]]] = {}

    def add(self, found: Completeness, kept: _Kept) -> None:
        for what in dict.fromkeys(_problems(found)):
            frames, examples = self._found.get(what, (0, ()))
            self._found[what] = frames + kept.frames, (*examples, *kept.examples)[:_EXAMPLES]

    def listed(self) -> tuple[Problem, ...]:
        found = (Problem(what, frames, examples) for what, (frames, examples) in self._found.items())
        return tuple(sorted(found, key=lambda problem: -problem.frames))


def _problems(found: Completeness) -> Iterator[str]:
    yield from (f"no span of {hop}" for hop in found.missing_hops)
    yield from (f"orphan: the parent of a span {name} is missing" for name in found.orphans)
    if found.roots != 1:
        yield "no root span" if found.roots == 0 else "several roots"
    yield from (f"the branch to {hop} has no outcome" for hop in found.branches_without_outcome)
    yield from (f"{hop} told several outcomes" for hop in found.branches_with_several)


def _bare(journey: Journey) -> Journey:
    """Return it with those attributes alone by which it is judged."""

    def judged_by(attributes: Mapping[str, object]) -> dict[str, object]:
        return {key: value for key, value in attributes.items() if key in _JUDGED_BY}

    spans = (replace(span, attributes=judged_by(span.attributes)) for span in journey.spans)
    return Journey(journey.trace_id, tuple(spans))


def _shape(journey: Journey) -> Shape:
    """What `judge` and the choice of the tree look at, and nothing else: equal shapes are judged alike."""
    return (
        owner_of(journey),
        revision_of(journey),
        tuple(sorted(journey.hops)),
        len(journey.roots),
        tuple(sorted(span.name for span in journey.orphans)),
        tuple(sorted(journey.outcomes)),
        journey.not_reached,
        tuple(span.hop for span in journey.partial),
    )


def _capture_first(hop: str) -> tuple[bool, str]:
    return hop != CAPTURE_HOP, hop
