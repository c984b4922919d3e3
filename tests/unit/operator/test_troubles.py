"""What goes wrong in pods, with cameras and with brokers: a clear condition with name and way out."""

from typing import Any

import pytest
from frame_tracking.ledger import BrokerState
from frametrace_operator.flow_memory import FIRST_SECONDS
from frametrace_operator.keys import PipelineKey
from frametrace_operator.kube.kinds import EVENT, SECRET
from frametrace_operator.pods.base import Target
from frametrace_operator.process_memory import SILENT_SECONDS

NAMESPACE = "site-a"
TWO = [{"id": name, "source": {"url": f"rtsp://cameras.example/{name}"}} for name in ("cam01", "cam02")]


def waiting(reason: Any, message: Any = "") -> Any:
    return {
        "phase": "Pending",
        "containerStatuses": [{"name": "main", "state": {"waiting": {"reason": reason, "message": message}}}],
    }


async def test_a_camera_that_is_away_is_named_with_its_reason_and_nothing_is_stalled(world: Any) -> None:
    await world.ready(cameras=TWO)
    world.later(12)
    world.flow(cameras=("cam01", "cam02"))
    world.camera_says("cam02", reason="Unreachable", message="connection to cameras.example:554 refused")
    await world.book.refresh()
    await world.settle()
    assert world.condition("Ready") == ("False", "CamerasUnavailable")
    assert "cam02: Unreachable: connection to cameras.example:554 refused" in world.message("Ready")
    assert world.condition("CaptureAvailable") == ("False", "Unreachable")
    assert world.condition("Stalled") == ("False", "NotStalled")
    assert world.resource()["status"]["camerasReady"] == "1/2"
    [note] = [note for kind, reason, note in world.events() if (kind, reason) == ("Warning", "CameraUnreachable")]
    assert note.startswith("camera cam02: connection to cameras.example:554 refused; check its address")


async def test_a_camera_that_is_back_is_news(world: Any) -> None:
    await world.ready()
    world.camera_says("cam01", reason="Frozen", message="no new picture for 10 s")
    await world.book.refresh()
    await world.settle()
    world.later(20)
    world.flow()
    await world.book.refresh()
    await world.settle()
    assert world.condition("Ready") == ("True", "FramesFlowing")
    assert [reason for _, reason, _ in world.events()].count("CameraCapturing") == 1


async def test_a_picture_that_stands_still_is_frozen_and_one_that_never_came_is_starting(world: Any) -> None:
    world.apply()
    await world.settle()
    world.run_pods()
    world.flow(frames=0)
    await world.book.refresh()
    await world.settle()
    assert world.condition("CaptureAvailable") == ("False", "Starting")
    world.flow()
    await world.book.refresh()
    await world.settle()
    assert world.condition("CaptureAvailable") == ("True", "Capturing")
    world.later(11)
    await world.book.refresh()
    await world.settle()
    assert world.condition("CaptureAvailable") == ("False", "Frozen")


async def test_a_word_of_a_newer_runtime_still_makes_a_valid_status(world: Any) -> None:
    await world.ready()
    world.camera_says("cam01", reason="LensDirty", message="the lens is dirty")
    await world.book.refresh()
    await world.settle()
    assert world.condition("CaptureAvailable") == ("False", "Unreachable")
    assert "the lens is dirty" in world.message("CaptureAvailable")


async def test_other_words_for_the_same_state_wait_for_more_and_are_told_though_nothing_more_happens(
    world: Any,
) -> None:
    await world.ready()
    world.camera_says("cam01", reason="LensDirty", message="the lens is dirty")
    await world.book.refresh()
    await world.settle()
    world.later(10)
    world.camera_says("cam01", reason="LensDirty", message="the lens is wet")
    await world.book.refresh()
    result = await world.reconcile()
    assert "the lens is dirty" in world.message("CaptureAvailable")
    assert result.look_again == 20

    world.later(result.look_again)
    await world.reconcile()
    assert "the lens is wet" in world.message("CaptureAvailable")


async def test_an_image_that_cannot_be_pulled_is_stalled_with_the_kubelets_words(world: Any) -> None:
    world.apply()
    await world.settle()
    world.run_pods()
    name = world.deployment("stage", "motion")["metadata"]["name"]
    world.pod(
        name,
        status=waiting("ImagePullBackOff", 'Back-off pulling image "no/such:1": ErrImagePull: no/such:1: not found'),
    )
    await world.settle()
    assert world.condition("Stalled") == ("True", "ImageUnavailable")
    assert world.condition("Ready") == ("False", "Stalled")
    assert "no/such:1: not found" in world.message("Ready")
    assert world.condition("Reconciling")[0] == "False"
    before = list(world.kube.writes)
    world.pod(name, status=waiting("ErrImagePull", "no/such:1: not found"))
    await world.reconcile()
    assert world.kube.writes == before, "one state has one text"


