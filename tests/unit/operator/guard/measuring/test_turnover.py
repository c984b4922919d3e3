"""A Jaeger that gives up traces before they are looked for, though nobody knows its room: not to be taken for a loss."""

from __future__ import annotations

from frametrace_api.status_tracing import AuditResult

from tests.unit.operator.guard.measuring.test_watch import FPS, Site, journey


async def flooded(site: Site, seconds: int, keeps: int) -> None:
    """Let Jaeger have, for so long, the frames of the last `keeps` seconds alone."""
    for _ in range(seconds):
        await site.go(1)
        kept = [journey(frame) for frame in site.frames[-keeps * FPS :] if not site.loses(frame)]
        site.jaegers.lose(site.at.url)
        site.jaegers.put(site.at.url, *kept)


async def test_a_shared_jaeger_that_turns_over_before_a_window_settles_is_too_small_for_as_long_as_it_does() -> None:
    site = Site()
    site.watched = site.told(life="")
    async with site.running():
        await site.go(60)
        await flooded(site, 240, keeps=8)

    told = site.audits[2:]
    assert {audit.result for audit in told} == {AuditResult.UNKNOWN}
    assert all(audit.evicted == 300 and "too small" in audit.reason for audit in told[-3:])


async def test_a_jaeger_that_turns_over_more_slowly_than_can_be_waited_for_is_told_as_no_loss() -> None:
    site = Site()
    site.watched = site.told(life="", settle_seconds=80)
    async with site.running():
        await site.go(60)
        await flooded(site, 300, keeps=75)

    assert len(site.audits) >= 3
    assert all((audit.missing, audit.unknown) == (0, 300) for audit in site.audits)


async def test_a_stage_that_loses_all_from_the_start_is_told_at_once_as_the_beginnings_of_frames_are_there() -> None:
    site = Site()
    site.drops = lambda _: "refused"
    async with site.running():
        await site.go(78)

    assert [(audit.missing, audit.hop) for audit in site.audits] == [(300, "motion")] * 2


async def test_a_loss_of_everything_is_missing_also_where_frames_of_this_moment_are_there_again() -> None:
    site = Site()
    site.loses = lambda frame: frame.sequence <= 400
    async with site.running():
        await site.go(100)

    assert [(audit.expected, audit.missing, audit.evicted) for audit in site.audits[:2]] == [
        (300, 300, 0),
        (300, 100, 0),
    ]


async def test_frames_that_were_kept_though_sampling_left_them_out_take_room_too() -> None:
    site = Site()
    site.watched = site.told(max_traces=900)
    site.loses = lambda _: True
    async with site.running():
        await site.go(50)
        room_for_all = site.audits
        for _ in range(60):
            site.motion.partial += 30
            await site.go(1)

    assert [audit.missing for audit in room_for_all] == [300]
    assert site.audits[-1].evicted == 300
