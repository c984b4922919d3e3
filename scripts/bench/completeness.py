#!/usr/bin/env python3
"""Whether every frame's trace is complete, on each transport, by what a real Jaeger returns by the frame's ID.

A capture and a tree of stages (capture -> look -> again, capture -> aside) trace everything; the first stage writes down
the IDs that it sees, so that the list of frames does not come from the traces. A number of the session that is not among
them must have ended at capture by its ledger (an overloaded machine drops pictures there). Each one's trace must be complete as `frame_tracking.judge` has it: every hop, no orphan, one outcome
a branch. Over Redis and RabbitMQ these are processes, with the runtime's own command; over memory, one process.
"""

from __future__ import annotations

import sys

import bootstrap  # type: ignore[import-not-found]  # noqa: F401 - first: the repository's own Python, found beside this file

from scripts.bench.completeness_parts.over import FRAMES, QUICK_FRAMES, TRANSPORTS, one
from scripts.bench.verdict import Verdict, conclude, parser


def main() -> int:
    """Run it."""
    arguments = parser(__doc__ or "")
    arguments.add_argument("--transport", choices=[*TRANSPORTS, "all"], default="all", help="--quick takes Redis alone")
    options = arguments.parse_args()
    frames = QUICK_FRAMES if options.quick else FRAMES
    wanted = list(TRANSPORTS) if options.transport == "all" else [options.transport]
    wanted = ["redis"] if options.quick and options.transport == "all" else wanted
    found = {name: one(name, frames) for name in wanted}
    worst = min(each.complete for each in found.values())
    details = {
        name: {"seen": each.asked, "complete": each.complete, "wrong": each.wrong} for name, each in found.items()
    }
    case = f"{frames} frames each over {', '.join(wanted)}; 3 stages in a tree"
    bar = f"= {frames} of {frames} frames, on each transport"
    return conclude(Verdict("completeness", worst, "frames", bar, worst == frames, None, case, options.quick, details))


if __name__ == "__main__":
    sys.exit(main())
