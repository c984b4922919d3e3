"""The operator on a real API server: children appear, drift is repaired, troubles are told, nothing is left behind."""

import asyncio
import signal
import subprocess
import time
from typing import Any

import pytest
from frametrace_operator.kube.kinds import KINDS, LEASE, PIPELINE, SECRET

pytestmark = pytest.mark.cluster

DEPLOYMENT = KINDS["apps/v1", "Deployment"]
CAMERA_WITH_LOGIN = {
    "id": "cam01",
    "source": {"url": "rtsp://cameras.example/one", "credentialsSecretRef": {"name": "camera-login"}},
}


async def test_a_pipeline_gets_its_children_and_an_image_that_does_not_exist_is_told(
    site: Any, start_operator: Any, eventually: Any
) -> None:
    start_operator()
    await site.apply()
    await eventually(site.deployments, lambda found: found.keys() == {"cam01", "motion", "redis", "jaeger"})
    kinds = {body["kind"] for body in await site.children()}
    assert kinds == {"ConfigMap", "Service", "NetworkPolicy", "Deployment", "Secret"}
    await eventually(
        lambda: site.condition("Stalled"), lambda found: found[:2] == ("True", "ImageUnavailable"), seconds=60
    )
    await eventually(
        lambda: site.condition("Ready"),  # it does not wait for Jaeger's image, which may be the first to be told
        lambda found: found[:2] == ("False", "Stalled") and "ErrImagePull" in found[2],
    )


async def test_drift_is_repaired_and_fields_of_others_stay(site: Any, start_operator: Any, eventually: Any) -> None:
    start_operator()
    await site.apply()
    await eventually(site.deployments, lambda found: len(found) == 4)
    name = (await site.deployments())["cam01"]["metadata"]["name"]
    await site.edit(
        DEPLOYMENT, name, {"metadata": {"annotations": {"somebody/note": "hello"}}, "spec": {"replicas": 3}}
    )
    await eventually(site.deployments, lambda found: found["cam01"]["spec"]["replicas"] == 1)
    assert (await site.deployments())["cam01"]["metadata"]["annotations"]["somebody/note"] == "hello"
    await site.remove(DEPLOYMENT, name)
    await eventually(site.deployments, lambda found: "cam01" in found)


async def test_a_changed_spec_is_rolled_out_and_what_is_gone_from_it_goes(
    site: Any, start_operator: Any, eventually: Any
) -> None:
    start_operator()
    await site.apply()
    await eventually(site.deployments, lambda found: len(found) == 4)
    cameras = [{"id": name, "source": {"url": "test://"}} for name in ("cam01", "cam02")]
    await site.apply(cameras=cameras, stages=[])
    await eventually(site.deployments, lambda found: found.keys() == {"cam01", "cam02", "redis", "jaeger"})
    await site.apply(cameras=cameras, stages=[], mode="Suspended")
    await eventually(lambda: site.condition("Ready"), lambda found: found[:2] == ("False", "Suspended"))
    await eventually(
        site.deployments, lambda found: {found[name]["spec"]["replicas"] for name in ("cam01", "cam02")} == {0}
    )


async def test_nothing_is_written_while_nothing_changes(site: Any, start_operator: Any, eventually: Any) -> None:
    start_operator()
    await site.apply()
    await eventually(lambda: site.condition("Stalled"), lambda found: found[0] == "True", seconds=60)
    await asyncio.sleep(3)
    before = await site.versions()
    await asyncio.sleep(10)
    assert await site.versions() == before


