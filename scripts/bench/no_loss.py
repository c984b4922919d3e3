#!/usr/bin/env python3
"""Whether a frame is ever lost without a word: processes killed at random, the broker restarted, every frame looked for.

A producer and the replicas of two stages (capture -> motion x 2 -> verify) run as processes on the product's own
transports and stage loop; each writes every decision down before it takes the next step, so that kill -9 hides nothing
but the frame in hand. They are killed at random (the seed is printed) and started anew; the broker is killed and
started again. In the end every frame that got an ID must be accounted for by identity: completed, dropped or
dead-lettered with a reason, never acknowledged by the broker, or (a Redis in memory only) lost with the broker and
told so. The brokers' files are in shared memory where there is any: processes are killed, not the machine, and how fast a
disk synchronises is not the point. Around a restart of the broker no process is killed: what a process handed over, only that process can tell.
"""

from __future__ import annotations

import secrets
import sys
import tempfile
import time
from pathlib import Path

import bootstrap  # type: ignore[import-not-found]  # noqa: F401 - first: the repository's own Python, found beside this file

from scripts.bench.no_loss_parts.fates import Reckoning
from scripts.bench.no_loss_parts.plan import Size, plan_of
from scripts.bench.no_loss_parts.run import run
from scripts.bench.no_loss_parts.servers import BROKERS
from scripts.bench.verdict import Verdict, conclude, parser
from scripts.servers.rabbitmq import FAST_FOLDER

QUICK = Size(frames=2_000, per_second=120.0, kills=3, restarts=1)
WHOLE = Size(frames=100_000, per_second=500.0, kills=20, restarts=2)


def one(name: str, seed: int, *, quick: bool) -> Reckoning:
    """Run it with one broker."""
    with tempfile.TemporaryDirectory(prefix="frametrace-no-loss-", dir=FAST_FOLDER) as made:
        folder, begun = Path(made), time.monotonic()
        print(f"{name}: seed {seed}", flush=True)
        broker = BROKERS[name](folder)
        try:
            found = run(folder, broker, plan_of(seed, QUICK if quick else WHOLE))
        finally:
            broker.stop()
        print(f"{name}: {time.monotonic() - begun:.0f} s, {dict(found.fates)}, {found.unaccounted[:5]}", flush=True)
    return found


def main() -> int:
    """Run it."""
    arguments = parser(__doc__ or "")
    arguments.add_argument("--broker", choices=[*BROKERS, "all"], default="all", help="which broker; --quick takes one")
    arguments.add_argument("--seed", type=int, default=secrets.randbelow(2**31), help="draws the kills")
    options = arguments.parse_args()
    wanted = list(BROKERS) if options.broker == "all" else [options.broker]
    wanted = wanted[:1] if options.quick else wanted
    found = {name: one(name, options.seed, quick=options.quick) for name in wanted}
    unaccounted = sum(len(each.unaccounted) for each in found.values())
    size = QUICK if options.quick else WHOLE
    case = f"{', '.join(wanted)}: {size.frames} frames each, {size.kills} kills, {size.restarts} restarts of the broker"
    details = {"seed": options.seed} | {
        name: {
            "captured": each.captured,
            "fates": dict(each.fates),
            "told_twice": dict(each.told_twice),
            "duplicates": each.duplicates,
        }
        for name, each in found.items()
    }
    enough = all(each.captured >= size.frames for each in found.values())
    ok = unaccounted == 0 and enough
    verdict = Verdict(
        "no_loss", unaccounted, "frames", "= 0 frames unaccounted for", ok, None, case, options.quick, details
    )
    return conclude(verdict)


if __name__ == "__main__":
    sys.exit(main())
