#!/usr/bin/env python3
"""What the guard measures of lost traces against what a lossy proxy really lost; its false alarms; its time to alarm.

Runtime, proxy and Jaeger are processes of their own; the proxy loses spans and answers that it took them, so that only the
comparison of ledgers with Jaeger can tell. Windows of up to 4,000 frames must be exact, by count and by identity; above, the
99 % interval must hold the truth (not refuted by a binomial test at 1 %). `--calm` loses nothing, but lets Jaeger be slow,
down, restarted and too small, and pods be rolled, killed and wrong about the time: no window may raise an alarm.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
from pathlib import Path

import bootstrap  # type: ignore[import-not-found]  # noqa: F401 - first: the repository's own Python, found beside this file
from frametrace_operator.guard.audit.shares import WHOLE

from scripts.bench.guard_parts.accuracy import Accuracy, accuracy
from scripts.bench.guard_parts.alarm import seconds_to_alarm
from scripts.bench.guard_parts.calm import calm
from scripts.bench.guard_parts.compared import refuted
from scripts.bench.verdict import Verdict, conclude, parser

MOST_ALARM_SECONDS = 90.0
LEAST_WINDOWS = 100


def _accurate(found: Accuracy, alarms: list[float], *, quick: bool) -> Verdict:
    """The verdict on windows with losses."""
    exact = [each for each in found.windows if each.exact]
    sampled = [each for each in found.windows if not each.exact]
    uncovered = sum(not each.covered for each in sampled)
    wrong = max((each.difference for each in exact), default=0)
    enough = bool(exact) and (quick or len(sampled) >= LEAST_WINDOWS)
    ok = wrong == 0 and enough and not refuted(len(sampled), uncovered)
    ok = ok and all(seconds <= MOST_ALARM_SECONDS for seconds in alarms)
    bar = "difference 0 where exact; interval not refuted" + (
        "" if quick else f"; alarm within {MOST_ALARM_SECONDS:g} s"
    )
    details = {
        "exact_windows": len(exact),
        "exact_frames": sum(each.finding.expected for each in exact),
        "frames_in_flight": sum(each.in_flight for each in found.windows),
        "sampled_windows": len(sampled),
        "uncovered": uncovered,
        "seconds_to_alarm": [round(seconds, 1) for seconds in alarms],
        "losses_percent": found.losses,
    }
    case = f"{len(found.windows)} windows of a capture and two stages, real Jaeger"
    return Verdict("guard_accuracy", wrong, "frames wrong in a window", bar, ok, None, case, quick, details)


def main() -> int:
    """Run it."""
    arguments = parser(__doc__ or "")
    arguments.add_argument("--calm", action="store_true", help="faults that are no loss: count false alarms")
    arguments.add_argument("--minutes", type=float, default=60.0, help="of quiet before the faults of --calm")
    arguments.add_argument(
        "--sample",
        type=int,
        default=WHOLE,
        help="take samples of so many frames, of windows three times as large: where 4,000 are too many for the machine",
    )
    options = arguments.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that nothing is left running
    with tempfile.TemporaryDirectory(prefix="frametrace-guard-") as made:
        folder = Path(made)
        if options.calm:
            quiet = 0.15 if options.quick else options.minutes
            return conclude(asyncio.run(calm(folder, quiet * 60, quick=options.quick)))
        found = asyncio.run(accuracy(folder, options.sample, quick=options.quick))
        alarms = [] if options.quick else asyncio.run(seconds_to_alarm(folder))
    return conclude(_accurate(found, alarms, quick=options.quick))


if __name__ == "__main__":
    sys.exit(main())
