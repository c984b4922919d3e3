"""What every cluster behind the operator's seam does alike: the one in memory and a real API server."""

from typing import Any

import pytest
from frametrace_operator.errors import ActionNeededError, GoneError
from frametrace_operator.kube.base import FIELD_MANAGER, Kube
from frametrace_operator.kube.kinds import CONFIG_MAP, EVENT, KINDS, PIPELINE, SECRET, Kind

DEPLOYMENT = KINDS["apps/v1", "Deployment"]
NOT_THERE = Kind("nothing.example.com/v1", "Nothing", "nothings")


def config_map(namespace: str, name: str = "one", **data: str) -> dict[str, Any]:
    labels = {"app.kubernetes.io/part-of": "frametrace", "which": name}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "data": data,
    }


def deployment(namespace: str, *, env: dict[str, str], cpu: str = "1000m") -> dict[str, Any]:
    container = {
        "name": "main",
        "image": "example/none:1",
        "env": [{"name": name, "value": value} for name, value in env.items()],
        "resources": {"limits": {"cpu": cpu}},
        "ports": [{"containerPort": 8080, "name": "http"}],
    }
    template = {"metadata": {"labels": {"app": "one"}}, "spec": {"containers": [container]}}
    spec = {"replicas": 0, "selector": {"matchLabels": {"app": "one"}}, "template": template}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "one", "namespace": namespace},
        "spec": spec,
    }


def pipeline(namespace: str) -> dict[str, Any]:
    spec = {"cameras": [{"id": "cam01", "source": {"url": "test://"}}]}
    return {
        "apiVersion": PIPELINE.api_version,
        "kind": PIPELINE.kind,
        "metadata": {"name": "yard", "namespace": namespace},
        "spec": spec,
    }


async def stored(kube: Kube, kind: Kind, namespace: str, name: str) -> dict[str, Any]:
    found = await kube.get(kind, namespace, name)
    assert found is not None
    return found


async def test_what_is_not_there_is_none(kube: Kube, namespace: str) -> None:
    assert await kube.get(CONFIG_MAP, namespace, "one") is None
    assert await kube.head(SECRET, namespace, "one") is None
    assert await kube.find(CONFIG_MAP, namespace, {"which": "one"}) == []


async def test_knows_which_kinds_are_served(kube: Kube) -> None:
    assert await kube.serves(DEPLOYMENT)
    assert await kube.serves(CONFIG_MAP)
    assert not await kube.serves(NOT_THERE)


async def test_apply_makes_the_object_and_says_whose_fields_they_are(kube: Kube, namespace: str) -> None:
    live = await kube.apply(config_map(namespace, a="1"))
    assert live["data"] == {"a": "1"}
    assert live["metadata"]["uid"]
    assert FIELD_MANAGER in {entry["manager"] for entry in live["metadata"]["managedFields"]}


async def test_any_text_is_applied_as_it_is(kube: Kube, namespace: str) -> None:
    text = "Grüße \U0001f4f7\n\u2028\x85\x7f: \"'#"
    assert (await kube.apply(config_map(namespace, a=text)))["data"] == {"a": text}


async def test_apply_of_the_same_changes_nothing(kube: Kube, namespace: str) -> None:
    first = await kube.apply(deployment(namespace, env={"A": "1"}))
    second = await kube.apply(deployment(namespace, env={"A": "1"}))
    assert second["metadata"]["generation"] == first["metadata"]["generation"] == 1


async def test_apply_takes_away_what_was_applied_before_and_leaves_what_others_added(
    kube: Kube, namespace: str
) -> None:
    await kube.apply(deployment(namespace, env={"A": "1", "B": "2"}))
    live = await kube.apply(deployment(namespace, env={"B": "3", "C": "4"}))
    env = live["spec"]["template"]["spec"]["containers"][0]["env"]
    assert sorted((entry["name"], entry["value"]) for entry in env) == [("B", "3"), ("C", "4")]
    assert live["metadata"]["generation"] == 2


