"""The design card on a cluster: what kind of thing it is, its shape, and how it is used.

`kubectl apply` of a resource makes capture and stage Deployments with OpenTelemetry settings, sampling and retention, and
`kubectl get camerapipelines` shows how they are. That it rolls back by `OTEL_SDK_DISABLED`: `test_b_rollback.py`.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.bench.rollback_parts.place import place
from scripts.cluster.build import binary

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(400)]

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "camera.yaml"
CAMERA = "test://?width=320&height=180&fps=10"


class Kubectl:
    """A person's kubectl in one namespace."""

    def __init__(self, kubeconfig: Path, namespace: str) -> None:
        self._command = [str(binary("kubectl")), "--kubeconfig", str(kubeconfig), "-n", namespace]

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        done = subprocess.run(
            [*self._command, *arguments], input=stdin, capture_output=True, text=True, check=False, timeout=240
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def read(self, *arguments: str) -> Any:
        return json.loads(self("get", *arguments, "-o", "json"))


@pytest.fixture(scope="module")
def kubectl(kubeconfig: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """A namespace with an operator, in which the example was applied as its file stands, but for the camera."""
    with asyncio.Runner() as runner:
        context = place(tmp_path_factory.mktemp("card") / "operator.log")
        here = runner.run(context.__aenter__())
        try:
            here.start()
            made = Kubectl(kubeconfig, here.name)
            text = EXAMPLE.read_text(encoding="utf-8").replace(
                "rtsp://camera.cameras.svc.cluster.local:8554/cam01", CAMERA
            )
            assert CAMERA in text
            text = text.replace(
                "  name: entrance\n", f"  name: entrance\n  labels: {{frametrace.dev/shard: {here.name}}}\n"
            )
            made("apply", "-f", "-", stdin=text)
            made("wait", "--for=condition=Ready", "cpl/entrance", "--timeout=180s")
            yield made
        finally:
            runner.run(context.__aexit__(None, None, None))


def _environment(deployment: dict[str, Any]) -> dict[str, Any]:
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    return {each["name"]: each.get("value") for each in container["env"]}


def test_card_kind_is_an_operator_that_manages_pipelines(kubectl: Kubectl) -> None:
    labels = "frametrace.dev/pipeline=entrance"
    roles = [
        body["metadata"]["labels"]["frametrace.dev/role"] for body in kubectl.read("deploy", "-l", labels)["items"]
    ]
    assert sorted(roles) == ["capture", "jaeger", "redis", "stage", "stage"]

    kubectl("delete", "deploy", "-l", f"{labels},frametrace.dev/role=capture", "--wait=true")
    kubectl("wait", "--for=create", "deploy", "-l", f"{labels},frametrace.dev/role=capture", "--timeout=60s")
    kubectl("wait", "--for=condition=Available", "deploy", "-l", labels, "--timeout=120s")


def test_card_shape_has_otel_settings_sampling_and_retention(kubectl: Kubectl) -> None:
    runtime = kubectl.read("deploy", "-l", "frametrace.dev/role in (capture, stage)")["items"]
    status = kubectl.read("cpl", "entrance")["status"]["tracing"]
    [live] = kubectl.read("configmap", "-l", "frametrace.dev/role=live")["items"]
    [jaeger] = kubectl.read("configmap", "-l", "frametrace.dev/role=jaeger")["items"]

    assert {_environment(each)["OTEL_SDK_DISABLED"] for each in runtime} == {"false"}
    assert {_environment(each)["OTEL_TRACES_SAMPLER"] for each in runtime} == {"parentbased_traceidratio"}
    assert all(":4318" in str(_environment(each)["OTEL_EXPORTER_OTLP_ENDPOINT"]) for each in runtime)
    assert status["effectiveRatio"] == "1"
    assert '"ratio"' in "".join(live["data"].values())
    assert "max_traces" in "".join(jaeger["data"].values())


def test_card_used_by_kubectl_apply_and_get(kubectl: Kubectl) -> None:
    kubectl("wait", "--for=condition=Ready", "cpl/entrance", "--timeout=180s")  # the test above has its camera pause
    head, line = kubectl("get", "camerapipelines").splitlines()

    assert head.split() == ["NAME", "READY", "TRACING", "COMPLETE", "CAMERAS", "STAGES", "AGE"]
    assert line.split()[:3] == ["entrance", "True", "Healthy"]
    assert line.split()[-3:-1] == ["1/1", "2/2"]
