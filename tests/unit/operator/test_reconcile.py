"""One pass after the other: what a pipeline's owner sees, from apply to delete."""

import asyncio
from typing import Any

import pytest
from frametrace_api.group import API_VERSION
from frametrace_operator.errors import ActionNeededError, RetryError, WaitingError
from frametrace_operator.kube.kinds import CONFIG_MAP, DEPLOYMENT, PIPELINE, POD, SECRET

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
