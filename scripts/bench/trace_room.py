"""How much room the operator claims for traces, and for how long they last in it: a table of docs/explanation/scale.md. Pure.

``python -m scripts.bench.trace_room`` writes the table; ``--check`` only compares. The arithmetic is the operator's own.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from frametrace_api.spec import CameraPipelineSpec
from frametrace_operator.manifests.sizing import jaeger_size

from scripts.bench.sizing import PAGE, Fleet, need
from scripts.reference.pages import keep

__all__ = ["Room", "main", "page", "room"]

_BEGIN, _END = "<!-- made by python -m scripts.bench.trace_room -->\n", "<!-- end of room -->"
_GIBIBYTE = 1024**3
_MINUTE, _HOUR = 60, 3600
_ROWS: Sequence[tuple[str, Fleet]] = (
    ("1 camera", Fleet(1)),
    ("2 cameras at 30 frames a second", Fleet(2, frames_per_second=30)),
    ("100 cameras", Fleet(100)),
    ("100 cameras, 1 frame in 10 traced", Fleet(100, ratio=0.1)),
    ("1,000 cameras, 1 frame in 10 traced", Fleet(1000, ratio=0.1)),
)


@dataclass(frozen=True, slots=True)
class Room:
    """What the operator claims for the traces of a fleet that are to be kept for `Fleet.trace_seconds`.

    Attributes:
        memory_bytes: of all Jaegers with storage in memory, the default.
        memory_seconds: for which traces stay there: its ring forgets the oldest when it is full.
        volume_bytes: of all volumes with badger, which grow with `retention.traceSeconds`.
    """

    memory_bytes: int
    memory_seconds: float
    volume_bytes: int


def room(fleet: Fleet) -> Room:
    """Return the room of a fleet."""
    needed = need(fleet)
    memory, badger = (jaeger_size(_spec(fleet, needed.cameras_a_pipeline, storage)) for storage in ("Memory", "Badger"))
    traced = needed.cameras_a_pipeline * fleet.frames_per_second * fleet.ratio
    return Room(memory.storage * needed.pipelines, memory.max_traces / traced, badger.storage * needed.pipelines)


def _spec(fleet: Fleet, cameras: int, storage: str) -> CameraPipelineSpec:
    """One of its pipelines, as somebody would write it."""
    return CameraPipelineSpec.model_validate(
        {
            "cameras": [{"id": f"cam{number}", "source": {"url": "rtsp://camera/1"}} for number in range(cameras)],
            "stages": [{"name": f"stage{number}", "handler": "motion"} for number in range(fleet.stages)],
            "capture": {"framesPerSecond": f"{fleet.frames_per_second:g}"},
            "tracing": {
                "backend": {"managed": {"storage": storage}},
                "retention": {"traceSeconds": int(fleet.trace_seconds)},
            },
        }
    )


def page(text: str) -> str:
    """Return the page's text with this table made anew.

    Raises:
        ValueError: it has no place for the table.
    """
    place = re.compile(f"{re.escape(_BEGIN)}.*?{re.escape(_END)}", re.DOTALL)
    if not place.search(text):
        raise ValueError("docs/explanation/scale.md has no place for the table of room")
    head = "| fleet | Jaegers' memory for traces | they stay there for | volumes with badger, for an hour |\n|---|---|---|---|\n"
    return place.sub(lambda _: f"{_BEGIN}{head}{''.join(_row(name, room(fleet)) for name, fleet in _ROWS)}{_END}", text)


def _row(name: str, found: Room) -> str:
    cells = [_size(found.memory_bytes), _time(found.memory_seconds), _size(found.volume_bytes)]
    return f"| {name} | {' | '.join(cells)} |\n"


def _size(number: int) -> str:
    return f"{number / _GIBIBYTE:,.0f} GiB" if number >= _GIBIBYTE else f"{number * 1024 / _GIBIBYTE:.0f} MiB"


def _time(seconds: float) -> str:
    return f"{seconds / _HOUR:.1f} h" if seconds >= _HOUR else f"{seconds / _MINUTE:.0f} min"


def main(arguments: list[str]) -> int:
    """Write the table, or with ``--check`` tell whether it is current; returns the exit code."""
    return keep(
        {PAGE: page(PAGE.read_text(encoding="utf-8"))}, "scripts.bench.trace_room", check="--check" in arguments
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
