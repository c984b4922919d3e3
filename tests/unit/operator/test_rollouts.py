"""How far a rollout is, told from the pods themselves; and how many of them there should be."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from frametrace_operator.assess.facts import Facts
from frametrace_operator.kube.kinds import DEPLOYMENT, POD
from frametrace_operator.naming import Role
from frametrace_operator.observation import Observation, PodView, Workload

from tests.unit.operator.guard.site import NOON, pipeline
from tests.unit.operator.test_refusals import break_webhook

NAMESPACE = "site-a"
SECOND = timedelta(seconds=1)
FIRST = {"original": NOON}
COUNTED = {"replaced": True}


def pod(number: int, **fields: Any) -> PodView:
    known = {"running": True, "ready": True, "created": NOON} | fields
    return PodView(f"yard-motion-{number}", f"u-{number}", "stage", "motion", **known)


@pytest.mark.parametrize("known", [FIRST, COUNTED], ids=["first", "counted"])
@pytest.mark.parametrize(
    ("pods", "done"),
    [
        ([pod(1), pod(2)], True),
        ([pod(1)], False),
        ([pod(1), pod(2, ready=False)], False),
        ([pod(1), pod(2), pod(3)], False),
        ([pod(1), pod(2), pod(3, running=False)], False),
        ([pod(1), pod(2, running=False)], False),
        ([pod(1), pod(2), pod(3, running=False, ready=False, ended=True)], True),
    ],
    ids=["all", "too few", "not ready", "surge", "one ends still", "one of two ends", "evicted"],
)
def test_a_rollout_is_over_when_all_pods_there_are_ready(
    known: dict[str, Any], pods: list[PodView], *, done: bool
) -> None:
    assert rolled_out(Workload(replicas=2, **known), *pods) is done


@pytest.mark.parametrize(
    ("state", "created", "done"),
    [
        (FIRST, NOON, True),
        (FIRST, NOON - SECOND, False),
        (FIRST, None, False),
        ({}, NOON, False),
        (COUNTED, NOON - SECOND, True),
    ],
    ids=["since", "before", "not told", "changed", "counted"],
)
def test_pods_of_a_deployment_that_was_made_again_may_be_of_the_one_before(
    state: dict[str, Any], created: datetime | None, *, done: bool
) -> None:
    assert rolled_out(Workload(**state), pod(1, created=created)) is done


def test_no_deployment_has_rolled_out() -> None:
    assert not Facts(pipeline(), Observation(NOON, "u-1", pods=(pod(1),))).rolled_out(Role.STAGE, "motion")


async def test_a_deployment_that_was_made_again_rolls_out_though_its_old_pod_is_there_still(world: Any) -> None:
    await world.ready()
    name = world.deployment("stage", "motion")["metadata"]["name"]
    [old] = world.pods(f"{name}-1")
    world.kube.remove(DEPLOYMENT, NAMESPACE, name)
    world.kube.put(old)  # no garbage collector has come yet
    await world.settle()
    world.later(31)
    world.flow()
    await world.book.refresh()
    await world.settle()
    assert world.pods(f"{name}-1")
    assert world.condition("Reconciling") == ("True", "RollingOut")


async def test_a_pod_more_while_they_are_replaced_is_not_counted(world: Any) -> None:
    await world.ready()
    [old] = world.pods(f"{world.deployment('stage', 'motion')['metadata']['name']}-1")
    world.kube.put(old | {"metadata": old["metadata"] | {"name": "new", "uid": "new"}})
    world.ledgers.put(world.ip("stage", "motion"), world.ledger("motion", ("cam01",), last=True))
    before = len(world.kube.writes)
    await world.reconcile()
    assert len(world.kube.objects(POD)) == 5
    assert [write for write in world.kube.writes[before:] if write.startswith("status")] == []
    assert world.resource()["status"]["stages"][0]["readyReplicas"] == 1


@pytest.mark.parametrize(
    ("spec", "pods"),
    [
        ({}, 1),
        ({"stages": [{"name": "motion", "handler": "motion", "replicas": 3}]}, 3),
        ({"mode": "Suspended"}, 0),
    ],
    ids=["default", "asked for", "suspended"],
)
async def test_the_first_status_has_as_many_pods_as_are_asked_for(world: Any, spec: dict[str, Any], pods: int) -> None:
    world.apply(**spec)
    await world.reconcile()
    assert world.resource()["status"]["stages"][0]["replicas"] == pods


async def test_another_number_of_pods_is_told_in_the_pass_that_writes_it(world: Any) -> None:
    await world.ready()
    world.change(stages=[{"name": "motion", "handler": "motion", "replicas": 3}])
    await world.reconcile()
    assert world.resource()["status"]["stages"][0]["replicas"] == 3


async def test_what_was_only_put_right_is_no_rollout(world: Any) -> None:
    await world.ready()
    name = world.deployment("stage", "motion")["metadata"]["name"]
    world.kube.edit(
        DEPLOYMENT, NAMESPACE, name, lambda body: body["metadata"]["labels"].update({"frametrace.dev/stage": "x"})
    )
    await world.reconcile()
    assert world.condition("Reconciling") == ("True", "Applying")


async def test_that_a_starting_pipelines_passes_fail_is_told_by_the_pass_that_knows_it(world: Any) -> None:
    world.apply()
    await world.settle()
    world.later(60)
    await world.settle()
    world.kube.remove(DEPLOYMENT, NAMESPACE, world.deployment("stage", "motion")["metadata"]["name"])
    mend = break_webhook(world, "Deployment")
    await world.reconcile()
    world.later(11)
    await world.reconcile()
    assert world.condition("Reconciling") == ("True", "Retrying")
    mend()
    await world.reconcile()
    assert world.condition("Reconciling")[1] != "Retrying"


def rolled_out(state: Workload, *pods: PodView) -> bool:
    seen = Observation(NOON, "u-1", workloads={("stage", "motion"): state}, pods=pods)
    return Facts(pipeline(), seen).rolled_out(Role.STAGE, "motion")
