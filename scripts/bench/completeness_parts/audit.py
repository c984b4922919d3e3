"""Asks a Jaeger for every frame's trace by its ID, and judges it."""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass

from frame_tracking import FrameID, Journey, Topology, judge

__all__ = ["Audit", "audit", "first_frames"]

_AT_ONCE = 50
_PATIENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Audit:
    """The result.

    Attributes:
        asked: frames whose traces were asked for.
        complete: frames whose traces are complete.
        wrong: what is wrong with others, by frame ID: some of them.
    """

    asked: int
    complete: int
    wrong: dict[str, str]


def first_frames(frame_ids: Sequence[FrameID], frames: int) -> tuple[list[FrameID], int]:
    """Return the first `frames` of the one session that were handed on, and how many numbers between them were not.

    Raises:
        RuntimeError: if there are several sessions: then the numbers say nothing.
    """
    if len({frame_id.session for frame_id in frame_ids}) > 1:
        raise RuntimeError("the capture began a new session meanwhile: run it again")
    first = sorted(set(frame_ids))[:frames]
    return first, first[-1].sequence - len(first) if first else 0


def audit(query_url: str, frame_ids: Sequence[FrameID], topology: Topology) -> Audit:
    """Judge every frame; those that are not complete are asked for again, until exporter and storage had their time."""
    wrong = dict.fromkeys(frame_ids, "not asked for yet")
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        wrong = _judged(query_url, list(wrong), topology)
        if not wrong or time.monotonic() > deadline:
            break
        time.sleep(1)
    shown = {str(frame_id): why for frame_id, why in list(wrong.items())[:10]}
    return Audit(len(frame_ids), len(frame_ids) - len(wrong), shown)


def _judged(query_url: str, frame_ids: Sequence[FrameID], topology: Topology) -> dict[FrameID, str]:
    """Return what is wrong with each of the frames that are not complete."""
    wrong: dict[FrameID, str] = {}
    for first in range(0, len(frame_ids), _AT_ONCE):
        batch = {frame_id.trace_id: frame_id for frame_id in frame_ids[first : first + _AT_ONCE]}
        found = {journey.trace_id: journey for journey in _ask(query_url, list(batch))}
        for trace_id, frame_id in batch.items():
            if trace_id not in found:
                wrong[frame_id] = "no trace"
            elif not (verdict := judge(found[trace_id], topology)).complete:
                wrong[frame_id] = str(verdict)
    return wrong


def _ask(query_url: str, trace_ids: Sequence[str]) -> list[Journey]:
    query = urllib.parse.urlencode([("traceID", trace_id) for trace_id in trace_ids])
    with urllib.request.urlopen(f"{query_url}/api/traces?{query}", timeout=60) as answer:  # noqa: S310 - loopback
        return [Journey.from_jaeger(trace) for trace in json.load(answer)["data"] or ()]
