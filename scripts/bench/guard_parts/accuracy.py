"""Windows with known losses: small ones of real processes, which must be exact, and large ones, which are sampled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from frame_tracking import Topology
from frametrace_api.contract import BrokerContract
from frametrace_operator.guard.audit.shares import WHOLE
from frametrace_operator.guard.evidence import AuditFinding

from scripts.bench.guard_parts.compared import Compared, compare
from scripts.bench.guard_parts.rig import Feeder, Watching, targets_of, watched
from scripts.servers.jaeger import JaegerServer
from scripts.servers.lossy_otlp import LossyOtlp
from scripts.servers.pipeline import Plan, running
from scripts.servers.redis import RedisServer

__all__ = ["LOSSES", "Accuracy", "accuracy", "servers"]

LOSSES = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 50.0, 100.0)
_QUICK_LOSSES = (0.0, 5.0, 100.0)
_WINDOW, _SETTLE, _LARGE = 5, 4, 10
_CAMERA = "test://?width=320&height=180&fps=60"
_STAGES = (("motion", "capture"), ("again", "motion"))
_LARGE_WINDOWS = 104
_MORE, _MANY_TIMES = 1.125, 3.0
"""A large window has so many times the frames that are looked up of it; where those are fewer than 4,000, three times."""
_TRACES = 60_000


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What was found, and at which losses."""

    windows: list[Compared]
    losses: Sequence[float]


@contextmanager
def servers(folder: Path, max_traces: int = _TRACES) -> Iterator[tuple[JaegerServer, LossyOtlp]]:
    """A Jaeger and a proxy before it."""
    folder.mkdir(exist_ok=True)
    jaeger = JaegerServer(folder, max_traces)
    try:
        proxy = LossyOtlp(jaeger.otlp_url)
        try:
            yield jaeger, proxy
        finally:
            proxy.stop()
    finally:
        jaeger.stop()


async def accuracy(folder: Path, sample: int, *, quick: bool) -> Accuracy:
    """Run both; quick, the small windows only. Of the large ones, `sample` frames are looked up."""
    losses = _QUICK_LOSSES if quick else LOSSES
    found = await _small(folder / "small", losses, windows=1.2 if quick else 6)
    if not quick:
        found += await _large(folder / "large", losses, sample)
    return Accuracy(found, losses)


async def _small(folder: Path, losses: Sequence[float], windows: float) -> list[Compared]:
    """Processes of the runtime over a Redis: about 300 frames a window."""
    with servers(folder) as (jaeger, proxy):
        redis = RedisServer(folder)
        try:
            plan = Plan(_CAMERA, BrokerContract(url=redis.url), proxy.url, _STAGES, {"again": "motion"})
            with running(folder, plan) as pipeline:
                settings = watched(
                    targets_of(pipeline), jaeger, Topology.of(_STAGES), window_seconds=_WINDOW, settle_seconds=_SETTLE
                )
                pipeline.wait_for_frames(_STAGES[-1][0], 30)
                async with Watching.over(settings) as watching:
                    return await _at_each(watching, proxy, losses, (windows * _WINDOW, _WINDOW))
        finally:
            redis.stop()


async def _large(folder: Path, losses: Sequence[float], sample: int) -> list[Compared]:
    """Frames at a rate that no one camera has."""
    times, seconds = (_MORE, _LARGE) if sample == WHOLE else (_MANY_TIMES, _WINDOW)
    with servers(folder) as (jaeger, proxy):
        feeder = Feeder(proxy, folder / "feeder.log")
        try:
            settings = watched(
                feeder.begin(times * sample / seconds),
                jaeger,
                window_seconds=seconds,
                settle_seconds=_SETTLE,
                suspect=1,
            )
            async with Watching.over(settings, feeder.port, sample) as watching:
                return await _at_each(watching, proxy, losses, (_LARGE_WINDOWS / len(losses) * seconds, seconds))
        finally:
            feeder.end()


async def _at_each(
    watching: Watching, proxy: LossyOtlp, losses: Sequence[float], lasting: tuple[float, int]
) -> list[Compared]:
    """Stay so long at each loss, and for a window longer in the end; windows in which it changes are as good as others, since frames are compared by identity."""
    found: list[Compared] = []
    for number, loss in enumerate(losses):
        proxy.lose(loss, whole=loss >= 10 and number % 2 == 1)  # noqa: PLR2004 (whole requests are coarse)
        found += _compared(await watching.gathered(lasting[0]), proxy)
    return found + _compared(await watching.gathered(lasting[1] + _SETTLE + 4.0), proxy)


def _compared(findings: Sequence[AuditFinding], proxy: LossyOtlp) -> list[Compared]:
    compared = [compare(finding, proxy) for finding in findings]
    for each in compared:
        print(each.as_line(), flush=True)
    return compared