async def test_find_goes_by_labels_and_gives_whole_objects(kube: Kube, namespace: str) -> None:
    for name in ("one", "two"):
        await kube.apply(config_map(namespace, name))
    found = await kube.find(CONFIG_MAP, namespace, {"which": "two"})
    assert [(body["kind"], body["apiVersion"], body["metadata"]["name"]) for body in found] == [
        ("ConfigMap", "v1", "two")
    ]
    everywhere = await kube.find(CONFIG_MAP, "", {"app.kubernetes.io/part-of": "frametrace"})
    assert {"one", "two"} <= {body["metadata"]["name"] for body in everywhere}


async def test_create_leaves_an_existing_object_alone(kube: Kube, namespace: str) -> None:
    assert await kube.create(config_map(namespace, a="1"))
    assert not await kube.create(config_map(namespace, a="2"))
    assert (await stored(kube, CONFIG_MAP, namespace, "one"))["data"] == {"a": "1"}
    assert await kube.head(CONFIG_MAP, namespace, "one")


async def test_head_gives_metadata_and_no_content(kube: Kube, namespace: str) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "one", "namespace": namespace}}
    assert await kube.create(secret | {"stringData": {"password": "hunter2"}})
    found = await kube.head(SECRET, namespace, "one")
    assert found is not None
    assert found["metadata"]["uid"]
    assert not {"data", "stringData"} & found.keys()


async def test_of_a_secret_only_the_names_of_its_keys_are_told(kube: Kube, namespace: str) -> None:
    assert await kube.secret_keys(namespace, "one") is None
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "one", "namespace": namespace}}
    assert await kube.create(secret | {"stringData": {"password": "hunter2", "user": "u"}})
    assert await kube.secret_keys(namespace, "one") == {"password", "user"}


async def test_a_value_of_a_secret_is_told_as_text(kube: Kube, namespace: str) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "one", "namespace": namespace}}
    assert await kube.secret_value(namespace, "one", "token") is None
    assert await kube.create(secret | {"stringData": {"token": "hunter2"}, "data": {"binary": "//4="}})
    assert await kube.secret_value(namespace, "one", "token") == "hunter2"
    assert await kube.secret_value(namespace, "one", "binary") is None
    assert await kube.secret_value(namespace, "one", "other") is None


async def test_delete_takes_only_the_object_with_that_uid(kube: Kube, namespace: str) -> None:
    live = await kube.apply(config_map(namespace))
    await kube.delete(CONFIG_MAP, namespace, "one", uid="00000000-0000-0000-0000-000000000000")
    assert await kube.head(CONFIG_MAP, namespace, "one")
    await kube.delete(CONFIG_MAP, namespace, "one", uid=live["metadata"]["uid"])
    await kube.delete(CONFIG_MAP, namespace, "one", uid=live["metadata"]["uid"])
    assert not await kube.head(CONFIG_MAP, namespace, "one")


async def test_annotations_are_set_and_all_else_is_left(kube: Kube, namespace: str) -> None:
    body = config_map(namespace, a="1")
    body["metadata"]["annotations"] = {"kept": "1", "changed": "1"}
    live = await kube.apply(body)
    uid = live["metadata"]["uid"]
    new = {"changed": "2", "new": "2"}
    assert await kube.annotate(CONFIG_MAP, namespace, "one", uid=uid, annotations=new)
    after = await stored(kube, CONFIG_MAP, namespace, "one")
    assert after["metadata"]["annotations"] == {"kept": "1", **new}
    assert (after["data"], after["metadata"]["labels"]) == (live["data"], live["metadata"]["labels"])


async def test_no_annotation_for_another_object_of_the_same_name(kube: Kube, namespace: str) -> None:
    other, new = "00000000-0000-0000-0000-000000000000", {"new": "2"}
    assert not await kube.annotate(CONFIG_MAP, namespace, "one", uid=other, annotations=new)
    await kube.apply(config_map(namespace))
    assert not await kube.annotate(CONFIG_MAP, namespace, "one", uid=other, annotations=new)
    assert "new" not in ((await stored(kube, CONFIG_MAP, namespace, "one"))["metadata"].get("annotations") or {})


