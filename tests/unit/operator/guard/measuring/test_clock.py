"""Clocks: what is compared within the process never steps back; what is told goes on by the wall's clock, set back or not."""

from __future__ import annotations

import time

import pytest
from frametrace_operator.guard.measuring.clock import RealClock


def test_a_wall_clock_that_is_set_back_or_forward_moves_no_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, wall = RealClock(), time.time()
    before = clock.now()
    for step in (-3600.0, 3600.0):
        monkeypatch.setattr(time, "time", lambda step=step: wall + step)
        assert 0 <= clock.now() - before < 60
        assert clock.wall() == wall + step
