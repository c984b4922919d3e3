"""Every transport: a stage's process that ends while its handler works leaves the frame to another, on its last delivery too."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from camera_runtime.account import MemoryAccount
from camera_runtime.stages.handler import StageFrame
from camera_runtime.stages.settle import StageTools
from camera_runtime.stages.worker import StageWorker
from frame_tracking import Outcome
from telemetry import MemoryTracer, Service


def _worker(bench: Any, account: MemoryAccount, handler: Any) -> StageWorker:
    tools = StageTools(
        name="motion",
        consumer=bench.consumer(),
        tracer=MemoryTracer(Service("motion", "test", "motion")),
        account=account,
        destination=lambda camera: f"{camera}.motion",
        has_readers=lambda: False,
        system="memory",
        max_deliveries=1,
    )
    worker = StageWorker(tools, handler)
    worker.follow([bench.camera])
    return worker


def test_a_frame_in_hand_goes_to_another_replica_when_its_process_ends(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("camera_runtime.stages.worker._DRAIN_SECONDS", 0.05)
    (frame,) = bench.send(bench.producer())
    works, release, done = threading.Event(), threading.Event(), threading.Event()
    account = MemoryAccount()

    def slow(_: StageFrame) -> None:
        works.set()
        release.wait(30)

    def finish(_: StageFrame) -> None:
        done.set()

    ending, other = _worker(bench, account, slow), _worker(bench, account, finish)
    threads = [threading.Thread(target=worker.run) for worker in (ending, other)]
    threads[0].start()
    assert works.wait(30)
    ending.stop()
    threads[0].join(30)
    threads[1].start()
    finished = done.wait(10)
    other.stop()
    threads[1].join(30)
    release.set()

    assert finished
    moves = [call[0] for call in account.calls if call[0] in {"entered", "given_back", "ended"}]
    assert moves == ["entered", "given_back", "entered", "ended"]
    assert ("ended", frame.frame_id.sequence, Outcome.COMPLETED, None) in account.calls
