"""Deployments of which there must never be two pods at once, and that a person lets roll all the same."""

from __future__ import annotations

from typing import Any

import pytest
from frametrace_operator.errors import ActionNeededError
from frametrace_operator.kube.kinds import DEPLOYMENT
from frametrace_operator.kube.server_side import patched

NAMESPACE = "site-a"
PAGE = {"pictures": {"access": "Allowed"}}


def roll(world: Any, role: str, item: str = "") -> str:
    """A person lets the Deployment roll; the server adds by how much."""
    name = str(world.deployment(role, item)["metadata"]["name"])
    world.kube.edit(DEPLOYMENT, NAMESPACE, name, lambda body: body["spec"].update(strategy={"type": "RollingUpdate"}))
    assert "maxSurge" in world.deployment(role, item)["spec"]["strategy"]["rollingUpdate"]
    return name


@pytest.mark.parametrize(("role", "item"), [("capture", "cam01"), ("redis", ""), ("jaeger", ""), ("page", "")])
async def test_one_that_is_recreated_is_so_again(world: Any, role: str, item: str) -> None:
    await world.ready(**PAGE)
    template = world.deployment(role, item)["spec"]["template"]
    name = roll(world, role, item)
    before = len(world.kube.writes)
    await world.reconcile()
    live = world.deployment(role, item)["spec"]
    assert (live["strategy"], live["template"]) == ({"type": "Recreate"}, template)
    changes = [write for write in world.kube.writes[before:] if "Deployment" in write]
    assert changes == [f"patch Deployment {name}"], "which leaves the apply nothing to change"
    assert world.condition("Stalled") == ("False", "NotStalled")


async def test_a_change_of_the_resource_reaches_one_that_a_person_lets_roll(world: Any) -> None:
    await world.ready()
    roll(world, "capture", "cam01")
    world.change(capture={"jpegQuality": 50})
    await world.settle()
    assert world.deployment("capture", "cam01")["spec"]["strategy"] == {"type": "Recreate"}
    assert world.condition("Stalled") == ("False", "NotStalled")


async def test_a_stage_that_a_person_has_recreated_rolls_again_in_one_write(world: Any) -> None:
    await world.ready()
    name = world.deployment("stage", "motion")["metadata"]["name"]
    rolling = world.deployment("stage", "motion")["spec"]["strategy"]
    world.kube.edit(DEPLOYMENT, NAMESPACE, name, lambda body: body["spec"].update(strategy={"type": "Recreate"}))
    before = len(world.kube.writes)
    await world.reconcile()
    assert world.deployment("stage", "motion")["spec"]["strategy"] == rolling
    assert [write for write in world.kube.writes[before:] if "Deployment" in write] == [f"apply Deployment {name}"]


async def test_a_refused_patch_is_told_by_the_apply_that_it_would_have_prepared(world: Any) -> None:
    await world.ready()
    roll(world, "capture", "cam01")

    async def refuse(*_: Any, **__: Any) -> None:
        raise ActionNeededError("ApplyRefused", "a policy forbids it")

    world.kube.patch = refuse
    await world.reconcile()
    assert world.condition("Stalled") == ("True", "ApplyRefused")
    assert "rollingUpdate" in world.message("Stalled")


def test_a_merge_patch_takes_keys_away_and_replaces_lists() -> None:
    live = {"a": {"b": 1, "c": [1, 2]}, "d": 1}
    assert patched(live, {"a": {"b": None, "c": [3], "e": {"f": None}}, "g": {"h": 1}}) == {
        "a": {"c": [3], "e": {}},
        "d": 1,
        "g": {"h": 1},
    }
