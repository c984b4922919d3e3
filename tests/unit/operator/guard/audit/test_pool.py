"""Windows that are pooled: thin ones, and samples that leave open whether too much is missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from frame_tracking import FrameID
from frametrace_api.guard import Guard
from frametrace_api.status_tracing import AuditResult
from frametrace_operator.guard.audit.finding import Counted
from frametrace_operator.guard.audit.pool import Pool
from frametrace_operator.guard.deciding.judge import judge
from frametrace_operator.guard.evidence import AuditFinding, Cause, Evidence, MissingFrame

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIMIT = 1.0


def window(number: int, expected: int, checked: int, missing: int = 0) -> Counted:
    start = int(NOON.timestamp()) + 30 * number
    frames = tuple(
        MissingFrame(
            FrameID.build(datetime.fromtimestamp(start + n, UTC), "cam01", "aaaaa", n + 1), "motion", Cause.NOT_FOUND
        )
        for n in range(missing)
    )
    return Counted(start, start + 30, expected, checked, frames)


def added(pool: Pool, one: Counted, since: float = 0.0) -> AuditFinding:
    return pool.add(one, datetime.fromtimestamp(one.end + 15, UTC), LIMIT, since)


def test_samples_that_leave_it_open_add_up_until_they_say_that_too_much_is_missing() -> None:
    pool = Pool()
    found = [added(pool, window(number, 900, 12, missing=number % 2)) for number in range(40)]

    decided = next(one for one in found if one.low > LIMIT)
    before = found[: found.index(decided)]
    assert all(one.result in (AuditResult.MISSING, AuditResult.INSUFFICIENT_EVIDENCE) for one in before)
    assert all(one.low <= LIMIT for one in before)
    assert decided.windows == sum(1 for number in range(len(before) + 1) if number % 2)
    assert decided.checked == 12 * (len(before) + 1)


def test_a_verdict_over_several_bad_windows_counts_as_so_many() -> None:
    pool, guard = Pool(), Guard()
    found = [added(pool, window(number, 900, 12, missing=number % 2)) for number in range(40)]
    first = next(number for number, one in enumerate(found) if one.low > LIMIT)

    [missing, *_] = judge(Evidence(audits=tuple(found[: first + 1])), guard, None, None)

    assert missing.certain
    assert missing.bad == found[first].windows >= guard.failure_windows


def test_a_verdict_that_nothing_is_missing_counts_as_all_the_windows_that_it_took() -> None:
    pool = Pool()
    found = [added(pool, window(number, 900, 12)) for number in range(100)]
    first = next(number for number, one in enumerate(found) if one.result is AuditResult.COMPLETE)

    [missing, *_] = judge(Evidence(audits=tuple(found[: first + 1])), Guard(), None, None)

    assert missing.clean == found[first].windows == first + 1


def test_one_window_by_itself_is_one() -> None:
    assert added(Pool(), window(0, 900, 900, missing=90)).windows == 1


def test_what_began_before_a_step_is_pooled_with_nothing_of_it() -> None:
    pool = Pool()
    for number in range(3):
        added(pool, window(number, 3, 3))
    since = NOON.timestamp() + 90
    old = added(pool, window(2, 3, 3), since)
    found = [added(pool, window(number, 40, 40), since) for number in (3, 4, 5)]

    assert old.expected == 3
    assert [one.window_start for one in found] == [
        NOON + timedelta(seconds=90),
        *[one.window_start for one in found[1:]],
    ]
    assert min(one.window_start for one in found).timestamp() >= since


def test_the_thinnest_samples_say_in_the_end_that_nothing_is_missing() -> None:
    for checked, windows in ((5, 123), (1, 613)):
        pool = Pool()
        found = [added(pool, window(number, 900, checked)).result for number in range(windows)]

        assert set(found) == {AuditResult.INSUFFICIENT_EVIDENCE, AuditResult.COMPLETE}
        assert found.index(AuditResult.COMPLETE) >= windows - 5


def windows_until_bad(seed: int, share: float, checked: int, most: int) -> int | None:
    """How many windows of samples it takes until too much is missing; None if a pool says the contrary, or nothing, in so many."""
    chance, pool = Random(seed), Pool()
    for number in range(most):
        missing = sum(chance.random() < share for _ in range(checked))
        found = added(pool, window(number, 900, checked, missing))
        if found.missing and found.low > LIMIT:
            return number + 1
        if found.high <= LIMIT:
            return None
    return None


def test_looking_again_and_again_makes_no_loss_within_the_limit_one_above_it() -> None:
    found = [windows_until_bad(seed, 0.009, 60, 150) for seed in range(40)]
    assert [seed for seed, windows in enumerate(found) if windows is not None] == []


@pytest.mark.parametrize(("share", "checked", "most"), [(0.02, 60, 120), (0.05, 12, 60), (0.05, 60, 15), (0.5, 12, 3)])
def test_a_loss_above_the_limit_is_found_in_samples_however_small(share: float, checked: int, most: int) -> None:
    found = [windows_until_bad(seed, share, checked, most) for seed in range(20)]
    assert None not in found


def test_a_loss_that_begins_is_found_in_its_first_window_however_long_the_pool_has_been_undecided() -> None:
    pool = Pool()
    undecided = [added(pool, window(number, 9000, 4000, missing=36)) for number in range(100)]
    begun = added(pool, window(100, 9000, 4000, missing=200))

    assert not any(one.low > LIMIT for one in undecided)
    assert (begun.low > LIMIT, begun.windows, begun.expected) == (True, 1, 9000)


def test_all_missing_frames_count_though_only_some_are_named() -> None:
    pool = Pool()
    found = [added(pool, window(number, 9000, 4000, missing=42)) for number in range(40)]

    assert [one.missing for one in found] == [42 * (number + 1) for number in range(40)]
    assert (len(found[-1].frames), found[-1].frames[-1].frame_id.sequence) == (1000, 42)
    assert found[-1].high > LIMIT
