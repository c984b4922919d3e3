"""A name of a service in a resource that an older version took: nothing breaks, journeys are whole, and it is said."""

from __future__ import annotations

from typing import Any

import pytest
from frametrace_operator.kube.kinds import DEPLOYMENT
from frametrace_operator.naming import RENDERED_HASH, TEMPLATE_HASH

OLDER = {"name": "OTEL_SERVICE_NAME", "value": "reader"}
STAGE = {"name": "motion", "handler": "motion", "env": [OLDER]}


def service_of(world: Any, role: str, item: str) -> list[str]:
    (container,) = world.deployment(role, item)["spec"]["template"]["spec"]["containers"]
    return [each["value"] for each in container["env"] if each["name"] == "OTEL_SERVICE_NAME"]


def made_by_an_older_operator(body: Any) -> None:
    body["metadata"]["annotations"].update(dict.fromkeys((RENDERED_HASH, TEMPLATE_HASH), "older"))
    for variable in body["spec"]["template"]["spec"]["containers"][0]["env"]:
        variable.update({"value": "reader"} if variable["name"] == "OTEL_SERVICE_NAME" else {})


async def test_the_pipeline_goes_on_with_the_operators_name_and_says_what_to_remove(world: Any) -> None:
    await world.ready(stages=[STAGE], capture={"podSettings": {"env": [OLDER]}})

    assert service_of(world, "stage", "motion") == ["motion"]
    assert service_of(world, "capture", "cam01") == ["rtsp-capture"]
    assert [world.condition(kind)[0] for kind in ("Ready", "Stalled")] == ["True", "False"]
    said = world.message("TracesFlowing")
    assert "OTEL_SERVICE_NAME in spec.capture.podSettings.env; spec.stages[0].env is not obeyed any more" in said
    assert "app.name=reader in OTEL_RESOURCE_ATTRIBUTES" in said


@pytest.mark.parametrize("settings", [{}, {"podSettings": {"env": [{"name": "MODEL", "value": "reader"}]}}])
async def test_without_one_nothing_is_said(world: Any, settings: Any) -> None:
    await world.ready(stages=[{"name": "motion", "handler": "motion"} | settings])

    assert "OTEL_SERVICE_NAME" not in world.message("TracesFlowing")


async def test_where_upgrades_wait_for_approval_so_does_the_name(world: Any) -> None:
    """What an older operator made of the same resource is told from a change of the resource."""
    await world.ready(stages=[STAGE], rollout={"upgrades": "OnApproval"})
    name = world.deployment("stage", "motion")["metadata"]["name"]
    world.kube.edit(DEPLOYMENT, "site-a", name, made_by_an_older_operator)

    await world.settle()

    assert service_of(world, "stage", "motion") == ["reader"]
    assert world.resource()["status"]["pendingUpgrade"]["deployments"] == [name]
