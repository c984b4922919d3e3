"""The operator under the chart's own roles: what they grant is what the audit log shows as used, nothing is refused to it.

Secrets are read by name only, and nothing of them is told to anybody.
"""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from frametrace_operator.kube.kinds import EVENT, KINDS, PIPELINE, POD, SECRET
from frametrace_operator.naming import LIVE_HASH, RUNTIME_POD
from kubernetes.aio.client import AuthenticationV1TokenRequest, CoreV1Api, V1TokenRequestSpec

from scripts.chart.__main__ import TEMPLATE
from scripts.cluster.build import binary
from tests.real.audit import Right, denied, used

pytestmark = pytest.mark.cluster

CANARY = "canary-s3cret-of-a-camera"
ONLY_ELSEWHERE = {
    Right("frametrace.dev", "camerapipelines/finalizers", "update")
}  # OwnerReferencesPermissionEnforcement
CAMERA = {
    "id": "cam01",
    "source": {"url": "rtsp://cameras.example/one", "credentialsSecretRef": {"name": "camera-login"}},
}
MANAGED = {"tracing": {"backend": {"managed": {"storage": "Badger", "size": "1Gi"}}}}
LARGER = {"tracing": {"backend": {"managed": {"storage": "Badger", "size": "2Gi"}}}}
EXTERNAL = {
    "broker": {"external": {"urlSecretRef": {"name": "broker", "key": "url"}}},
    "tracing": {"backend": {"external": {"otlpEndpoint": "http://jaeger:4318", "queryUrl": "http://jaeger:16686"}}},
}
POD_MONITORS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "podmonitors.monitoring.coreos.com"},
    "spec": {
        "group": "monitoring.coreos.com",
        "scope": "Namespaced",
        "names": {"kind": "PodMonitor", "plural": "podmonitors"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            }
        ],
    },
}


