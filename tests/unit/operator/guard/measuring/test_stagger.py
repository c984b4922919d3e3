"""Windows of many pipelines end in the same moments, as they begin at whole buckets; they are read one after the other all the same."""

from __future__ import annotations

import pytest
from frame_tracking import Ledger
from frame_tracking.ledger_window import BUCKET_SECONDS
from frametrace_operator.guard.measuring.watch import Watch
from frametrace_operator.pods.base import Asked, Target

from tests.unit.operator.guard.measuring.test_watch import Site

MANY = 60
NEXT = 1.7
"""Seconds after a window's end that its reading is due."""


@pytest.fixture
def site() -> Site:
    site = Site()
    site.watch = Watch(site.ledgers, site.jaegers, site.changes.append, site.time)
    return site


async def lateness(site: Site, monkeypatch: pytest.MonkeyPatch, pipelines: int, **fields: int) -> list[float]:
    """How long after their ends windows of so many pipelines are read, in seconds."""
    read, late = site.ledgers.read, list[float]()

    async def noted(target: Target, asked: Asked | None = None) -> Ledger:
        if asked is not None and target == site.capture.target:
            late.append(site.time.now() - asked.end)
        return await read(target, asked)

    monkeypatch.setattr(site.ledgers, "read", noted)
    watched = site.told(**fields)
    async with site.running():
        site.watch.forget("line")
        for number in range(pipelines):
            site.watch.follow(f"line-{number}", watched)
        await site.go(4 * watched.length)
    assert len(late) >= 2 * pipelines
    return late


@pytest.mark.parametrize("length", [5, 30])
async def test_windows_of_many_pipelines_are_read_one_after_the_other_and_soon(
    site: Site, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = await lateness(site, monkeypatch, MANY, window_seconds=length)
    latest = min(BUCKET_SECONDS, length / 6)
    assert all(NEXT - 0.1 <= seconds <= NEXT + latest + 0.2 for seconds in late)
    assert max(late) - min(late) > latest / 2
    assert len({round(seconds, 1) for seconds in late}) > 5


@pytest.mark.parametrize(
    ("pipelines", "fields"),
    [(20, {}), (MANY, {"window_seconds": 60}), (MANY, {"trace_seconds": 50})],
    ids=["few", "long", "soon forgotten"],
)
async def test_windows_that_need_not_wait_or_must_not_are_read_at_once(
    site: Site, pipelines: int, fields: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    late = await lateness(site, monkeypatch, pipelines, **fields)
    assert all(NEXT - 0.1 <= seconds <= NEXT + 0.3 for seconds in late)
