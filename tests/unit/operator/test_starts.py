"""How a start is told: what waits for more to tell, what is told at once, and when a pipeline is Ready."""

from typing import Any

import pytest
from frametrace_operator.kube.kinds import DEPLOYMENT, POD

NAMESPACE = "site-a"


async def test_a_new_pipeline_gets_its_children_and_says_that_they_start(world: Any) -> None:
    world.apply()
    await world.settle()
    roles = {body["metadata"]["labels"]["frametrace.dev/role"] for body in world.kube.objects(DEPLOYMENT)}
    assert roles == {"capture", "stage", "redis", "jaeger"}
    assert world.condition("Ready") == ("False", "Progressing")
    assert world.condition("Reconciling") == ("True", "RollingOut")
    assert world.condition("Stalled") == ("False", "NotStalled")
    status = world.resource()["status"]
    assert (status["camerasReady"], status["stagesReady"], status["observedGeneration"]) == ("0/1", "0/1", 1)


async def test_counts_of_pods_wait_for_more_to_tell_while_a_pipeline_starts(world: Any) -> None:
    world.apply()
    await world.settle()
    assert world.resource()["status"]["stages"][0]["replicas"] == 1
    name = world.deployment("stage", "motion")["metadata"]["name"]
    world.kube.edit(DEPLOYMENT, NAMESPACE, name, lambda live: live["spec"].update(replicas=2))
    world.later(20)
    before = list(world.kube.writes)
    result = await world.reconcile()
    assert (world.kube.writes, result.look_again) == (before, 10)
    world.later(10)
    await world.reconcile()
    assert [write for write in world.kube.writes[len(before) :] if write.startswith("status")]
    assert world.resource()["status"]["stages"][0]["replicas"] == 2


async def test_a_step_waits_from_when_it_was_news_however_long_ago_the_last_write_was(world: Any) -> None:
    """In a large fleet a pipeline's pods come long after its children were written."""
    world.apply()
    await world.settle()
    world.later(20)
    await world.settle()
    world.later(20)
    world.run_pods(only="redis")
    before = list(world.kube.writes)
    result = await world.reconcile()
    assert (world.kube.writes, result.look_again) == (before, 3)
    world.later(3)
    await world.settle()
    assert world.condition("BrokerAvailable")[0] == "True"


async def test_news_that_went_by_itself_is_no_head_start_for_the_next(world: Any) -> None:
    world.apply()
    await world.settle()
    world.later(20)
    await world.settle()
    world.run_pods(only="redis")
    await world.reconcile()
    world.kube.remove(POD, NAMESPACE, f"{world.deployment('redis')['metadata']['name']}-1")
    world.later(2)
    await world.reconcile()
    world.later(20)
    world.run_pods(only="redis")
    assert (await world.reconcile()).look_again == 3


@pytest.mark.parametrize("counted", [{}, {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1}])
async def test_pods_are_known_to_be_rolled_out_before_their_deployment_counts_them(
    world: Any, counted: dict[str, int]
) -> None:
    """Its controller lags in a large fleet: else each start is told twice."""
    world.apply()
    await world.settle()
    world.run_pods()
    for name in [body["metadata"]["name"] for body in world.kube.objects(DEPLOYMENT)]:
        world.kube.edit(DEPLOYMENT, NAMESPACE, name, lambda live: live.update(status=counted))
    world.flow()
    await world.book.refresh()
    await world.reconcile()
    assert world.condition("Ready") == ("True", "FramesFlowing")
    assert world.condition("Reconciling") == ("False", "UpToDate")
    assert world.resource()["status"]["stages"][0]["readyReplicas"] == 1


@pytest.mark.parametrize(
    "counts",
    [{"replicas": 2}, {"updatedReplicas": 0}, {"observedGeneration": 1}, {}],
    ids=["two", "old", "unobserved", "all"],
)
async def test_ready_pods_may_be_of_an_earlier_template(world: Any, counts: dict[str, int]) -> None:
    await world.ready()
    world.change(stages=[{"name": "motion", "handler": "motion", "env": [{"name": "NOTE", "value": "new"}]}])
    await world.settle()
    world.run_pods()
    name = world.deployment("stage", "motion")["metadata"]["name"]
    world.kube.edit(DEPLOYMENT, NAMESPACE, name, lambda live: live["status"].update({"availableReplicas": 0, **counts}))
    world.later(31)
    world.flow()
    await world.book.refresh()
    await world.settle()
    assert world.deployment("stage", "motion")["metadata"]["generation"] == 2
    assert world.condition("Reconciling")[0] == ("True" if counts else "False")


async def test_what_ends_a_start_is_told_at_once(world: Any) -> None:
    world.apply()
    await world.settle()
    world.later(1)
    world.run_pods()
    world.flow()
    await world.book.refresh()
    await world.reconcile()
    assert world.condition("Ready") == ("True", "FramesFlowing")


async def test_that_pods_are_being_replaced_is_told_with_the_write_that_replaces_them(world: Any) -> None:
    await world.ready()
    world.change(stages=[{"name": "motion", "handler": "motion", "env": [{"name": "NOTE", "value": "new"}]}])
    await world.reconcile()
    assert world.condition("Reconciling") == ("True", "RollingOut")


async def test_it_is_ready_when_frames_of_every_camera_reach_every_leaf(world: Any) -> None:
    await world.ready()
    assert world.condition("Ready") == ("True", "FramesFlowing")
    assert world.condition("CaptureAvailable") == ("True", "Capturing")
    assert world.condition("BrokerAvailable") == ("True", "Available")
    assert world.condition("TracesFlowing") == ("True", "SpansExported")
    assert world.condition("TracingRolledBack") == ("False", "NotRolledBack")
    assert world.condition("WithinTraceBudget") == ("Unknown", "NoProjection")
    assert world.condition("Reconciling") == ("False", "UpToDate")
    assert world.resource()["status"]["camerasReady"] == "1/1"
    assert ("Normal", "Ready", "Frames of every camera reach every leaf.") in world.events()


async def test_a_new_pod_beside_the_old_one_is_no_news(world: Any) -> None:
    """While a stage's pods are replaced there is one more of them."""
    await world.ready()
    world.change(stages=[{"name": "motion", "handler": "motion", "env": [{"name": "NOTE", "value": "n"}]}])
    await world.reconcile()
    before = len(world.kube.writes)
    world.run_pods(only="stage")
    name = world.deployment("stage", "motion")["metadata"]["name"]
    counts = {"replicas": 2, "updatedReplicas": 1, "availableReplicas": 2, "readyReplicas": 2, "observedGeneration": 2}
    world.kube.edit(DEPLOYMENT, NAMESPACE, name, lambda live: live.update(status=counts))
    world.later(1)
    world.flow()
    await world.reconcile()

    assert world.kube.writes[before:] == []


@pytest.mark.parametrize(("seconds", "ready"), [(1, "True"), (5, "Unknown")])
async def test_a_new_pod_that_has_not_answered_yet_is_no_news_for_a_moment(
    world: Any, seconds: float, ready: str
) -> None:
    await world.ready()
    events = world.events()
    world.kube.remove(POD, NAMESPACE, f"{world.deployment('stage', 'motion')['metadata']['name']}-1")
    world.run_pods()
    world.ledgers.silence(world.ip("stage", "motion"))
    await world.reconcile()
    assert (world.condition("Ready")[0], world.events()) == ("True", events)

    world.later(seconds)
    await world.book.refresh()
    await world.reconcile()
    assert world.condition("Ready")[0] == ready

    world.flow()
    await world.book.refresh()
    await world.reconcile()
    assert world.condition("Ready")[0] == "True"
