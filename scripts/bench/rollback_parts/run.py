"""One rollback, from what makes it necessary to the last pod without instrumentation, and what it cost the cameras."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from frame_tracking import TracingNow
from frametrace_api.status_tracing import GuardState
from frametrace_operator.errors import OperatorError

from scripts.bench.rollback_parts.place import Place, until
from scripts.bench.rollback_parts.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["NEVER", "ONLY_BY_HAND", "RATE", "Rollback", "roll_back", "spec", "until_decided"]

RATE = 10
ONLY_BY_HAND: dict[str, Any] = {"guard": {"rollback": "AlarmOnly"}}
"""For pipelines with a managed Jaeger: an operator outside of the cluster does not resolve its name, and would take it for dead."""
NEVER = 3600.0
"""Seconds, for what did not come: longer than any bar."""
_OUT = (TracingNow.DISABLED,)
_UNTOUCHED = (GuardState.HEALTHY, GuardState.SUSPECT)  # what is looked at closely is not touched
_BACK_SECONDS = 60.0
_LOOKED_AT = 0.05


@dataclass(frozen=True, slots=True)
class Rollback:
    """What was measured of one.

    Attributes:
        seconds: from what made it necessary to the last pod without instrumentation.
        live_off: from the decision to the last running pod that said it was off; the decision's time is that of the last look at
            which it had not fallen.
        gaps: of each camera's restart, in seconds; `NEVER` of one that did not come back.
        lost: frames that were lost while tracing was switched off in the pods that ran.
        touched: pods of the neighbour that are not what they were.
        reports: how many reports there are of it.
    """

    trigger: str
    seconds: float
    live_off: float
    gaps: tuple[float, ...]
    lost: int = 0
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
    disturb: Callable[[], Awaitable[object]] | None = None,
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
    watching: asyncio.Future[Any] = asyncio.ensure_future(watch.run())
    meanwhile: list[asyncio.Future[Any]] = []
    try:
        await until(lambda: _all_on(watch), "all pods tracing", 60)
        before = await _told(here, neighbour) if neighbour else ()
        lost, began = watch.lost(), time.time()
        meanwhile = [asyncio.ensure_future(until_decided(here, name))]
        since = await begin()
        if disturb is not None:
            meanwhile.append(asyncio.ensure_future(disturb()))
        await until(lambda: _is_out(here, name, watch, trigger), f"{name} without instrumentation", seconds)
        ended = time.time()
        decided, *_ = await asyncio.gather(*meanwhile)
        with suppress(TimeoutError):  # a camera that does not come back is told by its gap
            await until(lambda: _are_back(watch), "frames of all cameras", _BACK_SECONDS)
        found = await _found(here, (name, trigger), watch, (ended - since, decided), (lost, began))
        after = await _told(here, neighbour) if neighbour else ()
        return replace(found, touched=tuple(sorted(map(str, set(before) ^ set(after)))))
    finally:
        for task in (watching, *meanwhile):
            task.cancel()
        await asyncio.gather(watching, *meanwhile, return_exceptions=True)


async def _found(
    here: Place,
    named: tuple[str, str],
    watch: Watch,
    times: tuple[float, float],
    before: tuple[dict[str, int], float],
) -> Rollback:
    """What the watch saw.

    Args:
        here: where it runs.
        named: the pipeline, and the trigger.
        watch: of its pods.
        times: how long it took, and when it was decided.
        before: frames that each pod had lost, and when.
    """
    (name, trigger), (seconds, decided), (lost, began) = named, times, before
    last = (await here.status(name))["lastRollback"]
    off = watch.off_at(began)
    gaps = [watch.gap(camera) for camera in watch.cameras()]
    return Rollback(
        trigger=trigger,
        seconds=seconds,
        live_off=off - max(decided, _seconds(last["startTime"])) if off is not None else NEVER,
        gaps=tuple(NEVER if gap is None else gap for gap in gaps),
        lost=sum(watch.lost()[uid] - count for uid, count in lost.items()),
        reports=len(await here.reports(name)),
        notes={"status": last, "pods": watch.told()},
    )


async def _all_on(watch: Watch) -> bool:
    return watch.all_say(TracingNow.ON)


async def _are_back(watch: Watch) -> bool:
    return all(watch.gap(camera) is not None for camera in watch.cameras())


async def until_decided(here: Place, name: str) -> float:
    """Wait for the decision; returns when it was seen last that it had not fallen, in seconds since 1970."""
    last = time.time()
    while True:
        asked = time.time()
        with suppress(OperatorError):  # the API server may be away: what it does not answer says nothing
            if (await here.status(name)).get("lastRollback"):
                return last
            last = asked
        await asyncio.sleep(_LOOKED_AT)


async def _told(here: Place, name: str) -> tuple[tuple[str, object], ...]:
    """What of a neighbour nobody may touch: its pods' lives, and how its tracing stands."""
    status = await here.status(name)
    state = GuardState.HEALTHY if status.get("state") in _UNTOUCHED else status.get("state")
    return (
        *(await here.lives(name)).items(),
        ("state", state),
        ("last", str(status.get("lastRollback"))),
    )


async def _is_out(here: Place, name: str, watch: Watch, trigger: str) -> bool:
    if not watch.all_say(*_OUT):
        return False
    try:
        status = await here.status(name)
    except OperatorError:  # the API server may be away: that is what some runs are about
        return False
    if status.get("state") != GuardState.ROLLED_BACK:
        return False
    last = status["lastRollback"]
    if last["trigger"] != trigger:
        raise RuntimeError(f"{name} was rolled back for another reason: {last['trigger']}: {last['message']}")
    return True


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
