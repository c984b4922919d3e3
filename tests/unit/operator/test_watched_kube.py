"""A cluster read from the store: passes ask for nothing that is known, and no write of ours hides somebody else's change."""

from __future__ import annotations

from typing import Any

import pytest
from frametrace_operator.errors import GoneError
from frametrace_operator.keys import PipelineKey
from frametrace_operator.kube.kinds import CONFIG_MAP, DEPLOYMENT, PIPELINE, SECRET
from frametrace_operator.kube.memory import MemoryKube
from frametrace_operator.kube.store import Store
from frametrace_operator.kube.watched import WatchedKube
from frametrace_operator.naming import INSTANCE

OURS = {"app.kubernetes.io/part-of": "frametrace", INSTANCE: "yard-1", "frametrace.dev/pipeline": "yard"}
YARD = PipelineKey("a", "yard")


class Site:
    """A cluster, and the same cluster behind a store that a test's own watch fills."""

    def __init__(self) -> None:
        self.cluster, self.store = MemoryKube(), Store()
        self.told: list[PipelineKey] = []
        self.now = 0.0
        watched = (PIPELINE, CONFIG_MAP, DEPLOYMENT)
        self.kube = WatchedKube(self.cluster, self.store, watched, self.told.append, lambda: self.now)

    def pipeline(self) -> dict[str, Any]:
        """A pipeline that the watch has told of."""
        metadata = {"name": "yard", "namespace": "a"}
        body = {"apiVersion": PIPELINE.api_version, "kind": PIPELINE.kind, "metadata": metadata, "spec": {"n": 1}}
        made = self.cluster.put(body)
        self.store.saw(PIPELINE, made)
        return made

    def config_map(self, **labels: str) -> dict[str, Any]:
        """A child in the cluster."""
        return self.cluster.put(config_map(**labels))


def config_map(**labels: str) -> dict[str, Any]:
    metadata = {"name": "one", "namespace": "a", "labels": OURS | labels}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "b"}}


@pytest.fixture
def site() -> Site:
    return Site()


async def test_what_is_watched_is_found_without_a_question(site: Site) -> None:
    site.store.saw(CONFIG_MAP, site.config_map())
    site.cluster.fail_next(AssertionError())  # type: ignore[arg-type]  # whatever asks now fails

    assert [body["metadata"]["name"] for body in await site.kube.find(CONFIG_MAP, "a", OURS)] == ["one"]
    assert await site.kube.get(CONFIG_MAP, "a", "one") is not None


async def test_the_next_pass_sees_what_this_one_wrote(site: Site) -> None:
    await site.kube.apply(config_map())

    assert len(await site.kube.find(CONFIG_MAP, "a", OURS)) == 1


async def test_what_we_delete_is_gone_at_once(site: Site) -> None:
    made = site.config_map()
    site.store.saw(CONFIG_MAP, made)

    await site.kube.delete(CONFIG_MAP, "a", "one", uid=made["metadata"]["uid"])

    assert await site.kube.find(CONFIG_MAP, "a", OURS) == []


async def test_an_object_that_no_watch_tells_of_is_asked_for(site: Site) -> None:
    site.config_map()

    assert await site.kube.find(CONFIG_MAP, "a", OURS) == []
    assert await site.kube.get(CONFIG_MAP, "a", "one") is not None


async def test_a_secret_that_is_there_is_not_asked_for_again_within_seconds(site: Site) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "login", "namespace": "a"}}
    assert await site.kube.secret_keys("a", "login") is None
    site.cluster.put(secret)
    assert await site.kube.head(SECRET, "a", "login") is not None
    assert await site.kube.secret_keys("a", "login") == frozenset(), "one that was missing is asked for each time"

    site.cluster.remove(SECRET, "a", "login")
    assert await site.kube.secret_keys("a", "login") == frozenset()
    site.now = 10.0
    assert await site.kube.secret_keys("a", "login") is None


async def test_a_secrets_value_is_not_asked_for_again_within_seconds(site: Site) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "login", "namespace": "a"}}
    assert await site.kube.secret_value("a", "login", "token") is None
    site.cluster.put(secret | {"data": {"token": "aHVudGVyMg=="}})
    assert await site.kube.secret_value("a", "login", "token") == "hunter2", (
        "one that was missing is asked for each time"
    )

    site.cluster.remove(SECRET, "a", "login")
    assert await site.kube.secret_value("a", "login", "token") == "hunter2"
    site.now = 10.0
    assert await site.kube.secret_value("a", "login", "token") is None


async def test_a_status_of_ours_is_no_news(site: Site) -> None:
    made = site.pipeline()

    written = await site.kube.replace_status(PIPELINE, "a", "yard", uid=made["metadata"]["uid"], status={"x": 1})

    known = await site.kube.get(PIPELINE, "a", "yard")
    assert known is not None
    assert known["status"] == {"x": 1}
    assert not site.store.saw(PIPELINE, written), "its event comes later, and wakes nobody"
    assert site.told == []


async def test_a_change_of_the_spec_that_came_just_before_our_status_is_not_lost(site: Site) -> None:
    made = site.pipeline()
    site.cluster.edit(PIPELINE, "a", "yard", lambda body: body["spec"].update(n=2))
    changed = await site.cluster.get(PIPELINE, "a", "yard")
    assert changed is not None

    await site.kube.replace_status(PIPELINE, "a", "yard", uid=made["metadata"]["uid"], status={"x": 1})

    assert not site.store.saw(PIPELINE, changed), "its own event comes too late to be news"
    assert site.told == [YARD], "so the answer to our write tells of it"
    known = await site.kube.get(PIPELINE, "a", "yard")
    assert known is not None
    assert known["spec"] == {"n": 2}


async def test_a_pipeline_that_is_gone_without_a_word_is_known_no_more(site: Site) -> None:
    made = site.pipeline()
    site.cluster.remove(PIPELINE, "a", "yard")

    with pytest.raises(GoneError):
        await site.kube.replace_status(PIPELINE, "a", "yard", uid=made["metadata"]["uid"], status={})

    assert await site.kube.get(PIPELINE, "a", "yard") is None


async def test_the_end_of_a_former_pipeline_of_that_name_leaves_the_new_one_known(site: Site) -> None:
    former = site.pipeline()
    site.cluster.remove(PIPELINE, "a", "yard")
    site.pipeline()

    with pytest.raises(GoneError):
        await site.kube.replace_status(PIPELINE, "a", "yard", uid=former["metadata"]["uid"], status={})

    assert await site.kube.get(PIPELINE, "a", "yard") is not None
