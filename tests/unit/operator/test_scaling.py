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


async def test_suspended_wins_over_an_autoscaler(world: Any) -> None:
    world.apply(stages=stage(2), mode="Suspended")
    assert await pods(world) == 0
    scale(world, 1)
    assert await pods(world) == 0
