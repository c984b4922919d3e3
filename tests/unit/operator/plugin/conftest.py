"""A pipeline that runs in a cluster in memory, and the plugin as a person calls it there."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from frame_tracking import FrameID
from frametrace_operator.kube.kinds import PIPELINE, POD
from frametrace_operator.plugin.app import run_command
from frametrace_operator.plugin.cluster.base import Answer, Place
from frametrace_operator.plugin.cluster.memory import MemoryCluster
from frametrace_operator.plugin.connection import Connection
from frametrace_operator.plugin.forward.memory import MemoryForwards
from frametrace_operator.plugin.session import Session

FRAME = FrameID("20260101T000000123456_cam01_a7f3c_000123")
METRICS = b"""# TYPE frametrace_camera_reconnects counter
frametrace_camera_reconnects_total{camera="cam01"} 5.0
frametrace_camera_reconnects_created{camera="cam01"} 1.7e+09
# TYPE frametrace_queue_lag_frames gauge
frametrace_queue_lag_frames{camera="cam01",stage="motion"} 7.0
# EOF
"""


class Desk:
    """A person at a terminal: calls commands, in a world where a second passes with each pause."""

    def __init__(self, world: Any, capsys: pytest.CaptureFixture[str]) -> None:
        self.world = world
        self.cluster = MemoryCluster(world.kube)
        self.pauses: list[float] = []
        self.most_pauses = 10
        self.connections: list[Connection] = []
        self.forwards = MemoryForwards()
        self.browsed: list[str] = []
        self.has_browser = True
        self._capsys = capsys

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        code = run_command(list(arguments), self.connect)
        said = self._capsys.readouterr()
        return code, said.out, said.err

    def run_quietly(self, *arguments: str) -> int:
        """Exit code; what is said waits to be read."""
        return run_command(list(arguments), self.connect)

    @asynccontextmanager
    async def connect(self, connection: Connection) -> AsyncIterator[Session]:
        self.connections.append(connection)
        namespace = connection.namespace or "site-a"
        yield Session(
            self.cluster, namespace, lambda: self.world.now, self.seconds, self.pause, self.forwards, self.browse
        )

    def browse(self, url: str) -> bool:
        """The person's browser."""
        self.browsed.append(url)
        return self.has_browser

    def seconds(self) -> float:
        """The clock, in seconds."""
        return float(self.world.now.timestamp())

    async def pause(self, seconds: float) -> None:
        """Time passes; a person who waited long enough presses Ctrl-C."""
        self.pauses.append(seconds)
        if len(self.pauses) > self.most_pauses:
            signal.raise_signal(signal.SIGINT)
            await asyncio.sleep(60)
        self.world.later(seconds)
        await asyncio.sleep(0)

    def place(self, role: str, item: str) -> Place:
        """Where the pod of a camera or stage answers."""
        return Place("pods", "site-a", self.pod(role, item)["metadata"]["name"], 8080)

    def pod(self, role: str, item: str) -> Any:
        """The pod of a camera or stage."""
        key = f"frametrace.dev/{'camera' if role == 'capture' else 'stage'}"
        return next(body for body in self.world.kube.objects(POD) if body["metadata"]["labels"].get(key) == item)

    def pods_answer(self, *frames: int) -> None:
        """The pods tell so many frames, one reading after the other."""
        for role, item, hop, last in (("capture", "cam01", "capture", False), ("stage", "motion", "motion", True)):
            told = []
            for count in frames:
                self.world._frames = count
                told.append(Answer(200, self.world.ledger(hop, ("cam01",), last=last).model_dump_json().encode()))
            self.cluster.put_answers(self.place(role, item), "/ledger", *told)
            self.cluster.put_answers(self.place(role, item), "/metrics", Answer(200, METRICS))

    def set_status(self, change: Callable[[dict[str, Any]], Any], name: str = "yard") -> None:
        """The operator reports something else."""
        self.world.kube.edit(PIPELINE, "site-a", name, lambda body: change(body["status"]))


@pytest.fixture
def desk(world: Any, capsys: pytest.CaptureFixture[str]) -> Desk:
    """A desk before a pipeline `yard` in namespace site-a whose frames flow; it is two hours old."""
    asyncio.run(world.ready())
    world.kube.edit(
        PIPELINE, "site-a", "yard", lambda body: body["metadata"].update(creationTimestamp="2025-12-31T22:00:00Z")
    )
    capsys.readouterr()  # what the operator logged is no part of a test
    found = Desk(world, capsys)
    found.pods_answer(30, 60)
    return found


@pytest.fixture
def frame() -> FrameID:
    return FRAME
