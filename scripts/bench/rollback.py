#!/usr/bin/env python3
"""Rollbacks of tracing on the local cluster, with real pods: from the first bad frame to the last pod without instrumentation.

Each trigger five times: lost spans, a dead Jaeger, too much overhead, and a person's word. In the same runs: how soon
tracing is off in the running pods, whether that lost a frame, the cameras' gaps, and whether a neighbour was touched. `--faults`
kills the operator at a random moment of each, and restarts the API server in one of each trigger; `--recovery` watches the returns
for twenty minutes.
"""

from __future__ import annotations

import asyncio
import random
import signal
import sys
import tempfile
from pathlib import Path

import bootstrap  # type: ignore[import-not-found]  # noqa: F401 - first: the repository's own Python, found beside this file
from frametrace_api.status_tracing import RollbackTrigger

from scripts.bench.rollback_parts.backend import backend
from scripts.bench.rollback_parts.place import Place, place, until
from scripts.bench.rollback_parts.recovery import recovery
from scripts.bench.rollback_parts.run import Rollback, roll_back, spec, until_decided
from scripts.bench.rollback_parts.together import together, told
from scripts.bench.rollback_parts.triggers import TRIGGERS
from scripts.bench.verdict import conclude, parser
from scripts.cluster.restart import restart_api_server

NEIGHBOUR = "neighbour"
TIMES = 5
KILLED: list[str] = []
"""How each rollback stood when the operator was killed."""


async def one(here: Place, number: int, trigger: RollbackTrigger, folder: Path, fault: str = "") -> Rollback:
    """One rollback of a pipeline of its own."""
    name = f"yard-{number}"
    async with TRIGGERS[trigger](here, name, folder / name) as case:
        await here.apply(name, case.spec)
        try:
            await until(lambda: here.ready(name), f"{name} ready", 150)
            disturb = {"": None, "killed": lambda: kill(here, name, number), "api": lambda: restart(here, name)}[fault]
            found = await roll_back(here, name, trigger, case.begin, neighbour=NEIGHBOUR, disturb=disturb)
        finally:
            await here.delete(name)
    print(f"{trigger.value}{' ' + fault if fault else ''}: {told(found)}", flush=True)
    return found


async def kill(here: Place, name: str, number: int) -> None:
    """End the operator by SIGKILL at some moment, and begin another one: soon after the decision, any time after, or before it."""
    before, most = ((False, 1.0), (False, 12.0), (True, 12.0))[number % 3]
    if not before:
        await until_decided(here, name)
    await asyncio.sleep(random.uniform(0.0, most))  # noqa: S311 - no secret
    await here.end(signal.SIGKILL)
    try:
        status = await here.status(name)
        KILLED.append(f"{status.get('state')} {(status.get('lastRollback') or {}).get('step', '')}".strip())
    finally:
        here.start()


async def restart(here: Place, name: str) -> None:
    """Restart the API server in the middle of it."""
    await until_decided(here, name)
    await asyncio.to_thread(restart_api_server)


async def measure(runs: list[tuple[RollbackTrigger, str]]) -> tuple[list[Rollback], list[str]]:
    """All of them, one after the other, beside a neighbour; and what became of those that failed."""
    found, failed = list[Rollback](), list[str]()
    with tempfile.TemporaryDirectory(prefix="frametrace-rollback-") as folder:
        log = Path(folder) / "operator.log"
        async with place(log) as here, backend(Path(folder) / NEIGHBOUR) as jaeger:
            here.start()
            await here.apply(NEIGHBOUR, spec(cameras=1, tracing={"backend": jaeger.spec}))
            await until(lambda: here.ready(NEIGHBOUR), "the neighbour ready", 150)
            for number, (trigger, fault) in enumerate(runs):
                try:
                    found.append(await one(here, number, trigger, Path(folder), fault))
                except Exception as error:  # noqa: BLE001 - whatever it is, the others tell theirs
                    failed.append(f"{trigger.value} {fault}: {error}")
                    print(failed[-1], log.read_text()[-6000:], sep="\n", file=sys.stderr, flush=True)
    return found, failed


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
        runs = [(each, "killed") for each in triggers for _ in range(options.times)]
        runs += [(each, "api") for each in triggers]
    else:
        runs = [(each, "") for each in triggers for _ in range(options.times)]
    name = "rollback_faults" if options.faults else "rollback"
    case = f"{len(runs)} rollbacks of 2 cameras and a stage, windows of 5 s"
    found, failed = asyncio.run(measure(runs))
    killed = KILLED if options.faults else None
    return conclude(together(name, found, failed, case, killed=killed, quick=options.quick))


if __name__ == "__main__":
    sys.exit(main())
