"""What the resource offers, on a real API server: numbers of pods, upgrades, Secrets, drift of every owned field."""

import json
import operator
from functools import partial
from typing import Any

import pytest
from frametrace_api.group import APPROVE_UPGRADE
from frametrace_operator.kube.kinds import KINDS, PIPELINE, SECRET

pytestmark = pytest.mark.cluster

DEPLOYMENT = KINDS["apps/v1", "Deployment"]
STAGE = {"name": "motion", "handler": "motion"}
NEW_IMAGE = "localhost/frametrace-test/another-image:2"


async def scale(site: Any, name: str, number: int) -> None:
    """What `kubectl scale`, a HorizontalPodAutoscaler or KEDA does."""
    path = f"/apis/apps/v1/namespaces/{site.namespace}/deployments/{name}/scale"
    await site._dynamic.request(
        "patch", path, body={"spec": {"replicas": number}}, content_type="application/merge-patch+json",
        field_manager="kube-controller-manager",
    )  # fmt: skip


async def status(site: Any) -> Any:
    body = await site.kube.get(PIPELINE, site.namespace, "yard")
    return body.get("status") or {}


async def image_of(site: Any, item: str) -> str:
    return str((await site.deployments())[item]["spec"]["template"]["spec"]["containers"][0]["image"])


async def test_the_number_of_pods_is_an_autoscaler_s_until_the_resource_asks_for_another(
    site: Any, start_operator: Any, eventually: Any, settled: Any
) -> None:
    start_operator()
    await site.apply(stages=[STAGE | {"replicas": 1}])
    await eventually(site.deployments, lambda found: len(found) == 4)
    await scale(site, (await site.deployments())["motion"]["metadata"]["name"], 3)
    await site.apply(stages=[STAGE | {"replicas": 1, "maxDeliveries": 9}])
    await settled()
    assert (await site.deployments())["motion"]["spec"]["replicas"] == 3
    await site.apply(stages=[STAGE | {"replicas": 2}])
    await eventually(site.deployments, lambda found: found["motion"]["spec"]["replicas"] == 2)


async def test_a_new_operator_waits_for_the_word_and_restarts_nothing_before(
    site: Any, start_operator: Any, eventually: Any, settled: Any
) -> None:
    first = start_operator()
    await site.apply(rollout={"upgrades": "OnApproval"})
    await eventually(site.deployments, lambda found: len(found) == 4)
    await settled()
    before = {name: body["metadata"]["generation"] for name, body in (await site.deployments()).items()}
    first.terminate()
    first.wait(timeout=10)
    start_operator("two", FRAMETRACE_RUNTIME_IMAGE=NEW_IMAGE)
    await eventually(lambda: status(site), lambda found: "pendingUpgrade" in found)
    waiting = (await status(site))["pendingUpgrade"]
    assert {name: body["metadata"]["generation"] for name, body in (await site.deployments()).items()} == before
    named = {(await site.deployments())[item]["metadata"]["name"] for item in ("cam01", "motion")}
    assert set(waiting["deployments"]) == named
    await site.edit(PIPELINE, "yard", {"metadata": {"annotations": {APPROVE_UPGRADE: waiting["id"]}}})
    await eventually(lambda: image_of(site, "motion"), lambda found: found == NEW_IMAGE)
    await eventually(lambda: status(site), lambda found: "pendingUpgrade" not in found)
    after = {name: body["metadata"]["generation"] for name, body in (await site.deployments()).items()}
    assert (after["redis"], after["jaeger"]) == (before["redis"], before["jaeger"])


async def test_a_key_that_a_secret_lacks_is_named(site: Any, start_operator: Any, eventually: Any, log_of: Any) -> None:
    metadata = {"name": "camera-login", "namespace": site.namespace}
    secret = {"apiVersion": "v1", "kind": SECRET.kind, "metadata": metadata}
    await site.kube.create(secret | {"stringData": {"username": "canary-us3r"}})
    start_operator()
    source = {"url": "rtsp://cameras.example/one", "credentialsSecretRef": {"name": "camera-login"}}
    await site.apply(cameras=[{"id": "cam01", "source": source}])
    await eventually(
        lambda: site.condition("CaptureAvailable"),
        lambda found: found[1] == "SecretMissing" and "camera-login has no key password" in found[2],
    )
    assert "canary-us3r" not in log_of("one") + json.dumps(await status(site))


async def test_every_field_that_the_operator_owns_is_repaired_and_others_stay(
    site: Any, start_operator: Any, eventually: Any, settled: Any
) -> None:
    start_operator()
    await site.apply()
    await eventually(site.deployments, lambda found: len(found) == 4)
    await settled()
    for body in await site.children():
        if body["kind"] == "Secret":  # made once, and then left alone
            continue
        kind, name = KINDS[body["apiVersion"], body["kind"]], body["metadata"]["name"]
        for path, spoiled in spoilings(body):
            await site.edit(kind, name, nested(path, spoiled))
            await site.edit(kind, name, {"metadata": {"annotations": {"somebody/note": "theirs"}}})

            async def found(kind: Any = kind, name: str = name, path: Any = path) -> Any:
                live = await site.kube.get(kind, site.namespace, name)
                return at(live, path), live["metadata"]["annotations"].get("somebody/note")

            await eventually(found, partial(operator.eq, (at(body, path), "theirs")))


def spoilings(body: Any) -> list[tuple[tuple[str, ...], Any]]:
    """Fields of each kind that somebody may change, with what they make of them; None: they take it away."""
    kinds: dict[str, list[tuple[tuple[str, ...], Any]]] = {
        "ConfigMap": [(("data", key), "spoiled") for key in body.get("data", {})],
        "Service": [(("spec", "selector", "frametrace.dev/role"), "spoiled")] if "frametrace.dev/role" in body.get("spec", {}).get("selector", {}) else [],
        "NetworkPolicy": [(("spec", "policyTypes"), ["Ingress"])],
        "Deployment": [
            (("spec", "replicas"), 7),
            (("spec", "template", "spec", "automountServiceAccountToken"), True),
            (("spec", "template", "spec", "automountServiceAccountToken"), None),
            (("spec", "template", "spec", "securityContext", "runAsUser"), 1000),
            (("metadata", "labels", "app.kubernetes.io/name"), "spoiled"),
        ],
    }  # fmt: skip
    fields = kinds[body["kind"]]
    role = body["metadata"]["labels"]["frametrace.dev/role"]
    return [field for field in fields if not (role == "stage" and field[0] == ("spec", "replicas"))]


def nested(path: tuple[str, ...], value: Any) -> Any:
    return {path[0]: nested(path[1:], value)} if path else value


def at(body: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        body = body.get(part)
    return body
