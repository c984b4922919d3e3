"""Fills a Jaeger or a file with the spans of many frames, as the product's own tracer makes them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import requests
from frame_tracking import FrameID, FrameIDGenerator
from telemetry.otlp_http import HttpSink
from telemetry.otlp_settings import OtlpSettings
from telemetry.sink import SpanSink
from telemetry.span_file import SpanFile

from scripts.bench.frame_spans import SPANS_OF_A_FRAME, FrameSpans

__all__ = ["StoredFrames", "fill_file"]

_CAMERAS = 32
_AT_ONCE = 400
_SECONDS = 60
_RESTART_SECONDS = 3
"""Between a camera's sessions: a process that is started again takes as long."""
_LARGEST = 1 << 40


class StoredFrames:
    """Frames of some cameras in a Jaeger; `add` adds some, of sessions of their own."""

    def __init__(self, otlp_url: str, query_url: str, cameras: int = _CAMERAS) -> None:
        self._new_sink: Callable[[], SpanSink] = lambda: HttpSink(OtlpSettings(f"{otlp_url}/v1/traces"))
        self.query_url, self._cameras = query_url, cameras
        self.frames: list[FrameID] = []

    @property
    def spans(self) -> int:
        """How many spans were stored."""
        return len(self.frames) * SPANS_OF_A_FRAME

    def add(self, spans: int) -> None:
        """Store frames until there are so many spans.

        Raises:
            RuntimeError: if Jaeger does not take them, or does not give the last one back.
        """
        frames = spans // SPANS_OF_A_FRAME - len(self.frames)
        time.sleep(_RESTART_SECONDS if self.frames else 0)
        self.frames += _record(self._new_sink, frames, self._cameras)
        last, until = self.frames[-1].trace_id, time.monotonic() + _SECONDS
        while requests.get(f"{self.query_url}/api/traces/{last}", timeout=_SECONDS).status_code != requests.codes.ok:
            if time.monotonic() > until:
                raise RuntimeError(f"Jaeger took {self.spans} spans, and does not have the last one after {_SECONDS} s")
            time.sleep(0.2)


def fill_file(path: Path, spans: int) -> None:
    """Write a span file of so many spans."""
    with SpanFile(path, max_bytes=_LARGEST) as file:
        _record(lambda: file, spans // SPANS_OF_A_FRAME)


def _record(new_sink: Callable[[], SpanSink], frames: int, cameras: int = _CAMERAS) -> list[FrameID]:
    generators = [FrameIDGenerator(f"cam{number:02d}") for number in range(1, cameras + 1)]
    made, ids = FrameSpans(new_sink), list[FrameID]()
    for number in range(frames):
        frame_id = generators[number % cameras].next()
        made.frame(frame_id)
        ids.append(frame_id)
        if number % _AT_ONCE == _AT_ONCE - 1:
            made.flush(_SECONDS)
    made.flush(_SECONDS)
    made.close()
    return ids
