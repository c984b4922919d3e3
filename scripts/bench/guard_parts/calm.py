"""Nothing is lost on the way; but Jaeger is slow, down, restarted and too small, and pods are rolled, killed and wrong about the time."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from frametrace_operator.guard.evidence import AuditFinding

from scripts.bench.guard_parts.accuracy import servers
from scripts.bench.guard_parts.alarm import alarms
from scripts.bench.guard_parts.rig import Feeder, Watching, watched
from scripts.bench.verdict import Verdict
from scripts.servers.jaeger import JaegerServer
from scripts.servers.lossy_otlp import LossyOtlp

__all__ = ["calm"]

_FPS = 30.0
_SKEW = 5.0
_SMALL_RING = 500


@dataclass
class _Scene:
    """All that takes part; `windows` are seconds of a window."""

    jaeger: JaegerServer
    proxy: LossyOtlp
    feeder: Feeder
    watching: Watching
    window: float
    found: dict[str, list[AuditFinding]] = field(default_factory=dict)

    async def part(self, name: str, fault: Callable[[_Scene], Awaitable[None]], seconds: float) -> None:
        """Let something happen, and wait."""
        print(f"-- {name}", flush=True)
        await fault(self)
        found = await self.watching.gathered(seconds)
        self.found.setdefault(name, []).extend(found)
        for each in found:
            print(
                f"{each.window_start:%H:%M:%S} {each.result}: {each.missing} missing, {each.unknown} unknown, {each.evicted} evicted of {each.expected}; {each.reason}",
                flush=True,
            )


async def _nothing(_scene: _Scene) -> None:
    pass


async def _slow(scene: _Scene) -> None:
    """Stop Jaeger for two seconds again and again, and let exports take three."""
    scene.proxy.set(delay=3.0)
    for _ in range(round(scene.window / 2)):
        os.kill(scene.jaeger.pid, signal.SIGSTOP)
        await asyncio.sleep(2)
        os.kill(scene.jaeger.pid, signal.SIGCONT)
        await asyncio.sleep(2)
    scene.proxy.set(delay=0.0)


async def _down(scene: _Scene) -> None:
    scene.jaeger.stop()
    await asyncio.sleep(20)
    await asyncio.to_thread(scene.jaeger.start)


async def _restarted(scene: _Scene) -> None:
    scene.jaeger.stop()
    await asyncio.to_thread(scene.jaeger.start)


async def _rolled(scene: _Scene) -> None:
    await asyncio.to_thread(scene.feeder.end)
    scene.watching.follow(await asyncio.to_thread(scene.feeder.begin, _FPS))


async def _killed(scene: _Scene) -> None:
    await asyncio.to_thread(scene.feeder.end, kill=True)
    scene.watching.follow(await asyncio.to_thread(scene.feeder.begin, _FPS))


def _wrong_by(skew: float) -> Callable[[_Scene], Awaitable[None]]:
    async def fault(scene: _Scene) -> None:
        await asyncio.to_thread(scene.feeder.end)
        scene.watching.follow(await asyncio.to_thread(scene.feeder.begin, _FPS, skew))

    return fault


async def calm(folder: Path, quiet_seconds: float, *, quick: bool) -> Verdict:
    """Count the alarms that there should not be."""
    window, settle = (5, 4) if quick else (30, 10)
    found = await _played(folder / "calm", quiet_seconds, window, settle, quick=quick)
    if not quick:
        found |= await _evicting(folder / "evicting", window, settle)
    raised = {name: alarms(findings) for name, findings in found.items() if alarms(findings)}
    every = [finding for findings in found.values() for finding in findings]
    raised_over_all = alarms(every)
    figure = max(raised_over_all, sum(raised.values()))
    details = {
        "windows": len(every),
        "windows_with_missing": sum(finding.missing > 0 for finding in every),
        "unknown_frames": sum(finding.unknown for finding in every),
        "evicted_frames": sum(finding.evicted for finding in every),
        "parts": {name: len(findings) for name, findings in found.items()},
        "alarms": raised,
    }
    case = f"{quiet_seconds / 60:g} minutes of quiet, then: {', '.join(list(found)[1:])}"
    return Verdict("guard_calm", figure, "false alarms", "= 0", figure == 0 and bool(every), None, case, quick, details)


async def _played(
    folder: Path, quiet_seconds: float, window: int, settle: int, *, quick: bool
) -> dict[str, list[AuditFinding]]:
    with servers(folder) as (jaeger, proxy):
        feeder = Feeder(proxy, folder / "feeder.log")
        try:
            settings = watched(feeder.begin(_FPS), jaeger, window_seconds=window, settle_seconds=settle)
            async with Watching.over(settings, feeder.port) as watching:
                scene = _Scene(jaeger, proxy, feeder, watching, window)
                await scene.part("quiet", _nothing, quiet_seconds)
                rest = 2.6 * window if quick else 4.0 * window
                for name, fault in _FAULTS.items() if not quick else list(_FAULTS.items())[2:4]:
                    await scene.part(name, fault, rest)
                return scene.found
        finally:
            feeder.end()


async def _evicting(folder: Path, window: int, settle: int) -> dict[str, list[AuditFinding]]:
    """A ring that holds less than a window and the time until it is looked at."""
    with servers(folder, _SMALL_RING) as (jaeger, proxy):
        feeder = Feeder(proxy, folder / "feeder.log")
        try:
            settings = watched(
                feeder.begin(_FPS), jaeger, window_seconds=window, settle_seconds=settle, max_traces=_SMALL_RING
            )
            async with Watching.over(settings, feeder.port) as watching:
                scene = _Scene(jaeger, proxy, feeder, watching, window)
                await scene.part("ring too small", _nothing, 6.0 * window)
                return scene.found
        finally:
            feeder.end()


_FAULTS: dict[str, Callable[[_Scene], Awaitable[None]]] = {
    "Jaeger slow": _slow,
    "Jaeger down for 20 s": _down,
    "Jaeger restarted": _restarted,
    "pods rolled": _rolled,
    "pods killed": _killed,
    "clock 5 s ahead": _wrong_by(_SKEW),
    "clock 5 s behind": _wrong_by(-_SKEW),
}
