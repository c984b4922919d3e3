"""Finds frames' journeys in the pipeline's Jaeger, over its forwarded port. Reads only."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

from frame_tracking.completeness import judge
from frame_tracking.frame_id import FrameID, InvalidFrameIDError
from frame_tracking.journey import InvalidTraceError, Journey
from frame_tracking.names import CAPTURE_SERVICE, Outcome

from scripts.cluster.errors import ClusterError
from scripts.demo.places import JAEGER_PORT
from scripts.demo.waiting import wait_for

if TYPE_CHECKING:
    from frame_tracking.topology import Topology

__all__ = ["find_journey", "newest_journey"]

_SECONDS = 60.0
_TIMEOUT = 5.0
_LOOKED_AT = 50
_FRESH_SECONDS = 60


def newest_journey(topology: Topology) -> Journey:
    """Wait for a frame that went the whole way, every span of it in Jaeger, and return the newest of the last minute's.

    Raises:
        ClusterError: none appeared within a minute.
    """

    def look() -> tuple[Journey | None, str]:
        now = int(time.time() * 1e6)
        window = f"start={now - _FRESH_SECONDS * 1_000_000}&end={now}"
        found = _journeys(f"/api/traces?service={CAPTURE_SERVICE}&limit={_LOOKED_AT}&{window}")
        if isinstance(found, str):
            return None, found
        whole = [
            journey
            for journey in found
            if journey.spans and journey.outcome is Outcome.COMPLETED and judge(journey, topology).complete
        ]
        newest = max(whole, key=lambda journey: journey.spans[0].start_us, default=None)
        return newest, f"{len(found)} fresh traces, none of them of a frame that has gone the whole way"

    return wait_for("find a fresh frame's journey", look, seconds=_SECONDS)


def find_journey(frame_id: str) -> Journey:
    """Return a frame's journey by one look-up of the trace ID that its frame ID gives.

    Raises:
        ClusterError: the text is no frame ID, Jaeger does not answer, or it has no such trace.
    """
    step = f"find the journey of {frame_id}"
    try:
        found = _journeys(f"/api/traces/{FrameID(frame_id).trace_id}")
    except InvalidFrameIDError as error:
        raise ClusterError(step, str(error)) from error
    if isinstance(found, str):
        raise ClusterError(step, found)
    if not found:
        raise ClusterError(step, "Jaeger has no such trace: was it kept so long, and was the frame sampled?")
    return found[0]


def _journeys(path: str) -> list[Journey] | str:
    """Return the journeys of an answer, or why there is none."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{JAEGER_PORT}{path}", timeout=_TIMEOUT) as response:
            answered: dict[str, Any] = json.load(response)
        return [Journey.from_jaeger(trace) for trace in answered.get("data") or []]
    except urllib.error.HTTPError as error:
        return [] if error.code == 404 else f"Jaeger answered {error.code}"  # noqa: PLR2004 - Jaeger's "no such trace"
    except (OSError, ValueError, InvalidTraceError) as error:
        return f"Jaeger does not answer on port {JAEGER_PORT} ({error})"
