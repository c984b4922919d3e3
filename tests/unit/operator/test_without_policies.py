"""A cluster whose owner wants no NetworkPolicies of pipelines: there are none, and those from before go."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from frametrace_operator.kube.kinds import KINDS
from frametrace_operator.upgrade import upgrade_id


async def test_policies_go_and_come_back_with_the_setting(world: Any) -> None:
    await world.ready()
    before = len(world.kube.objects(KINDS["networking.k8s.io/v1", "NetworkPolicy"]))

    world.platform = replace(world.platform, network_policies=False)
    await world.settle()
    without = len(world.kube.objects(KINDS["networking.k8s.io/v1", "NetworkPolicy"]))
    world.platform = replace(world.platform, network_policies=True)
    await world.settle()

    assert before
    assert (without, len(world.kube.objects(KINDS["networking.k8s.io/v1", "NetworkPolicy"]))) == (0, before)
    assert world.condition("Ready") == ("True", "FramesFlowing")


def test_what_is_no_pods_matter_makes_no_upgrade_that_waits(world: Any) -> None:
    other = replace(world.platform, dns_ports=(1053,), network_policies=False)

    assert upgrade_id(world.platform) == upgrade_id(other)
