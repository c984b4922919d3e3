"""Whose word the number of a stage's pods is."""

from typing import Any

from frametrace_operator.kube.kinds import DEPLOYMENT

NAMESPACE = "site-a"


def stage(replicas: int | None) -> list[Any]:
    return [{"name": "motion", "handler": "motion"} | ({"replicas": replicas} if replicas else {})]


def scale(world: Any, number: int, *, subresource: str = "scale") -> None:
    """Somebody scales the stage."""
    entry = {
        "manager": "kube-controller-manager",
        "operation": "Update",
        "subresource": subresource,
        "fieldsV1": {"f:spec": {"f:replicas": {}}},
    }

    def change(body: Any) -> None:
        body["spec"]["replicas"] = number
        body["metadata"].setdefault("managedFields", []).append(entry)

    world.kube.edit(DEPLOYMENT, NAMESPACE, world.deployment("stage", "motion")["metadata"]["name"], change)


async def pods(world: Any) -> int:
    await world.settle()
    return int(world.deployment("stage", "motion")["spec"].get("replicas", 1))


async def test_an_autoscaler_s_number_stands_with_and_without_one_in_the_resource(world: Any) -> None:
    for asked in (None, 2):
        world.apply(stages=stage(asked))
        assert await pods(world) == (asked or 1)
        scale(world, 5)
        before = list(world.kube.writes)
        assert await pods(world) == 5
        assert [write for write in world.kube.writes[len(before) :] if "Deployment" in write] == []


async def test_it_stands_when_something_else_of_the_stage_changes(world: Any) -> None:
    world.apply(stages=stage(2))
    await pods(world)
    scale(world, 5)
    world.change(stages=[stage(2)[0] | {"maxDeliveries": 9}])
    assert await pods(world) == 5


async def test_another_number_in_the_resource_takes_over(world: Any) -> None:
    world.apply(stages=stage(2))
    await pods(world)
    scale(world, 5)
    world.change(stages=stage(3))
    assert await pods(world) == 3


async def test_a_plain_edit_is_drift(world: Any) -> None:
    world.apply(stages=stage(2))
    await pods(world)
    scale(world, 5, subresource="")
    assert await pods(world) == 2


async def test_suspended_wins_over_a_number_that_an_autoscaler_set_before(world: Any) -> None:
    for asked in (None, 2):
        world.apply(stages=stage(asked))
        await pods(world)
        scale(world, 5)
        assert await pods(world) == 5
        world.change(mode="Suspended")
        await world.settle()
        world.later(100)  # longer than pictures are kept
        assert await pods(world) == 0


async def test_an_autoscaler_that_wakes_a_resting_stage_is_told_of_and_not_fought(world: Any) -> None:
    await world.ready(stages=stage(None))
    world.change(mode="Suspended")
    for _ in range(5):
        world.later(11)
        await world.book.refresh()
        await world.settle()
        world.run_pods()
    await world.settle()
    assert world.condition("Reconciling") == ("False", "UpToDate")

    scale(world, 1)
    await world.settle()
    world.run_pods()
    await world.settle()
    before = [write for write in world.kube.writes if "Deployment" in write]
    for _ in range(20):
        world.later(30)
        result = await world.reconcile()

    assert [write for write in world.kube.writes if "Deployment" in write] == before
    assert await pods(world) == 1
    assert world.deployment("redis")["spec"]["replicas"] == 0, "what it would work with rests"
    [line] = world.resource()["status"]["stages"]
    assert (line["state"], line["reason"]) == ("Suspended", "WokenByAutoscaler")
    assert "kube-controller-manager runs pods of it" in line["message"]
    assert "autoscaling.keda.sh/paused-replicas" in line["message"]
    assert world.condition("Reconciling") == ("False", "UpToDate")
    assert result.look_again is None
    world.change(mode="Running", stages=stage(3))
    assert await pods(world) == 3


async def test_a_resting_stage_that_is_scaled_by_a_plain_edit_is_put_to_sleep_again(world: Any) -> None:
    world.apply(stages=stage(2), mode="Suspended")
    await pods(world)
    scale(world, 1, subresource="")
    assert await pods(world) == 0
