"""What the API server refuses to do, or fails to do for long: the status says so, and all else goes on."""

from collections.abc import Callable
from typing import Any

import pytest
from frametrace_api.group import ROLLBACK_TRACING
from frametrace_operator.errors import ActionNeededError, RetryError
from frametrace_operator.kube.kinds import DEPLOYMENT, KINDS, PIPELINE, SECRET

from tests.unit.operator.conftest import NAMESPACE, World

CLAIM = KINDS["v1", "PersistentVolumeClaim"]
MEMORY: dict[str, Any] = {"backend": {"managed": {"storage": "Memory"}}}
BADGER: dict[str, Any] = {"backend": {"managed": {"storage": "Badger"}}}
LOGIN = {"id": "cam01", "source": {"url": "rtsp://cameras.example/one", "credentialsSecretRef": {"name": "login"}}}


def statuses(world: World) -> int:
    return sum(write.startswith("status") for write in world.kube.writes)


async def look(world: World, seconds: float) -> Any:
    """Time passes, frames flow, and the operator looks."""
    world.later(seconds)
    world.flow()
    await world.book.refresh()
    return await world.reconcile()


def break_webhook(world: World, kind: str) -> Callable[[], None]:
    """An admission webhook for a kind does not answer, until what is returned is called."""
    original, port = world.kube.apply, 40_000

    async def fail(body: Any) -> Any:
        nonlocal port
        if body["kind"] != kind:
            return await original(body)
        port += 1
        raise RetryError(f'the API server answered 500: failed calling webhook "guard.example": dial 10.0.0.1:{port}')

    def mend() -> None:
        world.kube.apply = original  # type: ignore[method-assign]  # as it was

    world.kube.apply = fail  # type: ignore[method-assign]  # what an API server does then
    return mend


async def test_a_refused_deletion_is_told_and_holds_nothing_up(world: World) -> None:
    await world.ready(tracing=BADGER)
    original = world.kube.delete

    async def refuse(kind: Any, namespace: str, name: str, *, uid: str) -> None:
        if kind == CLAIM:
            raise ActionNeededError("ApplyRefused", "the API server refused it (403): volumes are kept here")
        await original(kind, namespace, name, uid=uid)

    world.kube.delete = refuse  # type: ignore[method-assign]  # a policy of the cluster's
    world.change(tracing=MEMORY)
    await world.settle()
    world.run_pods()
    result = await look(world, 1)

    [claim] = world.kube.objects(CLAIM)
    told = f"PersistentVolumeClaim {claim['metadata']['name']} cannot be deleted: the API server refused it (403)"
    assert world.condition("Stalled") == ("True", "ApplyRefused")
    assert told in world.message("Stalled")
    assert world.resource()["status"]["observedGeneration"] == 2
    assert world.condition("Ready") == ("True", "FramesFlowing")
    assert (result.failed, result.look_again) == (False, 15)

    world.kube.delete = original  # type: ignore[method-assign]  # as it was
    await world.settle()
    assert world.kube.objects(CLAIM) == []
    assert world.condition("Stalled") == ("False", "NotStalled")


async def test_writes_that_fail_for_long_are_told_once_in_the_servers_words(world: World) -> None:
    await world.ready()
    before, written = statuses(world), len(world.kube.writes)
    mend = break_webhook(world, "Deployment")
    world.change(capture={"jpegQuality": 50})

    assert (await look(world, 0)).failed
    assert (await look(world, 5)).failed
    assert statuses(world) == before, "a moment's trouble is no news"
    assert (await look(world, 6)).failed
    assert world.condition("Reconciling") == ("True", "Retrying")
    name = world.deployment("redis")["metadata"]["name"]
    said = f'Deployment {name}: the API server answered 500: failed calling webhook "guard.example"'
    assert world.message("Reconciling").startswith(said)
    assert world.resource()["status"]["observedGeneration"] == 2
    for _ in range(5):
        assert (await look(world, 60)).failed
    assert statuses(world) == before + 1, "the same trouble is written once"

    mend()
    await look(world, 60)
    world.run_pods()
    await look(world, 31)
    await world.settle()
    assert world.condition("Reconciling") == ("False", "UpToDate")
    assert sum(not write.startswith("apply") for write in world.kube.writes[written:]) <= 4


async def test_a_drain_is_told_beside_the_writes_that_fail_meanwhile(world: World) -> None:
    await world.ready()
    break_webhook(world, "Deployment")
    world.change(mode="Suspended")
    for _ in range(3):
        await look(world, 6)
    assert world.condition("Reconciling") == ("True", "Draining")
    assert "failed calling webhook" in world.message("Reconciling")


