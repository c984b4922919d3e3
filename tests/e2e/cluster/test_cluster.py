"""What the local cluster promises, on the real one: pods, Services, DNS, logs, exec, limits, storage, audit, and repair."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from scripts.cluster.buildah import build_image
from scripts.cluster.containerd import load
from scripts.cluster.images import base_image

if TYPE_CHECKING:
    from tests.e2e.cluster.conftest import LocalCluster

pytestmark = pytest.mark.cluster

PodMaker = Callable[..., dict[str, Any]]
_COMPONENTS = (
    "containerd",
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
)
_SERVER = "import http.server as h; h.test(h.SimpleHTTPRequestHandler, port=8000)"


def _phase(cluster: LocalCluster, namespace: str, pod: str) -> str:
    phase: str = cluster.get("-n", namespace, "pod", pod)["status"].get("phase", "")
    return phase


def _finish(cluster: LocalCluster, namespace: str, pod: str) -> str:
    cluster.until(f"{pod} ends", lambda: _phase(cluster, namespace, pod) in {"Succeeded", "Failed"})
    return cluster.kubectl("-n", namespace, "logs", pod)


def _records(cluster: LocalCluster) -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text()) for path in (cluster.path("state") / "run").glob("*.json")}


def _serve(cluster: LocalCluster, namespace: str, python_pod: PodMaker) -> None:
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8000}]},
    }
    probe = {"httpGet": {"path": "/", "port": 8000}, "periodSeconds": 1}
    cluster.apply(namespace, python_pod("web", _SERVER, readinessProbe=probe, workingDir="/etc"), service)
    cluster.kubectl("-n", namespace, "wait", "--for=condition=Ready", "pod/web", "--timeout=60s")


def test_a_second_up_starts_nothing(cluster: LocalCluster) -> None:
    before = _records(cluster)
    told = cluster.up()

    assert _records(cluster) == before
    assert "start" not in told


def test_status_names_every_component_and_is_well(cluster: LocalCluster) -> None:
    status = cluster.run("status")

    assert status.returncode == 0, status.stdout
    assert all(f" {name} " in status.stdout for name in (*_COMPONENTS, "node", "cluster DNS"))


def test_the_kubeconfig_is_our_own_and_private(cluster: LocalCluster) -> None:
    path = cluster.path("kubeconfig")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert yaml.safe_load(path.read_text())["current-context"] == "frametrace"


def test_a_service_is_found_by_its_name_from_another_pod(
    cluster: LocalCluster, namespace: str, python_pod: PodMaker
) -> None:
    _serve(cluster, namespace, python_pod)
    ask = f"import urllib.request as u; print(u.urlopen('http://web.{namespace}.svc.cluster.local/hostname').read().decode())"
    short = "import socket; print(socket.gethostbyname('web'))"
    cluster.apply(namespace, python_pod("by-full-name", ask), python_pod("by-short-name", short))

    assert _finish(cluster, namespace, "by-full-name").strip()
    address = cluster.get("-n", namespace, "service", "web")["spec"]["clusterIP"]
    assert _finish(cluster, namespace, "by-short-name").strip() == address


def test_logs_exec_and_port_forward(cluster: LocalCluster, namespace: str, python_pod: PodMaker) -> None:
    _serve(cluster, namespace, python_pod)

    assert "Serving HTTP" in cluster.kubectl("-n", namespace, "logs", "web")
    assert cluster.kubectl("-n", namespace, "exec", "web", "--", "id", "-u").strip() == "65532"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = cluster.kubectl_command("-n", namespace, "port-forward", "pod/web", f"{port}:8000")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as forward:
        assert forward.stdout is not None
        forward.stdout.readline()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/hostname") as answer:
            assert answer.read().strip()
        forward.terminate()


def test_memory_limits_hold(cluster: LocalCluster, namespace: str, python_pod: PodMaker) -> None:
    limit = {"limits": {"memory": "64Mi", "cpu": "500m"}}
    cluster.apply(namespace, python_pod("greedy", "held = bytearray(200 * 1024 * 1024)", resources=limit))
    cluster.until("it is ended", lambda: _phase(cluster, namespace, "greedy") == "Failed")
    [status] = cluster.get("-n", namespace, "pod", "greedy")["status"]["containerStatuses"]

    assert (status["state"]["terminated"]["reason"], status["state"]["terminated"]["exitCode"]) == ("OOMKilled", 137)


def test_a_pod_reaches_the_api_by_its_service_account(
    cluster: LocalCluster, namespace: str, python_pod: PodMaker
) -> None:
    program = """
