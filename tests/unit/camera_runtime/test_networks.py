from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from camera_runtime.capture.networks import NetworkRule
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("allow", "deny", "address", "permitted"),
    [
        ([], [], "192.168.1.20", True),
        ([], [], "127.0.0.1", False),
        ([], [], "::1", False),
        ([], [], "169.254.169.254", False),
        ([], [], "fe80::1%eth0", False),
        ([], [], "fd00:ec2::254", False),
        ([], [], "0.0.0.0", False),
        ([], [], "::ffff:127.0.0.1", False),
        ([], [], "64:ff9b::7f00:1", False),
        ([], [], "224.0.0.1", False),
        (["127.0.0.0/8"], [], "127.0.0.1", True),
        (["0.0.0.0/0"], [], "127.0.0.1", False),
        (["127.0.0.1/32"], ["127.0.0.0/8"], "127.0.0.1", True),
        (["127.0.0.1/32"], ["127.0.0.0/8"], "127.0.0.2", False),
        (["10.0.0.0/8"], ["10.0.0.0/8"], "10.1.2.3", False),
        (["10.1.0.0/16"], ["10.0.0.0/8"], "10.1.2.3", True),
        (["10.1.0.0/16"], ["10.1.2.0/24"], "10.1.2.3", False),
        (["10.1.0.0/16"], ["0.0.0.0/0"], "10.2.0.1", False),
        ([], ["fd00::/8"], "fd12::1", False),
    ],
)
def test_the_longest_prefix_decides_and_deny_wins_a_tie(
    allow: list[str], deny: list[str], address: str, permitted: object
) -> None:
    assert NetworkRule.of(allow, deny).permits(address) is permitted


@given(st.ip_addresses())
def test_what_is_denied_as_a_whole_is_never_permitted(address: object) -> None:
    assert not NetworkRule.of([], ["0.0.0.0/0", "::/0"]).permits(str(address))


def test_a_malformed_network_is_refused() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8"):
        NetworkRule.of(["10.0.0.1/8"], [])


def test_the_networks_of_the_how_to_page_are_an_allow_list() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "how-to" / "own-camera.md").read_text(encoding="utf-8")
    [found] = re.findall(r"^`networks.yaml`:\n\n```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    rule = NetworkRule.of(**yaml.safe_load(found)["cameraNetworks"])

    assert rule.permits("192.0.2.10")
    elsewhere = ("10.96.0.1", "10.0.0.5", "8.8.8.8", "192.0.3.1", "127.0.0.1", "fd00::1", "2001:db8::1")
    assert [address for address in elsewhere if rule.permits(address)] == []
