"""A handler that opens as many spans a frame as a server of the benchmark says: tracing that costs more than the work."""

from __future__ import annotations

import os
import threading
import time
import urllib.request
from typing import TYPE_CHECKING

from opentelemetry import trace

if TYPE_CHECKING:
    from camera_runtime.stages.handler import StageFrame

__all__ = ["Costly"]


class Costly:
    """Asks `COSTLY_URL` twice a second."""

    def __init__(self) -> None:
        self._spans = 0
        self._tracer = trace.get_tracer("costly")
        threading.Thread(target=self._ask, args=(os.environ["COSTLY_URL"],), daemon=True).start()

    def __call__(self, frame: StageFrame) -> dict[str, object]:
        """Look at the frame in many small steps."""
        spans = self._spans
        for number in range(spans):
            with self._tracer.start_as_current_span("tile", attributes={"tile": number}):
                pass
        return {"tiles": spans, "camera": frame.camera}

    def _ask(self, url: str) -> None:
        while True:
            try:
                with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - the benchmark's own
                    self._spans = int(answer.read())
            except OSError:  # asked again
                self._spans = 0
            time.sleep(0.5)
