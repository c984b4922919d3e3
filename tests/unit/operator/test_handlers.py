"""What watches tell: whose news it is, also of what has lost the labels that say so; and of nothing of anybody else's."""

from __future__ import annotations

import logging
from typing import Any

import kopf
import pytest
from frametrace_api.group import LABEL_PIPELINE
from frametrace_operator.handlers import register, watch_settings
from frametrace_operator.keys import PipelineKey
from frametrace_operator.kube.kinds import CHILD_KINDS, DEPLOYMENT, PIPELINE, POD, Kind
from frametrace_operator.kube.store import Store
from frametrace_operator.kube.watched import WatchedKube
from frametrace_operator.naming import INSTANCE
from kopf._cogs.structs.bodies import Body
from kopf._cogs.structs.patches import Patch
from kopf._cogs.structs.references import Resource
from kopf._core.intents.causes import WatchingCause

from tests.unit.operator.conftest import NAMESPACE, World

YARD = PipelineKey(NAMESPACE, "yard")


class Watches:
    """kopf's handlers as they are registered, over a store; `told` are the pipelines that were put on the queue."""

    def __init__(self) -> None:
        self.store, self.told = Store(), list[PipelineKey]()
        self.waits = list[tuple[bool, bool]]()
        self._registry = kopf.OperatorRegistry()
        register(self._registry, (*CHILD_KINDS, POD), self.store, self._tell, lambda _: None)

    def _tell(self, key: PipelineKey, after: float, first: bool) -> None:  # noqa: FBT001 (as handlers call it)
        self.told.append(key)
        self.waits.append((after > 0, first))

    async def hear(self, kind: Kind, event: str, body: dict[str, Any]) -> None:
        """The server sends an event; kopf gives it to the handlers that want it."""
        cause = WatchingCause(
            logger=logging.getLogger(),
            indices={},  # type: ignore[arg-type]  # none is asked for
            memo=kopf.Memo(),
            resource=Resource(kind.group, kind.version, kind.plural, kind.kind, namespaced=True),
            patch=Patch(),
            body=Body(body),
            type=event,  # type: ignore[arg-type]  # a literal
            event={"type": event, "object": body},  # type: ignore[typeddict-item]  # as JSON
        )
        for handler in self._registry._watching.get_handlers(cause):
            await handler.fn(event=cause.event)  # type: ignore[call-arg,misc]  # as kopf calls it


@pytest.fixture
def watches() -> Watches:
    return Watches()


def body(version: int, *, labels: dict[str, str], name: str = "one", owner: str = "") -> dict[str, Any]:
    metadata: dict[str, Any] = {"namespace": NAMESPACE, "name": name, "uid": name, "resourceVersion": str(version)}
    owners = [{"apiVersion": PIPELINE.api_version, "kind": PIPELINE.kind, "name": owner, "controller": True}]
    return {"metadata": metadata | {"labels": labels} | ({"ownerReferences": owners} if owner else {})}


async def test_somebody_waits_for_what_becomes_of_a_pipeline_and_nobody_for_what_becomes_of_its_children(
    watches: Watches,
) -> None:
    await watches.hear(PIPELINE, "MODIFIED", body(1, labels={}, name="yard"))
    await watches.hear(DEPLOYMENT, "MODIFIED", body(2, labels={LABEL_PIPELINE: "yard"}, owner="yard"))
    assert watches.waits == [(False, True), (True, False)]


@pytest.mark.parametrize("labels", [{}, {LABEL_PIPELINE: "another"}])
async def test_a_child_is_its_owners_whatever_somebody_made_of_its_labels(watches: Watches, labels: Any) -> None:
    await watches.hear(DEPLOYMENT, "ADDED", body(1, labels={LABEL_PIPELINE: "yard"}, owner="yard"))
    await watches.hear(DEPLOYMENT, "MODIFIED", body(2, labels=labels, owner="yard"))
    known = watches.store.get(DEPLOYMENT, NAMESPACE, "one")
    assert known is not None
    assert known["metadata"]["labels"] == labels
    assert watches.told == [YARD, YARD]


