"""A managed Redis whose Secret is deleted: it and all that log in to it begin anew with the next one, and nobody else does."""

from __future__ import annotations

from typing import Any

from frame_tracking.ledger import BrokerState
from frametrace_operator.kube.kinds import DEPLOYMENT, SECRET
from frametrace_operator.naming import BROKER_SECRET, REMADE

NAMESPACE = "site-a"
PAGE = {"pictures": {"access": "Allowed"}}


def secret(world: Any) -> Any:
    [found] = world.kube.objects(SECRET)
    return found


def lose_secret(world: Any) -> None:
    world.kube.remove(SECRET, NAMESPACE, secret(world)["metadata"]["name"])


def read_with(world: Any) -> dict[str, str | None]:
    """By role, the UID of the Secret that the template of its pods names."""
    bodies = world.kube.objects(DEPLOYMENT)
    return {
        body["metadata"]["labels"]["frametrace.dev/role"]: (
            body["spec"]["template"]["metadata"].get("annotations") or {}
        ).get(BROKER_SECRET)
        for body in bodies
    }


def templates(world: Any) -> list[Any]:
    return [body["spec"]["template"] for body in world.kube.objects(DEPLOYMENT)]


async def test_the_first_secret_changes_no_template(world: Any) -> None:
    await world.ready(**PAGE)

    assert set(read_with(world).values()) == {None}
    assert REMADE not in secret(world)["metadata"].get("annotations", {})


async def test_a_secret_that_was_deleted_is_made_again_and_all_that_read_it_begin_anew(world: Any) -> None:
    await world.ready(**PAGE)
    old = secret(world)["stringData"]["password"]

    lose_secret(world)
    await world.settle()

    now = secret(world)
    assert now["stringData"]["password"] != old
    uid = now["metadata"]["uid"]
    assert read_with(world) == dict.fromkeys(("redis", "capture", "stage", "page"), uid) | {"jaeger": None}


async def test_each_loss_is_another_beginning_and_nothing_else_is(world: Any) -> None:
    await world.ready()
    lose_secret(world)
    await world.settle()
    first = templates(world)
    world.restart()
    await world.settle()
    assert templates(world) == first

    lose_secret(world)
    await world.settle()

    assert read_with(world)["redis"] == secret(world)["metadata"]["uid"]
    assert templates(world) != first


async def test_the_second_loss_begins_all_anew_once(world: Any) -> None:
    await world.ready()
    lose_secret(world)
    await world.settle()
    first, seen = secret(world)["metadata"]["uid"], list[str | None]()
    lose_secret(world)
    for _ in range(3):
        await world.reconcile()
        seen.append(read_with(world)["stage"])

    assert list(dict.fromkeys([first, *seen])) == [first, secret(world)["metadata"]["uid"]]


async def test_a_lost_password_waits_for_no_approval(world: Any) -> None:
    await world.ready(rollout={"upgrades": "OnApproval"})

    lose_secret(world)
    await world.settle()

    assert "pendingUpgrade" not in world.resource()["status"]
    assert read_with(world)["stage"] == secret(world)["metadata"]["uid"]


async def test_who_cannot_log_in_to_a_managed_redis_is_told_the_way_out(world: Any) -> None:
    await world.ready()
    refused = BrokerState(connected=False, reason="Unauthorized", message="WRONGPASS invalid password")
    for _ in range(3):
        world.later(6)
        world.flow()
        told = world.ledger("motion", ("cam01",), last=True, broker=refused)
        world.ledgers.put(world.ip("stage", "motion"), told)
        await world.book.refresh()
    await world.settle()

    assert world.condition("BrokerAvailable") == ("False", "Unauthorized")
    assert f"delete the Secret {secret(world)['metadata']['name']}" in world.message("BrokerAvailable")


async def test_a_secret_that_is_lost_while_the_pipeline_rests_is_read_when_it_runs_again(world: Any) -> None:
    world.apply(mode="Suspended")
    await world.settle()

    lose_secret(world)
    await world.settle()
    world.change(mode="Running")
    await world.settle()

    uid = secret(world)["metadata"]["uid"]
    assert {role: read for role, read in read_with(world).items() if role != "jaeger"} == dict.fromkeys(
        ("redis", "capture", "stage"), uid
    )
