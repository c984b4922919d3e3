"""Pods that come, go or do not tell: what they did hides no loss of the others."""

from __future__ import annotations

from dataclasses import replace

from frametrace_operator.guard.evidence import Cause
from frametrace_operator.guard.jaeger.base import JaegerAt
from frametrace_operator.pods.base import Target

from tests.unit.operator.guard.measuring.test_watch import Pod, Site


async def test_counts_find_a_loss_in_time_after_a_rollout_too() -> None:
    site = Site()
    site.at = JaegerAt(site.at.url, metrics_url="http://jaeger/metrics")
    site.watched = site.told()

    async with site.running():
        site.in_a_fleet()
        await site.go_counted(50)
        site.ledgers.silence(site.motion.ip)
        site.motion = Pod(site, "motion", "10.0.0.3")
        site.watch.follow("line", site.told())
        await site.go_counted(50)
        since, begun = len(site.frames), site.time.now()
        site.loses = lambda frame: frame.sequence > since and frame.sequence % 20 == 0
        while sum(audit.low > 1 for audit in site.audits) < 2:
            await site.go_counted(1)
            assert site.time.now() - begun < 105


async def test_counts_find_a_loss_while_a_ledger_flaps_and_replicas_come() -> None:
    site = Site()
    site.at = JaegerAt(site.at.url, metrics_url="http://jaeger/metrics")
    site.watched = site.told()
    others = [Pod(site, "motion", f"10.0.0.{number}") for number in range(3, 20)]
    site.loses = lambda frame: frame.sequence % 20 == 0 and frame.sequence > 600
    async with site.running():
        site.in_a_fleet()
        for second in range(200):
            await site.go_counted(1)
            if second % 15 == 0:
                for each in others[: second // 15 + 1]:
                    each.tell()
                more = {each.target for each in others[1 : second // 15 + 1]}
                site.watch.follow("line", replace(site.told(), targets=site.told().targets | {others[0].target} | more))
            if second % 60 == 30:
                site.ledgers.silence(others[0].ip)

    assert sum(audit.missing > 5 for audit in site.audits) >= 2


async def test_a_capture_that_never_tells_excuses_no_loss_of_another_camera() -> None:
    site = Site()
    captures = {replace(site.capture.target, camera="cam01"), Target("c2", "uid-c2", "10.0.0.9", "capture", "cam02")}
    site.watched = replace(site.told(), targets=frozenset({site.motion.target, *captures}))
    site.loses = lambda frame: frame.sequence % 20 == 0
    async with site.running():
        await site.go(130)

    assert [(audit.missing, audit.unknown, audit.cause) for audit in site.audits] == [
        (15, 0, Cause.LOST_ON_THE_WAY)
    ] * 3


async def test_a_replica_that_stays_silent_excuses_the_window_in_which_it_fell_silent_alone() -> None:
    site = Site()
    other = Pod(site, "motion", "10.0.0.3")
    other.tell()
    site.watched = replace(site.told(), targets=site.watched.targets | {other.target})
    site.drops = lambda frame: "queue_full" if frame.sequence % 20 == 0 else ""
    async with site.running():
        await site.go(45)
        site.ledgers.silence(other.ip)
        await site.go(115)

    assert [(audit.missing, audit.unknown) for audit in site.audits[1:]] == [(0, 15), (15, 0), (15, 0)]


async def test_a_stage_that_is_scaled_up_and_down_again_and_again_hides_no_loss_of_whole_frames() -> None:
    site = Site()
    site.loses = lambda frame: frame.sequence % 20 == 0
    other = Pod(site, "motion", "10.0.0.3")
    other.tell()
    async with site.running():
        for step in range(26):
            more = {other.target} if step % 2 else set()
            site.watch.follow("line", replace(site.watched, targets=site.watched.targets | more))
            await site.go(5)

    assert [(audit.missing, audit.unknown) for audit in site.audits] == [(15, 0)] * 3
