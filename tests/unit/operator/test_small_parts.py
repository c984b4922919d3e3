"""Settings, health, endpoints, logs, and pods as they are read."""

import io
import json
import logging
import socket
from contextlib import redirect_stdout
from typing import Any

import aiohttp
import pytest
from frametrace_api.spec import CameraPipelineSpec
from frametrace_operator.health import Health
from frametrace_operator.http import serve
from frametrace_operator.logs import logger, set_up
from frametrace_operator.metrics import Metrics
from frametrace_operator.podview import pod_view, workload
from frametrace_operator.secret_names import named_secrets
from frametrace_operator.settings import Settings, platform_of

IMAGES = {
    "FRAMETRACE_RUNTIME_IMAGE": "rt:1",
    "FRAMETRACE_REDIS_IMAGE": "redis:1",
    "FRAMETRACE_JAEGER_IMAGE": "jaeger:1",
}


@pytest.fixture
def environment(monkeypatch: Any) -> Any:
    for name, value in IMAGES.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_lists_are_separated_by_commas(environment: Any) -> None:
    environment.setenv("FRAMETRACE_WATCH_NAMESPACES", "a, b,,c ")
    environment.setenv("FRAMETRACE_CAMERA_NETWORKS_ALLOW", "10.0.0.0/8")
    environment.setenv("FRAMETRACE_CAMERA_NETWORKS_DENY", "")
    settings = Settings()
    assert settings.watch_namespaces == ("a", "b", "c")
    assert settings.camera_networks_deny == ()
    assert platform_of(settings).camera_networks_allow == ("10.0.0.0/8",)


def test_resources_of_pods_are_the_chart_s_as_json(environment: Any) -> None:
    environment.setenv("FRAMETRACE_CAPTURE_RESOURCES", '{"requests": {"cpu": 1}, "limits": {"memory": "1Gi"}}')
    environment.setenv("FRAMETRACE_STAGE_RESOURCES", "{}")
    platform = platform_of(Settings())
    assert platform.capture_resources.to_object() == {"requests": {"cpu": "1"}, "limits": {"memory": "1Gi"}}
    assert platform.stage_resources.to_object() == {}


def test_the_operator_knows_its_own_pods_by_their_labels(environment: Any) -> None:
    assert platform_of(Settings()).operator_labels == ()
    environment.setenv("FRAMETRACE_POD_LABELS", "app.kubernetes.io/name=frametrace-operator, tier=")
    assert platform_of(Settings()).operator_labels == (
        ("app.kubernetes.io/name", "frametrace-operator"),
        ("tier", ""),
    )
    environment.setenv("FRAMETRACE_POD_LABELS", "frametrace-operator")
    with pytest.raises(ValueError, match="write name=value"):
        Settings()


def test_the_operator_knows_how_the_clusters_prometheus_finds_pod_monitors(environment: Any) -> None:
    assert (platform_of(Settings()).pod_monitor_labels, platform_of(Settings()).pod_monitor_interval) == ((), "15s")
    environment.setenv("FRAMETRACE_POD_MONITOR_LABELS", "release=prometheus,team=cameras")
    environment.setenv("FRAMETRACE_POD_MONITOR_INTERVAL", "30s")
    platform = platform_of(Settings())
    assert platform.pod_monitor_labels == (("release", "prometheus"), ("team", "cameras"))
    assert platform.pod_monitor_interval == "30s"


def test_without_an_image_the_operator_does_not_start(monkeypatch: Any) -> None:
    for name in IMAGES:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ValueError, match="runtime_image"):
        Settings()


def test_health_names_what_is_wrong_and_asks_for_watches_of_a_leader_only() -> None:
    time = [0.0]
    health = Health(lambda: time[0], silence=70)
    time[0] = 4
    assert health.problems() == []
    time[0] = 20
    assert health.problems() == ["the event loop was blocked for 20 s"]
    health._ticked = 300.0
    time[0] = 300
    assert (health.problems(), health.watch_age(), health.pass_age()) == ([], 0, 0)
    health.lead(["/api/v1/pods", "/api/v1/services"])
    health._ticked = time[0] = 600.0
    assert [problem.rpartition(" for ")[0] for problem in health.problems()] == [
        "no ledger was asked for",
        "the watch of /api/v1/pods gave no sign of life",
        "the watch of /api/v1/services gave no sign of life",
    ]
    health.saw_watch("/api/v1/pods")
    health.made_pass()
    assert health.problems() == ["the watch of /api/v1/services gave no sign of life for 300 s"], "each for itself"
    assert (health.watch_age(), health.pass_age()) == (300, 0)


def test_pods_that_give_no_ledger_are_told_and_no_reason_to_begin_anew() -> None:
    time = [0.0]
    health, metrics = Health(lambda: time[0]), Metrics()
    metrics.watch(lambda: 0.0, health)
    time[0] = 50.0
    health.heard()
    assert metrics.registry.get_sample_value("frametrace_operator_ledger_silence_seconds") == 0, (
        "a stand-by asks nobody"
    )
    health.lead([])
    health._ticked = time[0] = 150.0
    health.made_pass()
    assert metrics.registry.get_sample_value("frametrace_operator_ledger_silence_seconds") == 100
    assert metrics.registry.get_sample_value("frametrace_operator_ledger_pass_age_seconds") == 0
    assert health.problems() == []
    health.heard()
    assert metrics.registry.get_sample_value("frametrace_operator_ledger_silence_seconds") == 0


