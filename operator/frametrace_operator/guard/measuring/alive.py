"""Alive: signs of life of the measuring, for whoever watches over the process. Must not know who that is."""

from collections.abc import Iterable
from typing import Final, Protocol

__all__ = ["PROBED", "READ", "Alive", "Unwatched", "expect"]

PROBED: Final = "no Jaeger was probed"
READ: Final = "no window of traces was read"
_PROBE_SECONDS: Final = 60.0
"""A probe follows the one before within ten seconds, and is given up by itself."""
_WINDOWS: Final = 3
"""Lengths of a window that its measuring may wait for captures' clocks, and for its turn."""


class Alive(Protocol):
    """Takes note of signs of life."""

    def expect(self, what: str, seconds: float | None) -> None:
        """A sign is expected every so many seconds from now on; None: no more."""

    def beat(self, what: str) -> None:
        """A sign."""


class Unwatched:
    """`Alive` for nobody."""

    def expect(self, what: str, seconds: float | None) -> None:
        """Nothing comes of it."""

    def beat(self, what: str) -> None:
        """Nothing comes of it."""


def expect(alive: Alive, lengths: Iterable[int]) -> None:
    """Say what is expected while pipelines with windows of these lengths are measured; nothing, if there are none."""
    shortest = min(lengths, default=None)
    alive.expect(PROBED, None if shortest is None else _PROBE_SECONDS)
    alive.expect(READ, None if shortest is None else _PROBE_SECONDS + _WINDOWS * shortest)
