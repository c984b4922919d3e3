"""What ends a leading replica, and what does not: its loops, and a cluster that is away when it begins."""

import asyncio
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest
from frametrace_operator.errors import RetryError
from frametrace_operator.handlers import watch_paths, watch_settings
from frametrace_operator.health import Health
from frametrace_operator.kube.kinds import DEPLOYMENT, KINDS, PIPELINE, POD, POD_MONITOR
from frametrace_operator.kube.memory import MemoryKube
from frametrace_operator.loops import Leader
from frametrace_operator.metrics import Metrics
from frametrace_operator.served_kinds import ServedKinds
from frametrace_operator.settings import Settings
from frametrace_operator.workqueue import WorkQueue
from kopf._cogs.structs.references import Resource


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
    monkeypatch.setattr("frametrace_operator.served_kinds._ASKED_EVERY", 0.0)
    settings = Settings(runtime_image="rt:1", redis_image="redis:1", jaeger_image="jaeger:1")
    return Leader(settings, kube, Metrics(), Health(lambda: 0.0), lambda: None, asyncio.Event())


@pytest.fixture
def served(leader: Any) -> ServedKinds:
    return ServedKinds(leader.kube, leader.stop)


async def test_a_cluster_that_is_away_at_the_start_is_waited_for(served: ServedKinds, kube: Any) -> None:
    kube.fail_next(RetryError("the API server cannot be reached"), RetryError("the API server answered 503"))
    assert await served.has(PIPELINE)


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
    backoffs: Any = watch_settings((), "", 70.0).networking.error_backoffs
    assert list(islice(backoffs, 1000))[-1] == 5.0
    assert list(islice(backoffs, 2)) == [1.0, 1.0], "every request begins anew"


def test_a_watch_that_says_nothing_is_given_up_after_the_silence_that_is_set() -> None:
    assert watch_settings((), "", 42.0).watching.inactivity_timeout == 42.0


@pytest.mark.parametrize(
    ("namespaces", "paths"),
    [
        ((), ["/apis/apps/v1/deployments", "/api/v1/pods"]),
        (("a",), ["/apis/apps/v1/namespaces/a/deployments", "/api/v1/namespaces/a/pods"]),
    ],
)
def test_the_paths_of_watches_are_those_that_kopf_asks_for(namespaces: Any, paths: Any) -> None:
    kinds = (DEPLOYMENT, POD)
    assert list(watch_paths(kinds, namespaces)) == paths
    resources = [Resource(kind.group, kind.version, kind.plural, namespaced=True) for kind in kinds]
    asked = [resource.get_url(namespace=name) for name in namespaces or (None,) for resource in resources]
    assert [f"/{url.lstrip('/')}" for url in asked] == paths


async def test_a_server_that_asks_for_time_gets_it_before_the_next_question(
    served: ServedKinds, kube: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests = []

    async def rest(_served: Any, seconds: float = 0.0) -> None:
        rests.append(seconds)

    monkeypatch.setattr(ServedKinds, "_rest", rest)
    kube.fail_next(RetryError("the API server answered 429", after=7), RetryError("the API server cannot be reached"))
    assert await served.has(PIPELINE)
    assert 7 <= rests[0] <= 7 * 1.2
    assert rests[1] == 0


@pytest.fixture
def without_pod_monitors(leader: Any) -> Any:
    return replace(leader, kube=MemoryKube(set(KINDS.values()) - {POD_MONITOR}))


async def look_for_pod_monitors(leader: Any) -> None:
    served = ServedKinds(leader.kube, leader.stop)
    await served.stop_once_there(POD_MONITOR, leader.settings.resync_seconds)


async def test_a_kind_that_the_cluster_learns_later_begins_the_operator_anew(
    without_pod_monitors: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader, rests = without_pod_monitors, []

    async def rest(_served: Any, seconds: float = 0.0) -> None:
        rests.append(seconds)
        leader.kube._kinds |= {POD_MONITOR} if len(rests) == 2 else set()

    monkeypatch.setattr(ServedKinds, "_rest", rest)

    looking = asyncio.ensure_future(look_for_pod_monitors(leader))
    await leader._until_stopped(WorkQueue(), [looking])

    assert leader.stop.is_set()
    assert rests == [leader.settings.resync_seconds] * 3


async def test_looking_for_a_kind_does_not_outlast_the_word_to_stop(without_pod_monitors: Any) -> None:
    leader = without_pod_monitors
    looking = asyncio.ensure_future(look_for_pod_monitors(leader))
    leader.stop.set()

    await asyncio.wait_for(leader._until_stopped(WorkQueue(), [looking]), 2)

    assert looking.done()
