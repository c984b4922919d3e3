"""Windows of many pipelines end in the same moments, as they begin at whole buckets; they are read one after the other all the same."""

from __future__ import annotations

import pytest
from frame_tracking import Ledger
from frame_tracking.ledger_window import BUCKET_SECONDS
from frametrace_operator.guard.measuring.watch import Watch
from frametrace_operator.pods.base import Asked, Target

from tests.unit.operator.guard.measuring.test_watch import Site

PIPELINES = 24
NEXT = 1.7
"""Seconds after a window's end that its reading is due."""


@pytest.mark.parametrize("length", [5, 30])
async def test_windows_of_many_pipelines_are_read_one_after_the_other_and_soon(
    length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site()
    site.watch = Watch(site.ledgers, site.jaegers, site.changes.append, site.time)
    read, late = site.ledgers.read, list[float]()

    async def noted(target: Target, asked: Asked | None = None) -> Ledger:
        if asked is not None and target == site.capture.target:
            late.append(site.time.now() - asked.end)
        return await read(target, asked)

    monkeypatch.setattr(site.ledgers, "read", noted)
    watched = site.told(window_seconds=length)
    async with site.running():
        site.watch.forget("line")
        for number in range(PIPELINES):
            site.watch.follow(f"line-{number}", watched)
        await site.go(4 * length)

    latest = min(BUCKET_SECONDS, length / 6)
    assert len(late) >= 2 * PIPELINES
    assert all(NEXT - 0.1 <= seconds <= NEXT + latest + 0.2 for seconds in late)
    assert len({round(seconds, 1) for seconds in late}) > PIPELINES / 4
