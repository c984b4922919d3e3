"""One pass after the other: what a pipeline's owner sees, from apply to delete."""

import asyncio
from typing import Any

import pytest
from frametrace_operator.errors import ActionNeededError, RetryError, WaitingError
from frametrace_operator.kube.kinds import DEPLOYMENT, PIPELINE

NAMESPACE = "site-a"


async def test_a_pass_over_what_is_as_it_should_be_writes_nothing(world: Any) -> None:
    await world.ready()
    before = list(world.kube.writes)
    world.later(5)
    world.flow()
    await world.book.refresh()
    result = await world.reconcile()
    assert world.kube.writes == before
    assert result.look_again is None


async def test_an_operator_that_starts_anew_writes_nothing(world: Any) -> None:
    await world.ready()
    before = list(world.kube.writes)
    world.book.forget(("site-a", "yard"))
    world.later(1)
    world.flow()
    await world.reconcile()
    assert world.kube.writes == before


async def test_a_changed_spec_takes_few_writes_beside_the_children(world: Any) -> None:
    await world.ready()
    before = len(world.kube.writes)
    world.change(capture={"jpegQuality": 50})
    await world.settle()
    world.run_pods()
    world.flow()
    await world.book.refresh()
    await world.settle()
    written = world.kube.writes[before:]
    assert world.condition("Ready") == ("True", "FramesFlowing")
    assert sum(not write.startswith("apply") for write in written) <= 4, written
    assert world.resource()["status"]["observedGeneration"] == 2


async def test_a_suspended_pipeline_says_so_in_every_column(world: Any) -> None:
    await world.ready()
    world.change(mode="Suspended")
    await world.settle()
    assert world.condition("Ready") == ("False", "Suspended")
    assert world.condition("Reconciling") == ("True", "Draining")
    for _ in range(4):  # what is in flight, captures, stages, servers
        world.later(11)
        world.run_pods()
        await world.book.refresh()
        await world.settle()
    await world.settle()
    assert world.condition("Reconciling") == ("False", "UpToDate")
    assert world.condition("Stalled") == ("False", "NotStalled")
    assert world.resource()["status"]["cameras"][0]["state"] == "Suspended"
    assert (world.resource()["status"]["camerasReady"], world.resource()["status"]["stagesReady"]) == ("0/1", "0/1")


async def test_a_spec_that_cannot_be_carried_out_keeps_the_last_one_in_force(world: Any) -> None:
    await world.ready()
    children = world.kube.objects(DEPLOYMENT)
    world.change(cameras=[{"id": "cam01", "source": {"url": "rtsp://user:s3cret@cameras.example/one"}}])
    await world.settle()
    assert world.condition("Stalled") == ("True", "InvalidSpec")
    assert world.condition("Ready") == ("False", "Stalled")
    assert "spec.cameras" in world.message("Stalled")
    assert "s3cret" not in str(world.resource()["status"])
    assert world.condition("CaptureAvailable") == ("True", "Capturing")
    assert world.kube.objects(DEPLOYMENT) == children


async def test_one_sick_pipeline_does_not_touch_another(world: Any) -> None:
    await world.ready("good")
    world.apply("bad", cameras=[{"id": "a", "source": {"url": "http://nothing"}}])
    await world.settle("bad")
    await world.settle("good")
    assert world.condition("Ready", "good") == ("True", "FramesFlowing")
    assert world.condition("Stalled", "bad") == ("True", "InvalidSpec")


async def test_a_refused_child_is_named_with_the_servers_words_and_the_others_are_made(world: Any) -> Any:
    world.apply()
    original = world.kube.apply

    async def refuse_services(body: Any) -> Any:
        if body["kind"] == "Service":
            raise ActionNeededError("ApplyRefused", "the API server refused it (403): exceeded quota")
        return await original(body)

    world.kube.apply = refuse_services
    result = await world.reconcile()
    assert world.condition("Stalled") == ("True", "ApplyRefused")
    assert "exceeded quota" in world.message("Stalled")
    assert len(world.kube.objects(DEPLOYMENT)) == 4
    assert result.look_again is not None
    assert (await world.reconcile()).look_again == 15, "what is refused is not asked for every second"


@pytest.mark.parametrize(
    ("error", "failed", "look_again"),
    [
        (RetryError("the API server answered 429", after=7), True, 7),
        (RetryError("the API server cannot be reached"), True, None),
        (ActionNeededError("ApplyRefused", "forbidden"), True, None),
        (WaitingError("the namespace is being deleted", check_after=30), False, 30),
    ],
)
async def test_every_meaning_of_an_error_ends_a_pass_in_its_own_way(
    world: Any, error: Any, failed: Any, look_again: Any
) -> None:
    world.apply()
    world.kube.fail_next(error)
    result = await world.reconcile()
    assert (result.failed, result.look_again) == (failed, look_again)


async def test_a_replica_that_may_not_write_writes_nothing_and_looks_again(world: Any) -> None:
    def late() -> None:
        raise WaitingError("the Lease was not renewed in time", check_after=2.0)

    world.apply()
    world.may_write = late
    result = await world.reconcile()
    assert (result.failed, result.look_again) == (False, 2.0)
    assert world.kube.writes == []


async def test_a_pipeline_of_another_shard_is_left_alone(world: Any) -> None:
    world.apply()
    world.kube.edit(
        PIPELINE, NAMESPACE, "yard", lambda body: body["metadata"].update(labels={"frametrace.dev/shard": "b"})
    )
    await world.reconcile()
    assert world.kube.writes == []
    world.shard = "b"
    world.restart()
    await world.reconcile()
    assert len(world.kube.objects(DEPLOYMENT)) == 4


async def test_a_pass_that_breaks_off_leaves_no_write_under_way(world: Any) -> None:
    world.apply()
    original, ended = world.kube.apply, []

    async def slow(body: Any) -> Any:
        if body["kind"] == "Service":
            raise RetryError("the API server answered 500")
        for _ in range(20):
            await asyncio.sleep(0)
        ended.append(body["metadata"]["name"])
        return await original(body)

    world.kube.apply = slow
    assert (await world.reconcile()).failed
    made = len(ended)
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(ended) == made > 0


async def test_a_spec_that_cannot_be_carried_out_is_not_looked_at_over_and_over(world: Any) -> None:
    await world.ready()
    world.change(cameras=[{"id": "a", "source": {"url": "http://nothing"}}])
    await world.settle()
    world.later(30)
    assert await world.book.refresh() == []


async def test_an_event_in_trouble_ends_the_telling_and_nothing_else(world: Any) -> None:
    world.apply(cameras=[{"id": name, "source": {"url": "test://"}} for name in ("a", "b")])
    await world.settle()
    world.run_pods()
    asked = []

    async def busy(event: Any) -> None:
        asked.append(event["reason"])
        raise RetryError("the API server answered 429", after=5)

    world.kube.record = busy
    for name in ("a", "b"):
        world.camera_says(name, reason="Unreachable", message="no route")
    await world.book.refresh()
    assert not (await world.reconcile()).failed
    assert len(asked) == 1
    assert world.condition("Ready")[0] == "False"
