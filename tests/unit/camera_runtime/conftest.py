"""What the runtime's unit tests share: a small pipeline in memory, with counted IDs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

import av
import numpy as np
import pytest
from camera_runtime.account import MemoryAccount
from camera_runtime.capture.local import LocalFeed
from camera_runtime.capture.memory import MemoryPacket, MemorySource
from camera_runtime.capture.pace import Pace
from camera_runtime.capture.picture import PictureEncoder
from camera_runtime.capture.pipeline import CaptureTools, FramePipeline
from camera_runtime.capture.problem import SourceError
from camera_runtime.capture.taker import PictureTaker
from camera_runtime.stages.settle import StageTools
from camera_runtime.transports.memory import MemoryBroker
from frame_tracking import CAPTURE_SERVICE, Clock, FrameIDGenerator, Topology
from frametrace_api.contract import BrokerContract
from telemetry import MemoryTracer, Service, SpanStore


@dataclass
class Yard:
    """One camera and its stages, all in memory."""

    stages: tuple[tuple[str, str], ...] = (("motion", "capture"), ("archive", "motion"))
    overflow: str = "DropOldest"
    max_frames: int = 100
    store: SpanStore = field(default_factory=SpanStore)
    account: MemoryAccount = field(default_factory=MemoryAccount)
    now: list[float] = field(default_factory=lambda: [1000.0])

    def __post_init__(self) -> None:
        contract = BrokerContract(overflow=self.overflow, max_frames=self.max_frames)  # type: ignore[arg-type]
        self.broker = MemoryBroker(contract, lambda: Topology.of(self.stages), clock=lambda: self.now[0])
        self.ids = FrameIDGenerator("cam01", clock=Clock(lambda: 10**18, lambda: 0), session=lambda: "a7f3c")

    def pipeline(self, producer: object = None, **tools: object) -> FramePipeline:
        given = {
            "ids": self.ids,
            "producer": producer or self.broker.producer("cam01", "capture"),
            "tracer": MemoryTracer(Service(CAPTURE_SERVICE, "yard"), self.store),
            "account": self.account,
            "system": "memory",
            **tools,
        }
        return FramePipeline("cam01", CaptureTools(**given))  # type: ignore[arg-type]

    def feed(self, source: MemorySource, pace: Pace | None = None, encoder: PictureEncoder | None = None) -> LocalFeed:
        return LocalFeed(source, PictureTaker(pace or Pace(), encoder or PictureEncoder()))

    def play(self, pipeline: FramePipeline, packets: list[MemoryPacket], **making: object) -> None:
        """Let the pipeline take what becomes of the packets."""
        feed = self.feed(MemorySource(packets), **making)  # type: ignore[arg-type]
        feed.open()
        with contextlib.suppress(SourceError):
            for event in feed.events():
                pipeline.take(event)

    def stage(self, name: str, upstream: str, consumer: object = None, **tools: object) -> StageTools:
        given = {
            "name": name,
            "consumer": consumer or self.broker.consumer(name, upstream),
            "tracer": MemoryTracer(Service(name, "yard", name), self.store),
            "account": self.account,
            "destination": lambda camera: f"{camera}.{name}",
            "has_readers": lambda: bool(Topology.of(self.stages).children(name)),
            "system": "memory",
            **tools,
        }
        return StageTools(**given)  # type: ignore[arg-type]


@pytest.fixture
def yard() -> Yard:
    return Yard()


@pytest.fixture
def new_yard() -> type[Yard]:
    return Yard


@pytest.fixture
def picture() -> Callable[[int], av.VideoFrame]:
    """Make a small picture of one brightness."""

    def make(level: int = 128, size: tuple[int, int] = (64, 48)) -> av.VideoFrame:
        rgb = np.full((size[1], size[0], 3), level, np.uint8)
        return av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")

    return make
