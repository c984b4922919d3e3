"""A pipeline's life as GitOps tools read it: by kstatus (Flux, Helm) and by the Lua for Argo CD, after every pass."""

from __future__ import annotations

from typing import Any

import pytest
from frametrace_api.crd import openapi_schema
from frametrace_api.group import REENABLE_TRACING, ROLLBACK_TRACING, SUSPEND
from frametrace_operator.kube.kinds import PIPELINE
from frametrace_operator.pace import FLOW_SECONDS

from tests.real.kstatus import kstatus
from tests.unit.gitops.argo_lua import health
from tests.unit.operator.conftest import NAMESPACE, World

UNREPORTED = openapi_schema()["properties"]["status"]["default"]


class Watched(World):
    """Notes after every pass what both tools say, each change once."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, str]] = []

    def said(self, name: str = "yard") -> tuple[str, str]:
        body = {"status": UNREPORTED} | self.resource(name)
        return kstatus(body), health(body)["status"]

    async def reconcile(self, name: str = "yard") -> Any:
        result = await super().reconcile(name)
        if self.seen[-1:] != [self.said(name)]:
            self.seen.append(self.said(name))
        status = self.resource(name)["status"]
        kinds = {one["type"]: one for one in status["conditions"]}
        read = [kinds[kind] for kind in ("Ready", "Reconciling", "Stalled")]
        assert [one["status"] for one in read[1:]] != ["True", "True"], "a reader would wait for ever"
        assert {one["observedGeneration"] for one in read} == {status["observedGeneration"]}
        return result

    def annotate(self, **notes: str) -> None:
        self.kube.edit(PIPELINE, NAMESPACE, "yard", lambda body: body["metadata"].update(annotations=notes))

    async def rolled_out(self) -> None:
        for _ in range(4):
            await self.settle()
            self.run_pods()
            await self.book.refresh()
            self.later(20)
        self.flow()
        await self.book.refresh()
        await self.settle()


@pytest.fixture
def world() -> Watched:
    return Watched()


async def test_a_new_pipeline_is_in_progress_until_frames_reach_the_end(world: Watched) -> None:
    world.apply()
    assert world.said() == ("InProgress", "Progressing")
    await world.ready()
    assert world.seen == [("InProgress", "Progressing"), ("Current", "Healthy")]


async def test_a_change_is_in_progress_before_the_operator_has_seen_it(world: Watched) -> None:
    await world.ready()
    world.change(stages=[{"name": "motion", "handler": "motion", "replicas": 2}])
    assert world.said() == ("InProgress", "Progressing")
    world.seen.clear()
    await world.settle()
    world.run_pods()
    world.flow()
    await world.book.refresh()
    await world.settle()
    assert world.seen == [("InProgress", "Progressing"), ("Current", "Healthy")]


async def test_what_only_a_person_can_mend_has_failed(world: Watched) -> None:
    await world.ready()
    world.change(cameras=[{"id": "UPPER", "source": {"url": "nonsense"}}])
    await world.settle()
    assert world.said() == ("Failed", "Degraded")


async def test_a_camera_that_is_away_is_no_failure_to_wait_for_and_is_told(world: Watched) -> None:
    await world.ready()
    world.camera_says("cam01", reason="Unreachable", message="no answer")
    await world.book.refresh()
    await world.settle()
    assert world.said() == ("InProgress", "Degraded")
    assert "no answer" in health(world.resource())["message"]


async def test_a_rollback_is_told_while_video_goes_on_and_its_end_is_healthy_again(world: Watched) -> None:
    await world.ready()
    world.annotate(**{ROLLBACK_TRACING: "2026-01-01T00:00:00Z"})
    world.seen.clear()
    await world.rolled_out()
    assert world.seen[-1] == ("Current", "Degraded")
    assert {argo for _, argo in world.seen} == {"Degraded"}
    found = health(world.resource())["message"]
    assert found.startswith("Tracing is rolled back: Requested: asked for by the annotation")
    world.annotate(**{REENABLE_TRACING: "2026-01-01T01:00:00Z"})
    world.seen.clear()
    await world.rolled_out()
    assert world.seen[-1] == ("Current", "Progressing")
    assert health(world.resource())["message"].startswith("Probation: tracing comes back")


@pytest.mark.parametrize("how", ["annotation", "spec"])
async def test_a_pipeline_that_rests_is_suspended_once_it_is_drained(world: Watched, how: str) -> None:
    await world.ready()
    if how == "spec":
        world.change(mode="Suspended")
    else:
        world.annotate(**{SUSPEND: "2026-01-01T00:00:00Z"})
    world.seen.clear()
    for _ in range(5):
        world.later(FLOW_SECONDS + 1)
        await world.book.refresh()
        await world.settle()
        world.run_pods()
    await world.settle()
    assert world.seen == [("InProgress", "Progressing"), ("InProgress", "Suspended")]
