"""A whole runtime in this process, frame by frame: decode, scale, JPEG, publish to Redis, receive, detect motion, end.

Made of the product's own parts; only the decoder's process and the loops' threads are left out, so that each frame's
CPU time can be taken. What `overhead.py` and `latency.py` put side by side, traced and untraced.

Two runtimes of the same kind differ by more than tracing costs: where their decoders' and scalers' memory lies makes one
of them up to 80 us a frame dearer than the other (measured with both untraced). So each of two is traced every second
frame, and what is compared is the same runtime's work.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import av
from camera_runtime.accounts import LedgerAccount
from camera_runtime.capture.events import Received
from camera_runtime.capture.pace import Pace
from camera_runtime.capture.picture import PictureEncoder
from camera_runtime.capture.pipeline import CaptureTools, FramePipeline
from camera_runtime.capture.taker import PictureTaker
from camera_runtime.run.stage_parts import stage_worker
from camera_runtime.stages.decoder import PictureDecoder
from camera_runtime.stages.handler import Handler
from camera_runtime.stages.motion import Motion
from camera_runtime.transports import connect
from frame_tracking import CAPTURE_HOP, CAPTURE_SERVICE, FrameIDGenerator, Topology
from frametrace_api.contract import BrokerContract, PipelineRef, StageContract
from opentelemetry.sdk.resources import Resource
from telemetry import FrameTracer, LedgerBook, RuntimeMetrics, Sampling, Service
from telemetry.otlp_http import HttpSink
from telemetry.otlp_settings import OtlpSettings
from telemetry.recording import RecordingTracer
from telemetry.switch import SwitchableTracer

__all__ = ["BLOCK", "WholeRuntime", "in_turns", "traced_pair"]

_Figure = TypeVar("_Figure")
_CAMERA = "cam01"
_STAGE = "motion"
_TREE = Topology.of([(_STAGE, CAPTURE_HOP)])
Tracers = tuple[FrameTracer, FrameTracer]
BLOCK = 4
"""Pairs in which each runtime is traced as often as the other, and the traced one is first as often as second."""


def _tracers(receiver: str) -> Tracers:
    """Return the tracers of a capture and of a stage process, by OTLP to `receiver`."""
    made = []
    for service in (Service(CAPTURE_SERVICE, "bench"), Service(_STAGE, "bench", _STAGE)):
        resource = Resource.create({"service.name": service.name})
        tracer = RecordingTracer(service, HttpSink(OtlpSettings(f"{receiver}/v1/traces")), resource=resource)
        tracer.follow(Sampling(revision=_TREE.revision))
        made.append(tracer)
    return made[0], made[1]


@dataclass(frozen=True, slots=True)
class _Unit:
    """One access unit of the clip, as a source's packet."""

    received: Received
    keyframe: bool
    pts: int
    data: bytes
    decoder: Any

    def decode(self) -> Sequence[av.VideoFrame]:
        """Decode in the calling thread."""
        packet = av.Packet(self.data)
        packet.pts = self.pts
        pictures: list[av.VideoFrame] = self.decoder.decode(packet)
        return pictures


class _Switch(SwitchableTracer):
    """What a pod's hops are opened by, switched from frame to frame."""

    def turn(self, *, on: bool) -> None:
        self._now = self._traced if on else self._untraced


class WholeRuntime:
    """One camera and one stage.

    Args:
        url: of Redis.
        name: the pipeline's; its keys are its own.
        traced: the tracers of capture and stage, which record while `trace` says so.
        handler: what the stage does.
    """

    def __init__(self, url: str, name: str, traced: Tracers, handler: Handler) -> None:
        switches = self._switches = _Switch(traced[0]), _Switch(traced[1])
        pipeline = PipelineRef(namespace="bench", name=name, uid="00000000-0000-0000-0000-000000000001")
        contract = BrokerContract(url=url)
        self._broker = connect(contract, pipeline, lambda: _TREE, replica="replica")
        self._h264: Any = av.CodecContext.create("h264", "r")
        self._h264.thread_count = 1
        self._taker = PictureTaker(Pace.of(""), PictureEncoder("JPEG", 85, 1280))
        self._pipeline = FramePipeline(_CAMERA, self._tools(pipeline, switches[0]))
        stage = StageContract(pipeline=pipeline, name=_STAGE, input=CAPTURE_HOP, handler="motion", broker=contract)
        account = self._account(pipeline, switches[1], _STAGE)
        self._worker = stage_worker(stage, handler, (switches[1], account), self._broker, lambda: _TREE)
        self._worker.follow([_CAMERA])
        self._jpeg = PictureDecoder()
        self._number = 0

    def trace(self, *, on: bool) -> None:
        """Trace the frames from now on, or do not."""
        for switch in self._switches:
            switch.turn(on=on)

    def capture(self, unit: bytes) -> None:
        """Take one access unit from decoding to the queue."""
        received = Received(time.time_ns(), time.monotonic_ns())
        self._number += 1
        packet = _Unit(received, True, self._number, unit, self._h264)
        for event in self._taker.take(packet):
            self._pipeline.take(event)

    def process(self) -> None:
        """Let the stage take the frame to its end."""
        self._worker.step(self._jpeg)

    def close(self) -> None:
        """Let go of all connections."""
        self._broker.close()

    def _tools(self, pipeline: PipelineRef, tracer: FrameTracer) -> CaptureTools:
        return CaptureTools(
            ids=FrameIDGenerator(_CAMERA),
            producer=self._broker.producer(_CAMERA, CAPTURE_HOP),
            tracer=tracer,
            account=self._account(pipeline, tracer, CAPTURE_HOP),
            system=self._broker.system,
        )

    @staticmethod
    def _account(pipeline: PipelineRef, tracer: FrameTracer, hop: str) -> LedgerAccount:
        book = LedgerBook()
        return LedgerAccount(hop, book, RuntimeMetrics((pipeline.namespace, pipeline.name), book, tracer.counts))


Pair = tuple[WholeRuntime, WholeRuntime]


@contextmanager
def traced_pair(url: str, receiver: str) -> Iterator[tuple[Pair, Tracers]]:
    """Two runtimes over the Redis at `url` and their common tracers, which export to `receiver`; ended afterwards."""
    traced = _tracers(receiver)
    pair = WholeRuntime(url, "one", traced, Motion()), WholeRuntime(url, "other", traced, Motion())
    yield pair, traced
    for tracer in traced:
        tracer.shutdown(10)
    for runtime in pair:
        runtime.close()


def in_turns(
    pair: Pair,
    units: Sequence[bytes],
    numbers: range,
    measured: Callable[[WholeRuntime, bytes], _Figure],
) -> list[tuple[_Figure, _Figure]]:
    """Let both runtimes take the same access units, one of them traced; return what was measured (traced, untraced).

    Within `BLOCK` pairs neither runtime and neither place is favoured: what warms the caches for the other must not count.
    """
    found = []
    for number in numbers:
        unit = units[number % len(units)]
        traced, untraced = pair if number % 2 else pair[::-1]
        traced.trace(on=True)
        untraced.trace(on=False)
        if number // 2 % 2:
            first = measured(traced, unit)
            found.append((first, measured(untraced, unit)))
        else:
            second = measured(untraced, unit)
            found.append((measured(traced, unit), second))
    return found
