"""The journey page in the operator's passes: on and off, what the status says of it, and that frames do not need it."""

from __future__ import annotations

from typing import Any

from frametrace_operator.kube.kinds import DEPLOYMENT, PIPELINE

NAMESPACE = "site-a"
ALLOWED = {"access": "Allowed"}
RABBIT = {"type": "RabbitMQ", "external": {"urlSecretRef": {"name": "broker", "key": "url"}}}


def annotate(world: Any, value: str) -> None:
    world.kube.edit(
        PIPELINE,
        NAMESPACE,
        "yard",
        lambda body: body["metadata"].update(annotations={"frametrace.dev/journey-page": value}),
    )


def roles(world: Any) -> set[str]:
    return {body["metadata"]["labels"]["frametrace.dev/role"] for body in world.kube.objects(DEPLOYMENT)}


def page(world: Any) -> Any:
    return world.resource()["status"].get("journeyPage")


async def test_an_annotation_puts_it_there_and_takes_it_away(world: Any) -> None:
    await world.ready()
    assert (page(world), "page" in roles(world)) == (None, False)
    annotate(world, "Enabled")
    await world.settle()
    assert "page" in roles(world)
    assert (page(world)["state"], page(world)["pictures"]) == ("Starting", "Denied")
    world.run_pods(only="page")
    await world.settle()
    assert page(world)["state"] == "Running"
    annotate(world, "Disabled")
    await world.settle()
    assert (page(world), "page" in roles(world)) == (None, False)


async def test_pictures_that_may_be_seen_put_it_there(world: Any) -> None:
    await world.ready(pictures=ALLOWED)
    assert page(world)["state"] == "Running"
    assert page(world)["pictures"] == "Shown"
    services = [body["metadata"]["name"] for body in world.kube.objects(DEPLOYMENT)]
    assert page(world)["service"] in services  # a Deployment and its Service have one name


async def test_on_rabbitmq_the_status_says_that_there_are_no_pictures(world: Any) -> None:
    world.apply(pictures=ALLOWED, broker=RABBIT)
    await world.reconcile()
    assert page(world)["pictures"] == "NotOnRabbitMQ"


async def test_frames_do_not_need_it(world: Any) -> None:
    await world.ready(pictures=ALLOWED)
    name = page(world)["service"]
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "it ends"}}
    world.pod(
        name,
        status={"phase": "Running", "containerStatuses": [{"name": "page", "ready": False, "restartCount": 3, "state": waiting}]},
    )  # fmt: skip
    status = {"replicas": 1, "updatedReplicas": 1, "availableReplicas": 0, "readyReplicas": 0, "observedGeneration": 1}
    world.kube.edit(DEPLOYMENT, NAMESPACE, name, lambda body: body.update(status=status))
    await world.settle()
    assert page(world)["state"] == "Unavailable"
    assert "CrashLoopBackOff" in page(world)["message"]
    assert world.condition("Ready") == ("True", "FramesFlowing")
    assert world.condition("Stalled")[0] == "False"
    assert world.condition("Reconciling")[0] == "False"


async def test_a_rest_takes_its_pod_with_the_servers(world: Any) -> None:
    await world.ready(pictures=ALLOWED)
    world.change(mode="Suspended")
    await world.settle()
    assert world.deployment("page")["spec"]["replicas"] == 1
    for _ in range(4):
        world.run_pods()
        await world.settle()
        world.later(200)
    assert world.deployment("page")["spec"]["replicas"] == 0
    assert page(world)["state"] == "Suspended"
