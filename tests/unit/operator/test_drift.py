"""Children that drifted, went, are no longer wanted, or are somebody else's, on a cluster in memory."""

from typing import Any

from frametrace_api.group import API_VERSION
from frametrace_operator.kube.kinds import CONFIG_MAP, DEPLOYMENT, PIPELINE, SECRET

NAMESPACE = "site-a"


async def test_a_drifted_field_is_repaired_and_foreign_fields_are_left(world: Any) -> None:
    await world.ready()
    name = world.deployment("stage", "motion")["metadata"]["name"]

    def meddle(body: Any) -> None:
        body["spec"]["template"]["spec"]["containers"][0]["image"] = "evil:1"
        body["metadata"]["annotations"]["somebody.else/note"] = "hello"

    world.kube.edit(DEPLOYMENT, NAMESPACE, name, meddle)
    await world.reconcile()
    live = world.deployment("stage", "motion")
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "rt:1"
    assert live["metadata"]["annotations"]["somebody.else/note"] == "hello"
    assert world.kube.writes.count(f"apply Deployment {name}") == 2


async def test_a_protection_that_somebody_took_away_comes_back_and_is_written_once(world: Any) -> None:
    await world.ready()
    name = world.deployment("stage", "motion")["metadata"]["name"]

    def meddle(body: Any) -> None:
        pod = body["spec"]["template"]["spec"]
        del pod["automountServiceAccountToken"]
        del pod["containers"][0]["securityContext"]["allowPrivilegeEscalation"]

    world.kube.edit(DEPLOYMENT, NAMESPACE, name, meddle)
    await world.settle()
    pod = world.deployment("stage", "motion")["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["containers"][0]["securityContext"]["allowPrivilegeEscalation"] is False
    assert world.kube.writes.count(f"apply Deployment {name}") == 2


async def test_a_deleted_child_comes_back_but_a_secret_keeps_its_password(world: Any) -> None:
    await world.ready()
    secret = world.kube.objects(SECRET)[0]
    world.kube.remove(DEPLOYMENT, NAMESPACE, world.deployment("redis")["metadata"]["name"])
    await world.reconcile()
    assert world.deployment("redis")["spec"]["replicas"] == 1
    assert world.kube.objects(SECRET) == [secret]


async def test_children_that_are_no_longer_wanted_go(world: Any) -> None:
    await world.ready()
    world.change(stages=[])
    await world.settle()
    roles = [body["metadata"]["labels"]["frametrace.dev/role"] for body in world.kube.objects(DEPLOYMENT)]
    assert "stage" not in roles


async def test_an_object_of_somebody_else_is_a_conflict_and_stays_as_it_is(world: Any) -> None:
    world.apply()
    await world.settle()
    name = world.deployment("redis")["metadata"]["name"]
    world.kube.remove(DEPLOYMENT, NAMESPACE, name)
    theirs = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"replicas": 7},
    }
    world.kube.put(theirs)
    result = await world.reconcile()
    assert world.condition("Stalled") == ("True", "OwnerConflict")
    assert name in world.message("Stalled")
    assert [body["spec"] for body in world.kube.objects(DEPLOYMENT) if body["metadata"]["name"] == name] == [
        {"replicas": 7}
    ]
    assert result.look_again is not None


async def test_somebody_elses_object_under_jaegers_name_keeps_no_frame_from_flowing(world: Any) -> None:
    await world.ready()
    name = world.deployment("jaeger")["metadata"]["name"]
    world.kube.edit(
        DEPLOYMENT, NAMESPACE, name, lambda body: body["metadata"].update(ownerReferences=[_owner_reference("other")])
    )
    await world.reconcile()
    assert world.condition("Stalled") == ("True", "OwnerConflict")
    assert f"Deployment {name} belongs to CameraPipeline other" in world.message("Stalled")
    assert world.condition("Ready") == ("True", "FramesFlowing")


def _owner_reference(name: str) -> dict[str, object]:
    return {"apiVersion": API_VERSION, "kind": "CameraPipeline", "name": name, "uid": "another", "controller": True}


async def test_our_own_object_that_lost_its_owner_reference_gets_it_back(world: Any) -> None:
    await world.ready()
    name = world.deployment("redis")["metadata"]["name"]
    world.kube.edit(DEPLOYMENT, NAMESPACE, name, lambda body: body["metadata"].pop("ownerReferences"))
    await world.reconcile()
    assert world.deployment("redis")["metadata"]["ownerReferences"][0]["kind"] == "CameraPipeline"


async def test_a_deleted_pipeline_leaves_nothing_and_is_not_brought_back(world: Any) -> None:
    await world.ready()
    world.kube.remove(PIPELINE, NAMESPACE, "yard")
    before = list(world.kube.writes)
    await world.reconcile()
    assert world.kube.objects(DEPLOYMENT) == world.kube.objects(CONFIG_MAP) == world.kube.objects(SECRET) == []
    assert world.kube.writes == before
    assert world.fleet.pipelines() == []


async def test_children_of_a_pipeline_that_is_being_deleted_are_not_made_again(world: Any) -> None:
    await world.ready()
    world.kube.edit(
        PIPELINE, NAMESPACE, "yard", lambda body: body["metadata"].update(deletionTimestamp="2026-01-01T00:00:00Z")
    )
    world.kube.remove(DEPLOYMENT, NAMESPACE, world.deployment("redis")["metadata"]["name"])
    before = len(world.kube.objects(DEPLOYMENT))
    await world.reconcile()
    assert len(world.kube.objects(DEPLOYMENT)) == before
