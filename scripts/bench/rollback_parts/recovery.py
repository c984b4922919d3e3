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
from frametrace_operator.errors import OperatorError

from scripts.bench.rollback_parts.backend import Backend, backend
from scripts.bench.rollback_parts.place import Place, place, until
from scripts.bench.rollback_parts.run import spec
from scripts.bench.verdict import Verdict

__all__ = ["States", "judged", "recovery"]

_LOST = 0.3
_WAIT, _STEP = 20, 10
_LONGER = 1.5
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
    return judged(healed, sick, 1 if quick else 4, f"2 pipelines for {minutes:g} minutes", quick=quick)


async def _watch(here: Place, name: str, jaeger: Backend, minutes: float, *, heal: bool) -> States:
    recover = {"mode": "Automatic", "afterSeconds": _WAIT, "stepSeconds": _STEP, "maxAttempts": 20}
    tracing = {"backend": jaeger.spec, "guard": {"recovery": recover}}
    await here.apply(name, spec(cameras=2, tracing=tracing))
    await until(lambda: here.ready(name), f"{name} ready", 150)
    jaeger.share = _LOST
    seen: States = []
    end = time.monotonic() + minutes * 60
    while time.monotonic() < end:
        try:
            state = (await here.status(name)).get("state", "")
        except OperatorError:  # the API server is slow for a moment
            await asyncio.sleep(0.5)
            continue
        if not seen or seen[-1][1] != state:
            seen.append((time.time(), state))
            print(f"{name}: {state}", flush=True)
        if heal and state == GuardState.ROLLED_BACK:
            jaeger.share = 0.0
        await asyncio.sleep(0.5)
    return seen


def judged(healed: States, sick: States, tries: int, case: str, *, quick: bool) -> Verdict:
    """Waits double; what is looked at twice a second, and begins with a pass, is not known to the last second."""
    waits = _lasted(sick, GuardState.ROLLED_BACK)
    rollbacks = _times(healed, GuardState.ROLLING_BACK)
    whole = max(0, _times(sick, GuardState.HEALTHY) - 1)  # it begins so
    bars = {
        "healthy again, whole": bool(healed) and healed[-1][1] == GuardState.HEALTHY,
        "rolled back once": rollbacks == 1,
        "still sick: never whole": whole == 0,
        f"still sick: tried at least {tries} times": len(waits) >= tries,
        f"still sick: each wait {_LONGER} times as long": all(
            later >= _LONGER * earlier for earlier, later in pairwise(waits)
        ),
    }
    details: dict[str, Any] = {
        "bars": bars,
        "waits_seconds": [round(wait, 1) for wait in waits],
        "healed": _told(healed),
        "sick": _told(sick),
    }
    flaps = max(0, rollbacks - 1) + whole
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


def _told(states: States) -> list[str]:
    """Each state, and the second at which it began."""
    return [f"{state} {at - states[0][0]:.0f}" for at, state in states]


def _times(states: States, wanted: str) -> int:
    return sum(state == wanted for _, state in states)


def _lasted(states: States, wanted: str) -> list[float]:
    """How long each stay in a state was that ended."""
    return [after[0] - before[0] for before, after in pairwise(states) if before[1] == wanted]
