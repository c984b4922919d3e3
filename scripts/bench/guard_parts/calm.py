"""Nothing is lost on the way; but Jaeger is slow, down, restarted and too small, and pods are rolled, killed and wrong about the time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from frame_tracking import CAPTURE_SERVICE, Topology
from frametrace_api.contract import BrokerContract
from frametrace_api.guard import Guard
from frametrace_api.status_tracing import AuditResult
from frametrace_operator.guard.evidence import AuditFinding

from scripts.bench.guard_parts import scene
from scripts.bench.guard_parts.accuracy import servers
from scripts.bench.guard_parts.alarm import alarms
from scripts.bench.guard_parts.rig import Feeder, Watching, targets_of, watched
from scripts.bench.guard_parts.scene import Scene
from scripts.bench.verdict import Verdict
from scripts.servers.pipeline import Plan, running
from scripts.servers.redis import RedisServer

__all__ = ["calm", "judged"]

Found = dict[str, list[AuditFinding]]
_STAGES = (("motion", "capture"), ("again", "motion"))
_CAMERA = f"test://?width=320&height=180&fps={scene.FPS:.0f}"
_SMALL_RING = 500
_EARLY, _LATE = 6.0, 25.0
"""Seconds after a window's end: the one before was not looked up yet; and its frames, too, are still to be sent."""
_UNSENT = 2.5
"""Seconds after a window's end, when ledgers were read, and the pods' last spans have not left."""
_CONTROL, _QUIET = "5 % lost (must alarm)", "quiet"
_DOWN, _RESTARTED, _RING = "Jaeger down for 20 s", "Jaeger restarted", "ring too small"
_LEAST_WHOLE = 0.95
_AT_ONCE = Guard(failure_windows=1)


async def calm(folder: Path, quiet_seconds: float, *, quick: bool) -> Verdict:
    """Count the alarms that there should not be."""
    window, settle = (5, 4) if quick else (30, 10)
    found = await _managed(folder / "managed", quiet_seconds, window, settle, quick=quick)
    if not quick:
        found |= await _external(folder / "external", window, settle)
        found |= await _evicting(folder / "evicting", window, settle)
    return judged(found, quiet_seconds, window, quick=quick)


def judged(found: Found, quiet_seconds: float, window: float, *, quick: bool) -> Verdict:
    """The verdict: one bad window counts as an alarm, as somebody may want it (`failureWindows: 1`); and all really happened."""
    control = alarms(found.get(_CONTROL, []))
    calm_parts = {name: findings for name, findings in found.items() if name != _CONTROL}
    raised = {name: number for name, findings in calm_parts.items() if (number := alarms(findings, _AT_ONCE))}
    every = [finding for findings in calm_parts.values() for finding in findings]
    figure = max(alarms(every, _AT_ONCE), sum(raised.values()))
    bars = {"false alarms = 0": figure == 0, "a real loss raises one": control > 0}
    if not quick:
        bars |= _happened(calm_parts, quiet_seconds / window)
    details = {
        "bars": bars,
        "windows": len(every),
        "windows_with_missing": sum(finding.missing > 0 for finding in every),
        "unknown_frames": sum(finding.unknown for finding in every),
        "evicted_frames": sum(finding.evicted for finding in every),
        "parts": {name: len(findings) for name, findings in found.items()},
        "alarms": raised,
    }
    case = f"{quiet_seconds / 60:g} minutes of quiet, then: {', '.join(name for name in found if name != _QUIET)}"
    bar = "= 0, and all bars of the details"
    return Verdict("guard_calm", figure, "false alarms", bar, all(bars.values()), None, case, quick, details)


