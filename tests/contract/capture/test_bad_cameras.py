"""Cameras that lose packets, freeze, hang or come and go: found in time, counted by reason, and nothing grows."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from camera_runtime.account import MemoryAccount
from camera_runtime.backoff import Backoff
from camera_runtime.capture.capturer import Capturer
from camera_runtime.capture.networks import NetworkRule
from camera_runtime.capture.open import Camera
from camera_runtime.capture.pipeline import CaptureTools, FramePipeline
from camera_runtime.capture.problem import Problem
from camera_runtime.capture.status import CameraStatus
from camera_runtime.transports.memory import MemoryBroker
from frame_tracking import FrameIDGenerator, Topology
from frametrace_api.contract import BrokerContract
from telemetry import UntracedTracer

from scripts.bench.processor_time import children_of
from tests.real.tiny_camera import Plan, TinyCamera, pictures

pytestmark = pytest.mark.contract
LOOPBACK = NetworkRule.of(["127.0.0.0/8"], [])
WARM_UP = 100
BATCHES = (250,) * 4
LEAK_KILOBYTES = 4  # a reconnect


class Running:
    """A capture that runs in a thread, and what it counted."""

    def __init__(self, url: str, backoff: Backoff | None = None) -> None:
        self.account = MemoryAccount()
        producer = MemoryBroker(BrokerContract(frame_seconds=1), Topology).producer("cam01", "capture")
        tools = CaptureTools(FrameIDGenerator("cam01"), producer, UntracedTracer(), self.account, "memory")
        self.status = CameraStatus("cam01", self.account)
        self.capturer = Capturer(Camera(url, rule=LOOPBACK), FramePipeline("cam01", tools), self.status, backoff)
        self._thread = threading.Thread(target=self.capturer.run)
        self._thread.start()

    def stop(self) -> None:
        self.capturer.stop()
        self._thread.join(15)
        assert not self._thread.is_alive()

    @property
    def frames(self) -> int:
        return self.account.names().count("entered")

    def failed(self, problem: Problem) -> int:
        return self.account.calls.count(("camera_failed", problem))

    def until(self, holds: Callable[[], bool], seconds: float) -> float:
        begun = time.monotonic()
        while not holds():
            assert time.monotonic() - begun < seconds, f"it did not happen in time: {self.status.snapshot()}"
            time.sleep(0.02)
        return time.monotonic() - begun


@contextmanager
def capturing(plan: Plan, backoff: Backoff | None = None) -> Iterator[tuple[TinyCamera, Running]]:
    camera = TinyCamera(plan)
    running = Running(camera.url, backoff)
    try:
        yield camera, running
    finally:
        running.stop()
        camera.stop()


def decoders(others: Collection[int] = ()) -> list[int]:
    found = [pid for pid in children_of(os.getpid()) if b"capture.decoder" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return [pid for pid in found if pid not in others]  # another test's may be kept for its next connection


def test_lost_packets_are_counted_and_the_stream_goes_on() -> None:
    with capturing(Plan(pictures(), fps=100, sends=lambda number: number % 33 != 31)) as (_, running):
        running.until(lambda: running.failed(Problem.PACKET_LOSS) >= 5, 30)
        assert running.status.snapshot().connected
        assert not running.failed(Problem.CLOSED)


def test_corrupt_pictures_are_counted_and_the_stream_goes_on() -> None:
    torn = [
        tuple(
            nal[: len(nal) // 2] + bytes(len(nal) // 2) if nal[0] & 31 == 1 and number % 7 == 3 else nal for nal in unit
        )
        for number, unit in enumerate(pictures())
    ]
    with capturing(Plan(torn, fps=100)) as (_, running):
        running.until(lambda: running.failed(Problem.CORRUPT) + running.failed(Problem.INVALID_STREAM) >= 3, 30)
        assert running.status.snapshot().connected


def test_a_wrap_of_the_rtp_clock_is_not_seen_in_the_frames() -> None:
    with capturing(Plan(pictures(), fps=100, first_timestamp=2**32 - 90_000)) as (camera, running):
        running.until(lambda: running.frames >= 150, 30)
        assert camera.connections == 1
        assert not [call for call in running.account.calls if call[0] == "camera_failed"]
        sequences = [call[1] for call in running.account.calls if call[0] == "entered"]
        assert sequences == list(range(1, len(sequences) + 1))


def test_a_frozen_picture_is_found_within_ten_seconds() -> None:
    still = (pictures()[0],)
    with capturing(Plan(still, fps=15)) as (_, running):
        running.until(lambda: running.frames > 0, 10)
        assert running.until(lambda: running.failed(Problem.FROZEN) > 0, 12) < 10
        assert running.status.snapshot().reason == "Frozen"


def test_a_camera_with_one_slot_is_left_before_it_is_asked_again() -> None:
    with capturing(Plan(pictures(), frames=20, fps=100, slots=1)) as (camera, running):
        running.until(lambda: camera.connections >= 4, 30)
        assert camera.refused == 0


def test_a_decoder_that_hangs_is_found_replaced_and_back() -> None:
    others = decoders()
    with capturing(Plan(pictures())) as (_, running):
        running.until(lambda: running.frames > 5, 20)
        (wedged,) = decoders(others)
        os.kill(wedged, signal.SIGSTOP)
        found = running.until(lambda: not running.status.snapshot().connected, 12)
        back = running.until(lambda: running.status.snapshot().connected, 10)
        assert not Path(f"/proc/{wedged}").exists()
    print(f"found after {found:.1f} s, back after {back:.1f} s")
    assert found < 10
    assert back < 5


def test_a_thousand_reconnects_leave_memory_and_files_flat() -> None:
    camera = TinyCamera(Plan(pictures(), frames=2, fps=0))
    # In a process of its own, so that what earlier tests left to collect, and the test's own camera, are not counted.
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=capture_and_tell, args=(camera.url, there))
    process.start()
    try:
        used = [after_reconnects(camera, here, number) for number in (WARM_UP, *BATCHES)]
    finally:
        here.send("stop")
        process.join(20)
        camera.stop()
    print(used)
    assert process.exitcode == 0
    for uses in zip(*used, strict=True):  # of the capture, and of its decoder
        assert uses[-1].files - uses[0].files < 3
        grown = [now.kilobytes - then.kilobytes for then, now in pairwise(uses)]
        assert min(grown) < LEAK_KILOBYTES * BATCHES[0], "what leaks grows with every batch; a heap once in a while"


def capture_and_tell(url: str, asked: Connection) -> None:
    """Capture from a camera; when asked, tell what this process and its decoder use once frames flow."""
    running = Running(url, Backoff(first=0.0, most=0.0))
    while asked.recv() != "stop":
        running.account.calls.clear()
        running.until(lambda: running.frames > 30 and len(decoders()) == 1, 30)
        asked.send((use_of(os.getpid()), use_of(decoders()[0])))
    running.stop()


def after_reconnects(camera: TinyCamera, process: Connection, number: int) -> tuple[Use, Use]:
    """Let the camera come and go so often, then stay for a while; return what both processes use by then."""
    coming = camera.plan
    target, begun = camera.connections + number, time.monotonic()
    while camera.connections < target:
        assert time.monotonic() - begun < 250, f"{target - camera.connections} connections are missing"
        time.sleep(0.02)
    camera.plan = replace(coming, frames=90, fps=30.0)
    process.send("tell")
    assert process.poll(40), "the capture does not tell what it uses"
    used: tuple[Use, Use] = process.recv()
    camera.plan = coming
    return used


@dataclass(frozen=True)
class Use:
    """What a process uses."""

    files: int
    kilobytes: int


def use_of(pid: int) -> Use:
    gc.collect()
    resident = int(Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0])
    return Use(len(list(Path(f"/proc/{pid}/fd").iterdir())), resident)
