"""A new operator version: what of it touches running pods, what waits for a person, and what never waits."""

from dataclasses import replace
from typing import Any

import pytest
from frametrace_api.group import APPROVE_UPGRADE
from frametrace_operator.guard.plan import TracingPlan
from frametrace_operator.kube.kinds import DEPLOYMENT, PIPELINE
from frametrace_operator.manifests import children
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.upgrade import upgrade_id

NAMESPACE = "site-a"
ON_APPROVAL = {"rollout": {"upgrades": "OnApproval"}}
OUT = TracingPlan(instrumented=False, purge_generation=1)


def image(world: Any, role: str, item: str = "") -> str:
    return str(world.deployment(role, item)["spec"]["template"]["spec"]["containers"][0]["image"])


def upgrade(world: Any, **settings: Any) -> None:
    """A new operator version comes, with a new runtime image if nothing else is said."""
    world.platform = replace(world.platform, **({"runtime_image": "rt:2", "operator_version": "2.0"} | settings))


def approve(world: Any, word: str) -> None:
    world.kube.edit(
        PIPELINE,
        NAMESPACE,
        "yard",
        lambda body: body["metadata"].setdefault("annotations", {}).update({APPROVE_UPGRADE: word}),
    )


def pending(world: Any) -> Any:
    return world.resource()["status"].get("pendingUpgrade")


async def test_automatic_is_rolled_out_at_once(world: Any) -> None:
    await world.ready()
    upgrade(world)
    await world.settle()
    assert (image(world, "stage", "motion"), image(world, "capture", "cam01")) == ("rt:2", "rt:2")
    assert pending(world) is None


async def test_a_version_that_makes_the_same_pods_restarts_none(world: Any) -> None:
    await world.ready(**ON_APPROVAL)
    before = {body["metadata"]["name"]: body["metadata"]["generation"] for body in world.kube.objects(DEPLOYMENT)}
    upgrade(world, runtime_image="rt:1")
    await world.settle()
    assert {
        body["metadata"]["name"]: body["metadata"]["generation"] for body in world.kube.objects(DEPLOYMENT)
    } == before
    assert pending(world) is None


async def test_on_approval_it_waits_says_what_and_goes_on_with_the_word(world: Any) -> None:
    await world.ready(**ON_APPROVAL)
    upgrade(world)
    await world.settle()
    assert image(world, "stage", "motion") == "rt:1"
    waiting = pending(world)
    assert waiting["operatorVersion"] == "2.0"
    names = [world.deployment("capture", "cam01"), world.deployment("stage", "motion")]
    assert waiting["deployments"] == sorted(body["metadata"]["name"] for body in names)
    assert "image" in waiting["message"]
    assert f"{APPROVE_UPGRADE}={waiting['id']}" in waiting["message"]
    assert world.condition("Ready") == ("True", "FramesFlowing")
    assert [reason for _, reason, _ in world.events()].count("UpgradePending") == 1
    approve(world, "another")
    await world.settle()
    assert image(world, "stage", "motion") == "rt:1"
    approve(world, waiting["id"])
    await world.settle()
    assert (image(world, "stage", "motion"), image(world, "capture", "cam01")) == ("rt:2", "rt:2")
    assert pending(world) is None


async def test_a_changed_resource_does_not_wait_and_takes_no_other_along(world: Any) -> None:
    await world.ready(**ON_APPROVAL)
    upgrade(world)
    await world.settle()
    world.change(stages=[{"name": "motion", "handler": "motion", "maxDeliveries": 9}])
    await world.settle()
    assert (image(world, "stage", "motion"), image(world, "capture", "cam01")) == ("rt:2", "rt:1")
    assert pending(world)["deployments"] == [world.deployment("capture", "cam01")["metadata"]["name"]]


@pytest.mark.parametrize(
    "live",
    [
        {"tracing": {"sampling": {"ratio": "0.1"}}},
        {"cameras": [{"id": "cam01", "source": {"url": "rtsp://cameras.example/one"}, "tracing": {"ratio": "0"}}]},
        {"stages": [{"name": "motion", "handler": "motion", "replicas": 3}]},
    ],
)
async def test_what_needs_no_new_pods_leaves_the_old_ones(world: Any, live: Any) -> None:
    await world.ready(**ON_APPROVAL)
    upgrade(world)
    world.change(**live)
    await world.settle()
    assert (image(world, "stage", "motion"), image(world, "capture", "cam01")) == ("rt:1", "rt:1")


