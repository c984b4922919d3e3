"""The journey page's manifests: there only where it is on, with the credentials of what it asks, and untouched by a rollback."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from frametrace_api.contract import PageContract
from frametrace_operator.awake import Awake
from frametrace_operator.guard.plan import TracingPlan
from frametrace_operator.manifests.endpoints import has_page
from frametrace_operator.pipeline import Pipeline

Bodies = dict[tuple[str, str, str], dict[str, Any]]
PAGE = {("Deployment", "page", ""), ("Service", "page", ""), ("NetworkPolicy", "network", "page")}
ALLOWED = {"pictures": {"access": "Allowed"}}
ANNOTATION = "frametrace.dev/journey-page"


@pytest.fixture
def paged(make_pipeline: Callable[..., Pipeline]) -> Callable[..., Pipeline]:
    """A pipeline that may be looked at; keywords replace fields of its spec."""
    return lambda **spec: make_pipeline(**(ALLOWED | spec))


def annotated(pipeline: Pipeline, value: str) -> Pipeline:
    return replace(pipeline, annotations={ANNOTATION: value})


@pytest.mark.parametrize(
    ("access", "annotation", "on"),
    [
        ("Denied", "", False),
        ("Allowed", "", True),
        ("Denied", "Enabled", True),
        ("Allowed", "Disabled", False),
        ("Allowed", "yes please", True),
        ("Denied", "enabled", False),
    ],
)
def test_it_is_on_by_the_annotation_or_else_where_pictures_may_be_seen(
    make_pipeline: Callable[..., Pipeline], access: str, annotation: str, *, on: bool
) -> None:
    pipeline = annotated(make_pipeline(pictures={"access": access}), annotation)
    assert has_page(pipeline) is on


def test_it_adds_its_own_objects_and_no_other(
    make_pipeline: Callable[..., Pipeline], paged: Callable[..., Pipeline], bodies: Callable[..., Bodies]
) -> None:
    assert set(bodies(paged())) - set(bodies(make_pipeline())) == PAGE
    assert set(bodies(annotated(paged(), "Disabled"))) == set(bodies(make_pipeline()))


def test_no_old_pod_shows_pictures_that_are_denied_by_now(
    make_pipeline: Callable[..., Pipeline], paged: Callable[..., Pipeline], bodies: Callable[..., Bodies]
) -> None:
    """Not even where the new pod cannot be made, for want of room in a quota or of an image."""
    shown = bodies(paged())["Deployment", "page", ""]["spec"]
    denied = bodies(annotated(make_pipeline(pictures={"access": "Denied"}), "Enabled"))["Deployment", "page", ""][
        "spec"
    ]

    assert shown["strategy"] == denied["strategy"] == {"type": "Recreate"}
    assert shown["template"] != denied["template"]


def test_its_pod_is_the_runtimes_and_has_the_secrets_of_what_it_asks(
    paged: Callable[..., Pipeline], bodies: Callable[..., Bodies], container_of: Callable[..., dict[str, Any]]
) -> None:
    external = {
        "otlpEndpoint": "http://jaeger.example:4318",
        "queryUrl": "https://jaeger.example",
        "headersSecretRef": {"name": "login", "key": "headers"},
    }
    body = bodies(paged(tracing={"backend": {"external": external}}))["Deployment", "page", ""]
    container = container_of(body)
    assert (container["image"], container["command"], container["args"]) == (
        "localhost/frametrace-runtime:1",
        ["python", "-m", "camera_runtime"],
        ["page"],
    )
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {
        "/tmp",
        "/etc/frametrace/config",
        "/etc/frametrace/live",
        "/etc/frametrace/secrets/broker",
        "/etc/frametrace/secrets/jaeger",
    }
    assert [variable["name"] for variable in container["env"]] == ["FRAMETRACE_POD_NAME"]


@pytest.mark.parametrize(
    "change", [{"pictures": {"access": "Denied"}}, {"broker": {"type": "RabbitMQ", "external": {"urlSecretRef": {"name": "a", "key": "b"}}}}]
)  # fmt: skip
def test_where_it_shows_no_picture_it_has_no_way_to_the_broker(
    paged: Callable[..., Pipeline], bodies: Callable[..., Bodies], change: dict[str, Any]
) -> None:
    found = bodies(annotated(paged(**change), "Enabled"))
    volumes = found["Deployment", "page", ""]["spec"]["template"]["spec"]["volumes"]
    assert {volume["name"] for volume in volumes} == {"tmp", "config", "live"}
    ports = [
        port["port"] for rule in found["NetworkPolicy", "network", "page"]["spec"]["egress"] for port in rule["ports"]
    ]
    assert ports == [53, 53, 5353, 5353, 16686]


def test_its_contract_says_whose_traces_are_where(
    paged: Callable[..., Pipeline], bodies: Callable[..., Bodies]
) -> None:
    managed = PageContract.model_validate_json(bodies(paged())["ConfigMap", "config", ""]["data"]["page.json"])
    assert (managed.pipeline.namespace, managed.pipeline.name) == ("site-a", "parking")
    assert managed.jaeger.url.startswith("http://parking-jaeger-")
    assert managed.jaeger.alone
    assert managed.pictures_allowed
    off = bodies(paged(tracing={"mode": "Disabled"}))["ConfigMap", "config", ""]["data"]["page.json"]
    assert json.loads(off)["jaeger"]["url"] == ""
    assert managed.jaeger.max_traces == json.loads(off)["jaeger"]["max_traces"] > 0


def test_it_knows_how_long_a_managed_jaeger_keeps_traces_and_of_no_other(
    paged: Callable[..., Pipeline], bodies: Callable[..., Bodies]
) -> None:
    def kept(**backend: Any) -> int:
        tracing = {"retention": {"traceSeconds": 7200}, **({"backend": backend} if backend else {})}
        page = bodies(paged(tracing=tracing))["ConfigMap", "config", ""]["data"]["page.json"]
        return PageContract.model_validate_json(page).trace_seconds

    external = {"otlpEndpoint": "http://jaeger.example:4318", "queryUrl": "https://jaeger.example"}
    assert (kept(), kept(external=external)) == (7200, 0)


def test_redis_and_jaeger_let_it_in_and_nobody_else_does(
    make_pipeline: Callable[..., Pipeline], paged: Callable[..., Pipeline], bodies: Callable[..., Bodies]
) -> None:
    without, found = bodies(make_pipeline()), bodies(paged())
    for server, port in (("redis", 6379), ("jaeger", 16686)):
        before, after = (each["NetworkPolicy", "network", server]["spec"]["ingress"] for each in (without, found))
        assert before != after
        page = [
            peer
            for rule in after
            for peer in rule["from"]
            if peer.get("podSelector", {}).get("matchLabels", {}).get("frametrace.dev/role") == "page"
            and [each["port"] for each in rule["ports"]] == [port]
        ]
        assert len(page) == 1
    assert found["NetworkPolicy", "network", "page"]["spec"].get("ingress") is None


def test_a_rollback_leaves_it_as_it_is_and_a_rest_takes_its_pod(
    paged: Callable[..., Pipeline], bodies: Callable[..., Bodies]
) -> None:
    key = ("Deployment", "page", "")
    before = bodies(paged())[key]
    after = bodies(paged(), tracing=TracingPlan(on=False, instrumented=False, purge_generation=3))[key]
    assert before == after
    assert [bodies(paged(), awake=step)[key]["spec"]["replicas"] for step in Awake] == [0, 1, 1, 1]
