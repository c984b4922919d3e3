#!/usr/bin/env python3
"""Rollbacks of tracing on the local cluster, with real pods: from the first bad frame to the last pod without instrumentation.

Each trigger five times: lost spans, a dead Jaeger, too much overhead, and a person's word. In the same runs: how soon
tracing is off in the running pods, the cameras' gaps, and whether a neighbour was touched. `--faults` kills the operator at
a random moment of each, and restarts the API server once; `--recovery` watches the returns for twenty minutes.
"""

from __future__ import annotations

import asyncio
import random
import signal
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import bootstrap  # type: ignore[import-not-found]  # noqa: F401 - first: the repository's own Python, found beside this file
from frametrace_api.status_tracing import RollbackTrigger

from scripts.bench.rollback_parts.place import Place, place, until
from scripts.bench.rollback_parts.recovery import recovery
from scripts.bench.rollback_parts.run import ONLY_BY_HAND, Rollback, roll_back, spec
from scripts.bench.rollback_parts.triggers import TRIGGERS
from scripts.bench.verdict import Verdict, conclude, parser
from scripts.cluster.restart import restart_api_server

MOST_SECONDS, MOST_MEDIAN, MOST_LIVE_OFF, MOST_GAP = 300.0, 150.0, 2.0, 10.0
NEIGHBOUR = "neighbour"
TIMES = 5


async def one(here: Place, number: int, trigger: RollbackTrigger, folder: Path, fault: str = "") -> Rollback:
    """One rollback of a pipeline of its own."""
    name = f"yard-{number}"
    async with TRIGGERS[trigger](here, name, folder / name) as case:
        await here.apply(name, case.spec)
        await until(lambda: here.ready(name), f"{name} ready", 150)
        disturb = {"": None, "killed": lambda: kill(here), "api": lambda: asyncio.to_thread(restart_api_server)}[fault]
        found = await roll_back(here, name, trigger, case.begin, neighbour=NEIGHBOUR, disturb=disturb)
        await here.delete(name)
    print(f"{trigger.value}{' ' + fault if fault else ''}: {told(found)}", flush=True)
    return found


async def kill(here: Place) -> None:
    """End the operator by SIGKILL at some moment of the rollback, and begin another one."""
    await asyncio.sleep(random.uniform(0.0, 12.0))  # noqa: S311 - no secret
    await here.end(signal.SIGKILL)
    here.start()


async def measure(runs: list[tuple[RollbackTrigger, str]]) -> list[Rollback]:
    """All of them, one after the other, beside a neighbour."""
    with tempfile.TemporaryDirectory(prefix="frametrace-rollback-") as folder:
        log = Path(folder) / "operator.log"
        async with place(log) as here:
            here.start()
            await here.apply(NEIGHBOUR, spec(cameras=1, tracing=ONLY_BY_HAND))
            await until(lambda: here.ready(NEIGHBOUR), "the neighbour ready", 150)
            try:
                return [await one(here, number, *run[:1], Path(folder), run[1]) for number, run in enumerate(runs)]
            except Exception:
                print(log.read_text()[-6000:], file=sys.stderr)
                raise


def told(found: Rollback) -> dict[str, Any]:
    """A rollback in short."""
    gaps = [round(gap, 2) for gap in found.gaps]
    return {"seconds": round(found.seconds, 1), "live_off": round(found.live_off, 2), "gaps": gaps}


def verdict(name: str, found: list[Rollback], case: str, *, quick: bool) -> Verdict:
    """What they say together."""
    seconds = [each.seconds for each in found]
    gaps = sorted(gap for each in found for gap in each.gaps)
    p95 = gaps[max(0, round(len(gaps) * 0.95) - 1)] if gaps else float("inf")
    live_off = max(each.live_off for each in found)
    median = statistics.median(seconds)
    bars = {
        f"all < {MOST_SECONDS:.0f} s": max(seconds) < MOST_SECONDS,
        f"median <= {MOST_MEDIAN:.0f} s": median <= MOST_MEDIAN,
        f"capture gap p95 <= {MOST_GAP:.0f} s": p95 <= MOST_GAP,
        "neighbour untouched": not any(each.touched for each in found),
        "one rollback each": all(each.reports == 1 for each in found),
    }
    if name == "rollback":
        bars[f"live-off <= {MOST_LIVE_OFF:.0f} s"] = live_off <= MOST_LIVE_OFF
    details = {
        "bars": bars,
        "slowest_seconds": round(max(seconds), 1),
        "live_off_seconds": round(live_off, 2),
        "gap_p95_seconds": round(p95, 2),
        "runs": [{"trigger": each.trigger, **told(each)} for each in found],
    }
    bar = f"median <= {MOST_MEDIAN:.0f} s, and all bars of the details"
    return Verdict(name, median, "s", bar, all(bars.values()), None, case, quick, details)


def main() -> int:
    """Run it."""
    arguments = parser(__doc__ or "")
    arguments.add_argument(
        "--faults", action="store_true", help="with the operator killed and the API server restarted"
    )
    arguments.add_argument("--recovery", action="store_true", help="returns and failed returns over twenty minutes")
    arguments.add_argument("--trigger", choices=[each.value for each in TRIGGERS], help="only this one")
    arguments.add_argument("--times", type=int, default=TIMES, help="how often each trigger (default: %(default)s)")
    options = arguments.parse_args()
    triggers = [each for each in TRIGGERS if options.trigger in (None, each.value)]
    if options.recovery:
        return conclude(asyncio.run(recovery(minutes=4 if options.quick else 20, quick=options.quick)))
    if options.quick:
        chosen = [RollbackTrigger(options.trigger or RollbackTrigger.REQUESTED)]
        runs = [(each, "killed" if options.faults else "") for each in chosen]
    elif options.faults:
        runs = [(each, "killed") for each in triggers for _ in range(options.times)] + [(triggers[0], "api")]
    else:
        runs = [(each, "") for each in triggers for _ in range(options.times)]
    name = "rollback_faults" if options.faults else "rollback"
    case = f"{len(runs)} rollbacks of 2 cameras and a stage, windows of 5 s"
    return conclude(verdict(name, asyncio.run(measure(runs)), case, quick=options.quick))


if __name__ == "__main__":
    sys.exit(main())