async def test_a_camera_that_goes_while_writes_fail_is_told(world: World) -> None:
    await world.ready()
    break_webhook(world, "Service")
    service = KINDS["v1", "Service"]
    world.kube.remove(service, NAMESPACE, world.kube.objects(service)[0]["metadata"]["name"])
    for _ in range(3):
        assert (await look(world, 6)).failed
    assert world.condition("Ready") == ("True", "FramesFlowing")

    world.camera_says("cam01", reason="Unreachable", message="no route")
    await world.book.refresh()
    assert (await world.reconcile()).failed
    assert world.condition("Ready") == ("False", "CamerasUnavailable")
    assert world.condition("Reconciling") == ("True", "Retrying")


async def test_reads_that_fail_for_long_are_told_beside_what_was_known(world: World) -> None:
    data = {"username": "dQ==", "password": "cA=="}
    world.kube.put(
        {"apiVersion": "v1", "kind": SECRET.kind, "metadata": {"name": "login", "namespace": NAMESPACE}, "data": data}
    )
    await world.ready(cameras=[LOGIN])
    before, original = statuses(world), world.kube.secret_keys

    async def fail(*_: Any) -> Any:
        raise RetryError("the API server answered 500: unable to transform key")

    world.kube.secret_keys = fail  # type: ignore[method-assign]  # an API server that cannot read its own storage
    world.change(capture={"jpegQuality": 50})
    for _ in range(6):
        assert (await look(world, 6)).failed
    assert world.condition("Reconciling") == ("True", "Retrying")
    assert "unable to transform key" in world.message("Reconciling")
    assert world.condition("CaptureAvailable") == ("True", "Capturing")
    assert world.resource()["status"]["observedGeneration"] == 2
    assert world._condition("Ready", "yard")["observedGeneration"] == 1, "nobody has judged the new spec"
    assert statuses(world) == before + 1

    world.kube.secret_keys = original  # type: ignore[method-assign]  # as it was
    await world.settle()
    world.run_pods()
    await look(world, 31)
    assert world.condition("Reconciling") == ("False", "UpToDate")


def suspend(world: World) -> None:
    world.change(mode="Suspended")


def roll_back(world: World) -> None:
    asked = {ROLLBACK_TRACING: "2026-01-01T00:00:00Z"}
    world.kube.edit(PIPELINE, NAMESPACE, "yard", lambda body: body["metadata"].update(annotations=asked))


@pytest.mark.parametrize(("ask", "reason"), [(suspend, "Draining"), (roll_back, "ChangingTracing")])
async def test_what_is_under_way_is_told_beside_the_reads_that_fail_meanwhile(
    world: World, ask: Callable[[World], None], reason: str
) -> None:
    world.kube.put({"apiVersion": "v1", "kind": SECRET.kind, "metadata": {"name": "login", "namespace": NAMESPACE}})
    await world.ready(cameras=[LOGIN])
    ask(world)
    await look(world, 1)
    assert world.condition("Reconciling") == ("True", reason)
    under_way, before = world.message("Reconciling"), statuses(world)

    async def fail(*_: Any) -> Any:
        raise RetryError("the API server answered 500: unable to transform key")

    world.kube.secret_keys = fail  # type: ignore[method-assign]  # an API server that cannot read its own storage
    for _ in range(6):
        assert (await look(world, 6)).failed
    assert world.condition("Reconciling") == ("True", reason)
    assert world.message("Reconciling").startswith(f"{under_way}; the API server answered 500: unable to transform key")
    assert statuses(world) == before + 1


async def test_what_a_person_must_change_is_not_hidden_by_what_is_tried_again(world: World) -> None:
    world.apply(cameras=[LOGIN])
    await world.settle()
    assert world.condition("Stalled") == ("True", "SecretMissing")

    async def fail(*_: Any) -> Any:
        raise RetryError("the API server answered 500")

    before = statuses(world)
    world.kube.secret_keys = fail  # type: ignore[method-assign]  # an API server in trouble
    for _ in range(4):
        assert (await world.reconcile()).failed
        world.later(6)
    assert (world.condition("Reconciling")[0], statuses(world)) == ("False", before)


async def test_a_status_that_cannot_be_written_either_ends_a_pass_and_no_more(world: World) -> None:
    await world.ready()

    async def fail(*_: Any, **__: Any) -> Any:
        raise RetryError("the API server cannot be reached")

    world.kube.apply = world.kube.replace_status = fail  # type: ignore[method-assign]  # nothing can be written
    world.kube.remove(DEPLOYMENT, NAMESPACE, world.deployment("redis")["metadata"]["name"])
    for _ in range(4):
        assert (await world.reconcile()).failed
        world.later(6)