async def test_a_patch_takes_away_what_is_null_and_leaves_the_rest(kube: Kube, namespace: str) -> None:
    live = await kube.apply(config_map(namespace, a="1", b="2"))
    other, change = "00000000-0000-0000-0000-000000000000", {"data": {"a": None, "c": "3"}}
    assert await kube.patch(CONFIG_MAP, namespace, "one", uid=other, change=change) is None
    assert await kube.patch(CONFIG_MAP, namespace, "two", uid=other, change=change) is None
    changed = await kube.patch(CONFIG_MAP, namespace, "one", uid=live["metadata"]["uid"], change=change)
    assert changed is not None
    assert changed["data"] == {"b": "2", "c": "3"}
    assert changed["metadata"]["labels"] == live["metadata"]["labels"]


async def test_a_deployment_that_rolls_can_be_recreated_only_after_a_patch(kube: Kube, namespace: str) -> None:
    rolling, recreated = deployment(namespace, env={"A": "1"}), deployment(namespace, env={"A": "1"})
    rolling["spec"]["strategy"], recreated["spec"]["strategy"] = {"type": "RollingUpdate"}, {"type": "Recreate"}
    assert await kube.create(rolling)
    live = await stored(kube, DEPLOYMENT, namespace, "one")
    assert live["spec"]["strategy"]["rollingUpdate"], "the server says by how much"
    with pytest.raises(ActionNeededError, match="may not be specified when strategy"):
        await kube.apply(recreated)
    change = {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}}}
    assert await kube.patch(DEPLOYMENT, namespace, "one", uid=live["metadata"]["uid"], change=change)
    assert (await kube.apply(recreated))["spec"]["strategy"] == {"type": "Recreate"}


async def test_a_status_is_written_beside_the_spec(kube: Kube, namespace: str) -> None:
    await kube.create(pipeline(namespace))
    live = await stored(kube, PIPELINE, namespace, "yard")
    uid = live["metadata"]["uid"]
    await kube.replace_status(
        PIPELINE, namespace, "yard", uid=uid, status={"observedGeneration": 1, "camerasReady": "0/1"}
    )
    await kube.replace_status(PIPELINE, namespace, "yard", uid=uid, status={"observedGeneration": 1})
    after = await stored(kube, PIPELINE, namespace, "yard")
    assert after["status"] == {"observedGeneration": 1}
    assert after["metadata"]["generation"] == live["metadata"]["generation"]
    assert after["spec"] == live["spec"]


async def test_no_status_for_another_object_of_the_same_name(kube: Kube, namespace: str) -> None:
    with pytest.raises(GoneError):
        await kube.replace_status(PIPELINE, namespace, "yard", uid="gone", status={"observedGeneration": 1})
    await kube.create(pipeline(namespace))
    with pytest.raises(GoneError):
        await kube.replace_status(PIPELINE, namespace, "yard", uid="00000000-0000-0000-0000-000000000000", status={})


async def test_an_object_that_cannot_be_needs_a_person(kube: Kube, namespace: str) -> None:
    with pytest.raises(ActionNeededError) as refused:
        await kube.apply(config_map(namespace, "Not_A_Name"))
    assert refused.value.reason == "ApplyRefused"
    assert "\n" not in str(refused.value)


async def test_an_event_is_written_and_its_series_kept(kube: Kube, namespace: str) -> None:
    event = {
        "apiVersion": EVENT.api_version,
        "kind": EVENT.kind,
        "metadata": {"name": "yard.1", "namespace": namespace},
        "eventTime": "2026-01-01T00:00:00.000000Z",
        "reportingController": "frametrace.dev/operator",
        "reportingInstance": "one",
        "action": "Reconcile",
        "type": "Normal",
        "reason": "Ready",
        "note": "frames flow",
        "regarding": {"kind": "ConfigMap", "apiVersion": "v1", "name": "yard", "namespace": namespace},
    }
    await kube.record(event)
    await kube.record(event | {"series": {"count": 2, "lastObservedTime": "2026-01-01T00:01:00.000000Z"}})
    live = await stored(kube, EVENT, namespace, "yard.1")
    assert (live["reason"], live["series"]["count"]) == ("Ready", 2)
