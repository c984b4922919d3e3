"""Runs the processes of `no_loss.py` against one broker, kills them at random and restarts the broker."""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from camera_runtime.transports import Broker, BrokerUnavailableError
from frame_tracking import CAPTURE_HOP

from scripts.bench.no_loss_parts.fates import Life, Reckoning, reckon
from scripts.bench.no_loss_parts.journal import read_journal
from scripts.bench.no_loss_parts.plan import ACTORS, Plan
from scripts.bench.no_loss_parts.process import CAMERA, TREE, Role, open_broker
from scripts.bench.no_loss_parts.servers import BrokerUnderTest
from scripts.servers.processes import stop

__all__ = ["run"]

_ROOT = Path(__file__).resolve().parents[3]
_POLL_SECONDS = 0.05
_STUCK_SECONDS = 120.0


@dataclass
class _Actor:
    """One process, over all of its lives."""

    name: str
    folder: Path
    role: Role
    lives: list[tuple[Path, bool]] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    def start(self, frames: int = 0) -> None:
        journal = self.folder / f"{self.name}.{len(self.lives)}.journal"
        role = self.role.model_copy(update={"journal": journal, "frames": frames})
        command = [sys.executable, "-m", "scripts.bench.no_loss_parts.process", role.model_dump_json()]
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=_ROOT, stdout=log, stderr=log)
        self.lives.append((journal, False))

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.lives[-1] = (self.lives[-1][0], True)

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None


class _Stage:
    """All actors together."""

    def __init__(self, folder: Path, broker: BrokerUnderTest, plan: Plan) -> None:
        self.plan, self._broker, self._uid = plan, broker, uuid.uuid4().hex
        self.actors = {name: self._actor(folder, name) for name in ACTORS}
        self._counted, self._places = 0, dict[Path, int]()

    def _actor(self, folder: Path, name: str) -> _Actor:
        hop = name.partition("-")[0]
        contract, pace = self._broker.contract, self.plan.per_second
        return _Actor(
            name, folder, Role(hop=hop, replica=name, journal=folder, broker=contract, uid=self._uid, per_second=pace)
        )

    def captured(self) -> int:
        """Return how many frames were captured so far, by all lives."""
        for journal, _ in self.actors[CAPTURE_HOP].lives:
            if journal.exists():
                with journal.open("rb") as file:
                    file.seek(self._places.get(journal, 0))
                    new = file.read()
                whole = new[: new.rfind(b"\n") + 1]
                self._places[journal] = self._places.get(journal, 0) + len(whole)
                self._counted += sum(line.startswith(b"entered") for line in whole.splitlines())
        return self._counted

    def start(self, name: str) -> None:
        """Begin a life; a capture sends what is left to send."""
        frames = self.plan.frames - self.captured() if name == CAPTURE_HOP else 0
        self.actors[name].start(frames)

    def open(self) -> Broker:
        """Return a look at the queues."""
        return open_broker(self._broker.contract, self._uid, "onlooker")

    def lives(self) -> list[Life]:
        """Return what all of them wrote down."""
        return [
            Life(actor.role.hop, killed, list(read_journal(journal)))
            for actor in self.actors.values()
            for journal, killed in actor.lives
        ]


def run(folder: Path, broker: BrokerUnderTest, plan: Plan) -> Reckoning:
    """Run it to the end, until every queue is empty; then account for every frame.

    Raises:
        RuntimeError: if a process ended by itself, or the queues do not empty.
    """
    stage = _Stage(folder, broker, plan)
    for name in ACTORS:
        stage.start(name)
    try:
        _play(stage, broker)
        _wait_empty(stage)
    except RuntimeError:
        for name in ACTORS:
            print(f"-- {name}:", (folder / f"{name}.log").read_text()[-3000:], sep="\n", flush=True)
        raise
    finally:
        for actor in stage.actors.values():
            if actor.process is not None and actor.running:
                stop(actor.process)
    return reckon(stage.lives(), TREE)


def _play(stage: _Stage, broker: BrokerUnderTest) -> None:
    events = sorted([*stage.plan.kills, *((at, "") for at in stage.plan.restarts)])
    while True:
        captured = stage.captured()
        while events and captured >= events[0][0]:
            at, name = events.pop(0)
            print(f"frame {captured}: {f'kill {name}' if name else 'restart the broker'} (due at {at})", flush=True)
            if name:
                stage.actors[name].kill()
                stage.start(name)
            else:
                broker.restart()
        if not stage.actors[CAPTURE_HOP].running:
            if stage.captured() < stage.plan.frames:
                raise RuntimeError(f"the capture ended by itself after {stage.captured()} frames")
            return
        gone = [name for name, actor in stage.actors.items() if not actor.running]
        if gone and gone != [CAPTURE_HOP]:
            raise RuntimeError(f"{', '.join(gone)} ended by itself")
        time.sleep(_POLL_SECONDS)


def _wait_empty(stage: _Stage) -> None:
    broker = stage.open()
    deadline = time.monotonic() + _STUCK_SECONDS
    consumers = [broker.consumer(name, upstream) for name, upstream in TREE.stages]
    for consumer in consumers:
        consumer.set_cameras([CAMERA])
    empty = 0
    while empty < 3:  # noqa: PLR2004 - a frame may be between two queues at one look
        if time.monotonic() > deadline:
            raise RuntimeError(f"the queues did not empty: {[consumer.lag() for consumer in consumers]}")
        time.sleep(_POLL_SECONDS * 10)
        try:
            empty = 0 if any(sum(consumer.lag().values()) for consumer in consumers) else empty + 1
        except BrokerUnavailableError:
            empty = 0
    broker.close()
