"""One rollback, from what makes it necessary to the last pod without instrumentation, and what it cost the cameras."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from frame_tracking import TracingNow
from frametrace_api.status_tracing import GuardState

from scripts.bench.rollback_parts.place import Place, until
from scripts.bench.rollback_parts.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["ONLY_BY_HAND", "RATE", "Rollback", "roll_back", "spec"]

RATE = 10
ONLY_BY_HAND: dict[str, Any] = {"guard": {"rollback": "AlarmOnly"}}
"""For pipelines with a managed Jaeger: an operator outside of the cluster does not resolve its name, and would take it for dead."""
_OUT = (TracingNow.DISABLED,)


@dataclass(frozen=True, slots=True)
class Rollback:
    """What was measured of one.

    Attributes:
        seconds: from what made it necessary to the last pod without instrumentation.
        live_off: from the decision, as the status has it, to the last running pod that said it was off.
        gaps: of each camera's restart, in seconds.
        touched: pods of the neighbour that are not what they were.
        reports: how many reports there are of it.
    """

    trigger: str
    seconds: float
    live_off: float
    gaps: tuple[float, ...]
    touched: tuple[str, ...] = ()
    reports: int = 1
    notes: dict[str, Any] = field(default_factory=dict)


def spec(cameras: int = 2, **more: Any) -> dict[str, Any]:
    """A pipeline of generated pictures at a high rate, with short windows."""
    sources = [
        {"id": f"cam{number:02}", "source": {"url": f"test://?width=320&height=180&fps={RATE}"}}
        for number in range(1, cameras + 1)
    ]
    guard = {"windowSeconds": 5, "settleSeconds": 2, "recovery": {"mode": "Manual"}}
    tracing = more.pop("tracing", {})
    return {
        "cameras": sources,
        "stages": [{"name": "motion", "handler": "motion"}],
        "tracing": tracing | {"guard": guard | tracing.get("guard", {})},
        **more,
    }


async def roll_back(
    here: Place,
    name: str,
    trigger: str,
    begin: Callable[[], Awaitable[float]],
    *,
    neighbour: str = "",
    seconds: float = 300,
    disturb: Callable[[], Awaitable[None]] | None = None,
) -> Rollback:
    """Bring a rollback of a pipeline whose frames flow about, and watch it.

    Args:
        here: where it runs.
        name: the pipeline.
        trigger: what it is to answer.
        begin: makes it necessary; when it did, in seconds since 1970.
        neighbour: another pipeline, which must not be touched.
        seconds: after which it counts as failed.
        disturb: done meanwhile, such as killing the operator.
    """
    watch = Watch(here.kube, here.name, name, 1 / RATE)
    watching = asyncio.ensure_future(watch.run())
    try:
        await until(lambda: _all_on(watch), "all pods tracing", 60)
        before = await here.lives(neighbour) if neighbour else {}
        since = await begin()
        disturbing = asyncio.ensure_future(disturb()) if disturb is not None else None
        await until(lambda: _is_out(here, name, watch, trigger), f"{name} without instrumentation", seconds)
        ended = time.time()
        if disturbing is not None:
            await disturbing
        await asyncio.sleep(2)  # until the last capture's first frames are seen
        return await _result(here, name, trigger, watch, (since, ended), (neighbour, before))
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _all_on(watch: Watch) -> bool:
    return watch.all_say(TracingNow.ON)


async def _is_out(here: Place, name: str, watch: Watch, trigger: str) -> bool:
    if not watch.all_say(*_OUT):
        return False
    try:
        status = await here.status(name)
    except Exception:  # noqa: BLE001 - the API server may be away: that is what some runs are about
        return False
    if status.get("state") != GuardState.ROLLED_BACK:
        return False
    last = status["lastRollback"]
    if last["trigger"] != trigger:
        raise RuntimeError(f"{name} was rolled back for another reason: {last['trigger']}: {last['message']}")
    return True


async def _result(
    here: Place, name: str, trigger: str, watch: Watch, times: tuple[float, float], neighbour: tuple[str, Any]
) -> Rollback:
    status = await here.status(name)
    since, ended = times
    decided = _seconds(status["lastRollback"]["startTime"])
    off = watch.off_at(since)
    cameras = sorted({life.pod.item for life in watch.lives.values() if life.pod.role == "capture"})
    after = await here.lives(neighbour[0]) if neighbour[0] else {}
    return Rollback(
        trigger=trigger,
        seconds=ended - since,
        live_off=max(0.0, off - max(decided, since)) if off is not None else float("inf"),
        gaps=tuple(gap for camera in cameras if (gap := watch.gap(camera)) is not None),
        touched=tuple(sorted(set(neighbour[1].items()) ^ set(after.items()))),  # type: ignore[arg-type]
        reports=len(await here.reports(name)),
        notes={"status": status["lastRollback"], "pods": watch.told()},
    )


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
