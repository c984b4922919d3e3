"""Frames of many cameras as a Jaeger has them, in the order in which it gets them: in batches, as processes send spans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from frame_tracking import CAPTURE_SERVICE, FrameID, Journey, JourneySpan

__all__ = ["Shot", "fleet", "in_batches"]


@dataclass(frozen=True)
class Shot:
    """Makes a frame's journey: a span of the capture, which begins 2 us after the frame's time, and one of each stage.

    Attributes:
        kept_by: the stage that kept the frame although sampling had left it out; there is no span before its own.
        lost: whether the capture's spans were lost.
        apart: how much later than the frame's time its spans begin.
    """

    time: datetime
    camera: str = "cam01"
    number: int = 1
    session: str = "a7f3c"
    pipeline: str = "yard"
    namespace: str = "site-a"
    stages: tuple[str, ...] = ()
    kept_by: str = ""
    lost: bool = False
    apart: timedelta = timedelta(microseconds=2)

    @property
    def frame_id(self) -> FrameID:
        return FrameID.build(self.time, self.camera, self.session, self.number)

    def journey(self) -> Journey:
        return Journey.of(self.frame_id.trace_id, self._spans())

    def _spans(self) -> Iterator[JourneySpan]:
        if not self.kept_by and not self.lost:
            yield self._span(1, "", "capture_frame", CAPTURE_SERVICE, **{"frame.sequence": self.number})
        for at, stage in enumerate(self.stages, 2):
            if not self.kept_by:
                yield self._span(at, f"{at - 1:016x}", "process_frame", stage)
            elif stage == self.kept_by:
                yield self._span(at, "", "process_frame", stage, **{"frame.partial": "upstream"})

    def _span(self, at: int, parent: str, name: str, service: str, **more: str | int) -> JourneySpan:
        begun = round((self.time + self.apart).timestamp() * 1_000_000) + 3000 * (at - 1)
        own = {"frame.id": self.frame_id, "camera.id": self.camera, "pipeline.name": self.pipeline, **more}
        kind = {"span.kind": "consumer"} if at > 1 else {}
        resource = {"k8s.namespace.name": self.namespace}
        return JourneySpan(f"{at:016x}", parent or None, (), name, service, begun, 2000, {**own, **kind}, resource)


def fleet(cameras: int, per_second: int, seconds: int, begin: datetime) -> list[Shot]:
    """Return the frames of some cameras, in order of their time; no two began at once."""
    return [
        Shot(
            begin + timedelta(seconds=number / per_second, microseconds=100 * camera),
            f"cam{camera:03d}" if cameras > 99 else f"cam{camera:02d}",
            number + 1,
        )
        for number in range(per_second * seconds)
        for camera in range(1, cameras + 1)
    ]


def in_batches(shots: Iterable[Shot], seconds: float = 5.0) -> list[Shot]:
    """Return them as they come: each camera's process sends what it has every few seconds, and not all at once."""

    def sent(shot: Shot) -> tuple[int, str, datetime]:
        number = int(shot.camera.removeprefix("cam"))
        batch = int((shot.time.timestamp() + number * 0.37) // seconds)
        return batch * 1000 + number * 37 % 1000, shot.camera, shot.time

    return sorted(shots, key=sent)
