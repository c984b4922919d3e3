"""The local cluster, brought up by its own command, and a kubectl on it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

_REPOSITORY = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class LocalCluster:
    """The command line of the cluster and of kubectl."""

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "scripts.cluster", *arguments]
        return subprocess.run(command, cwd=_REPOSITORY, capture_output=True, text=True, check=False)

    def begin(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "scripts.cluster", *arguments]
        return subprocess.Popen(command, cwd=_REPOSITORY, stderr=subprocess.DEVNULL)

    def up(self) -> str:
        done = self.run("up")
        assert done.returncode == 0, done.stderr
        return done.stderr

    @staticmethod
    @cache
    def path(name: str) -> Path:
        return Path(LocalCluster().run("path", name).stdout.strip())

    def kubectl_command(self, *arguments: str) -> list[str]:
        return [str(self.path("kubectl")), "--kubeconfig", str(self.path("kubeconfig")), *arguments]

    def kubectl(self, *arguments: str, stdin: str | None = None, fails: bool = False) -> str:
        done = subprocess.run(
            self.kubectl_command(*arguments), input=stdin, capture_output=True, text=True, check=False
        )
        assert fails == bool(done.returncode), f"{arguments}: {done.stdout}{done.stderr}"
        return done.stderr if fails else done.stdout

    def get(self, *arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.kubectl("get", *arguments, "-o", "json"))
        return found

    def apply(self, namespace: str, *manifests: dict[str, Any]) -> None:
        items = {"apiVersion": "v1", "kind": "List", "items": list(manifests)}
        self.kubectl("-n", namespace, "apply", "-f", "-", stdin=json.dumps(items))

    def until(self, what: str, asked: Callable[[], bool], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not asked():
            assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
            time.sleep(0.2)


@pytest.fixture(scope="session")
def local_cluster() -> LocalCluster:
    return LocalCluster()


@pytest.fixture
def cluster(local_cluster: LocalCluster) -> LocalCluster:
    local_cluster.up()
    return local_cluster


@pytest.fixture
def namespace(cluster: LocalCluster) -> Iterator[str]:
    name = f"cluster-test-{uuid.uuid4().hex[:8]}"
    cluster.kubectl("create", "namespace", name)
    cluster.until(
        "its default service account", lambda: "default" in cluster.kubectl("-n", name, "get", "sa", "-o", "name")
    )
    yield name
    cluster.up()
    cluster.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def python_pod(cluster: LocalCluster) -> Callable[..., dict[str, Any]]:
    """Makes the manifest of a restricted pod that runs a Python program."""
    [image] = [
        name
        for one in cluster.get("node", "frametrace")["status"]["images"]
        for name in one["names"] or ()  # an image may have lost all of its names
        if name.startswith("localhost/frametrace-base:")
    ][:1]

    def make(name: str, program: str, **container: Any) -> dict[str, Any]:
        restricted = {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "labels": {"app": name}},
            "spec": {
                "restartPolicy": "Never",
                "terminationGracePeriodSeconds": 0,
                "securityContext": {
                    "runAsNonRoot": True,
                    "runAsUser": 65532,
                    "fsGroup": 65532,
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
                "containers": [
                    {
                        "name": "main",
                        "image": image,
                        "imagePullPolicy": "Never",
                        "command": ["python3", "-u", "-c", program],
                        "securityContext": restricted,
                        **container,
                    }
                ],
            },
        }

    return make