def _happened(found: Found, windows: float) -> dict[str, bool]:
    """Whether the guard saw what was done: it may keep silent because it knows, and not because it knows nothing."""
    quiet = found.get(_QUIET, [])
    whole = sum(each.result is AuditResult.COMPLETE for each in quiet)
    away = [findings for name, findings in found.items() if name.startswith((_DOWN, _RESTARTED))]
    after = [findings[-1:] for name, findings in found.items() if name != _RING]
    return {
        "quiet windows were found": len(quiet) >= _LEAST_WHOLE * windows - 3,
        "and were complete": whole >= _LEAST_WHOLE * len(quiet),
        "each part has windows": all(len(findings) > 1 for findings in found.values()),
        "each part ends complete": all(last and last[0].result is AuditResult.COMPLETE for last in after),
        "what Jaeger lost was unknown": bool(away) and all(any(each.unknown for each in part) for part in away),
        "what its ring gave up was evicted": any(each.evicted for each in found.get(_RING, [])),
    }


async def _managed(folder: Path, quiet_seconds: float, window: int, settle: int, *, quick: bool) -> Found:
    """A Jaeger of which the operator knows each life; and at last a loss, which must be seen."""
    async with _fed(folder, window, settle) as here:
        rest = 2.6 * window
        await here.part(_QUIET, scene.nothing, quiet_seconds)
        if quick:
            await here.part(_RESTARTED, scene.restart, rest)
        else:
            await here.part("Jaeger slow", scene.slow, 3 * window)
            for phase in (_EARLY, _LATE):
                await here.part(f"{_DOWN}, {phase:g} s into a window", scene.down, rest, phase)
                await here.part(f"{_RESTARTED}, {phase:g} s into a window", scene.restart, rest, phase)
            await here.part("clock 5 s ahead", scene.wrong_by(5.0), 4 * window)
            await here.part("clock 5 s behind", scene.wrong_by(-5.0), 4 * window)
        await here.part(_CONTROL, scene.lossy, 4 * window)
        return here.found


async def _external(folder: Path, window: int, settle: int) -> Found:
    """Processes of the runtime over a Redis, whose Jaeger is external: nobody tells the operator of its lives."""
    with servers(folder) as (jaeger, proxy):
        redis = RedisServer(folder)
        try:
            environment = {"OTEL_BSP_SCHEDULE_DELAY": "5000"}
            plan = Plan(_CAMERA, BrokerContract(url=redis.url), proxy.url, _STAGES, {"again": "motion"}, environment)
            with running(folder, plan) as pipeline:
                pipeline.wait_for_frames(_STAGES[-1][0], 30)
                targets, tree = targets_of(pipeline), Topology.of(_STAGES)
                settings = watched(targets, jaeger, tree, external=True, window_seconds=window, settle_seconds=settle)
                async with Watching.over(settings) as watching:
                    here = Scene(jaeger, proxy, watching, window, pipeline=pipeline)
                    await here.part("external Jaeger", scene.nothing, 3 * window)
                    await here.part(f"{_RESTARTED}, external", scene.restart, 2.6 * window, _EARLY)
                    for service, pod in ((_STAGES[0][0], "a stage's pod"), (CAPTURE_SERVICE, "the capture's pod")):
                        await here.part(f"{pod} rolled", scene.roll(service), 4 * window, _UNSENT)
                        await here.part(f"{pod} killed", scene.kill(service), 4 * window, _UNSENT)
                    return here.found
        finally:
            redis.stop()


async def _evicting(folder: Path, window: int, settle: int) -> Found:
    """A ring that holds less than a window and the time until it is looked at."""
    async with _fed(folder, window, settle, _SMALL_RING) as here:
        await here.part(_RING, scene.nothing, 6 * window)
        return here.found


@asynccontextmanager
async def _fed(folder: Path, window: int, settle: int, ring: int | None = None) -> AsyncIterator[Scene]:
    """A feeder's pipeline, whose spans leave when the runtime's own default says so."""
    with servers(folder, *([ring] if ring else [])) as (jaeger, proxy):
        feeder = Feeder(proxy, folder / "feeder.log", delay_ms=None)
        try:
            pods = feeder.begin(scene.FPS)
            settings = watched(pods, jaeger, window_seconds=window, settle_seconds=settle)
            async with Watching.over(replace(settings, max_traces=ring), feeder.port) as watching:
                yield Scene(jaeger, proxy, watching, window, feeder)
        finally:
            feeder.end()
