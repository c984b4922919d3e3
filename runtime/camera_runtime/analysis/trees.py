"""The trees of stages that journeys are judged by: told by whoever knows them, else inferred from the journeys themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from frame_tracking import CAPTURE_HOP, Journey, SpanName, Topology, revision_of

__all__ = ["Trees"]


class Trees:
    """Trees of stages by revision.

    Args:
        known: those that somebody told.
    """

    def __init__(self, known: Mapping[str, Topology]) -> None:
        self._known = known
        self._edges: dict[str, dict[str, str]] = defaultdict(dict)

    @property
    def inferred(self) -> bool:
        """Whether nobody told any."""
        return not self._known

    def learn(self, journey: Journey) -> None:
        """See which stages a journey passed, if nobody told those of its revision."""
        revision = revision_of(journey)
        if revision is not None and revision not in self._known:
            self._edges[revision].update(_edges(journey))

    def of(self, journey: Journey) -> Topology | None:
        """Return the tree that a journey is judged by; None if there is none."""
        revision = revision_of(journey)
        if revision is None:  # its capture's spans are missing: the only tree there is, if there is one only
            trees: list[Topology | None] = [*self._known.values()] or [_tree(edges) for edges in self._edges.values()]
            return trees[0] if len(trees) == 1 else None
        return self._known.get(revision) or (_tree(self._edges[revision]) if revision in self._edges else None)


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
