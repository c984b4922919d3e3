"""A scene: all that takes part while nothing is lost on the way, and what is done to it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from frametrace_operator.guard.evidence import AuditFinding

from scripts.bench.guard_parts.rig import Feeder, Watching, targets_of
from scripts.servers.jaeger import JaegerServer
from scripts.servers.lossy_otlp import LossyOtlp
from scripts.servers.pipeline import LocalPipeline

__all__ = ["FPS", "Fault", "Scene", "down", "kill", "lossy", "nothing", "restart", "roll", "slow", "wrong_by"]

FPS = 30.0


@dataclass
class Scene:
    """All that takes part: a feeder, or a pipeline of processes; `window` is in seconds."""

    jaeger: JaegerServer
    proxy: LossyOtlp
    watching: Watching
    window: float
    feeder: Feeder | None = None
    pipeline: LocalPipeline | None = None
    found: dict[str, list[AuditFinding]] = field(default_factory=dict)

    async def part(self, name: str, fault: Fault, seconds: float, after: float | None = None) -> None:
        """Let something happen, so many seconds `after` a window's end if that is given, and wait.

        Raises:
            RuntimeError: if what makes the frames has ended.
        """
        print(f"-- {name}", flush=True)
        if after is not None:
            wait = (self._ended_at() + after - time.time()) % self.window
            self.found[next(reversed(self.found))] += await self.watching.gathered(wait)
        await fault(self)
        found = await self.watching.gathered(seconds)
        self.found.setdefault(name, []).extend(found)
        for each in found:
            counted = f"{each.missing} missing, {each.unknown} unknown, {each.evicted} evicted of {each.expected}"
            print(f"{each.window_start:%H:%M:%S} {each.result}: {counted}; {each.reason}", flush=True)
        processes = self.pipeline.processes.values() if self.pipeline is not None else ()
        if any(process.poll() is not None for process in processes) or (self.feeder and not self.feeder.alive):
            raise RuntimeError("what makes the frames has ended, see its log")

    def _ended_at(self) -> float:
        """When some window ended, in seconds since 1970."""
        return max(each.window_end.timestamp() for findings in self.found.values() for each in findings)


Fault = Callable[[Scene], Awaitable[None]]


async def nothing(_scene: Scene) -> None:
    """All is well."""


async def lossy(scene: Scene) -> None:
    """Lose so much that an alarm is right: what shows none shows nothing."""
    await asyncio.to_thread(scene.proxy.lose, 5.0)


async def slow(scene: Scene) -> None:
    """Stop Jaeger for two seconds again and again, and let each export take six: a backlog of some 20 s builds up."""
    scene.proxy.set(delay=6.0)
    for _ in range(round(scene.window / 2)):
        os.kill(scene.jaeger.pid, signal.SIGSTOP)
        await asyncio.sleep(2)
        os.kill(scene.jaeger.pid, signal.SIGCONT)
        await asyncio.sleep(2)
    scene.proxy.set(delay=0.0)


async def down(scene: Scene) -> None:
    """Let Jaeger be away for 20 s, and come back with nothing."""
    scene.jaeger.stop()
    await asyncio.sleep(20)
    await _start_jaeger(scene)


async def restart(scene: Scene) -> None:
    """Let Jaeger lose what it has."""
    scene.jaeger.stop()
    await _start_jaeger(scene)


async def _start_jaeger(scene: Scene) -> None:
    await asyncio.to_thread(scene.jaeger.start)
    if (
        scene.watching.watched.life
    ):  # the operator sees that a managed one is another process, and of an external one nothing
        scene.watching.follow(life=str(scene.jaeger.pid))


def roll(service: str) -> Fault:
    """Replace a pod as a rollout does."""
    return _replace(service, kill=False)


def kill(service: str) -> Fault:
    """Kill a pod; Kubernetes replaces it."""
    return _replace(service, kill=True)


def _replace(service: str, *, kill: bool) -> Fault:
    async def fault(scene: Scene) -> None:
        assert scene.pipeline is not None
        await asyncio.to_thread(scene.pipeline.again, service, kill=kill)
        scene.watching.follow(targets_of(scene.pipeline))

    return fault


def wrong_by(skew: float) -> Fault:
    """Go on with pods whose clock is wrong by so many seconds."""

    async def fault(scene: Scene) -> None:
        assert scene.feeder is not None
        await asyncio.to_thread(scene.feeder.end)
        scene.watching.follow(await asyncio.to_thread(scene.feeder.begin, FPS, skew))

    return fault