async def test_a_pod_without_its_pipelines_label_is_followed_to_its_end(watches: Watches) -> None:
    instance = {INSTANCE: "yard-0123abcd"}
    await watches.hear(POD, "ADDED", body(1, labels=instance | {LABEL_PIPELINE: "yard"}))
    await watches.hear(POD, "MODIFIED", body(2, labels=instance))
    await watches.hear(POD, "MODIFIED", body(3, labels=instance | {"more": "1"}))
    assert [pod["metadata"]["resourceVersion"] for pod in watches.store.find(POD, NAMESPACE, instance)] == ["3"]
    await watches.hear(POD, "DELETED", body(4, labels=instance))
    assert watches.store.find(POD, NAMESPACE, instance) == []
    assert watches.told == [YARD] * 4


async def test_what_no_longer_says_whose_it_is_has_left_us_and_whose_it_was_is_told(watches: Watches) -> None:
    await watches.hear(POD, "ADDED", body(1, labels={INSTANCE: "yard-0123abcd", LABEL_PIPELINE: "yard"}))
    await watches.hear(POD, "MODIFIED", body(2, labels={}))
    assert len(watches.store) == 0
    await watches.hear(POD, "MODIFIED", body(3, labels={}))
    assert watches.told == [YARD, YARD]


async def test_what_is_nobodys_is_neither_kept_nor_told(watches: Watches) -> None:
    for event in ("ADDED", "MODIFIED", "DELETED"):
        await watches.hear(DEPLOYMENT, event, body(1, labels={"app": "theirs"}))
    assert (len(watches.store), watches.told) == (0, [])


def test_the_server_itself_sends_only_what_has_our_common_labels() -> None:
    settings = watch_settings((DEPLOYMENT, POD), "", 70)
    names = (DEPLOYMENT.group, DEPLOYMENT.version, DEPLOYMENT.plural)
    assert settings.watching.label_selectors[names] == (
        "app.kubernetes.io/part-of=frametrace,app.kubernetes.io/managed-by=frametrace-operator"
    )


@pytest.mark.parametrize(
    ("taken", "event"), [((LABEL_PIPELINE,), "MODIFIED"), (("app.kubernetes.io/part-of",), "DELETED")]
)
async def test_a_label_that_somebody_takes_away_is_put_back(world: World, taken: Any, event: str) -> None:
    """Of what leaves the labels that are asked for, the server says DELETED, with the labels that it had."""
    await world.ready()
    cluster, watches = world.kube, Watches()
    for kind in (PIPELINE, *CHILD_KINDS, POD):
        for each in cluster.objects(kind):
            watches.store.saw(kind, each)
    before = world.deployment("capture", "cam01")
    name, wanted = before["metadata"]["name"], dict(before["metadata"]["labels"])
    cluster.edit(DEPLOYMENT, NAMESPACE, name, lambda live: [live["metadata"]["labels"].pop(each) for each in taken])
    changed = next(each for each in cluster.objects(DEPLOYMENT) if each["metadata"]["name"] == name)
    if event == "DELETED":
        changed["metadata"]["labels"] = wanted
    await watches.hear(DEPLOYMENT, event, changed)
    assert watches.told == [YARD]

    watched = (PIPELINE, *CHILD_KINDS, POD)
    world.kube = WatchedKube(cluster, watches.store, watched, watches.told.append)  # type: ignore[assignment]  # a Kube
    world.restart()
    await world.reconcile()
    live = next(each for each in cluster.objects(DEPLOYMENT) if each["metadata"]["name"] == name)
    assert live["metadata"]["labels"] == wanted
    assert len(watches.store.find(DEPLOYMENT, NAMESPACE, {INSTANCE: wanted[INSTANCE]})) == 4