def _kubectl(kubeconfig: Path, *arguments: str, documents: list[Any]) -> None:
    command = [str(binary("kubectl")), "--kubeconfig", str(kubeconfig), *arguments, "-f", "-"]
    done = subprocess.run(command, input=yaml.safe_dump_all(documents), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _roles(namespace: str, watched: list[str]) -> list[Any]:
    """The chart's account and roles for a release in a namespace."""
    values = ["--set-json", f"watchNamespaces={json.dumps(watched)}", "--set", f"shard={namespace}"]
    command = [str(binary("helm")), "template", "rights", str(TEMPLATE.parents[1]), "--namespace", namespace, *values]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    kinds = {"ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}
    return [document for document in yaml.safe_load_all(text) if document and document["kind"] in kinds]


def _kubeconfig_of(kubeconfig: Path, token: str, folder: Path) -> Path:
    config = yaml.safe_load(kubeconfig.read_text())
    config["users"][0]["user"] = {"token": token}
    path = folder / "account.kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return path


def _granted(documents: list[Any]) -> set[Right]:
    """What the roles that the account is bound to grant: others are for people."""
    bound = {(body["roleRef"]["kind"], body["roleRef"]["name"]) for body in documents if "roleRef" in body}
    roles = [body for body in documents if (body["kind"], body["metadata"]["name"]) in bound]
    rules = [rule for role in roles for rule in role["rules"]]
    return {
        Right(group, resource, verb)
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


@pytest.fixture
async def run_as_installed(
    site: Any, api: Any, kubeconfig: Path, start_operator: Any, images: dict[str, str], tmp_path: Path
) -> AsyncIterator[Callable[..., Any]]:
    """Start an operator with the chart's rights and no others; returns its account's name and what is granted to it."""
    applied: list[Any] = []

    async def start(watched: list[str]) -> tuple[str, set[Right]]:
        documents = _roles(site.namespace, watched)
        applied.extend(documents)
        _kubectl(kubeconfig, "apply", documents=documents)
        [account] = [body["metadata"]["name"] for body in documents if body["kind"] == "ServiceAccount"]
        request = AuthenticationV1TokenRequest(spec=V1TokenRequestSpec(audiences=[]))
        answer = await CoreV1Api(api).create_namespaced_service_account_token(account, site.namespace, request)
        path = _kubeconfig_of(kubeconfig, answer.status.token, tmp_path)
        [lease] = [
            rule["resourceNames"][0] for body in documents for rule in body.get("rules", ()) if "resourceNames" in rule
        ]
        settings = {"FRAMETRACE_LEASE_NAME": lease, "FRAMETRACE_WATCH_NAMESPACES": ",".join(watched)}
        runtime = {"FRAMETRACE_RUNTIME_IMAGE": images["FRAMETRACE_RUNTIME_IMAGE"]}
        start_operator(KUBECONFIG=str(path), **settings, **runtime)
        return f"system:serviceaccount:{site.namespace}:{account}", _granted(documents)

    yield start
    _kubectl(kubeconfig, "delete", "--ignore-not-found", documents=applied)


@pytest.fixture
def pod_monitors(kubeconfig: Path) -> Any:
    """A cluster that knows PodMonitors, as with the Prometheus operator in it."""
    _kubectl(kubeconfig, "apply", documents=[POD_MONITORS])
    yield
    _kubectl(kubeconfig, "delete", documents=[POD_MONITORS])


async def _put_secret(site: Any, name: str) -> None:
    metadata = {"name": name, "namespace": site.namespace}
    data = {"username": "u", "password": CANARY, "url": f"redis://:{CANARY}@redis:6379"}
    await site.kube.create({"apiVersion": "v1", "kind": SECRET.kind, "metadata": metadata, "stringData": data})


@pytest.mark.usefixtures("pod_monitors")
async def test_the_namespaced_roles_grant_what_is_used_and_secrets_stay_untold(
    site: Any, run_as_installed: Any, eventually: Any, log_of: Any
) -> None:
    async def stalled() -> str:
        return str((await site.condition("Stalled"))[1])

    account, granted = await run_as_installed([site.namespace])
    await site.apply(cameras=[CAMERA], **MANAGED)
    for _ in range(2):  # the same news twice within minutes is one Event with a count
        await eventually(stalled, lambda found: found == "SecretMissing", seconds=30)
        await _put_secret(site, "camera-login")
        await eventually(stalled, lambda found: found != "SecretMissing", seconds=30)
        await site.remove(SECRET, "camera-login")
    [own] = [body for body in await site.children() if body["kind"] == "Secret"]
    secret = await site.kube.get(SECRET, site.namespace, own["metadata"]["name"])
    await _put_secret(site, "camera-login")
    await eventually(lambda: _pods(site), lambda found: "Running" in found, seconds=90)
    await site.apply(cameras=[CAMERA], tracing=MANAGED["tracing"] | {"sampling": {"ratio": "0.5"}})
    await eventually(lambda: _told(site), bool, seconds=30)
    await site.apply(cameras=[CAMERA], **LARGER)
    await eventually(lambda: _patched_claims(account), bool, seconds=30)
    await _put_secret(site, "broker")
    await site.apply(cameras=[CAMERA], capture={"framesPerSecond": 3}, stages=[], **EXTERNAL)
    await eventually(site.deployments, lambda found: found.keys() == {"cam01"}, seconds=30)
    for kind in ("PersistentVolumeClaim", "ConfigMap", "Service", "NetworkPolicy"):
        await eventually(site.children, lambda found, kind=kind: _without_backends(found, kind), seconds=30)

    assert denied(account) == set()
    assert granted - used(account) == ONLY_ELSEWHERE
    assert {right.verb for right in used(account) if right.resource == "secrets"} == {"get", "create"}
    password = base64.b64decode(secret["data"]["password"]).decode()
    events = await site.kube.find(EVENT, site.namespace, {})
    resource = await site.kube.get(PIPELINE, site.namespace, "yard")
    for told in (log_of("one"), json.dumps(events), json.dumps(resource["status"])):
        assert CANARY not in told
        assert password not in told


async def _pods(site: Any) -> list[str]:
    """Phases of the pods that run frames."""
    return [body["status"]["phase"] for body in await site.kube.find(POD, site.namespace, RUNTIME_POD)]


async def _told(site: Any) -> list[str]:
    """Pods that were told of a live change."""
    pods = await site.kube.find(POD, site.namespace, RUNTIME_POD)
    return [body["metadata"]["name"] for body in pods if LIVE_HASH in body["metadata"].get("annotations", {})]


async def _patched_claims(account: str) -> bool:
    """Whether a volume was to be made larger, which this cluster's StorageClass refuses."""
    return Right("", "persistentvolumeclaims", "patch") in used(account)


def _without_backends(children: list[Any], kind: str) -> bool:
    roles = {body["metadata"]["labels"]["frametrace.dev/role"] for body in children if body["kind"] == kind}
    return roles.isdisjoint({"redis", "jaeger"})


async def test_the_cluster_wide_roles_are_enough(site: Any, run_as_installed: Any, eventually: Any) -> None:
    account, granted = await run_as_installed([])
    await site.apply()
    await eventually(site.deployments, lambda found: len(found) == 4, seconds=30)
    await eventually(lambda: site.condition("Stalled"), lambda found: found[0] == "True", seconds=60)
    assert denied(account) <= {Right("monitoring.coreos.com", "podmonitors", "list")}
    assert used(account) <= granted
    assert KINDS["apps/v1", "Deployment"].plural in {right.resource for right in used(account)}
