"""Lists fill the store page by page, end what they have not, and tell when everything was listed once."""

from __future__ import annotations

import asyncio
from typing import Any

from frametrace_operator.handlers import watch_paths
from frametrace_operator.keys import PipelineKey
from frametrace_operator.kube.kinds import CONFIG_MAP, DEPLOYMENT, PIPELINE
from frametrace_operator.kube.lists import Lists
from frametrace_operator.kube.store import Store

MAPS, DEPLOYMENTS = "/api/v1/configmaps", "/apis/apps/v1/deployments"


class Site:
    """A store that lists of two kinds of children fill."""

    def __init__(self, *namespaces: str) -> None:
        self.store, self.told = Store(), list[PipelineKey]()
        paths = watch_paths((CONFIG_MAP, DEPLOYMENT), namespaces)
        self.lists = Lists(self.store, paths, lambda key, _after: self.told.append(key))

    def known(self) -> list[str]:
        names = ("one", "two", "three")
        return [name for name in names if self.store.get(CONFIG_MAP, "a", name) is not None]


def body(name: str, version: int = 1, pipeline: str | None = "yard", namespace: str = "a") -> dict[str, Any]:
    labels = {"frametrace.dev/pipeline": pipeline} if pipeline else {}
    metadata = {"namespace": namespace, "name": name, "uid": name, "resourceVersion": str(version), "labels": labels}
    return {"metadata": metadata}


def page(version: int, *bodies: dict[str, Any], more: str = "") -> dict[str, Any]:
    return {"metadata": {"resourceVersion": str(version), "continue": more}, "items": list(bodies)}


def test_pages_add_up_to_one_list() -> None:
    site = Site()
    site.lists.take(MAPS, page(5, body("one"), more="2"), first=True)
    site.lists.take(MAPS, page(5, body("two")), first=False)

    assert site.known() == ["one", "two"]
    assert site.told == [PipelineKey("a", "yard")] * 2


def test_what_a_later_list_has_not_is_gone_and_told() -> None:
    site = Site()
    site.lists.take(MAPS, page(5, body("one"), body("two")), first=True)
    site.told.clear()
    site.lists.take(MAPS, page(9, body("one")), first=True)

    assert site.known() == ["one"]
    assert site.told == [PipelineKey("a", "yard")] * 2  # for what is there, and for what is not


def test_a_list_that_breaks_off_ends_nothing() -> None:
    site = Site()
    site.lists.take(MAPS, page(5, body("one"), body("two")), first=True)
    site.lists.take(MAPS, page(9, body("one"), more="2"), first=True)
    assert site.known() == ["one", "two"]

    site.lists.take(MAPS, page(11, body("two"), more="2"), first=True)
    site.lists.take(MAPS, page(11), first=False)
    assert site.known() == ["two"]


def test_what_belongs_to_no_pipeline_is_left_alone() -> None:
    site = Site()
    site.lists.take(MAPS, page(5, body("one", pipeline=None)), first=True)
    site.lists.take("/api/v1/secrets", page(5, body("two")), first=True)

    assert (site.known(), site.told) == ([], [])


async def test_passes_wait_until_every_kind_was_listed_in_every_namespace() -> None:
    site = Site("a", "b")
    waiting = asyncio.ensure_future(site.lists.whole())
    for kind in ("api/v1/namespaces/{}/configmaps", "apis/apps/v1/namespaces/{}/deployments"):
        for namespace in ("a", "b"):
            await asyncio.sleep(0)
            assert not waiting.done()
            site.lists.take(f"/{kind.format(namespace)}", page(1), first=True)

    await waiting


def test_a_list_of_one_namespace_says_nothing_of_another() -> None:
    site = Site("a", "b")
    site.lists.take("/api/v1/namespaces/a/configmaps", page(5, body("one")), first=True)
    site.lists.take("/api/v1/namespaces/b/configmaps", page(7), first=True)

    assert site.known() == ["one"]


def test_a_pipelines_children_wait_until_it_may_be_listed_itself() -> None:
    told: list[tuple[str, bool]] = []
    lists = Lists(
        Store(), watch_paths((PIPELINE, CONFIG_MAP), ()), lambda key, after: told.append((key.name, after > 0))
    )
    pipeline = body("own", pipeline=None)

    lists.take(MAPS, page(5, body("one")), first=True)
    lists.take(f"/apis/{PIPELINE.api_version}/{PIPELINE.plural}", page(5, pipeline), first=True)

    assert told == [("yard", True), ("own", False)]