@pytest.mark.parametrize(
    ("trouble", "message", "reason"),
    [
        ("CreateContainerConfigError", 'secret "camera" not found', "SecretMissing"),
        ("CreateContainerConfigError", 'configmap "labels" not found', "ConfigMapMissing"),
        ("CrashLoopBackOff", "back-off 40s restarting failed container", "RolloutStuck"),
    ],
)
async def test_a_pod_that_needs_a_person_stalls_the_pipeline(
    world: Any, trouble: Any, message: Any, reason: Any
) -> None:
    world.apply()
    await world.settle()
    world.run_pods()
    world.pod(world.deployment("capture", "cam01")["metadata"]["name"], status=waiting(trouble, message))
    await world.settle()
    assert world.condition("Stalled") == ("True", reason)
    assert world.condition("CaptureAvailable") == ("False", "PodUnavailable")


async def test_a_missing_secret_is_named_with_the_field_and_clears_when_it_is_there(world: Any) -> None:
    camera = {
        "id": "cam01",
        "source": {"url": "rtsp://cameras.example/one", "credentialsSecretRef": {"name": "camera-login"}},
    }
    world.apply(cameras=[camera])
    await world.settle()
    result = await world.reconcile()
    assert world.condition("Stalled") == ("True", "SecretMissing")
    assert "Secret camera-login does not exist in namespace site-a (named by camera cam01); create it" in world.message(
        "Stalled"
    )
    assert world.condition("CaptureAvailable") == ("False", "SecretMissing")
    assert result.look_again is not None
    metadata = {"name": "camera-login", "namespace": NAMESPACE}
    secret = {"apiVersion": "v1", "kind": SECRET.kind, "metadata": metadata}
    world.later(31)  # other words for the same state wait so long
    world.kube.put(secret | {"data": {"username": "dQ=="}})
    await world.settle()
    assert world.condition("CaptureAvailable") == ("False", "SecretMissing")
    assert "Secret camera-login has no key password in namespace site-a (named by camera cam01)" in world.message(
        "Stalled"
    )
    world.kube.put(secret | {"data": {"username": "dQ==", "password": "cA=="}})
    await world.settle()
    assert world.condition("Stalled") == ("False", "NotStalled")


async def test_a_broker_that_refuses_is_the_deepest_cause(world: Any) -> None:
    await world.ready()
    trouble = BrokerState(
        connected=False, reason="Unauthorized", message="invalid password for redis://app:pw@redis:6379"
    )
    world.ledgers.put(world.ip("stage", "motion"), world.ledger("motion", ("cam01",), broker=trouble))
    await world.book.refresh()
    await world.settle()
    assert world.condition("BrokerAvailable") == ("True", "Available"), "connecting takes a moment"
    world.later(5)
    await world.book.refresh()
    await world.settle()
    assert world.condition("BrokerAvailable") == ("False", "Unauthorized")
    assert world.condition("Ready") == ("False", "BrokerUnavailable")
    assert "pw" not in str(world.resource()["status"]).replace("password", "")


async def test_a_stage_whose_frames_all_fail_is_unavailable(world: Any) -> None:
    await world.ready()
    world.later(12)
    world.flow(frames=10)
    failing = world.ledger("motion", ("cam01",))
    bad = failing.hops[0].model_copy(update={"left": 0, "ended": {"completed": 30, "dead_lettered:ValueError": 10}})
    world.ledgers.put(world.ip("stage", "motion"), failing.model_copy(update={"hops": (bad,)}))
    await world.book.refresh()
    await world.settle()
    assert world.condition("Ready") == ("False", "StagesUnavailable")
    assert "motion: FramesFail" in world.message("Ready")
    assert world.resource()["status"]["stagesReady"] == "0/1"


async def test_a_hop_above_that_ends_frames_well_counts_for_the_leaves_below(world: Any) -> None:
    await world.ready(
        stages=[{"name": "motion", "handler": "motion"}, {"name": "archive", "input": "motion", "handler": "archive"}]
    )
    world.later(12)
    world.flow(stages=("motion",))
    await world.book.refresh()
    await world.settle()
    assert world.condition("Ready") == ("True", "FramesFlowing")


async def test_pods_that_do_not_answer_make_it_unknown_not_false(world: Any) -> None:
    await world.ready()
    world.later(12)
    world.ledgers.silence(world.ip("capture", "cam01"))
    await world.book.refresh()
    world.later(SILENT_SECONDS)
    await world.book.refresh()
    await world.settle()
    assert world.condition("Ready")[0] == "Unknown"
    assert world.condition("CaptureAvailable") == ("Unknown", "Unknown")


async def test_one_reading_that_failed_is_no_news(world: Any) -> None:
    await world.ready()
    before = list(world.kube.writes)
    ip = world.ip("capture", "cam01")
    ledger = await world.ledgers.read(Target("any", "any", ip))
    world.ledgers.silence(ip)
    await world.book.refresh()
    await world.settle()
    world.ledgers.put(ip, ledger)
    await world.book.refresh()
    await world.settle()
    assert world.kube.writes == before


