"""Representative manifests as a whole: what is applied, field by field. Their hashes are asserted elsewhere."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from frame_tracking import Topology
from frametrace_operator.naming import DERIVED_HASH, RENDERED_HASH, SPEC_HASH, TEMPLATE_HASH

EXPECTED = Path(__file__).parent / "expected"

WHOLE = {
    "capture": ("Deployment", "capture", "cam01"),
    "stage": ("Deployment", "stage", "motion"),
    "redis": ("Deployment", "redis", ""),
    "redis-secret": ("Secret", "redis", ""),
    "jaeger": ("Deployment", "jaeger", ""),
    "jaeger-service": ("Service", "jaeger", ""),
    "jaeger-settings": ("ConfigMap", "jaeger", ""),
    "network-capture": ("NetworkPolicy", "network", "capture"),
    "network-jaeger": ("NetworkPolicy", "network", "jaeger"),
    "runtime-service": ("Service", "runtime", ""),
    "monitor": ("PodMonitor", "monitor", ""),
}


@pytest.fixture
def rendered(
    make_pipeline: Callable[..., Any], make_platform: Callable[..., Any], bodies: Callable[..., dict[Any, Any]]
) -> dict[Any, Any]:
    """Everything of a pipeline that uses what the whole manifests show."""
    source = {"url": "rtsps://cameras.example/one", "credentialsSecretRef": {"name": "cam01-login", "usernameKey": "u"}}
    motion = {
        "name": "motion",
        "handler": "detect.people:Detector",
        "image": "registry.example/detect:1",
        "replicas": 2,
        "env": [{"name": "MODEL", "value": "small"}],
        "resources": {"limits": {"nvidia.com/gpu": 1}},
        "podSettings": {"nodeSelector": {"gpu": "yes"}, "tolerations": [{"key": "gpu", "operator": "Exists"}]},
    }
    pipeline = make_pipeline(cameras=[{"id": "cam01", "source": source}], stages=[motion])
    return bodies(pipeline, make_platform(has_pod_monitors=True, camera_networks_allow=("10.244.0.0/16",)))


@pytest.mark.parametrize("name", WHOLE)
def test_manifest_is(name: str, rendered: dict[Any, Any]) -> None:
    body = copy.deepcopy(rendered[WHOLE[name]])
    for made in (RENDERED_HASH, *((SPEC_HASH, DERIVED_HASH, TEMPLATE_HASH) if body["kind"] == "Deployment" else ())):
        assert body["metadata"]["annotations"].pop(made)
    if not body["metadata"]["annotations"]:
        del body["metadata"]["annotations"]

    assert body == yaml.safe_load((EXPECTED / f"{name}.yaml").read_text())


def test_every_kind_and_role_is_there(make_pipeline: Callable[..., Any], bodies: Callable[..., dict[Any, Any]]) -> None:
    assert set(bodies(make_pipeline())) == {
        ("ConfigMap", "config", ""),
        ("ConfigMap", "live", ""),
        ("NetworkPolicy", "network", "capture"),
        ("NetworkPolicy", "network", "stage"),
        ("NetworkPolicy", "network", "redis"),
        ("NetworkPolicy", "network", "jaeger"),
        ("Service", "runtime", ""),
        ("Secret", "redis", ""),
        ("Service", "redis", ""),
        ("Deployment", "redis", ""),
        ("ConfigMap", "jaeger", ""),
        ("Service", "jaeger", ""),
        ("Deployment", "jaeger", ""),
        ("Deployment", "stage", "motion"),
        ("Deployment", "stage", "archive"),
        ("Deployment", "capture", "cam01"),
    }


def test_contract_of_a_capture_is(rendered: dict[Any, Any]) -> None:
    contract = json.loads(rendered["ConfigMap", "config", ""]["data"]["capture-cam01.json"])

    assert contract == {
        "role": "capture",
        "pipeline": {"namespace": "site-a", "name": "parking", "uid": "11111111-2222-3333-4444-555555555555"},
        "camera": {
            "id": "cam01",
            "url": "rtsps://cameras.example/one",
            "username_file": "/etc/frametrace/secrets/camera/username",
            "password_file": "/etc/frametrace/secrets/camera/password",
        },
        "networks": {"allow": ["10.244.0.0/16"], "deny": ["10.96.0.0/12"]},
        "broker": {
            "type": "Redis",
            "url": "redis://parking-redis-dad242da.site-a.svc:6379/0",
            "url_file": "",
            "password_file": "/etc/frametrace/secrets/broker/password",
            "ca_file": "",
            "frame_seconds": 60,
            "max_frames": 1800,
            "overflow": "DropOldest",
        },
        "frames_per_second": "",
        "max_width": 0,
        "encoding": "JPEG",
        "jpeg_quality": 85,
        "timestamp_source": "Wallclock",
        "pictures_allowed": False,
    }


def test_live_contract_is(make_pipeline: Callable[..., Any], bodies: Callable[..., dict[Any, Any]]) -> None:
    cameras = [
        {"id": "cam01", "source": {"url": "test://"}, "tracing": {"ratio": "0.5"}},
        {"id": "cam02", "source": {"url": "test://"}, "tracing": {"ratio": "0.1"}},
    ]
    pipeline = make_pipeline(cameras=cameras, tracing={"sampling": {"ratio": "0.1", "keepErrors": "Disabled"}})

    live = json.loads(bodies(pipeline)["ConfigMap", "live", ""]["data"]["live.json"])

    assert live == {
        "revision": Topology.of([("motion", "capture"), ("archive", "motion")]).revision,
        "cameras": ["cam01", "cam02"],
        "stages": [{"name": "motion", "input": "capture"}, {"name": "archive", "input": "motion"}],
        "tracing": {
            "state": "On",
            "ratio": "0.1",
            "camera_ratios": {"cam01": "0.5"},
            "keep_errors": False,
            "keep_slower_than_milliseconds": 0,
        },
    }
