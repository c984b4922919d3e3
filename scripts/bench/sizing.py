"""How much a fleet of cameras takes: formulas for docs/explanation/scale.md, from rounded figures of the benchmarks. Pure.

``python -m scripts.bench.sizing`` writes the page's table; ``--check`` only compares. A test holds the figures against what
docs/reference/benchmarks.json has measured.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from frametrace_api import bounds
from frametrace_operator.guard.evidence import BYTES_A_SPAN

from scripts.reference.pages import keep

__all__ = [
    "FIGURES",
    "PAGE",
    "PIPELINES_AN_OPERATOR",
    "Figure",
    "Fleet",
    "Need",
    "main",
    "need",
    "page",
    "spans_a_frame",
]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "scale.md"
_BEGIN, _END = "<!-- made by python -m scripts.bench.sizing -->\n", "<!-- end -->"
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure to plan with.

    Attributes:
        benchmark: where it was measured.
        detail: its place in the benchmark's details.
        planned: what the formulas use, in the benchmark's unit; on the safe side of what was measured.
        most: whether `planned` is at least what was measured (a cost), or at most (a rate).
        says: what it is.
    """

    benchmark: str
    detail: str
    planned: float
    most: bool
    says: str


FIGURES: dict[str, Figure] = {
    "capture": Figure("capture", "milliseconds_a_frame", 12.0, most=True, says="processor milliseconds of a captured frame, 1080p to 1280 wide, JPEG"),
    "tracing": Figure("overhead", "traced_more_us", 100.0, most=True, says="processor microseconds that tracing adds to a frame, capture and stages together"),
    "stage": Figure("latency", "untraced_median_us", 2500.0, most=True, says="microseconds of a hop through Redis with the stage motion at 640 x 384"),
    "redis": Figure("throughput", "frames_per_second", 500.0, most=False, says="frames a second of 200 kB through one Redis with one stage, clients on the same two cores"),
}  # fmt: skip
#: Of one Redis, so that a pipeline fits the one that the operator runs for it.
_FRAMES_A_REDIS = FIGURES["redis"].planned
PIPELINES_AN_OPERATOR = 1000


@dataclass(frozen=True, slots=True)
class Fleet:
    """Cameras of one kind.

    Attributes:
        cameras: how many.
        frames_per_second: that each camera sends, and captures take.
        stages: one behind the other.
        picture_kilobytes: of an encoded frame.
        frame_seconds: that a picture is kept (`broker.retention.frameSeconds`).
        ratio: share of frames that is traced.
        trace_seconds: that traces are kept (`tracing.retention.traceSeconds`).
    """

    cameras: int
    frames_per_second: float = 5.0
    stages: int = 2
    picture_kilobytes: float = 100.0
    frame_seconds: float = 60.0
    ratio: float = 1.0
    trace_seconds: float = 3600.0

    @property
    def frames(self) -> float:
        """Frames a second of all cameras."""
        return self.cameras * self.frames_per_second


@dataclass(frozen=True, slots=True)
class Need:
    """What a fleet takes.

    Attributes:
        cores: of captures, stages and tracing.
        cameras_a_pipeline: so that one Redis carries it, and the resource's own bound holds.
        pipelines: that the cameras are divided into.
        redis_gigabytes: of all Redises, for pictures.
        network_megabytes: a second between captures, Redises and stages.
        spans: a second.
        trace_gigabytes_a_day: written.
        trace_gigabytes_kept: at a time, with traces forgotten after their retention.
        operators: one for each thousand pipelines, by shard or namespaces.
        pods: captures, stages, and a Redis and a Jaeger a pipeline.
    """

    cores: float
    cameras_a_pipeline: int
    pipelines: int
    redis_gigabytes: float
    network_megabytes: float
    spans: float
    trace_gigabytes_a_day: float
    trace_gigabytes_kept: float
    operators: int
    pods: int


