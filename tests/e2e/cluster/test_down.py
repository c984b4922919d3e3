"""The cluster's end, asserted last: what a dead owner left is cleared, a taken port is named, and `down` leaves nothing."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts.cluster.ownership import owned_processes
from scripts.cluster.paths import Layout
from scripts.cluster.pins import PORTS

if TYPE_CHECKING:
    from tests.e2e.cluster.conftest import LocalCluster

pytestmark = [pytest.mark.cluster, pytest.mark.cluster_down]

_SETTINGS = ("vm/overcommit_memory", "kernel/panic", "kernel/panic_on_oops", "net/ipv4/ip_forward")


_OUTSIDE = ("/var/lib/kubelet", "/var/lib/cni", "/var/log/containers", "/run/containerd", "/run/netns")


def _told(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _processes_of(state: Path) -> list[str]:
    """Found by other means than the tooling's: somebody's kubectl on our kubeconfig is none, a component of whatever start is."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command, environment = (folder / "cmdline").read_text(), (folder / "environ").read_text(errors="replace")
        except OSError:
            continue  # it ended while we looked
        component = Path(command.partition("\0")[0]).name.startswith(("containerd", "etcd", "kube", "coredns", "pause"))
        if f"FRAMETRACE_CLUSTER={state}" in environment or (
            component and f"{state}/" in command and "kubectl" not in command
        ):
            found.append(f"{folder.name}: {command}")
    return found


def _take_down(cluster: LocalCluster) -> None:
    done = cluster.run("down")
    assert done.returncode == 0, done.stderr


def _machine() -> dict[str, object]:
    """What the cluster's parts touch outside its state folder; other programs' share stays the same while it comes and goes."""
    return {
        "links": sorted(link["ifname"] for link in json.loads(_told("ip", "-j", "link", "show"))),
        "tables": _told("nft", "list", "tables"),
        "namespaces": _told("ip", "netns", "list"),
        "settings": {name: (Path("/proc/sys") / name).read_text() for name in _SETTINGS},
        "files": {
            str(path) for folder in _OUTSIDE for path in (Path(folder), *Path(folder).glob("**/*")) if path.exists()
        },
    }


def _assert_nothing_is_left(state: Path) -> None:
    assert _processes_of(state) == []
    assert [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if str(state) in line] == []
    assert not Path("/sys/class/net/frametrace0").exists()
    assert "kube-proxy" not in _told("nft", "list", "tables")
    assert [str(path) for path in Path("/sys/fs/cgroup").glob("**/frametrace")] == []
    assert {path.name for path in state.iterdir()} <= {"containerd-root", "logs"}


def test_what_a_dead_owner_left_is_cleared(cluster: LocalCluster) -> None:
    old = cluster.get("-n", "kube-system", "pods")["items"][0]["metadata"]["uid"]
    for pid in owned_processes(Layout.of_user()):
        os.kill(pid, signal.SIGKILL)

    told = cluster.up()

    assert "clear what an earlier cluster left" in told
    assert old not in cluster.kubectl("get", "pods", "-A", "-o", "yaml")
    assert cluster.run("status").returncode == 0


def test_a_start_that_was_killed_is_started_over(local_cluster: LocalCluster) -> None:
    _take_down(local_cluster)
    starting = local_cluster.begin("up")
    records = local_cluster.path("state") / "run"
    local_cluster.until("etcd is started", (records / "etcd.json").exists)
    starting.kill()
    starting.wait()

    told = local_cluster.up()

    assert "clear what an earlier cluster left" in told
    assert local_cluster.run("status").returncode == 0


def test_down_leaves_the_machine_as_it_was(local_cluster: LocalCluster) -> None:
    _take_down(local_cluster)
    before = _machine()
    local_cluster.up()
    assert all(_machine()[part] != before[part] for part in ("links", "tables", "settings"))
    state = local_cluster.path("state")

    _take_down(local_cluster)

    _assert_nothing_is_left(state)
    assert _machine() == before


def test_down_clears_what_was_killed_before(local_cluster: LocalCluster) -> None:
    local_cluster.up()
    for pid in owned_processes(Layout.of_user()):
        os.kill(pid, signal.SIGKILL)

    _take_down(local_cluster)

    _assert_nothing_is_left(local_cluster.path("state"))


def test_a_taken_port_is_told_with_its_holder_and_nothing_is_left(local_cluster: LocalCluster) -> None:
    _take_down(local_cluster)
    with socket.create_server(("127.0.0.1", PORTS["kube-scheduler"])):
        failed = local_cluster.run("up")
    _take_down(local_cluster)

    assert failed.returncode == 1
    assert f"port {PORTS['kube-scheduler']} is held by" in failed.stderr
    assert f"process {os.getpid()}" in failed.stderr
    _assert_nothing_is_left(local_cluster.path("state"))


def test_a_second_down_has_nothing_to_do(local_cluster: LocalCluster) -> None:
    _take_down(local_cluster)
    _take_down(local_cluster)

    assert local_cluster.run("status").returncode == 1