async def test_an_operator_that_has_just_begun_does_not_take_its_own_blindness_for_news(world: Any) -> None:
    await world.ready()
    before, ips = list(world.kube.writes), [world.ip("capture", "cam01"), world.ip("stage", "motion")]
    world.restart()
    ledgers = {ip: await world.ledgers.read(Target("any", "any", ip)) for ip in ips}
    for ip in ips:
        world.ledgers.silence(ip)
    await world.settle()
    assert world.kube.writes == before

    for ip, ledger in ledgers.items():
        world.ledgers.put(ip, ledger)
    await world.book.refresh()
    await world.settle()
    assert world.kube.writes == before


async def test_a_pod_that_a_new_operator_cannot_reach_for_long_is_told_of(world: Any) -> None:
    await world.ready()
    world.restart()
    world.ledgers.silence(world.ip("capture", "cam01"))
    await world.settle()
    world.later(FIRST_SECONDS)
    assert await world.book.refresh() == [PipelineKey("site-a", "yard")]
    await world.settle()
    assert world.condition("CaptureAvailable") == ("Unknown", "Unknown")


@pytest.mark.parametrize(
    ("spans", "status", "reason"),
    [
        ({"created": 90, "exported": 30}, "Unknown", "BackendUnavailable"),
        ({"created": 90, "exported": 60, "dropped": {"BufferFull": 5}}, "False", "TracesMissing"),
    ],
)
async def test_spans_that_do_not_leave_show_in_traces_flowing_and_leave_ready_alone(
    world: Any, spans: Any, status: Any, reason: Any
) -> None:
    await world.ready()
    world.later(12)
    world.flow()
    for role, item, last in (("capture", "cam01", False), ("stage", "motion", True)):
        hop = item if role == "stage" else "capture"
        told = world.ledger(hop, ("cam01",), last=last).model_copy(
            update={"spans": type(world.ledger("a", ()).spans)(**spans)}
        )
        world.ledgers.put(world.ip(role, item), told)
    await world.book.refresh()
    await world.settle()
    assert world.condition("TracesFlowing") == (status, reason)
    assert world.condition("Ready") == ("True", "FramesFlowing")


@pytest.mark.parametrize(
    ("tracing", "reason"),
    [({"mode": "Disabled"}, "TracingDisabled"), ({"sampling": {"ratio": "0"}}, "NothingSampled")],
)
async def test_tracing_that_is_off_is_said(world: Any, tracing: Any, reason: Any) -> None:
    await world.ready(tracing=tracing)
    assert world.condition("TracesFlowing") == ("False", reason)
    assert world.condition("Ready") == ("True", "FramesFlowing")


async def test_the_same_news_is_one_event_with_a_count(world: Any) -> None:
    await world.ready()
    for _ in range(3):
        world.camera_says("cam01", reason="Unreachable", message="no route")
        await world.book.refresh()
        await world.settle()
        world.later(15)
        world.flow()
        await world.book.refresh()
        await world.settle()
    found = [body for body in world.kube.objects(EVENT) if body["reason"] == "CameraUnreachable"]
    assert [body["series"]["count"] for body in found] == [3]


async def test_a_container_that_fails_again_and_again_names_the_command_that_shows_why(world: Any) -> None:
    world.apply()
    await world.settle()
    world.run_pods()
    name = world.deployment("stage", "motion")["metadata"]["name"]
    world.pod(name, status=waiting("CrashLoopBackOff", "back-off 40s"))
    await world.settle()
    assert world.message("Stalled").endswith(f"; see: kubectl logs {name}-1 -n site-a --previous")


async def test_a_missing_secret_of_the_purge_webhook_is_named_and_frames_flow(world: Any) -> None:
    webhook = {"url": "https://hooks.example/purge", "secretRef": {"name": "hook", "key": "token"}}
    urls = {"otlpEndpoint": "http://jaeger.example:4318", "queryUrl": "http://jaeger.example:16686"}
    await world.ready(tracing={"backend": {"external": {**urls, "purge": {"webhook": webhook}}}})
    assert world.condition("Stalled") == ("True", "SecretMissing")
    field = "tracing.backend.external.purge.webhook.secretRef"
    assert f"Secret hook does not exist in namespace site-a (named by {field}); create it" in world.message("Stalled")
    assert world.condition("Ready") == ("True", "FramesFlowing")
    assert (await world.reconcile()).look_again == 15

    metadata = {"name": "hook", "namespace": NAMESPACE}
    world.kube.put({"apiVersion": "v1", "kind": SECRET.kind, "metadata": metadata, "data": {"token": "dA=="}})
    await world.settle()
    assert world.condition("Stalled") == ("False", "NotStalled")
