"""A journey page over a Jaeger and a broker in memory, at a time that stands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from camera_runtime.journeys.memory import MemoryJaeger
from camera_runtime.journeys.stored import JaegerJourneys
from camera_runtime.page.belonging import Belonging
from camera_runtime.page.frames import Frames
from camera_runtime.page.lookup import Lookup
from camera_runtime.page.pictures import BrokerPictures
from camera_runtime.page.site import Site
from camera_runtime.transports.base import BrokerProblem, BrokerUnavailableError
from frame_tracking import FrameID, Journey
from frametrace_api.contract import LiveContract, LiveTracing, PipelineRef, StageEdge

from tests.generated.journeys import TREE, Made

NOW = datetime(2024, 3, 15, 10, 20, tzinfo=UTC)


def owned(journey: Journey, pipeline: str = "yard", namespace: str = "site-a", camera: str = "cam01") -> Journey:
    """The journey as pods of a pipeline would have left it."""
    own = {
        "pipeline.name": pipeline,
        "camera.id": camera,
        "frame.sequence": int(str(journey.frame_id).rpartition("_")[2]),
    }
    return Journey.of(
        journey.trace_id,
        (
            replace(span, attributes={**span.attributes, **own}, resource={"k8s.namespace.name": namespace})
            for span in journey.spans
        ),
    )


@dataclass
class MemoryBroker:
    """Pictures by frame ID."""

    pictures: dict[str, bytes] = field(default_factory=dict)
    away: bool = False
    asked: int = 0

    def picture(self, frame_id: FrameID, hop: str) -> bytes | None:
        self.asked += 1
        if self.away:
            raise BrokerUnavailableError("Redis at redis:6379 is not reachable", BrokerProblem.UNREACHABLE)
        return self.pictures.get(frame_id) if hop == "capture" else None


class Visit:
    """A page, and what it shows."""

    def __init__(self, tracing: LiveTracing, keep_seconds: int = 3600) -> None:
        self.jaeger = MemoryJaeger()
        self.broker = MemoryBroker()
        self.now = NOW
        self.live = LiveContract(
            revision=TREE.revision,
            cameras=("cam01", "cam02"),
            stages=tuple(StageEdge(name=name, input=upstream) for name, upstream in TREE.stages),
            tracing=tracing,
        )
        pipeline = Belonging("site-a", "yard")
        self.frames = Frames(self.jaeger, pipeline, keep_seconds, self.time)
        pictures = BrokerPictures(self.broker, 60)
        stored = JaegerJourneys(
            self.jaeger,
            {"pipeline.name": "yard"},
            self.time,
            owns=pipeline.owns,
            stages=lambda: tuple(edge.name for edge in self.live.stages),
            keep=timedelta(seconds=keep_seconds) or None,
        )
        lookup = Lookup(stored, self.frames, pictures, pipeline, keep_seconds, self.contract, self.time)
        reference = PipelineRef(namespace="site-a", name="yard", uid="1")
        self.site = Site(reference, lookup, self.frames, pictures, self.contract)

    def time(self) -> datetime:
        return self.now

    def contract(self) -> LiveContract:
        return self.live

    def store(self, *journeys: Journey) -> None:
        """Let Jaeger get these, one after the other."""
        for journey in journeys:
            self.jaeger.put(journey)

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of an answer."""
        answer = self.site.answer(path)
        return answer.status, answer.body.decode()


@pytest.fixture
def visit() -> Visit:
    """A page of the pipeline `yard` in `site-a`, which traces every frame; its Jaeger is empty."""
    return Visit(LiveTracing())


@pytest.fixture
def external() -> Visit:
    """The same over a Jaeger of somebody's own, of which nobody here knows how long it keeps traces."""
    return Visit(LiveTracing(), keep_seconds=0)


@pytest.fixture
def journey_of() -> Any:
    """The journey of frame number n as this pipeline's, or another's, by `owned`'s keywords."""

    def make(number: int, without: tuple[int, ...] = (), **whose: Any) -> Journey:
        return owned(Made(number).journey(without), **whose)

    return make
