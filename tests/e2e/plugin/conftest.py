"""A pipeline `entrance` whose frames flow, looked after by an operator of its own, and a person's shell before it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from frametrace_operator.shard import SHARD

from scripts.cluster.build import binary
from scripts.cluster.images import JAEGER_IMAGE, REDIS_IMAGE
from scripts.images.build import build
from scripts.images.load import load

CRD = Path(__file__).resolve().parents[3] / "crds" / "frametrace.dev_camerapipelines.yaml"
STAGES = [{"name": "motion", "handler": "motion"}]
CAMERAS = [{"id": "cam01", "source": {"url": "test://?width=320&height=240&fps=10"}}]


class Shell:
    """A person's shell: a context with the pipeline's namespace, and both programs on its PATH."""

    def __init__(self, kubeconfig: Path, namespace: str, folder: Path) -> None:
        self.namespace = namespace
        self.folder = folder
        config = yaml.safe_load(kubeconfig.read_text())
        for context in config["contexts"]:
            context["context"]["namespace"] = namespace
        own = folder / "kubeconfig"
        own.write_text(yaml.safe_dump(config))
        folders = f"{Path(sys.executable).parent}:{binary('kubectl').parent}:{os.environ['PATH']}"
        self._environment = {**os.environ, "KUBECONFIG": str(own), "PATH": folders}

    def run(self, script: str, *, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """Run commands, which may fail."""
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env=self._environment | environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def say(self, script: str, *, stdin: str = "", **environment: str) -> str:
        """Run commands, which must go well and complain of nothing; what they print."""
        done = self.run(script, stdin=stdin, **environment)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        return done.stdout

    def start(self, script: str) -> subprocess.Popen[bytes]:
        """Start commands that go on."""
        return subprocess.Popen(["bash", "-c", f"exec {script}"], cwd=self.folder, env=self._environment)


def eventually(question: Callable[[], Any], *, seconds: float) -> Any:
    """Wait until a question has an answer; fail without one."""
    end = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < end, f"no answer after {seconds} s"
        time.sleep(0.5)
    return answer


@pytest.fixture(scope="session")
def until() -> Callable[..., Any]:
    return eventually


@pytest.fixture(scope="module")
def shell(kubeconfig: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A shell before the pipeline, which is ready and whose frames have whole journeys."""
    namespace = f"plugin-{uuid.uuid4().hex[:8]}"
    found = Shell(kubeconfig, namespace, tmp_path_factory.mktemp("shell"))
    found.say(f"kubectl apply --server-side --force-conflicts -f {CRD}; kubectl create namespace {namespace}")
    with (found.folder / "operator.log").open("wb") as log:
        operator = subprocess.Popen(
            [sys.executable, "-m", "frametrace_operator"], env=_settings(kubeconfig, namespace), stdout=log, stderr=log
        )
    try:
        found.say("kubectl apply -f -", stdin=json.dumps(_pipeline(namespace)))
        found.say("kubectl wait --for=condition=Ready cpl/entrance --timeout=180s")
        yield found
    finally:
        operator.kill()
        operator.wait()
        found.run(f"kubectl delete namespace {namespace} --wait=false")


@pytest.fixture
def frame(shell: Shell) -> str:
    """The ID of a frame whose journey is whole."""
    url = shell.say("kubectl get cpl entrance -o jsonpath='{.status.tracing.queryUrl}'")
    service = url.removeprefix("http://").partition(".")[0]
    path = f"/api/v1/namespaces/{shell.namespace}/services/{service}:16686/proxy/api/traces?service=motion&limit=20"

    def whole() -> str:
        traces = json.loads(shell.say(f"kubectl get --raw '{path}'"))["data"]
        tags = [tag for trace in traces for span in trace["spans"] for tag in span["tags"]]
        frames = sorted({tag["value"] for tag in tags if tag["key"] == "frame.id"})
        told = shell.run(f"kubectl frametrace journey {frames[0]}") if frames else None
        return frames[0] if told and "complete: every hop" in told.stdout else ""

    return str(eventually(whole, seconds=120))


def _settings(kubeconfig: Path, namespace: str) -> dict[str, str]:
    images = {"RUNTIME": load(build("runtime").archive, ""), "REDIS": REDIS_IMAGE, "JAEGER": JAEGER_IMAGE}
    return {
        **os.environ,
        **{f"FRAMETRACE_{kind}_IMAGE": image for kind, image in images.items()},
        "KUBECONFIG": str(kubeconfig),
        "FRAMETRACE_NAMESPACE": namespace,
        "FRAMETRACE_WATCH_NAMESPACES": namespace,
        "FRAMETRACE_SHARD": namespace,  # an operator that is installed in the cluster leaves it alone
        "FRAMETRACE_HTTP_PORT": "0",
    }


def _pipeline(namespace: str) -> dict[str, Any]:
    return {
        "apiVersion": "frametrace.dev/v1alpha1",
        "kind": "CameraPipeline",
        "metadata": {"name": "entrance", "namespace": namespace, "labels": {SHARD: namespace}},
        "spec": {"cameras": CAMERAS, "stages": STAGES},
    }
