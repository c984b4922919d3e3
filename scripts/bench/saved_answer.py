"""Saves what a Jaeger answers of many frames as one document, as somebody who keeps it for later would."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from camera_runtime.analysis.slices import MOST, Slices
from camera_runtime.journeys.jaeger import microseconds
from frame_tracking import CAPTURE_SERVICE

__all__ = ["save_answer"]

_SECONDS = 60


def save_answer(query_url: str, path: Path, begin: datetime) -> None:
    """Write every trace that a Jaeger has of frames captured since `begin`; it gives them slice by slice, and each once.

    Raises:
        requests.RequestException: if it does not answer.
    """
    slices, seen = Slices(begin, datetime.now(UTC)), set[str]()
    with path.open("w", encoding="utf-8") as file:
        file.write('{"data": [')
        while (asked := slices.next()) is not None:
            traces = _traces(query_url, *asked)
            if not slices.take(len(traces)):
                continue
            for trace in traces:
                if trace["traceID"] not in seen:
                    file.write(f"{',' if seen else ''}{json.dumps(trace)}")
                    seen.add(trace["traceID"])
        file.write("]}")


def _traces(query_url: str, begin: datetime, end: datetime) -> list[dict[str, Any]]:
    query: dict[str, str | int] = {
        "service": CAPTURE_SERVICE,
        "start": microseconds(begin),
        "end": microseconds(end),
        "limit": MOST,
    }
    answer = requests.get(f"{query_url}/api/traces", params=query, timeout=_SECONDS)
    answer.raise_for_status()
    traces: list[dict[str, Any]] = answer.json()["data"] or []
    return traces
