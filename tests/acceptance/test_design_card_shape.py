"""The design card's kind and shape: what the operator makes of one CameraPipeline, as it renders it; the cluster's tests run it.

That lost traces, overhead and a sick Jaeger each alone roll back on a real cluster is shown by rows B.1 to B.3.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from frametrace_api.crd import crd_document
from frametrace_operator import handlers
from frametrace_operator.guard.plan import TracingPlan
from frametrace_operator.manifests import children
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform

ROOT = Path(__file__).resolve().parents[2]
_PLATFORM = Platform("runtime:1", "redis:1", "jaeger:1", "frametrace-system", (), ())


def _made(plan: TracingPlan, **tracing: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """The objects of docs/examples/camera.yaml by kind and by camera, stage or role."""
    resource = yaml.safe_load((ROOT / "docs/examples/camera.yaml").read_text(encoding="utf-8"))
    resource["metadata"] |= {"namespace": "cameras", "uid": "1", "generation": 1}
    resource["spec"] |= {"tracing": tracing}
    made = children(Pipeline.from_object(resource), _PLATFORM, plan, new_password=lambda: "made-up")
    return {(child.body["kind"], child.item or child.role): child.body for child in made}


def _environment(deployment: dict[str, Any]) -> dict[str, str]:
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    return {entry["name"]: entry.get("value", "") for entry in container["env"]}


def _text_of(made: dict[tuple[str, str], dict[str, Any]], file: str) -> str:
    texts = [body["data"][file] for (kind, _), body in made.items() if kind == "ConfigMap" and file in body["data"]]
    assert len(texts) == 1
    return str(texts[0])


def test_card_kind_is_a_kopf_operator_of_camera_pipelines() -> None:
    names = crd_document()["spec"]["names"]

    assert (names["kind"], names["plural"]) == ("CameraPipeline", "camerapipelines")
    assert "kopf.on.event" in inspect.getsource(handlers)


def test_card_shape_a_capture_deployment_for_each_camera_with_opentelemetrys_settings() -> None:
    made = _made(TracingPlan())

    for item, service in (("cam01", "rtsp-capture"), ("motion", "motion"), ("verify", "verify")):
        environment = _environment(made["Deployment", item])
        assert environment["OTEL_SERVICE_NAME"] == service
        assert environment["OTEL_EXPORTER_OTLP_ENDPOINT"].startswith("http://entrance-jaeger-")
        assert environment["OTEL_SDK_DISABLED"] == "false"


@pytest.mark.parametrize("ratio", ["1", "0.25"])
def test_card_shape_sampling_reaches_the_pods(ratio: str) -> None:
    live = json.loads(_text_of(_made(TracingPlan(), sampling={"ratio": ratio}), "live.json"))

    assert live["tracing"]["ratio"] == ratio
    environment = _environment(_made(TracingPlan())["Deployment", "cam01"])
    assert environment["OTEL_TRACES_SAMPLER"] == "parentbased_traceidratio"


def test_card_shape_retention_reaches_the_storage() -> None:
    def kept(seconds: int) -> str:
        badger = {"managed": {"storage": "Badger", "size": "5Gi"}}
        made = _made(TracingPlan(), backend=badger, retention={"traceSeconds": seconds})
        storage = yaml.safe_load(_text_of(made, "config.yaml"))["extensions"]["jaeger_storage"]["backends"]["main"]
        return str(storage["badger"]["ttl"]["spans"])

    assert kept(3600) != kept(7200)


def test_card_shape_a_rollback_sets_otel_sdk_disabled_everywhere() -> None:
    made = _made(TracingPlan(instrumented=False, on=False))

    for item in ("cam01", "motion", "verify"):
        assert _environment(made["Deployment", item])["OTEL_SDK_DISABLED"] == "true"