def spans_a_frame(stages: int) -> int:
    """Built-in spans of a frame that goes through so many stages in a row: capture, decode, process; a send and a process a hop."""
    return 3 + 2 * stages


def need(fleet: Fleet) -> Need:
    """Return what a fleet takes.

    Raises:
        ValueError: one camera alone is more than one Redis carries.
    """
    most = math.floor(_FRAMES_A_REDIS / (fleet.frames_per_second * max(fleet.stages, 1)))
    if most < 1:
        raise ValueError(
            "one camera's frames are more than one Redis carries: use RabbitMQ or a Redis Cluster of your own"
        )
    each = min(most, bounds.MAX_CAMERAS, fleet.cameras)
    pipelines = math.ceil(fleet.cameras / each)
    spans = fleet.frames * fleet.ratio * spans_a_frame(fleet.stages)
    written = spans * BYTES_A_SPAN / 1e9
    return Need(
        cores=fleet.frames * _milliseconds(fleet) / 1000,
        cameras_a_pipeline=each,
        pipelines=pipelines,
        redis_gigabytes=fleet.frames * fleet.picture_kilobytes * fleet.frame_seconds / 1e6,
        network_megabytes=fleet.frames * fleet.picture_kilobytes * (1 + fleet.stages) / 1e3,
        spans=spans,
        trace_gigabytes_a_day=written * _DAY,
        trace_gigabytes_kept=written * fleet.trace_seconds,
        operators=math.ceil(pipelines / PIPELINES_AN_OPERATOR),
        pods=fleet.cameras + pipelines * (fleet.stages + 2),
    )


def _milliseconds(fleet: Fleet) -> float:
    """Processor time of one frame in all pods."""
    tracing = FIGURES["tracing"].planned * fleet.ratio
    return FIGURES["capture"].planned + (FIGURES["stage"].planned * fleet.stages + tracing) / 1000


_ROWS: Sequence[tuple[str, Fleet]] = (
    ("2 cameras at 30 frames a second, each frame traced", Fleet(2, frames_per_second=30)),
    ("100 cameras, each frame traced", Fleet(100)),
    ("1,000 cameras, each frame traced", Fleet(1000)),
    ("1,000 cameras, 1 frame in 10 traced", Fleet(1000, ratio=0.1)),
    ("10,000 cameras, 1 frame in 100 traced", Fleet(10_000, ratio=0.01)),
    ("10,000 cameras, each frame traced", Fleet(10_000)),
)


def page(text: str) -> str:
    """Return the page's text with its table made anew.

    Raises:
        ValueError: it has no place for the table.
    """
    place = re.compile(f"{re.escape(_BEGIN)}.*?{re.escape(_END)}", re.DOTALL)
    if not place.search(text):
        raise ValueError("docs/explanation/scale.md has no place for the table")
    head = (
        "| fleet | cores | pipelines | Redis memory | network | spans a second | traces a day | traces kept | pods |\n"
    )
    rows = "".join(_row(name, need(fleet)) for name, fleet in _ROWS)
    return place.sub(lambda _: f"{_BEGIN}{head}|---|---|---|---|---|---|---|---|---|\n{rows}{_END}", text)


def _row(name: str, needed: Need) -> str:
    cells = [
        f"{needed.cores:,.0f}",
        f"{needed.pipelines} of {needed.cameras_a_pipeline}",
        f"{needed.redis_gigabytes:,.1f} GB",
        f"{needed.network_megabytes:,.0f} MB/s",
        f"{needed.spans:,.0f}",
        f"{needed.trace_gigabytes_a_day:,.0f} GB",
        f"{needed.trace_gigabytes_kept:,.1f} GB",
        f"{needed.pods:,}",
    ]
    return f"| {name} | {' | '.join(cells)} |\n"


def main(arguments: list[str]) -> int:
    """Write the table, or with ``--check`` tell whether it is current; returns the exit code."""
    return keep({PAGE: page(PAGE.read_text(encoding="utf-8"))}, "scripts.bench.sizing", check="--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
