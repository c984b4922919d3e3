"""What pipelines' policies let through besides: the cluster's DNS, and by a policy of its owner's what theirs do not fit."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from frametrace_operator.pipeline import Pipeline

from tests.real.schemas import schema_errors

Bodies = dict[tuple[str, str, str], dict[str, Any]]


def test_dns_is_reached_on_the_ports_that_the_clusters_owner_names(
    make_pipeline: Callable[..., Pipeline], make_platform: Callable[..., Any], bodies: Callable[..., Bodies]
) -> None:
    found = bodies(make_pipeline(), make_platform(dns_ports=(53, 1053)))

    for role in ("capture", "stage"):
        first = found["NetworkPolicy", "network", role]["spec"]["egress"][0]
        assert "to" not in first, "a DNS may run on nodes, which no selector finds"
        assert {(port["port"], port["protocol"]) for port in first["ports"]} == {
            (53, "UDP"), (53, "TCP"), (1053, "UDP"), (1053, "TCP")
        }  # fmt: skip


def test_the_pages_example_is_a_policy_and_finds_captures_alone(
    make_pipeline: Callable[..., Pipeline], bodies: Callable[..., Bodies]
) -> None:
    page = Path(__file__).resolve().parents[4] / "docs" / "explanation" / "network-policies.md"
    [text] = re.findall(r"^```yaml\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    policy = yaml.safe_load(text)
    wanted = policy["spec"]["podSelector"]["matchLabels"].items()

    found = bodies(make_pipeline(name="entrance"))
    pods = {
        key: body["spec"]["template"]["metadata"]["labels"] for key, body in found.items() if key[0] == "Deployment"
    }

    assert schema_errors(policy, "1.33.0") == []
    assert {role for (_, role, _), labels in pods.items() if wanted <= labels.items()} == {"capture"}
