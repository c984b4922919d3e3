"""What a change of the resource changes in the manifests, and what it leaves alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from frametrace_operator.awake import Awake
from frametrace_operator.guard.plan import TracingPlan

Keys = set[tuple[str, str, str]]
Bodies = dict[tuple[str, str, str], dict[str, Any]]

SOURCE = {"url": "rtsp://cameras.example/one"}
CAPTURE = ("Deployment", "capture", "cam01")
MOTION = ("Deployment", "stage", "motion")
ARCHIVE = ("Deployment", "stage", "archive")
LIVE = ("ConfigMap", "live", "")
CONFIG = ("ConfigMap", "config", "")


@pytest.fixture
def changed(make_pipeline: Callable[..., Any], bodies: Callable[..., Bodies]) -> Callable[..., Keys]:
    """Which manifests two pipelines do not share."""

    def compare(before: dict[str, Any], after: dict[str, Any], **options: Any) -> Keys:
        old, new = bodies(make_pipeline(**before)), bodies(make_pipeline(**after), **options)
        return {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}

    return compare


def test_a_ratio_changes_only_what_is_read_live(changed: Callable[..., Keys]) -> None:
    assert changed({}, {"tracing": {"sampling": {"ratio": "0.01", "keepSlowerThanMilliseconds": 5}}}) == {LIVE}
    assert changed({}, {"cameras": [{"id": "cam01", "source": SOURCE, "tracing": {"ratio": "0"}}]}) == {LIVE}


def test_a_new_camera_restarts_no_stage_and_no_other_capture(changed: Callable[..., Keys]) -> None:
    three, four = ([{"id": f"cam0{number}", "source": SOURCE} for number in range(1, count)] for count in (4, 5))
    calm = {"capture": {"framesPerSecond": 1}}

    assert changed({"cameras": three, **calm}, {"cameras": four, **calm}) == {
        LIVE,
        CONFIG,
        ("Deployment", "capture", "cam04"),
    }


def test_a_new_stage_restarts_no_other(changed: Callable[..., Keys]) -> None:
    motion = {"name": "motion", "handler": "motion"}
    stages = [motion, {"name": "archive", "input": "motion", "handler": "archive"}]

    assert changed({"stages": [motion]}, {"stages": stages}) == {LIVE, CONFIG, ARCHIVE}


def test_a_stage_setting_restarts_that_stage_alone(changed: Callable[..., Keys]) -> None:
    stages = [
        {"name": "motion", "handler": "motion", "maxDeliveries": 9},
        {"name": "archive", "input": "motion", "handler": "archive"},
    ]

    assert changed({}, {"stages": stages}) == {CONFIG, MOTION}


def test_uninstrumented_changes_the_processes_and_what_they_read_live(
    changed: Callable[..., Keys],
    make_pipeline: Callable[..., Any],
    bodies: Callable[..., Bodies],
    environment_of: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    out = TracingPlan(instrumented=False)
    assert changed({}, {}, tracing=out) == {LIVE, CAPTURE, MOTION, ARCHIVE}
    off = bodies(make_pipeline(), tracing=out)
    for key in (CAPTURE, MOTION, ARCHIVE):
        environment = environment_of(off[key])
        assert environment["OTEL_SDK_DISABLED"] == "true"
        assert environment["OTEL_PYTHON_DISABLED_INSTRUMENTATIONS"] == "*"
        annotations = off[key]["spec"]["template"]["metadata"]["annotations"]
        assert annotations["instrumentation.opentelemetry.io/inject-python"] == "false"
    assert '"state": "Off"' in off[LIVE]["data"]["live.json"]


@pytest.mark.parametrize("tracing", [TracingPlan(on=False), TracingPlan(ratios={"cam01": "0"})])
def test_what_is_switched_live_restarts_nothing(changed: Callable[..., Keys], tracing: TracingPlan) -> None:
    assert changed({}, {}, tracing=tracing) == {LIVE}


def test_the_guards_ratios_go_before_those_of_the_spec(
    make_pipeline: Callable[..., Any], bodies: Callable[..., Bodies]
) -> None:
    cameras = [{"id": f"cam0{number}", "source": {"url": "test://"}, "tracing": {"ratio": "0.5"}} for number in (1, 2)]

    found = bodies(make_pipeline(cameras=cameras), tracing=TracingPlan(ratios={"cam01": "0", "gone": "0.2"}))

    assert json.loads(found[LIVE]["data"]["live.json"])["tracing"]["camera_ratios"] == {"cam01": "0", "cam02": "0.5"}


def test_a_waiting_capture_stays_as_it_was(changed: Callable[..., Keys]) -> None:
    out = TracingPlan(instrumented=False)
    assert changed({}, {}, tracing=out, waiting={"cam01"}) == {LIVE, MOTION, ARCHIVE}


def test_the_owner_cannot_keep_wrappers_in(
    make_pipeline: Callable[..., Any],
    bodies: Callable[..., Bodies],
    environment_of: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    own = {"name": "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "value": "redis"}
    pipeline = make_pipeline(stages=[{"name": "motion", "handler": "motion", "env": [own]}])
    found = [
        environment_of(bodies(pipeline, tracing=TracingPlan(instrumented=instrumented))[MOTION])[own["name"]]
        for instrumented in (True, False)
    ]
    assert found == ["redis", "*"]


def test_a_purge_restarts_jaeger_alone(changed: Callable[..., Keys]) -> None:
    assert changed({}, {}, tracing=TracingPlan(purge_generation=1)) == {("Deployment", "jaeger", "")}


def test_a_volume_is_wiped_by_an_init_container_of_the_runtime(
    make_pipeline: Callable[..., Any], bodies: Callable[..., Bodies]
) -> None:
    pipeline = make_pipeline(tracing={"backend": {"managed": {"storage": "Badger"}}})
    before, after = (
        bodies(pipeline, tracing=TracingPlan(purge_generation=count))["Deployment", "jaeger", ""]["spec"]["template"]
        for count in (0, 7)
    )
    assert "initContainers" not in before["spec"]
    assert after["metadata"]["annotations"]["frametrace.dev/purge-generation"] == "7"
    (purge,) = after["spec"]["initContainers"]
    assert (purge["image"], purge["args"]) == ("localhost/frametrace-runtime:1", ["/badger", "7"])


def test_disabled_tracing_takes_jaeger_away_and_the_sdk_out(
    make_pipeline: Callable[..., Any],
    bodies: Callable[..., Bodies],
    environment_of: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    found = bodies(make_pipeline(tracing={"mode": "Disabled"}))

    assert not [key for key in found if "jaeger" in key]
    environment = environment_of(found[CAPTURE])
    assert environment["OTEL_SDK_DISABLED"] == "true"
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" not in environment


@pytest.mark.parametrize(
    ("awake", "running"),
    [
        (None, set()),
        (Awake.NOTHING, set()),
        (Awake.SERVERS, {"redis", "jaeger"}),
        (Awake.STAGES, {"redis", "jaeger", "stage"}),
    ],
)
def test_suspended_goes_in_the_order_of_the_frames(
    make_pipeline: Callable[..., Any], bodies: Callable[..., Bodies], awake: Awake | None, running: set[str]
) -> None:
    found = bodies(make_pipeline(mode="Suspended"), awake=awake)

    pods = {key[1]: body["spec"].get("replicas", 1) for key, body in found.items() if key[0] == "Deployment"}
    assert {role for role, number in pods.items() if number} == running
    assert pods.keys() == {"redis", "jaeger", "stage", "capture"}


def test_without_replicas_an_autoscaler_owns_them(
    make_pipeline: Callable[..., Any], bodies: Callable[..., Bodies]
) -> None:
    found = bodies(make_pipeline())

    assert "replicas" not in found[MOTION]["spec"]
    assert found[CAPTURE]["spec"]["replicas"] == 1


def test_external_broker_is_mounted_and_not_run(
    make_pipeline: Callable[..., Any], bodies: Callable[..., Bodies]
) -> None:
    reference = {"name": "broker", "key": "url"}
    external = {"urlSecretRef": reference, "caSecretRef": {"name": "broker-ca", "key": "ca.pem"}}

    found = bodies(make_pipeline(broker={"type": "RabbitMQ", "external": external}))

    assert not [key for key in found if "redis" in key]
    volumes = found[MOTION]["spec"]["template"]["spec"]["volumes"]
    assert {
        "name": "broker",
        "projected": {
            "defaultMode": 0o440,
            "sources": [
                {"secret": {"name": "broker", "items": [{"key": "url", "path": "url"}]}},
                {"secret": {"name": "broker-ca", "items": [{"key": "ca.pem", "path": "ca.crt"}]}},
            ],
        },
    } in volumes
    contract = json.loads(found[CONFIG]["data"]["stage-motion.json"])["broker"]
    assert (contract["type"], contract["overflow"]) == ("RabbitMQ", "DropNewest")
    mounted = "/etc/frametrace/secrets/broker"
    assert (contract["url_file"], contract["ca_file"]) == (f"{mounted}/url", f"{mounted}/ca.crt")


def test_badger_has_a_volume_and_the_retention_as_its_time_to_live(
    make_pipeline: Callable[..., Any], bodies: Callable[..., Bodies]
) -> None:
    backend = {"managed": {"storage": "Badger", "size": "5Gi"}}

    found = bodies(make_pipeline(tracing={"backend": backend, "retention": {"traceSeconds": 7200}}))

    claim = found["PersistentVolumeClaim", "jaeger", ""]
    assert claim["spec"]["resources"]["requests"]["storage"] == "5Gi"
    assert 'ttl: {spans: "7200s"}' in found["ConfigMap", "jaeger", ""]["data"]["config.yaml"]
    volumes = found["Deployment", "jaeger", ""]["spec"]["template"]["spec"]["volumes"]
    assert {"name": "traces", "persistentVolumeClaim": {"claimName": claim["metadata"]["name"]}} in volumes


def test_what_is_made_up_once_is_never_overwritten(
    make_pipeline: Callable[..., Any], make_platform: Callable[..., Any]
) -> None:
    from frametrace_operator.manifests import children  # noqa: PLC0415 (the one test that needs whole children)

    pipeline = make_pipeline(tracing={"backend": {"managed": {"storage": "Badger"}}})

    once = {child.body["kind"] for child in children(pipeline, make_platform()) if child.create_only}

    assert once == {"Secret", "PersistentVolumeClaim"}