import ssl, urllib.request as u
folder = '/var/run/secrets/kubernetes.io/serviceaccount'
trust = ssl.create_default_context(cafile=f'{folder}/ca.crt')
token = {'Authorization': 'Bearer ' + open(f'{folder}/token').read()}
print(u.urlopen(u.Request('https://kubernetes.default.svc/version', headers=token), context=trust).status)
"""
    cluster.apply(namespace, python_pod("caller", program))

    assert _finish(cluster, namespace, "caller").strip() == "200"


def test_a_claim_gets_a_volume_that_a_pod_without_rights_can_write_to(
    cluster: LocalCluster, namespace: str, python_pod: PodMaker
) -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    pod = python_pod(
        "writer",
        "open('/data/x', 'w').write('kept'); print(open('/data/x').read())",
        volumeMounts=[{"name": "d", "mountPath": "/data"}],
    )
    pod["spec"]["volumes"] = [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]
    cluster.apply(namespace, claim, pod)

    assert _finish(cluster, namespace, "writer").strip() == "kept"


def test_a_privileged_pod_is_refused_where_the_namespace_is_restricted(
    cluster: LocalCluster, namespace: str, python_pod: PodMaker
) -> None:
    cluster.kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
    pod = python_pod("rooted", "", securityContext={"privileged": True})

    refused = cluster.kubectl("-n", namespace, "apply", "-f", "-", stdin=json.dumps(pod), fails=True)
    assert "violates PodSecurity" in refused


def test_every_call_is_in_the_audit_log_ours_with_their_bodies(cluster: LocalCluster, namespace: str) -> None:
    cluster.kubectl("-n", namespace, "create", "configmap", "audited")
    cluster.kubectl("get", "--raw", f"/apis/frametrace.dev/v1alpha1/namespaces/{namespace}/audited", fails=True)

    def levels() -> dict[str, str]:
        events = [json.loads(line) for line in cluster.path("audit").read_text().splitlines() if namespace in line]
        return {event["objectRef"].get("resource", ""): event["level"] for event in events if "objectRef" in event}

    cluster.until("both are written", lambda: "audited" in levels())
    assert (levels()["audited"], levels()["configmaps"]) == ("RequestResponse", "Metadata")


def test_an_image_with_the_same_digest_is_not_imported_again(cluster: LocalCluster) -> None:
    archive = next((cluster.path("cache") / "images").glob("localhost_pause_1-*.tar"))
    loaded = cluster.run("load", str(archive))

    assert (loaded.stdout.strip(), loaded.stderr) == ("localhost/pause:1", "")


def test_an_image_is_built_once_for_its_content_and_then_runs_as_a_pod(
    cluster: LocalCluster, namespace: str, python_pod: PodMaker, tmp_path: Path
) -> None:
    (tmp_path / "greeting.py").write_text("print('hello from the image')")
    recipe = tmp_path / "Containerfile"
    recipe.write_text("ARG BASE\nFROM ${BASE}\nCOPY greeting.py /greeting.py\n")
    tag = "localhost/cluster-test:1"

    archive = build_image(recipe, tmp_path, tag, {"BASE": base_image()})
    built = archive.stat().st_mtime_ns
    assert build_image(recipe, tmp_path, tag, {"BASE": base_image()}) == archive
    assert archive.stat().st_mtime_ns == built
    assert load(archive) == tag
    cluster.apply(namespace, python_pod("greeter", "", image=tag, command=["python3", "/greeting.py"]))

    assert _finish(cluster, namespace, "greeter").strip() == "hello from the image"
    archive.unlink()


@pytest.mark.parametrize("component", _COMPONENTS)
def test_a_killed_component_is_started_again_and_pods_live_on(
    component: str, cluster: LocalCluster, namespace: str, python_pod: PodMaker
) -> None:
    _serve(cluster, namespace, python_pod)
    before = _records(cluster)
    os.kill(before[component]["pid"], signal.SIGKILL)

    told = cluster.up()

    after = _records(cluster)
    assert f"to be started again: {component}\n" in told
    assert [name for name in before if before[name] != after[name]] == [component]
    [status] = cluster.get("-n", namespace, "pod", "web")["status"]["containerStatuses"]
    assert (status["restartCount"], status["state"].keys()) == (0, {"running"})
    assert cluster.kubectl("-n", namespace, "exec", "web", "--", "cat", "/etc/hostname").strip() == "web"


def test_a_stopped_component_is_found_sick_and_started_again(cluster: LocalCluster) -> None:
    before = _records(cluster)
    os.kill(before["kube-scheduler"]["pid"], signal.SIGSTOP)

    assert "to be started again: kube-scheduler\n" in cluster.up()
    assert cluster.run("status").returncode == 0
