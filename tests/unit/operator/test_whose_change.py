"""Whose change it is: with one operator version and its settings, nothing that an owner asks for waits for approval."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from frametrace_operator.kube.kinds import CONFIG_MAP, DEPLOYMENT
from frametrace_operator.manifests import children
from frametrace_operator.naming import DERIVED_HASH
from frametrace_operator.observation import Observation, key_of
from frametrace_operator.pipeline import Pipeline
from frametrace_operator.platform import Platform
from frametrace_operator.upgrade import held_back
from hypothesis import given
from hypothesis import strategies as st

from tests.generated.pipelines import specs, stage_settings

NAMESPACE = "site-a"
PLATFORM = Platform("rt:1", "redis:1", "jaeger:1", "frametrace-system", (), ())
ON_APPROVAL = {"rollout": {"upgrades": "OnApproval"}}
PAGE = {"pictures": {"access": "Allowed"}}

retentions = st.fixed_dictionaries(
    {}, optional={"frameSeconds": st.integers(1, 3600), "maxFrames": st.integers(1, 100_000)}
)
sizes = st.fixed_dictionaries(
    {"cameras": st.integers(1, 64).map(lambda many: [camera(f"cam{number}") for number in range(many)])},
    optional={
        "capture": st.fixed_dictionaries(
            {},
            optional={"framesPerSecond": st.integers(1, 240), "maxWidth": st.integers(16, 8192)},
        ),
        "broker": st.fixed_dictionaries({"retention": retentions}),
        "tracing": st.fixed_dictionaries(
            {"retention": st.fixed_dictionaries({"traceSeconds": st.integers(60, 10**6)})}
        ),
    },
)


def camera(name: str) -> dict[str, Any]:
    return {"id": name, "source": {"url": "test://"}}


def pipeline(spec: dict[str, Any]) -> Pipeline:
    metadata = {"namespace": NAMESPACE, "name": "yard", "uid": "uid-of-yard", "generation": 1}
    return Pipeline.from_object({"metadata": metadata, "spec": {**spec, **ON_APPROVAL, "mode": "Running"}})


def waits(before: dict[str, Any], after: dict[str, Any]) -> Any:
    """What waits when a resource becomes another one under the same operator."""
    live = {key_of(child.body): child.body for child in children(pipeline(before), PLATFORM)}
    seen = Observation(now=datetime(2026, 1, 1, tzinfo=UTC), uid="uid-of-yard", live=live)
    return held_back(pipeline(after), PLATFORM, seen, children(pipeline(after), PLATFORM))


@st.composite
def changed(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A spec, and one that has some parts of another; stages keep their names and get other settings."""
    before, other, size = draw(specs), draw(specs), draw(sizes)
    taken = draw(st.sets(st.sampled_from(["cameras", "capture", "broker", "tracing", "pictures"])))
    sized = draw(st.sets(st.sampled_from(["cameras", "capture", "broker", "tracing"])))
    after = {key: value for key, value in before.items() if key not in taken | sized}
    after |= {key: other[key] for key in taken & other.keys()} | {key: size[key] for key in sized & size.keys()}
    if draw(st.booleans()):
        named = [{"name": stage["name"], "input": stage["input"]} for stage in before["stages"]]
        after["stages"] = [draw(stage_settings) | names for names in named]
    return before, after | {"cameras": after.get("cameras", before["cameras"])}


@given(changed())
def test_any_change_of_any_resource_is_its_owners(found: tuple[dict[str, Any], dict[str, Any]]) -> None:
    assert waits(*found) is None


@given(sizes, sizes)
def test_any_change_of_what_sizes_are_derived_from_is_its_owners(before: Any, after: Any) -> None:
    assert waits(before | PAGE, after | PAGE) is None


@pytest.mark.parametrize(
    "change", [{"capture": {"framesPerSecond": "10"}}, {"tracing": {"retention": {"traceSeconds": 7200}}}]
)
async def test_an_owners_change_is_carried_out_whole(world: Any, change: Any) -> None:
    await world.ready(**ON_APPROVAL, **PAGE)

    world.change(**change)
    await world.settle()

    assert "pendingUpgrade" not in world.resource()["status"]


def jaeger_settings(world: Any) -> str:
    [found] = [body for body in world.kube.objects(CONFIG_MAP) if "config.yaml" in body["data"]]
    return str(found["data"]["config.yaml"])


async def test_jaegers_settings_wait_together_with_its_pods(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.ready(**ON_APPROVAL)
    before = jaeger_settings(world)
    # Another version of the operator has other settings for Jaeger.
    from frametrace_operator.manifests import jaeger  # noqa: PLC0415 (what this one test replaces a part of)

    original = jaeger._settings
    monkeypatch.setattr(jaeger, "_settings", lambda pipeline: f"{original(pipeline)}# another version\n")
    world.restart()

    await world.settle()

    assert jaeger_settings(world) == before
    assert world.resource()["status"]["pendingUpgrade"]["deployments"] == [
        world.deployment("jaeger")["metadata"]["name"]
    ]


@pytest.mark.parametrize(
    ("before", "held"),
    [
        (None, True),  # of a version that had no such annotation
        ("{version}-{values}", True),
        ("0-{values}", True),
        ("0-0123456789abcdef", True),
        ("{version}-0123456789abcdef", False),
    ],
)
async def test_other_arithmetic_of_a_version_is_no_owners_change(world: Any, before: str | None, held: Any) -> None:
    await world.ready(**ON_APPROVAL)
    name = world.deployment("redis")["metadata"]["name"]

    def as_before(body: Any) -> None:
        version, _, values = body["metadata"]["annotations"].pop(DERIVED_HASH).partition("-")
        if before is not None:
            body["metadata"]["annotations"][DERIVED_HASH] = before.format(version=version, values=values)

    world.kube.edit(DEPLOYMENT, NAMESPACE, name, as_before)
    world.platform = replace(world.platform, redis_image="redis:2", operator_version="2.0")
    await world.settle()

    waiting = world.resource()["status"].get("pendingUpgrade", {}).get("deployments", [])
    assert (name in waiting) is held
