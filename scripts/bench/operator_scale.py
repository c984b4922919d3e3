#!/usr/bin/env python3
"""The operator at scale: a thousand pipelines from apply to Ready, one change among them, a restart, ten idle minutes.

A real API server, etcd, controllers and scheduler run in network and process namespaces of this benchmark's own; pods only seem
to run (kwok), and their ledgers are answered by a stub. `kubectl apply --server-side` of the same children on a
control plane as fresh is timed in the same run, for comparison. `--sweep` measures the growth instead, over 100, 300
and 1,000 pipelines, and draws it. `--guard` measures what the guard alone costs: ledgers with real windows of frames and a
Jaeger that knows their traces are answered by a stub, and one pipeline in a hundred has traces missing.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import asdict, dataclass

import bootstrap  # type: ignore[import-not-found]  # noqa: F401 - first: the repository's own Python, found beside this file

from scripts.bench.operator_scale_parts import measure
from scripts.bench.operator_scale_parts.growth import drawn, excess
from scripts.bench.operator_scale_parts.guard_cost import WINDOW_SECONDS, cost
from scripts.bench.operator_scale_parts.guard_frames import FRAMES_PER_SECOND
from scripts.bench.operator_scale_parts.installed import installed
from scripts.bench.operator_scale_parts.isolation import enter
from scripts.bench.operator_scale_parts.operator import running_operator
from scripts.bench.verdict import Verdict, conclude, parser
from scripts.cluster.build import ensure_binaries
from scripts.prove.results import ROOT

MOST_SECONDS, MOST_MEBIBYTES, MOST_RATIO = 253.0, 223.0, 1.5
MOST_CHANGE, MOST_WRITES, MOST_RESYNC, MOST_EXCESS = 0.5, 4, 60.0, 1.25
MOST_CORES, LEAST_WINDOWS, MOST_AGE = 0.1, 0.95, 90.0
QUANTILES = {"median": 0.5, "p99": 0.99, "most": 1.0}
PLOT = ROOT / "docs/reference/operator-scale.svg"


@dataclass(frozen=True, slots=True)
class Size:
    """How many pipelines, changes of one, and idle seconds after a restart.

    Attributes:
        calm: seconds without a write that say that the operator is at rest.
        window: of the guard, in seconds: its first ones are waited for, as they change the status, unless they are very long.
    """

    pipelines: int = 1000
    changes: int = 200
    idle: int = 600
    calm: float = 20.0
    window: int = 30


QUICK = Size(10, 10, 5, calm=4.0, window=600)


def whole(size: Size) -> Verdict:
    """All figures at one size."""
    pipelines, changes, idle = size.pipelines, size.changes, size.idle
    with measure.site() as plane:
        plain = measure.kubectl_seconds(plane, pipelines)
    print(f"kubectl apply of the children: {plain:.1f} s", flush=True)
    with measure.site() as plane:
        with running_operator(plane.kubeconfig, plane.layout.logs / "operator.log") as operator:
            ramp = measure.ramp(plane, operator, pipelines, size.window)
            print(ramp, flush=True)
            took = measure.change(plane, operator, pipelines, changes, size.calm)
            print(took, flush=True)
        quiet = measure.restart(plane, pipelines, idle)
    print(quiet, flush=True)
    p99 = took.quantile(0.99)
    bars = {
        f"seconds <= {MOST_SECONDS:.0f}": ramp.seconds <= MOST_SECONDS,
        f"MiB <= {MOST_MEBIBYTES:.0f}": ramp.peak <= MOST_MEBIBYTES,
        f"of kubectl's time <= {MOST_RATIO}": ramp.seconds <= MOST_RATIO * plain,
        f"change p99 s <= {MOST_CHANGE}": p99 <= MOST_CHANGE,
        "changes lost = 0": not took.lost,
        f"writes of a change beside its children's <= {MOST_WRITES}": took.most_beside_children <= MOST_WRITES,
        f"resync s <= {MOST_RESYNC:.0f}": quiet.seconds <= MOST_RESYNC,
        "writes after the restart = 0": not quiet.writes,
    }
    details = {
        "bars": bars,
        "peak_mebibytes": round(ramp.peak, 1),
        "kubectl_seconds": round(plain, 1),
        "of_kubectls_time": round(ramp.seconds / plain, 2),
        "change_seconds": {name: round(took.quantile(part), 3) for name, part in QUANTILES.items()},
        "changes_lost": took.lost,
        "most_writes_of_a_change_beside_its_childrens": took.most_beside_children,
        "writes_of_all_changes": took.writes,
        "processor_seconds": ramp.processor,
        "writes_until_ready": ramp.writes,
        "restart": asdict(quiet),
    }
    case = f"{pipelines} pipelines, {changes} changes, {idle} s idle"
    bar = f"<= {MOST_SECONDS:.0f} s, and all bars of the details"
    return Verdict("operator_scale", ramp.seconds, "s", bar, all(bars.values()), None, case, size != Size(), details)


def sweep(*, quick: bool) -> Verdict:
    """Time and memory over the number of pipelines."""
    ramps = []
    for pipelines in (5, 10, 20) if quick else (100, 300, 1000):
        with (
            measure.site() as plane,
            running_operator(plane.kubeconfig, plane.layout.logs / "operator.log") as operator,
        ):
            ramps.append(measure.ramp(plane, operator, pipelines))
        print(ramps[-1], flush=True)
    time = excess([(ramp.pipelines, ramp.seconds) for ramp in ramps])
    memory = excess([(ramp.pipelines, ramp.peak) for ramp in ramps])
    if not quick:
        PLOT.write_text(drawn(ramps))
    details = {
        "time_excess": round(time, 2),
        "memory_excess": round(memory, 2),
        "points": [asdict(each) for each in ramps],
    }
    case = ", ".join(f"{ramp.pipelines}" for ramp in ramps) + " pipelines"
    bar = f"<= {MOST_EXCESS} x the line through the first two, time and memory"
    figure = max(time, memory)
    return Verdict("operator_growth", figure, "x", bar, figure <= MOST_EXCESS, None, case, quick, details)


def guard(pipelines: int, seconds: float, *, quick: bool) -> Verdict:
    """What measuring and deciding cost, in cores."""
    found = cost(pipelines, seconds)
    suspect, checked = pipelines // 100, found.asked.get("traces of sick", 0)
    due = suspect * (found.seconds - WINDOW_SECONDS) * FRAMES_PER_SECOND  # one window may lie across the ends
    bars = {
        f"cores <= {MOST_CORES}": found.cores <= MOST_CORES,
        "each window within its time": found.windows >= LEAST_WINDOWS,
        "frames of suspect pipelines looked up >= 95 %": checked >= LEAST_WINDOWS * due,
        "suspect pipelines": found.found["states"].get("Suspect", 0) == suspect,
        "pipelines rolled back = 0": not set(found.found["states"]) - {"Healthy", "Suspect"},
        f"oldest audit s <= {MOST_AGE:.0f}": (found.found["oldest_audit_seconds"] or MOST_AGE + 1) <= MOST_AGE,
    }
    details = {"bars": bars} | asdict(found)
    case = f"{pipelines} pipelines, {suspect} suspect, {seconds:.0f} s"
    bar = f"<= {MOST_CORES} cores, and all bars of the details"
    return Verdict("guard_cost", round(found.cores, 3), "cores", bar, all(bars.values()), None, case, quick, details)


def _size(options: Namespace) -> Size:
    if options.pipelines:
        return Size(options.pipelines, min(200, options.pipelines), 60)
    return QUICK if options.quick else Size()


def main() -> int:
    """Run it."""
    arguments = parser(__doc__ or "")
    arguments.add_argument(
        "--sweep", action="store_true", help="growth over 100, 300 and 1,000 pipelines, with its plot"
    )
    arguments.add_argument("--pipelines", type=int, default=0, help="all but the sweep, with so many pipelines")
    arguments.add_argument(
        "--guard", action="store_true", help="what the guard costs, alone and without a control plane"
    )
    options = arguments.parse_args()
    if options.guard:
        few = options.quick or options.pipelines
        pipelines = options.pipelines or (100 if options.quick else 1000)
        return conclude(guard(pipelines, 60 if few else 300, quick=bool(few)))
    ensure_binaries("kwok")
    installed()
    return enter(lambda: conclude(sweep(quick=options.quick) if options.sweep else whole(_size(options))))


if __name__ == "__main__":
    sys.exit(main())
