"""Pods that come, go or do not tell: what they did hides no loss of the others."""

from __future__ import annotations

from frametrace_operator.guard.jaeger.base import JaegerAt, Taken

from tests.unit.operator.guard.measuring.test_watch import Pod, Site


async def test_counts_find_a_loss_in_time_after_a_rollout_too() -> None:
    site = Site()
    site.at = JaegerAt(site.at.url, metrics_url="http://jaeger/metrics")
    site.watched = site.told()

    async def go(seconds: int) -> None:
        for _ in range(seconds):
            await site.go(1)
            lost = sum(site.loses(frame) for frame in site.frames)
            site.jaegers.took[site.at.url] = Taken(4 * (len(site.frames) - lost))

    async with site.running():
        for number in range(5000):
            site.watch.lookups.share(f"other-{number}", 900, 30, suspect=False)
        await go(50)
        site.ledgers.silence(site.motion.ip)
        site.motion = Pod(site, "motion", "10.0.0.3")
        site.watch.follow("line", site.told())
        await go(50)
        since, begun = len(site.frames), site.time.now()
        site.loses = lambda frame: frame.sequence > since and frame.sequence % 20 == 0
        while sum(audit.low > 1 for audit in site.audits) < 2:
            await go(1)
            assert site.time.now() - begun < 105