def test_health_names_passes_that_do_not_end_while_pipelines_are_due() -> None:
    time, stuck = [0.0], [0.0]
    health = Health(lambda: time[0])
    health.lead([], lambda: stuck[0])
    stuck[0] = 180
    assert health.problems() == []
    stuck[0] = 181
    assert health.problems() == ["pipelines are due, and no pass ended for 181 s"]


@pytest.mark.parametrize("silence", [1, 70])
def test_a_watch_is_missed_some_time_after_its_longest_silence(silence: Any) -> None:
    time = [0.0]
    health = Health(lambda: time[0], silence=silence)
    health.lead(["/api/v1/pods"])
    health.made_pass()
    health._ticked = time[0] = silence * 1.7
    assert [problem for problem in health.problems() if "watch" in problem] == []
    health._ticked = time[0] = silence * 1.8
    assert [problem for problem in health.problems() if "watch" in problem] != []


async def test_the_endpoints_answer(unused_port: Any) -> None:
    time = [0.0]
    health, metrics = Health(lambda: time[0]), Metrics()
    metrics.reconciles.labels("ok").inc()
    runner = await serve(unused_port, health, metrics.snapshot)
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{unused_port}") as session:
            assert [(await session.get(path)).status for path in ("/healthz", "/readyz", "/metrics")] == [200, 503, 200]
            health.started, time[0] = True, 100
            answer = await session.get("/healthz")
            assert (answer.status, await answer.json()) == (503, {"problems": ["the event loop was blocked for 100 s"]})
            assert (await session.get("/readyz")).status == 200
            assert (
                'frametrace_operator_reconciles_total{result="ok"} 1.0' in await (await session.get("/metrics")).text()
            )
    finally:
        await runner.cleanup()


@pytest.fixture
def unused_port() -> Any:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_logs_are_json_with_names_and_without_credentials() -> None:
    out = io.StringIO()
    with redirect_stdout(out):
        set_up("INFO")
        logger().info("opened rtsp://user:s3cret@cam/1", pipeline="yard")
        logging.getLogger("elsewhere").warning("password=%s", "s3cret")
    logging.basicConfig(force=True)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["opened rtsp://***@cam/1", "password=***"]
    assert lines[0]["pipeline"] == "yard"
    assert "s3cret" not in out.getvalue()


def pod(**status: Any) -> Any:
    labels = {"frametrace.dev/role": "stage", "frametrace.dev/stage": "motion"}
    return {"metadata": {"name": "p", "uid": "u", "labels": labels}, "status": status}


@pytest.mark.parametrize(
    ("status", "trouble", "message"),
    [
        ({}, "", ""),
        ({"containerStatuses": [{"state": {"waiting": {"reason": "ContainerCreating"}}}]}, "", ""),
        ({"containerStatuses": [{"state": {"running": {}}}]}, "", ""),
        (
            {"initContainerStatuses": [{"state": {"terminated": {"exitCode": 3, "reason": "Error"}}}]},
            "Error",
            "(it ended with Error, code 3)",
        ),
        (
            {
                "containerStatuses": [
                    {
                        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 20s"}},
                        "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}},
                    }
                ]
            },
            "CrashLoopBackOff",
            "(it ended with OOMKilled, code 137)",
        ),
        (
            {
                "conditions": [
                    {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes"}
                ]
            },
            "Unschedulable",
            "0/1 nodes",
        ),
    ],
)
def test_a_pods_trouble_is_read_in_kubernetes_words(status: Any, trouble: Any, message: Any) -> None:
    view = pod_view(pod(**status))
    assert (view.role, view.item, view.trouble, view.message) == ("stage", "motion", trouble, message)


def test_a_deployment_is_settled_when_all_its_pods_are_new_and_available() -> None:
    counts = {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 2, "readyReplicas": 2}
    body = {"metadata": {"generation": 3}, "spec": {"replicas": 2}, "status": {"observedGeneration": 3, **counts}}
    assert workload(body).settled
    assert not workload(body | {"status": body["status"] | {"replicas": 3}}).settled
    assert not workload(body | {"metadata": {"generation": 4}}).settled
    assert workload(
        {"metadata": {"generation": 1}, "spec": {"replicas": 0}, "status": {"observedGeneration": 1}}
    ).settled


def test_named_secrets_tell_which_field_names_them() -> None:
    login = {"credentialsSecretRef": {"name": "login"}}
    spec = {
        "cameras": [{"id": name, "source": {"url": "rtsp://c/1", **login}} for name in ("a", "b")],
        "broker": {
            "external": {"urlSecretRef": {"name": "broker", "key": "url"}, "caSecretRef": {"name": "ca", "key": "ca"}}
        },
    }
    assert [(use.name, use.key, use.where) for use in named_secrets(CameraPipelineSpec.model_validate(spec))] == [
        ("login", "username", "camera a"),
        ("login", "password", "camera a"),
        ("login", "username", "camera b"),
        ("login", "password", "camera b"),
        ("broker", "url", "broker.external.urlSecretRef"),
        ("ca", "ca", "broker.external.caSecretRef"),
    ]
