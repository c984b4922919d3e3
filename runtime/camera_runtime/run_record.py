"""What `frametrace run` leaves beside its span file: the trees of stages by revision, and where pictures are.

A journey's root span tells its revision only; by this record the other commands know the hops that it should have.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from frame_tracking import Topology

__all__ = ["RunRecord"]

_KEPT = 100
"""Trees that are remembered, the newest ones."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """The record of a span file's runs.

    Attributes:
        topologies: by their revision.
    """

    topologies: dict[str, Topology] = field(default_factory=dict)

    @staticmethod
    def path_of(spans: Path) -> Path:
        """Return where the record of a span file is."""
        return spans.with_suffix(".run.json")

    @staticmethod
    def pictures_of(spans: Path) -> Path:
        """Return the directory of the pictures that belong to a span file."""
        return spans.with_suffix(".pictures")

    @classmethod
    def read(cls, spans: Path) -> Self:
        """Read it; what is missing or damaged is empty, since journeys can be shown without."""
        try:
            stored = json.loads(cls.path_of(spans).read_bytes())
            pairs = {str(name): [(str(a), str(b)) for a, b in edges] for name, edges in stored["topologies"].items()}
            return cls({name: Topology.of(edges) for name, edges in pairs.items()})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls()

    def with_topology(self, topology: Topology) -> RunRecord:
        """Return the record with one more tree."""
        trees = {name: tree for name, tree in self.topologies.items() if name != topology.revision}
        return RunRecord(dict(list({**trees, topology.revision: topology}.items())[-_KEPT:]))

    def write(self, spans: Path) -> None:
        """Write it.

        Raises:
            OSError: if that fails.
        """
        path = self.path_of(spans)
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_text(json.dumps({"topologies": {name: tree.stages for name, tree in self.topologies.items()}}))
        fresh.replace(path)
