"""Runs benchmarks one after the other, and keeps what a whole run found in docs/reference/.

`python -m scripts.bench` runs all; names run those; `--quick` runs smaller cases and keeps nothing.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime

from scripts.bench.benchmarks import BENCHMARKS, Benchmark
from scripts.bench.page import keep_result, machine_and_versions
from scripts.cluster.paths import cache_root
from scripts.prove.__main__ import outcome, run_logged
from scripts.prove.results import ROOT, Result, commit

__all__ = ["main", "measure"]


def measure(benchmark: Benchmark, *, quick: bool) -> Result:
    """Run one benchmark, its output in a log of the cache folder."""
    logs = cache_root() / "bench"
    logs.mkdir(parents=True, exist_ok=True)
    log, at, begun = logs / f"{benchmark.name}.log", commit(), time.monotonic()
    script, *arguments = benchmark.command.split()
    command = (sys.executable, str(ROOT / script), *arguments, *(["--quick"] if quick else []))
    with log.open("wb") as file:
        ended = run_logged(command, file, benchmark.quick_seconds if quick else benchmark.limit_seconds)
    found = outcome(log)
    at = at if commit() == at else f"{at.removesuffix('+')}+"  # the checkout changed while it was measured
    finished = datetime.now(UTC).isoformat(timespec="seconds")
    ok = ended and found.get("ok") is True
    seconds = round(time.monotonic() - begun)
    print(f"{benchmark.name}: {'ok' if ok else 'FAILED'} in {seconds} s, {found.get('figure')} ({found.get('bar')})")
    print(f"  log: {log}", flush=True)
    return Result(benchmark.name, at, machine_and_versions(), finished, seconds, ok, found)


def main() -> int:
    """Run what is asked for; the exit code is 1 if a figure misses its bar."""
    names = {benchmark.name: benchmark for benchmark in BENCHMARKS}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(names)}; all without any")
    parser.add_argument("--quick", action="store_true", help="smaller cases; nothing is kept")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in names]
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)}")
    ok = True
    for name in options.names or names:
        result = measure(names[name], quick=options.quick)
        ok = ok and result.ok
        if not options.quick:
            keep_result(result)
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