async def test_the_number_of_pods_does_not_wait_and_what_waits_goes_on_waiting(world: Any) -> None:
    await world.ready(**ON_APPROVAL, stages=stage(2))
    upgrade(world)
    await world.settle()
    before = world.deployment("stage", "motion")
    waiting = pending(world)
    world.change(stages=stage(5))
    await world.settle()
    after = world.deployment("stage", "motion")
    assert after["spec"]["replicas"] == 5
    assert after["spec"]["template"] == before["spec"]["template"]
    assert pending(world) == waiting
    approve(world, waiting["id"])
    await world.settle()
    assert image(world, "stage", "motion") == "rt:2"
    assert world.deployment("stage", "motion")["spec"]["replicas"] == 5
    assert pending(world) is None


async def test_what_is_not_of_its_pods_is_repaired_on_a_deployment_that_waits(world: Any) -> None:
    await world.ready(**ON_APPROVAL, stages=stage(2))
    upgrade(world)
    await world.settle()
    written = list(world.kube.writes)
    await world.settle()
    assert world.kube.writes == written, "while nothing is asked for, nothing is written"

    def meddle(body: Any) -> None:
        body["spec"]["replicas"] = 9
        del body["metadata"]["labels"]["frametrace.dev/pipeline"]
        body["spec"]["template"]["metadata"]["annotations"]["somebody.else/restarted"] = "now"

    world.kube.edit(DEPLOYMENT, NAMESPACE, world.deployment("stage", "motion")["metadata"]["name"], meddle)
    await world.settle()
    live = world.deployment("stage", "motion")
    assert live["spec"]["replicas"] == 2
    assert live["metadata"]["labels"]["frametrace.dev/pipeline"] == "yard"
    assert live["spec"]["template"]["metadata"]["annotations"]["somebody.else/restarted"] == "now"
    assert image(world, "stage", "motion") == "rt:1"


def stage(replicas: int) -> list[dict[str, Any]]:
    return [{"name": "motion", "handler": "motion", "replicas": replicas}]


async def test_drift_is_repaired_while_nothing_waits_and_a_missing_deployment_comes_back_new(world: Any) -> None:
    await world.ready(**ON_APPROVAL)
    upgrade(world)
    await world.settle()
    world.kube.remove(DEPLOYMENT, NAMESPACE, world.deployment("stage", "motion")["metadata"]["name"])
    await world.settle()
    assert (image(world, "stage", "motion"), image(world, "capture", "cam01")) == ("rt:2", "rt:1")


async def test_an_approval_that_was_broken_off_goes_on(world: Any) -> None:
    await world.ready(**ON_APPROVAL)
    upgrade(world)
    await world.settle()
    approve(world, pending(world)["id"])
    world.change(capture={"jpegQuality": 50})
    await world.settle()
    assert (image(world, "stage", "motion"), image(world, "capture", "cam01")) == ("rt:2", "rt:2")


async def test_the_pods_of_a_suspended_pipeline_take_it_at_once(world: Any) -> None:
    world.apply(**ON_APPROVAL, mode="Suspended")
    await world.settle()
    upgrade(world)
    await world.settle()
    assert image(world, "stage", "motion") == "rt:2"


async def test_a_rollback_does_not_wait(world: Any) -> None:
    world.apply(**ON_APPROVAL)
    await world.settle()
    pipeline = Pipeline.from_object(world.resource())
    jaeger = ("Deployment", world.deployment("jaeger")["metadata"]["name"])
    marks = [
        [
            child.body["metadata"]["annotations"].get("frametrace.dev/spec-hash")
            for child in made
            if child.role in ("capture", "stage") or child.key[1:] == jaeger
        ]
        for made in (children(pipeline, world.platform), children(pipeline, world.platform, OUT))
    ]
    assert all(before != after for before, after in zip(*marks, strict=True))


def test_the_word_is_the_same_whatever_kinds_the_cluster_knows(world: Any) -> None:
    monitors = {"has_pod_monitors": True, "pod_monitor_labels": (("release", "p"),), "pod_monitor_interval": "30s"}
    assert upgrade_id(world.platform) == upgrade_id(replace(world.platform, **monitors))
    assert len(upgrade_id(replace(world.platform, operator_version="9" * 200))) <= 63
