"""Settings that cannot be are refused before anything answers, in one line: variable, value, and why."""

from __future__ import annotations

import json
from typing import Any

import pytest
from frametrace_operator import app
from frametrace_operator.settings import Settings, platform_of

IMAGES = {f"FRAMETRACE_{name}_IMAGE": f"{name.lower()}:1" for name in ("RUNTIME", "REDIS", "JAEGER")}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in IMAGES.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.parametrize(
    ("variable", "value", "why"),
    [
        ("CAMERA_NETWORKS_ALLOW", "10.0.0.1/8", "has host bits set; write a network as a CIDR"),
        ("CAMERA_NETWORKS_DENY", "192.0.2.0/24,999.1.1.1/9", "does not appear to be an IPv4 or IPv6 network"),
        ("CAMERA_NETWORKS_ALLOW", "::::/999", "does not appear to be an IPv4 or IPv6 network"),
        ("POLL_SECONDS", "15", "less than or equal to 5"),
        ("DNS_PORTS", "53,dns", "valid integer"),
        ("DNS_PORTS", "", "at least 1 item"),
        ("DNS_PORTS", "70000", "less than or equal to 65535"),
        ("CAPTURE_RESOURCES", "much", "capture_resources"),
    ],
)
def test_the_operator_ends_before_it_answers_and_says_which_setting_it_was(
    variable: str, value: str, why: str, environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def answer(_settings: Any) -> int:
        raise AssertionError("it answers: the rollout takes it for ready")

    environment.setattr(app, "run", answer)
    environment.setenv(f"FRAMETRACE_{variable}", value)

    assert app.main() == 1

    told = json.loads(capsys.readouterr().out)
    [refused] = told["refused"]
    assert why in refused
    assert variable == "CAPTURE_RESOURCES" or refused.startswith(f"FRAMETRACE_{variable}")
    assert "chart's values" in told["event"]


def test_a_setting_that_is_missing_is_named(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.delenv("FRAMETRACE_REDIS_IMAGE")

    assert app.main() == 1

    assert json.loads(capsys.readouterr().out)["refused"] == ["FRAMETRACE_REDIS_IMAGE is not set"]


@pytest.mark.parametrize("cidr", ["10.0.0.0/8", "192.0.2.7/32", "0.0.0.0/0", "fd00::/8", "::/0", "10.1.2.3"])
def test_what_settings_take_a_leader_can_work_with(cidr: str, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("FRAMETRACE_CAMERA_NETWORKS_ALLOW", cidr)
    environment.setenv("FRAMETRACE_DNS_PORTS", " 53, 1053 ")

    platform = platform_of(Settings())

    assert (platform.camera_networks_allow, platform.dns_ports) == ((cidr,), (53, 1053))
