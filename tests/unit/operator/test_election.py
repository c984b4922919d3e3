"""Several candidates and one Lease, in a time of their own."""

import asyncio
from typing import Any

import pytest
from frametrace_operator.election import LEASE_SECONDS, Election
from frametrace_operator.errors import LeadershipLostError, RetryError, WaitingError
from frametrace_operator.kube.base import WRITE_SECONDS
from frametrace_operator.leases.memory import MemoryLeases


class Hours:
    """Time that passes only in `sleep`."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> Any:
        return self.time

    async def sleep(self, seconds: Any) -> None:
        self.time += seconds
        await asyncio.sleep(0)


@pytest.fixture
def hours() -> Any:
    return Hours()


@pytest.fixture
def leases() -> Any:
    return MemoryLeases()


@pytest.fixture
def candidate(leases: Any, hours: Any) -> Any:
    return lambda name: Election(leases, name, hours.now, hours.sleep)


async def test_the_first_candidate_leads_and_the_second_waits(candidate: Any) -> None:
    one, two = candidate("one"), candidate("two")
    assert await one.campaign()
    assert not await two.campaign()
    assert (one.leads(), two.leads()) == (True, False)


async def test_a_lease_that_is_not_renewed_is_taken_after_its_time_and_not_before(candidate: Any, hours: Any) -> None:
    one, two = candidate("one"), candidate("two")
    await one.campaign()
    await two.campaign()
    hours.time += LEASE_SECONDS - 0.1
    assert not await two.campaign()
    assert not one.leads(), "a leader stops before anybody else may begin"
    hours.time += 0.2
    assert await two.campaign()
    assert not await one.campaign()


async def test_a_renewed_lease_is_not_taken(candidate: Any, hours: Any) -> None:
    one, two = candidate("one"), candidate("two")
    await one.campaign()
    for _ in range(20):
        hours.time += 2
        assert await one.campaign()
        assert not await two.campaign()


async def test_a_candidate_that_comes_late_waits_a_whole_lease(candidate: Any, hours: Any) -> None:
    one, two = candidate("one"), candidate("two")
    await one.campaign()
    hours.time += 100
    assert not await two.campaign()
    hours.time += LEASE_SECONDS
    assert await two.campaign()


async def test_a_lease_given_back_is_free_at_once(candidate: Any, leases: Any) -> None:
    one, two = candidate("one"), candidate("two")
    await one.campaign()
    await one.step_down()
    assert not one.leads()
    assert await two.campaign()
    assert (await leases.read()).transitions == 1


async def test_nothing_is_written_while_the_cluster_does_not_answer_and_work_goes_on_after_it(
    candidate: Any, leases: Any, hours: Any
) -> None:
    one = candidate("one")
    paused = []

    async def work() -> None:
        leases.trouble = RetryError("the API server cannot be reached")
        while hours.time < 60:  # noqa: ASYNC110 (time passes in the other task)
            await asyncio.sleep(0)
        with pytest.raises(WaitingError) as waits:
            one.may_write()
        paused.append(waits.value.check_after)
        leases.trouble = None
        while not one.leads():  # noqa: ASYNC110 (time passes in the other task)
            await asyncio.sleep(0)

    await one.lead(work)
    assert paused == [2.0]
    one.may_write()
    assert (await leases.read()).transitions == 0


async def test_a_leader_that_slept_while_another_took_over_ends_without_a_write(
    candidate: Any, leases: Any, hours: Any
) -> None:
    one, two = candidate("one"), candidate("two")

    async def work() -> None:
        await two.campaign()
        hours.time += LEASE_SECONDS  # one's process stands still
        assert await two.campaign()
        with pytest.raises(WaitingError):
            one.may_write()
        await asyncio.Event().wait()

    with pytest.raises(LeadershipLostError):
        await one.lead(work)
    assert (await leases.read()).holder == "two"


def test_the_last_write_ends_before_the_lease_does(candidate: Any, hours: Any) -> None:
    one = candidate("one")
    asyncio.run(one.campaign())
    hours.time += LEASE_SECONDS - WRITE_SECONDS
    with pytest.raises(WaitingError):
        one.may_write()


async def test_a_short_silence_of_the_cluster_is_borne(candidate: Any, leases: Any, hours: Any) -> None:
    one = candidate("one")
    ended = asyncio.Event()

    async def work() -> None:
        leases.trouble = RetryError("the API server answered 429")
        while hours.time < 3:  # noqa: ASYNC110 (time passes in the other task)
            await asyncio.sleep(0)
        leases.trouble = None
        while hours.time < 30:  # noqa: ASYNC110 (time passes in the other task)
            await asyncio.sleep(0)
        ended.set()

    await one.lead(work)
    assert ended.is_set()


async def test_a_leader_whose_lease_somebody_took_stops(candidate: Any, leases: Any, hours: Any) -> None:
    one, two = candidate("one"), candidate("two")

    async def work() -> None:
        lease = await leases.read()
        await leases.write(type(lease)("two", LEASE_SECONDS, lease.version))
        await asyncio.Event().wait()

    with pytest.raises(LeadershipLostError):
        await one.lead(work)
    assert await two.campaign()


async def test_what_the_work_raises_is_raised(candidate: Any) -> None:
    async def work() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await candidate("one").lead(work)


async def test_a_server_that_asks_for_time_gets_it(candidate: Any, leases: Any, hours: Any) -> None:
    one = candidate("one")
    asked = []
    answer = leases.read

    async def read() -> Any:
        asked.append(hours.time)
        leases.trouble = RetryError("the API server answered 429", after=30) if len(asked) == 2 else None
        return await answer()

    leases.read = read

    async def work() -> None:
        while len(asked) < 3:  # noqa: ASYNC110 (time passes in the other task)
            await asyncio.sleep(0)

    await one.lead(work)
    assert asked[0] == 0
    assert 30 <= asked[2] - asked[1] <= 36
