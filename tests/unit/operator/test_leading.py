"""What ends a leading replica, and what does not: its loops, and a cluster that is away when it begins."""

import asyncio
from itertools import islice
from typing import Any

import pytest
from frametrace_operator.errors import RetryError
from frametrace_operator.handlers import watch_settings
from frametrace_operator.health import Health
from frametrace_operator.kube.kinds import PIPELINE
from frametrace_operator.kube.memory import MemoryKube
from frametrace_operator.loops import Leader
from frametrace_operator.metrics import Metrics
from frametrace_operator.settings import Settings
from frametrace_operator.workqueue import WorkQueue


class AwayKube(MemoryKube):
    """A cluster that does not answer the first questions."""

    async def serves(self, kind: Any) -> bool:
        self._answer(kind)
        return await super().serves(kind)


@pytest.fixture
def kube() -> AwayKube:
    return AwayKube()


@pytest.fixture
def leader(kube: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("frametrace_operator.loops._CRD_EVERY", 0.0)
    settings = Settings(runtime_image="rt:1", redis_image="redis:1", jaeger_image="jaeger:1")
    return Leader(settings, kube, Metrics(), Health(lambda: 0.0), lambda: None, asyncio.Event())


async def test_a_cluster_that_is_away_at_the_start_is_waited_for(leader: Any, kube: Any) -> None:
    kube.fail_next(RetryError("the API server cannot be reached"), RetryError("the API server answered 503"))
    assert await leader._serves(PIPELINE)


@pytest.mark.parametrize("trouble", [TimeoutError("a request"), ValueError("broken")])
async def test_a_loop_that_breaks_is_never_taken_for_a_stop(leader: Any, trouble: Any) -> None:
    loop: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    loop.set_exception(trouble)
    with pytest.raises(type(trouble), match=str(trouble)):
        await leader._until_stopped(WorkQueue(), [loop])


async def test_a_loop_that_ends_by_itself_is_a_fault(leader: Any) -> None:
    loop: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    loop.set_result(None)
    with pytest.raises(RuntimeError, match="has ended"):
        await leader._until_stopped(WorkQueue(), [loop])


async def test_a_word_to_stop_is_no_fault(leader: Any) -> None:
    leader.stop.set()
    await leader._until_stopped(WorkQueue(), [asyncio.get_running_loop().create_future()])


def test_a_watch_is_tried_again_for_as_long_as_it_takes() -> None:
    backoffs: Any = watch_settings((), "").networking.error_backoffs
    assert list(islice(backoffs, 1000))[-1] == 5.0
    assert list(islice(backoffs, 2)) == [1.0, 1.0], "every request begins anew"
