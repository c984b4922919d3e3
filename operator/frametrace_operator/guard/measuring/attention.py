"""Attention: how many of a pipeline's frames are looked for: a share of all healthy pipelines' budget, or all. No I/O."""

from collections.abc import Callable, Mapping
from math import ceil
from typing import Final

from frame_tracking.ledger_window import MOST_FRAMES

from frametrace_operator.guard.measuring.tools import Tools
from frametrace_operator.guard.measuring.watched import Watched

__all__ = ["Attention"]

_SUSPECT_WINDOWS: Final = 3
_MORE: Final = 1.3


class Attention:
    """Remembers what makes a pipeline suspect, and how many frames its cameras have.

    Args:
        tools: what it is measured with.
        watched: what the measuring was told last.
    """

    def __init__(self, tools: Tools, watched: Callable[[], Watched]) -> None:
        self._tools, self._watched = tools, watched
        self._suspect = 0
        self._by_camera: dict[str, int] | None = None

    def doubt(self) -> None:
        """Something is missing: look at all frames of some windows."""
        self._suspect = _SUSPECT_WINDOWS

    def calm(self) -> None:
        """A window was whole."""
        self._suspect = max(0, self._suspect - 1)

    def saw(self, by_camera: Mapping[str, int]) -> None:
        """A window had so many frames of each camera."""
        self._by_camera = dict(by_camera)

    @property
    def close(self) -> bool:
        """Whether every frame counts."""
        return bool(self._suspect) or self._watched().suspect

    def take(self, expected: int) -> int:
        """How many frames to look up now of a window of so many: they are taken out of the common budget."""
        return self._tools.take(expected, self.close)

    def names(self) -> int:
        """How many frames a camera and hop to ask for, so that there are enough of all cameras together.

        Who had none in the last window leaves its share to the others, and asks for as many all the same: some may come.
        """
        by_camera = self._by_camera
        total = sum(by_camera.values()) if by_camera is not None else MOST_FRAMES
        wanted = self._tools.share(total, self.close)
        if not by_camera or total <= wanted:
            return min(MOST_FRAMES, wanted)
        return min(MOST_FRAMES, ceil(_MORE * wanted * max(by_camera.values()) / total) + 8)
