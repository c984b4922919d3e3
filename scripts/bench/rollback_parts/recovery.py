"""Returns of tracing, watched for a while: what got well comes back whole, what stays sick waits longer each time, none flaps."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from frametrace_api.status_tracing import GuardState

from scripts.bench.rollback_parts.backend import Backend, backend
from scripts.bench.rollback_parts.place import Place, place, until
from scripts.bench.rollback_parts.run import spec
from scripts.bench.verdict import Verdict

__all__ = ["recovery"]

_LOST = 0.3
_WAIT, _STEP = 20, 10
States = list[tuple[float, str]]


async def recovery(*, minutes: float, quick: bool) -> Verdict:
    """Two pipelines lose traces; the one's backend gets well when tracing is out, the other's never does."""
    with tempfile.TemporaryDirectory(prefix="frametrace-recovery-") as folder:
        log = Path(folder) / "operator.log"
        async with (
            place(log) as here,
            backend(Path(folder) / "heals") as heals,
            backend(Path(folder) / "stays") as stays,
        ):
            here.start()
            try:
                healed, sick = await asyncio.gather(
                    _watch(here, "heals", heals, minutes, heal=True), _watch(here, "stays", stays, minutes, heal=False)
                )
            except Exception:
                print(log.read_text()[-6000:], file=sys.stderr)
                raise
    return _verdict(healed, sick, f"2 pipelines for {minutes:g} minutes", quick=quick)


async def _watch(here: Place, name: str, jaeger: Backend, minutes: float, *, heal: bool) -> States:
    recover = {"mode": "Automatic", "afterSeconds": _WAIT, "stepSeconds": _STEP, "maxAttempts": 20}
    tracing = {"backend": jaeger.spec, "guard": {"recovery": recover}}
    await here.apply(name, spec(cameras=2, tracing=tracing))
    await until(lambda: here.ready(name), f"{name} ready", 150)
    jaeger.share = _LOST
    seen: States = []
    end = time.monotonic() + minutes * 60
    while time.monotonic() < end:
        state = (await here.status(name)).get("state", "")
        if not seen or seen[-1][1] != state:
            seen.append((time.time(), state))
            print(f"{name}: {state}", flush=True)
        if heal and state == GuardState.ROLLED_BACK:
            jaeger.share = 0.0
        await asyncio.sleep(0.5)
    return seen


def _verdict(healed: States, sick: States, case: str, *, quick: bool) -> Verdict:
    waits = _lasted(sick, GuardState.ROLLED_BACK)
    rollbacks = _times(healed, GuardState.ROLLING_BACK)
    bars = {
        "healthy again, whole": bool(healed) and healed[-1][1] == GuardState.HEALTHY,
        "rolled back once": rollbacks == 1,
        "still sick: never whole": GuardState.HEALTHY not in [state for _, state in sick][2:],
        "still sick: each wait longer": all(later > earlier for earlier, later in pairwise(waits)),
    }
    details: dict[str, Any] = {"bars": bars, "waits_seconds": [round(wait, 1) for wait in waits]}
    flaps = max(0, rollbacks - 1)
    return Verdict(
        "rollback_recovery",
        flaps,
        "flaps",
        "0, and all bars of the details",
        all(bars.values()),
        None,
        case,
        quick,
        details,
    )


def _times(states: States, wanted: str) -> int:
    return sum(state == wanted for _, state in states)


def _lasted(states: States, wanted: str) -> list[float]:
    """How long each stay in a state was that ended."""
    return [after[0] - before[0] for before, after in pairwise(states) if before[1] == wanted]
