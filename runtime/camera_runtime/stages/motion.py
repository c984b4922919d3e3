"""The built-in handler `motion`: tells how much of the picture moved since the camera's frame before.

Results: `motion`, the share of small-picture pixels whose brightness changed (0 to 1), and `moving`.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from camera_runtime.stages.handler import StageFrame

__all__ = ["Motion"]

_CHANGED: Final = 20
"""Levels of 256; less is a camera's noise."""
_MOVING: Final = 0.002


class Motion:
    """Compares each frame with the one before it, of the same camera."""

    def __init__(self) -> None:
        self._last: dict[str, NDArray[np.int16]] = {}

    def __call__(self, frame: StageFrame) -> dict[str, Any]:
        """Return the results; a camera's first frame does not move."""
        now = frame.luma().astype(np.int16)
        before = self._last.get(frame.camera)
        self._last[frame.camera] = now
        if before is None or before.shape != now.shape:
            return {"motion": 0.0, "moving": False}
        score = float(np.count_nonzero(np.abs(now - before) > _CHANGED) / now.size)
        return {"motion": round(score, 5), "moving": score > _MOVING}
