"""Camera networks as policy peers say the same of any address as the rule itself."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from frametrace_api.cameras import Camera
from frametrace_operator.manifests.camera_networks import ALWAYS_DENIED, camera_blocks, camera_ports
from hypothesis import given
from hypothesis import strategies as st

cidrs = st.sampled_from(
    [
        "0.0.0.0/0",
        "10.0.0.0/8",
        "10.1.0.0/16",
        "10.1.2.0/24",
        "10.1.2.3/32",
        "127.0.0.0/8",
        "127.0.0.0/30",
        "169.254.0.0/16",
        "::/0",
        "fd00::/8",
        "fd00:1::/32",
        "::1/128",
    ]
)
addresses = st.sampled_from(
    [
        *("10.1.2.3", "10.1.2.4", "10.1.9.9", "10.9.9.9", "192.0.2.1", "127.0.0.1", "127.0.0.9", "169.254.169.254"),
        *("::1", "fd00:1::1", "fd00:2::1", "2001:db8::1", "fe80::1"),
    ]
)


def by_rule(address: str, allow: list[str], deny: list[str]) -> bool:
    """The longest match decides, deny wins a tie; loopback and link-local give way to what is listed of equal length."""
    rules = [(cidr, 1, True) for cidr in allow] + [(cidr, 2, False) for cidr in deny]
    rules += [(cidr, 0, False) for cidr in ALWAYS_DENIED]
    matching = [
        (ip_network(cidr).prefixlen, weight, verdict)
        for cidr, weight, verdict in rules
        if ip_address(address) in ip_network(cidr)
    ]
    return max(matching, default=(0, 0, True))[2]


def by_policy(address: str, blocks: list[dict[str, Any]]) -> bool:
    found = ip_address(address)
    return any(
        found in ip_network(block["ipBlock"]["cidr"])
        and not any(found in ip_network(inner) for inner in block["ipBlock"].get("except", ()))
        for block in blocks
    )


@given(addresses, st.lists(cidrs, max_size=4), st.lists(cidrs, max_size=4))
def test_policy_and_rule_agree(address: str, allow: list[str], deny: list[str]) -> None:
    blocks = camera_blocks(tuple(allow), tuple(deny))

    assert by_policy(address, blocks) == by_rule(address, allow, deny)


def test_nothing_allowed_is_not_everything_allowed() -> None:
    assert camera_blocks((), ("0.0.0.0/0", "::/0")) == [{"ipBlock": {"cidr": "255.255.255.255/32"}}]


def test_ports_are_those_of_the_urls() -> None:
    urls = ["rtsp://a.example/x", "rtsps://b.example", "rtsp://[fd00::1]:8554/x", "test://"]
    cameras = [Camera.model_validate({"id": f"cam{n}", "source": {"url": url}}) for n, url in enumerate(urls)]

    assert camera_ports(cameras) == [322, 554, 8554]


@pytest.mark.parametrize("url", ["test://x]2:000", "test://x:99999", "rtsp://[1:2]:8554/x"])
def test_what_is_no_address_has_no_port_and_hinders_no_other_camera(url: str) -> None:
    urls = [url, "rtsp://a.example:8554/x"]
    cameras = [Camera.model_validate({"id": f"cam{n}", "source": {"url": each}}) for n, each in enumerate(urls)]

    assert camera_ports(cameras) == [8554]
