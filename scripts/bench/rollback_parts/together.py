"""What some rollbacks say together, and whether that is within the bars. Nothing is measured here."""

from __future__ import annotations

import math
import statistics
from typing import Any

from frametrace_api.status_tracing import GuardState

from scripts.bench.rollback_parts.run import NEVER, Rollback
from scripts.bench.verdict import Verdict

__all__ = ["CAMERAS", "together", "told"]

CAMERAS = 2
MOST_SECONDS, MOST_MEDIAN, MOST_LIVE_OFF, MOST_GAP = 300.0, 150.0, 2.0, 10.0


def told(found: Rollback) -> dict[str, Any]:
    """A rollback in short."""
    gaps = [round(gap, 2) for gap in found.gaps]
    off, lost = round(found.live_off, 2), {"lost": found.lost} if found.lost else {}
    return {"seconds": round(found.seconds, 1), "live_off": off, "gaps": gaps, **lost}


def together(
    name: str, found: list[Rollback], failed: list[str], case: str, *, killed: list[str] | None = None, quick: bool
) -> Verdict:
    """What they say together. The figure is the median of the slowest trigger.

    Args:
        name: of the command.
        found: rollbacks that were complete.
        failed: what became of the others.
        case: what was run.
        killed: how each rollback stood when the operator was killed; None if nothing was disturbed.
        quick: whether it was the smaller case.
    """
    seconds = [each.seconds for each in found] or [NEVER]
    triggers = {each.trigger: [other.seconds for other in found if other.trigger == each.trigger] for each in found}
    medians = {trigger: round(statistics.median(times), 1) for trigger, times in triggers.items()}
    gaps = sorted(gap for each in found for gap in each.gaps) or [NEVER]
    p95 = gaps[max(0, math.ceil(len(gaps) * 0.95) - 1)]
    live_off = max((each.live_off for each in found), default=NEVER)
    slowest = max(medians.values(), default=NEVER)
    bars = {
        "all complete": not failed,
        f"all < {MOST_SECONDS:.0f} s": max(seconds) < MOST_SECONDS,
        f"median of each trigger <= {MOST_MEDIAN:.0f} s": slowest <= MOST_MEDIAN,
        f"capture gap p95 <= {MOST_GAP:.0f} s": p95 <= MOST_GAP,
        "all cameras came back": all(len(each.gaps) == CAMERAS for each in found) and max(gaps) < NEVER,
        "neighbour untouched": not any(each.touched for each in found),
        "one rollback each": all(each.reports == 1 for each in found),
    }
    if killed is None:
        bars[f"live-off <= {MOST_LIVE_OFF:.0f} s"] = live_off <= MOST_LIVE_OFF
        bars["frames lost = 0"] = not any(each.lost for each in found)
    elif not quick:
        in_the_middle = sum(each.startswith(GuardState.ROLLING_BACK) for each in killed)
        bars["a third killed in the middle"] = bool(killed) and 3 * in_the_middle >= len(killed)
    details = {
        "bars": bars,
        "failed": failed,
        "median_seconds": medians,
        "slowest_seconds": round(max(seconds), 1),
        "live_off_seconds": round(live_off, 2),
        "gap_p95_seconds": round(p95, 2),
        **({"killed_in": killed} if killed else {}),
        "runs": [{"trigger": each.trigger, **told(each)} for each in found],
    }
    bar = f"median of each trigger <= {MOST_MEDIAN:.0f} s, and all bars of the details"
    return Verdict(name, slowest, "s", bar, all(bars.values()), None, case, quick, details)
