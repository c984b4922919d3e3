"""Runs the feeder with a clock that is wrong by so many seconds: all that its process reads of the time, from its imports on."""

from __future__ import annotations

import runpy
import sys
import time

if __name__ == "__main__":
    skew = float(sys.argv.pop(1))
    right, right_ns = time.time, time.time_ns
    time.time = lambda: right() + skew
    time.time_ns = lambda: right_ns() + round(skew * 1e9)
    runpy.run_module("scripts.bench.guard_parts.feeder", run_name="__main__", alter_sys=True)
