#!/usr/bin/env python3
"""Time to find a frame's journey by its ID, over HTTP, with 1,000,000 spans stored: in badger and in memory, by trace ID and by tag."""

import bootstrap  # type: ignore[import-not-found]  # noqa: F401  # isort: skip - first of all: the right Python, and the repository importable

import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import requests
from frame_tracking import CAPTURE_SERVICE, Attribute, FrameID

from scripts.bench.frame_spans import SPANS_OF_A_FRAME
from scripts.bench.stored_frames import StoredFrames
from scripts.bench.verdict import Verdict, conclude, parser
from scripts.servers.jaeger import JaegerServer

BAR_MS, AIM_MS = 1000.0, 50.0
STORAGES = ("badger", "memory")

Ask = Callable[[FrameID], str]
"""Makes the URL that asks for a frame."""


def timed(session: requests.Session, ask: Ask, frames: Sequence[FrameID]) -> list[float]:
    """Ask for each frame; return the milliseconds that each answer took, sorted.

    Raises:
        RuntimeError: if an answer is not that frame's whole journey.
    """
    taken = []
    for frame_id in frames:
        url = ask(frame_id)
        begun = time.perf_counter()
        answer = session.get(url, timeout=30)
        taken.append((time.perf_counter() - begun) * 1000)
        found = answer.json()["data"]
        if [trace["traceID"] for trace in found] != [frame_id.trace_id] or len(found[0]["spans"]) != SPANS_OF_A_FRAME:
            raise RuntimeError(f"{url} did not answer with the journey of {frame_id}: {answer.text[:300]}")
    return sorted(taken)


def of_storage(storage: str, sizes: Sequence[int], searches: int) -> dict[str, float]:
    """Fill a Jaeger step by step; return p50 and p99 in milliseconds by kind of search and number of spans."""
    measured: dict[str, float] = {}
    with TemporaryDirectory() as folder, requests.Session() as session:
        server = JaegerServer(Path(folder), max(sizes) // SPANS_OF_A_FRAME, badger=storage == "badger")
        try:
            stored = StoredFrames(server.otlp_url, server.query_url)
            ways: dict[str, Ask] = {
                "by_id": lambda frame_id: f"{server.query_url}/api/traces/{frame_id.trace_id}",
                "by_tag": lambda frame_id: (
                    f"{server.query_url}/api/traces?service={CAPTURE_SERVICE}&tag={Attribute.FRAME_ID}:{frame_id}"
                ),
            }
            for size in sizes:
                stored.add(size)
                sought = random.Random(size).sample(stored.frames, searches)  # noqa: S311 - the same frames in every run
                for way, ask in ways.items():
                    taken = timed(session, ask, sought)
                    for name, share in (("p50", 0.5), ("p99", 0.99)):
                        measured[f"{storage}_{way}_{size}_{name}_ms"] = round(taken[int(share * len(taken))], 2)
                print({key: value for key, value in measured.items() if f"_{size}_" in key}, flush=True)
        finally:
            server.stop()
    return measured


def main() -> int:
    """Measure both storages."""
    arguments = parser(__doc__ or "").parse_args()
    sizes, searches = ((10_000, 100_000), 300) if arguments.quick else ((10_000, 100_000, 1_000_000), 1000)
    measured: dict[str, float] = {}
    for storage in STORAGES:
        measured |= of_storage(storage, sizes, searches)
    worst = max(value for key, value in measured.items() if f"_{sizes[-1]}_p99_" in key)
    return conclude(
        Verdict(
            name="search",
            figure=worst,
            unit="ms",
            bar=f"p99 of each way of searching < {BAR_MS:g} ms; aim < {AIM_MS:g} ms",
            ok=worst < BAR_MS,
            case=f"{sizes[-1]:,} spans, {searches} searches of each kind, {SPANS_OF_A_FRAME} spans a frame, 32 cameras",
            quick=arguments.quick,
            details=measured,
        )
    )


if __name__ == "__main__":
    sys.exit(main())
