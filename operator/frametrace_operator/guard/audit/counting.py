"""Counting: whether a Jaeger that is one pipeline's alone took all the spans that the pods say it took. Pure.

What Jaeger took beyond what pods sent wavers, as the two are not read at one moment; it falls lower and lower only if
spans get lost between.
"""

from dataclasses import dataclass

__all__ = ["SpanBalance"]


@dataclass(slots=True)
class SpanBalance:
    """What Jaeger took beyond what the pods sent, since the first look."""

    _accepted: int | None = None
    _spare: int = 0
    _least: int = 0
    _fallen: int = 0

    def add(self, exported: int, accepted: int | None, *, replaced: bool = False) -> bool:
        """Take the next look; True if spans are missing.

        Args:
            exported: spans that were sent since the last look, by all pods that are still there.
            accepted: spans that Jaeger took since its start, as it said after the pods told theirs; None if it did not say.
            replaced: whether pods came or went: what those sent is not in `exported`, and would hide as many that get lost later.
        """
        if accepted is None or self._accepted is None or accepted < self._accepted or replaced:
            self._accepted, self._spare, self._least, self._fallen = accepted, 0, 0, 0  # one began anew: so do we
            return False
        self._spare += accepted - self._accepted - exported
        self._accepted = accepted
        self._fallen = self._fallen + 1 if self._spare < self._least else 0
        self._least = min(self._least, self._spare)
        return self._fallen > 1
