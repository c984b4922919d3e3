"""The trees of stages that journeys are judged by: told by whoever knows them, else inferred from the journeys themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from frame_tracking import CAPTURE_HOP, Journey, SpanName, Topology, revision_of

from camera_runtime.analysis.owners import Owner, owner_of

__all__ = ["Tree", "Trees"]

_NO_REVISION = "(none)"


class Tree(NamedTuple):
    """A tree of stages, and whether it was inferred: a stage that never has a span is then not in it."""

    topology: Topology
    inferred: bool


class Trees:
    """Trees of stages by revision.

    Args:
        known: those that somebody told.
    """

    def __init__(self, known: Mapping[str, Topology]) -> None:
        self._known = known
        self._edges = defaultdict[str, dict[str, str]](dict)
        self._of_pipeline = defaultdict[Owner, set[str]](set)

    def learn(self, journey: Journey) -> None:
        """See which revision a pipeline has, and, if nobody told its stages, which ones a journey passed."""
        revision = revision_of(journey)
        if revision is None:
            return
        self._of_pipeline[owner_of(journey)].add(revision)
        if revision not in self._known:
            self._edges[revision].update(_edges(journey))

    def of(self, journey: Journey) -> Tree | None:
        """Return the tree that a journey is judged by; None if there is none."""
        revision = revision_of(journey)
        if revision is None:  # its capture's spans are missing
            revision = self._only_revision(owner_of(journey))
        if revision in self._known:
            return Tree(self._known[revision], inferred=False)
        topology = _tree(self._edges[revision]) if revision in self._edges else None
        return None if topology is None else Tree(topology, inferred=True)

    def _only_revision(self, owner: Owner) -> str:
        """Return the only revision that a pipeline has, those first that were told; a name of none, if there are several."""
        own = self._of_pipeline.get(owner) or {*self._known}
        revisions = own & {*self._known} or own
        return next(iter(revisions)) if len(revisions) == 1 else _NO_REVISION


def _edges(journey: Journey) -> Iterator[tuple[str, str]]:
    """(stage, hop it reads from) of each consumer span, by the span that sent it."""
    spans = {span.span_id: span for span in journey.spans}
    for span in journey.spans:
        sender = spans.get(span.parent_id or "")
        if span.is_hop and span.name == SpanName.PROCESS_FRAME and sender is not None and sender.hop != span.hop:
            yield span.hop, sender.hop


def _tree(edges: Mapping[str, str]) -> Topology | None:
    """Order the edges so that an input is earlier; None if they are no tree."""
    ordered: dict[str, str] = {}
    while len(ordered) < len(edges):
        reached = {CAPTURE_HOP, *ordered}
        ready = {stage: upstream for stage, upstream in edges.items() if stage not in ordered and upstream in reached}
        if not ready:
            return None
        ordered |= ready
    return Topology.of(ordered.items())