async def test_an_object_of_somebody_else_is_a_conflict_and_stays(
    site: Any, start_operator: Any, eventually: Any
) -> None:
    first = start_operator()
    await site.apply()
    await eventually(site.deployments, lambda found: len(found) == 4)
    name = (await site.deployments())["motion"]["metadata"]["name"]
    first.send_signal(signal.SIGTERM)
    assert first.wait(timeout=10) == 0
    theirs = {
        "selector": {"matchLabels": {"a": "b"}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "a", "image": "b"}]}},
    }
    await site.remove(DEPLOYMENT, name)
    metadata = {"name": name, "namespace": site.namespace}
    await eventually(lambda: site.kube.get(DEPLOYMENT, site.namespace, name), lambda found: found is None)
    await site._dynamic.create(
        site.kube._resources[DEPLOYMENT],
        body={"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": theirs | {"replicas": 0}},
    )
    start_operator("two")
    await eventually(
        lambda: site.condition("Stalled"), lambda found: found[:2] == ("True", "OwnerConflict") and name in found[2]
    )
    assert (await site.kube.get(DEPLOYMENT, site.namespace, name))["spec"]["selector"] == theirs["selector"]


async def test_a_missing_secret_is_named_until_it_is_there(site: Any, start_operator: Any, eventually: Any) -> None:
    start_operator()
    await site.apply(cameras=[CAMERA_WITH_LOGIN])
    await eventually(
        lambda: site.condition("Stalled"),
        lambda found: found[:2] == ("True", "SecretMissing") and "camera-login" in found[2],
    )
    secret = {
        "apiVersion": "v1",
        "kind": SECRET.kind,
        "metadata": {"name": "camera-login", "namespace": site.namespace},
    }
    await site.kube.create(secret | {"stringData": {"username": "u", "password": "canary-s3cret"}})
    await eventually(lambda: site.condition("Stalled"), lambda found: found[1] != "SecretMissing", seconds=30)


async def test_a_deleted_pipeline_leaves_nothing_even_with_the_operator_gone(
    site: Any, start_operator: Any, eventually: Any
) -> None:
    operator = start_operator()
    await site.apply()
    await eventually(site.deployments, lambda found: len(found) == 4)
    body = await site.kube.get(PIPELINE, site.namespace, "yard")
    assert "finalizers" not in body["metadata"]
    assert "annotations" not in body["metadata"]
    operator.send_signal(signal.SIGTERM)
    operator.wait(timeout=10)
    await site.remove(PIPELINE, "yard")
    await eventually(site.children, lambda found: found == [], seconds=60)


async def test_of_two_replicas_one_leads_and_the_other_follows_a_kill_within_20_seconds(
    site: Any, start_operator: Any, eventually: Any, log_of: Any
) -> None:
    processes = {name: start_operator(name) for name in ("one", "two")}

    async def holder() -> str:
        lease = await site.kube.get(LEASE, site.namespace, "frametrace-operator")
        return str(lease["spec"]["holderIdentity"]).partition("_")[0] if lease else ""

    await eventually(holder, lambda found: found in processes)
    leader = await holder()
    await asyncio.sleep(4)
    assert sum('"leading"' in log_of(name) for name in processes) == 1
    processes[leader].send_signal(signal.SIGKILL)
    await eventually(holder, lambda found: found not in ("", leader), seconds=20)
    await site.apply()
    await eventually(site.deployments, lambda found: len(found) == 4)


async def test_a_leader_that_was_stopped_for_long_writes_nothing_and_ends(
    site: Any, start_operator: Any, eventually: Any, log_of: Any
) -> None:
    process = start_operator()
    await site.apply()
    await eventually(site.deployments, lambda found: len(found) == 4)
    process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(12)
    start_operator("two")
    await eventually(lambda: _said(log_of, "two", '"leading"'), bool)
    process.send_signal(signal.SIGCONT)
    assert await asyncio.to_thread(process.wait, 10) == 1
    assert "another replica may lead now" in log_of("one")


async def _said(log_of: Any, name: str, text: str) -> bool:
    return text in log_of(name)


async def test_a_signal_ends_it_soon_and_the_lease_is_free(
    site: Any, start_operator: Any, eventually: Any, log_of: Any
) -> None:
    process: subprocess.Popen[bytes] = start_operator()
    await site.apply()
    await eventually(site.deployments, lambda found: len(found) == 4)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    assert time.monotonic() - began < 5
    assert (await site.kube.get(LEASE, site.namespace, "frametrace-operator"))["spec"].get("holderIdentity", "") == ""
    assert "Traceback" not in log_of("one")
