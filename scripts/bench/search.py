#!/usr/bin/env python3
"""Time to find a frame's journey with 1,000,000 spans stored, in badger and in memory: over HTTP, and as commands and the page do."""

import bootstrap  # type: ignore[import-not-found]  # noqa: F401  # isort: skip - first of all: the right Python, and the repository importable

import sys
from itertools import product

from scripts.bench.frame_spans import SPANS_OF_A_FRAME
from scripts.bench.search_parts import STORAGES, searched
from scripts.bench.verdict import Verdict, conclude, parser

BAR_MS, AIM_MS = 1000.0, 50.0
STORES = tuple(product(STORAGES, (32, 1)))
"""Storage and cameras; the smaller case has each of both once."""
QUICK = (("badger", 1), ("memory", 32))


def main() -> int:
    """Measure both storages, with many cameras and with one."""
    arguments = parser(__doc__ or "").parse_args()
    sizes, searches, few = ((100_000,), 60, 4) if arguments.quick else ((10_000, 100_000, 1_000_000), 1000, 40)
    measured: dict[str, float] = {}
    for storage, cameras in QUICK if arguments.quick else STORES:
        for found in searched(storage, sizes, searches, cameras, few):
            print(found, flush=True)
            measured |= found
    last = {key: value for key, value in measured.items() if f"_{sizes[-1]}_p99_" in key}
    worst = max(last.values())
    details = (
        measured | _growth(measured, sizes) | {"aim_missed_by": [key for key, each in last.items() if each >= AIM_MS]}
    )
    return conclude(
        Verdict(
            name="search",
            figure=worst,
            unit="ms",
            bar=f"p99 of each way of searching < {BAR_MS:g} ms; aim < {AIM_MS:g} ms",
            ok=worst < BAR_MS,
            case=f"{sizes[-1]:,} spans, {searches} searches by ID, up to 300 of each other kind over HTTP, and {few} of each as commands and the page do, "
            f"{SPANS_OF_A_FRAME} spans a frame, 32 cameras and one",
            quick=arguments.quick,
            details=details,
        )
    )


def _growth(measured: dict[str, float], sizes: tuple[int, ...]) -> dict[str, float]:
    """How many times as long a search takes with the most spans as with the fewest, by its kind."""
    first, last = sizes[0], sizes[-1]
    medians = {key: value for key, value in measured.items() if f"_{last}_p50_" in key and first != last}
    return {
        f"growth_of_{key.partition(f'_{last}_')[0]}": round(value / measured[key.replace(f"_{last}_", f"_{first}_")], 2)
        for key, value in medians.items()
    }


if __name__ == "__main__":
    sys.exit(main())
