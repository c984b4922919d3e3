"""Time to find a frame's journey in a Jaeger that has many: over HTTP by trace ID, by tag and by parts of the ID, and as commands do."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import requests
from frame_tracking import CAPTURE_SERVICE, Attribute, FrameID

from scripts.bench.frame_spans import SPANS_OF_A_FRAME
from scripts.bench.search_finds import finds
from scripts.bench.stored_frames import StoredFrames
from scripts.servers.jaeger import JaegerServer

__all__ = ["STORAGES", "searched"]

STORAGES = ("badger", "memory")
_ANSWER_SECONDS = 30
_MOST_SESSIONS = 3
"""Of a camera: each time that spans are added, another one begins."""
_SHARES = (("p50", 50), ("p99", 99))
_KEPT_SECONDS = 6 * 3600
"""In badger: longer than all of it takes."""
_INDEXED, _SCANS = "by_id", 300
"""A memory has no index: each search by tag looks through all that it has, for half a second."""

Ask = Callable[[FrameID], str]
"""Makes the URL that asks for a frame."""


def searched(
    storage: str, sizes: Sequence[int], searches: int, cameras: int = 32, few: int = 20
) -> Iterator[dict[str, float]]:
    """Fill a Jaeger step by step; yield after each p50 and p99 in milliseconds, by kind of search and number of spans.

    Args:
        storage: one of `STORAGES`.
        sizes: numbers of spans, rising.
        searches: by trace ID, each for another frame; at most 300 of each other kind over HTTP.
        cameras: whose frames they are.
        few: searches of each kind as commands do it, and of lists.

    Raises:
        RuntimeError: if an answer is not the frame's whole journey.
    """
    with TemporaryDirectory() as folder, requests.Session() as session:
        traces = max(sizes) // SPANS_OF_A_FRAME
        server = JaegerServer(Path(folder), traces, badger=storage == "badger", seconds=_KEPT_SECONDS)
        try:
            stored = StoredFrames(server.otlp_url, server.query_url, cameras)
            for size in sizes:
                stored.add(size)
                sought = random.Random(size).sample(stored.frames, searches)  # noqa: S311 - the same frames in every run
                most = {"by_part": cameras * _MOST_SESSIONS}
                taken = {
                    way: _timed(session, ask, sought[: searches if way == _INDEXED else _SCANS], most.get(way, 1))
                    for way, ask in _ways(server.query_url).items()
                }
                taken |= finds(server.query_url, stored.frames, sought[:few])
                yield {
                    f"{storage}_{cameras}_{way}_{size}_{name}_ms": round(milliseconds, 2)
                    for way, each in taken.items()
                    for name, milliseconds in _percentiles(sorted(each))
                }
        finally:
            server.stop()


def _ways(url: str) -> dict[str, Ask]:
    search = f"{url}/api/traces?service={CAPTURE_SERVICE}"
    return {
        "by_id": lambda frame_id: f"{url}/api/traces/{frame_id.trace_id}",
        "by_tag": lambda frame_id: f"{search}&tag={Attribute.FRAME_ID}:{frame_id}",
        "by_part": lambda frame_id: f"{search}&tags={_parts(frame_id)}",
    }


def _parts(frame_id: FrameID) -> str:
    """What is left of an ID in the older form is camera and number; one frame of each camera's session has the number.

    The camera is left out: it is in every span of a pipeline of one camera, and Jaeger would look through them all.
    """
    tags = {Attribute.FRAME_SEQUENCE.value: str(frame_id.sequence)}
    return quote(json.dumps(tags))


def _timed(session: requests.Session, ask: Ask, frames: Sequence[FrameID], most: int) -> list[float]:
    taken = []
    for frame_id in frames:
        url = ask(frame_id)
        begun = time.perf_counter()
        answer = session.get(url, timeout=_ANSWER_SECONDS)
        taken.append((time.perf_counter() - begun) * 1000)
        answer.raise_for_status()
        spans = {trace["traceID"]: len(trace["spans"]) for trace in answer.json()["data"] or ()}
        if spans.get(frame_id.trace_id) != SPANS_OF_A_FRAME or len(spans) > most:
            raise RuntimeError(f"{url} did not answer with the journey of {frame_id}: {answer.text[:300]}")
    return taken


def _percentiles(taken: Sequence[float]) -> Iterator[tuple[str, float]]:
    """By nearest rank."""
    return ((name, taken[-(-share * len(taken) // 100) - 1]) for name, share in _SHARES)
