"""Topology: the tree of stages that frames pass, and so the hops that a complete trace has. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from frame_tracking.names import CAPTURE_HOP

__all__ = ["Topology"]


@dataclass(frozen=True)
class Topology:
    """A pipeline's stages as (name, input) pairs; an input is `capture` or an earlier stage.

    Raises:
        ValueError: if a name comes twice or an input is not an earlier hop.
    """

    stages: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        known = {CAPTURE_HOP}
        for name, upstream in self.stages:
            if name in known or upstream not in known:
                raise ValueError(
                    f"stage {name!r} with input {upstream!r}: names are unique, an input is an earlier hop"
                )
            known.add(name)

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Topology:
        """Build one of (name, input) pairs in order."""
        return cls(tuple((name, upstream) for name, upstream in pairs))

    @property
    def hops(self) -> tuple[str, ...]:
        """All hops, capture first."""
        return (CAPTURE_HOP, *(name for name, _ in self.stages))

    @property
    def leaves(self) -> tuple[str, ...]:
        """The hops that no stage reads from: where branches end."""
        inputs = {upstream for _, upstream in self.stages}
        return tuple(hop for hop in self.hops if hop not in inputs)

    def children(self, hop: str) -> tuple[str, ...]:
        """The stages that read from `hop`."""
        return tuple(name for name, upstream in self.stages if upstream == hop)

    def input_of(self, stage: str) -> str:
        """The hop that `stage` reads from.

        Raises:
            KeyError: if there is no such stage.
        """
        return dict(self.stages)[stage]

    def leaves_below(self, hop: str) -> tuple[str, ...]:
        """The branches' ends that a frame at `hop` can still reach, `hop` itself if it is one."""
        children = self.children(hop)
        return tuple(leaf for child in children for leaf in self.leaves_below(child)) if children else (hop,)

    @cached_property
    def revision(self) -> str:
        """Eight hexadecimal digits that name this tree: equal trees have equal revisions, on every machine."""
        text = "\n".join(f"{name}<{upstream}" for name, upstream in sorted(self.stages))
        return blake2b(text.encode(), digest_size=4).hexdigest()
