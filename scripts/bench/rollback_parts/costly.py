"""A handler that opens thousands of spans a frame, some time after its process began: tracing that costs more than the work."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from opentelemetry import trace

if TYPE_CHECKING:
    from camera_runtime.stages.handler import StageFrame

__all__ = ["Costly"]


class Costly:
    """Cheap for `COSTLY_AFTER` seconds, then with `COSTLY_SPANS` spans a frame."""

    def __init__(self) -> None:
        self._begin = time.monotonic() + float(os.environ["COSTLY_AFTER"])
        self._spans = int(os.environ["COSTLY_SPANS"])
        self._tracer = trace.get_tracer("costly")

    def __call__(self, frame: StageFrame) -> dict[str, object]:
        """Look at the frame in many small steps."""
        spans = self._spans if time.monotonic() >= self._begin else 0
        for number in range(spans):
            with self._tracer.start_as_current_span("tile", attributes={"tile": number}):
                pass
        return {"tiles": spans, "camera": frame.camera}
