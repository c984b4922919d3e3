"""A guard that hangs fails the liveness probe; one that has nothing to do, waits for its windows, or meets silence does not."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from frametrace_operator.guard.measuring.watch import Watch
from frametrace_operator.health import Health
from frametrace_operator.http import serve
from frametrace_operator.metrics import Metrics

from tests.unit.operator.guard.measuring.test_watch import Site

NEITHER: list[str] = []


class Watched:
    """A site whose measuring is watched over, by the same clock."""

    def __init__(self) -> None:
        self.site = Site()
        self.health = Health(self.site.time.now)
        self.health.lead(())
        site = self.site
        site.watch = Watch(site.ledgers, site.jaegers, site.changes.append, site.time, spread=False, alive=self.health)

    def problems(self) -> list[str]:
        """What is wrong, the event loop and the other loops apart, which run in no test."""
        self.health._ticked = self.site.time.now()
        self.health.made_pass()
        return [problem.rpartition(" for ")[0] for problem in self.health.problems()]


@pytest.fixture
def watched() -> Watched:
    return Watched()


async def hang(*_: Any) -> Any:
    """Never answer, against all time-outs."""
    await asyncio.get_running_loop().create_future()


def hang_readings(site: Site) -> None:
    site.ledgers.read = hang  # type: ignore[method-assign]  # as a fault of ours would


def hang_probes(site: Site) -> None:
    site.jaegers.probe = hang  # type: ignore[method-assign]  # as a fault of ours would


@pytest.mark.parametrize(
    ("broken", "said"), [(hang_readings, "no window of traces was read"), (hang_probes, "no Jaeger was probed")]
)
async def test_a_guard_that_hangs_is_found(watched: Watched, broken: Callable[[Site], None], said: str) -> None:
    async with watched.site.running():
        await watched.site.go(95)
        assert watched.problems() == NEITHER
        broken(watched.site)
        await watched.site.go(200)

        assert watched.problems() == [said]


async def test_it_fails_the_probe(watched: Watched) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    runner = await serve(port, watched.health, Metrics().snapshot)
    try:
        async with watched.site.running():
            hang_readings(watched.site)
            await watched.site.go(200)
            watched.problems()
            async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/healthz") as answer:
                assert answer.status == 503
                assert "no window of traces was read for" in await answer.text()
    finally:
        await runner.cleanup()


async def test_without_anything_to_measure_nothing_is_expected(watched: Watched) -> None:
    task = asyncio.ensure_future(watched.site.watch.run())
    await watched.site.time.until(watched.site.time.now() + 3600)
    assert watched.problems() == NEITHER
    task.cancel()


async def test_what_is_measured_no_more_is_not_waited_for(watched: Watched) -> None:
    async with watched.site.running():
        await watched.site.go(60)
        watched.site.watch.forget("line")
        await watched.site.time.until(watched.site.time.now() + 3600)

        assert watched.problems() == NEITHER


async def test_pods_and_a_jaeger_that_do_not_answer_are_no_hanging_guard(watched: Watched) -> None:
    site = watched.site
    async with site.running():
        await site.go(60)
        for pod in (site.capture, site.motion):
            site.ledgers.silence(pod.ip)
        site.jaegers.silence(site.at.url)
        await site.time.until(site.time.now() + 1200)

        assert watched.problems() == NEITHER


async def test_a_capture_whose_clock_goes_back_is_no_hanging_guard(watched: Watched) -> None:
    site = watched.site
    async with site.running():
        await site.go(60)
        site.capture.skew = -7200.0
        for _ in range(12):
            await site.go(30)
            assert watched.problems() == NEITHER


@pytest.mark.parametrize("length", [5, 600])
async def test_long_windows_are_waited_for(watched: Watched, length: int) -> None:
    site = watched.site
    site.watched = site.told(window_seconds=length)
    async with site.running():
        for _ in range(13):
            await site.go(100)
            assert watched.problems() == NEITHER


@pytest.mark.parametrize(("before", "after"), [(600, 30), (120, 5)])
async def test_windows_that_are_made_shorter_are_waited_for_as_long_as_the_last_long_one(
    watched: Watched, before: int, after: int
) -> None:
    site = watched.site
    site.watched = site.told(window_seconds=before)
    async with site.running():
        await site.go(2 * before + 20)
        site.watched = site.told(window_seconds=after)
        site.watch.follow("line", site.watched)
        for _ in range(2 * before // 10):
            await site.go(10)
            assert watched.problems() == NEITHER

        hang_readings(site)
        await site.go(300)
        assert watched.problems() == ["no window of traces was read"]
