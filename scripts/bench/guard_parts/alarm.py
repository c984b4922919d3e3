"""How long it takes from the first lost frame to an alarm, with the default settings."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from frametrace_api.guard import Guard
from frametrace_operator.guard.deciding.judge import judge
from frametrace_operator.guard.evidence import AuditFinding, Evidence

from scripts.bench.guard_parts.accuracy import servers
from scripts.bench.guard_parts.rig import Feeder, Watching, watched

__all__ = ["alarms", "seconds_to_alarm"]

_KEPT = 20
_TIMES = 3
_PATIENCE = 150.0


def alarms(findings: Sequence[AuditFinding], guard: Guard | None = None) -> int:
    """How often the guard would act, by its own judgement of what it had found by then; nothing is excused by Jaeger's probes."""
    guard = guard or Guard()
    rows = (tuple(findings[max(0, end - _KEPT) : end]) for end in range(1, len(findings) + 1))
    said = [judge(Evidence(audits=row), guard, None, None)[0].certain for row in rows]
    return sum(now and not before for before, now in pairwise((False, *said)))


async def seconds_to_alarm(folder: Path) -> list[float]:
    """Lose 5 % of the frames from some moment on, and wait for the alarm; several times."""
    return [await _one(folder / f"alarm-{number}") for number in range(_TIMES)]


async def _one(folder: Path) -> float:
    with servers(folder) as (jaeger, proxy):
        feeder = Feeder(proxy, folder / "feeder.log")
        try:
            async with Watching.over(watched(feeder.begin(30.0), jaeger), feeder.port) as watching:
                await watching.gathered(random.uniform(5, 35))  # noqa: S311 (somewhere in a window)
                proxy.lose(5.0)
                begun, found = time.monotonic(), list[AuditFinding]()
                while not alarms(found) and time.monotonic() - begun < _PATIENCE:
                    found += await watching.gathered(0.5)
                took = time.monotonic() - begun
        finally:
            feeder.end()
    print(f"alarm after {took:.1f} s", flush=True)
    return took
