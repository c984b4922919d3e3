"""The components' configuration: whole, consistent, and a reason to restart when it changes."""

from __future__ import annotations

import json
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509

from scripts.cluster import pins, rendering
from scripts.cluster.certificates import CLIENTS, ensure_certificates
from scripts.cluster.components import Component, components
from scripts.cluster.paths import Layout


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "cluster")


@pytest.fixture
def by_name(layout: Layout) -> dict[str, Component]:
    return {component.name: component for component in components(layout, "localhost/pause:1")}


def _flags(component: Component) -> dict[str, str]:
    return {flag: value for flag, _, value in (word.partition("=") for word in component.command[1:])}


def test_everything_is_below_the_state_folder(by_name: dict[str, Component], layout: Layout) -> None:
    paths = [value for component in by_name.values() for value in _flags(component).values() if value.startswith("/")]

    assert paths
    assert all(Path(path).is_relative_to(layout.root) for path in paths)


def test_nothing_listens_to_the_machines_neighbours(by_name: dict[str, Component]) -> None:
    assert not [word for component in by_name.values() for word in component.command if "0.0.0.0" in word]
    assert _flags(by_name["kube-apiserver"])["--bind-address"] == pins.BRIDGE_ADDRESS


def test_etcd_takes_only_clients_of_its_own_authority(by_name: dict[str, Component], layout: Layout) -> None:
    flags = _flags(by_name["etcd"])

    assert "--client-cert-auth" in flags
    assert flags["--trusted-ca-file"] == f"{layout.pki}/etcd-ca.crt" != f"{layout.pki}/ca.crt"


def test_containerd_keeps_to_its_own_folders(layout: Layout) -> None:
    config = tomllib.loads(rendering.render("containerd.toml", layout, pause="localhost/pause:1"))
    cri = config["plugins"]["io.containerd.grpc.v1.cri"]

    assert config["root"] == str(layout.containerd_root)
    assert config["grpc"]["address"] == str(layout.containerd_socket)
    assert cri["netns_mounts_under_state_dir"]
    assert cri["containerd"]["runtimes"]["runc"]["options"]["Root"] == str(layout.runc)


def test_the_kubelet_has_a_cgroup_of_its_own(layout: Layout) -> None:
    config = yaml.safe_load(rendering.render("kubelet.yaml", layout))

    assert config["cgroupRoot"] == f"/{pins.CGROUP}"
    assert config["makeIPTablesUtilChains"] is False
    assert config["clusterDNS"] == [pins.DNS_ADDRESS]


def test_the_audit_log_tells_all_of_our_resources_and_little_of_the_rest(layout: Layout) -> None:
    policy = yaml.safe_load(rendering.render("audit-policy.yaml", layout))

    assert policy["rules"] == [
        {"level": "RequestResponse", "resources": [{"group": "frametrace.dev"}]},
        {"level": "Metadata"},
    ]


def test_the_bridge_plugin_is_json(layout: Layout) -> None:
    [bridge] = json.loads(rendering.render("bridge.conflist", layout))["plugins"]

    assert (bridge["bridge"], bridge["ipam"]["dataDir"]) == (pins.BRIDGE, f"{layout.cni}/leases")


def test_addons_are_complete_manifests(layout: Layout) -> None:
    text = rendering.render("addons.yaml", layout, coredns="localhost/coredns:1", volumes=2)
    kinds = [document["kind"] for document in yaml.safe_load_all(text)]

    assert kinds.count("PersistentVolume") == 2
    assert {"Deployment", "Service", "StorageClass", "ClusterRole", "ConfigMap"} <= set(kinds)


def test_changed_configuration_changes_only_its_components_fingerprint(layout: Layout) -> None:
    before = components(layout, "localhost/pause:1")
    after = components(layout, "localhost/pause:2")
    changed = [one.name for one, other in zip(before, after, strict=True) if one.fingerprint != other.fingerprint]

    assert changed == ["containerd"]


def _kubeconfig(layout: Layout, client: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(rendering.render_kubeconfig(layout, client))
    return loaded


def test_certificates_are_private_signed_and_kept(layout: Layout) -> None:
    ensure_certificates(layout.pki)
    first = {path.name: path.read_bytes() for path in layout.pki.iterdir()}
    ensure_certificates(layout.pki)

    assert {path.name: path.read_bytes() for path in layout.pki.iterdir()} == first
    assert {stat.S_IMODE(path.stat().st_mode) for path in layout.pki.iterdir()} == {0o600}
    authority = x509.load_pem_x509_certificate(first["ca.crt"])
    for client, identity in CLIENTS.items():
        certificate = x509.load_pem_x509_certificate(first[f"{client}.crt"])
        certificate.verify_directly_issued_by(authority)
        assert certificate.subject.rfc4514_string().startswith(f"CN={identity.user}")


def test_a_torn_set_of_certificates_is_made_anew(layout: Layout) -> None:
    ensure_certificates(layout.pki)
    old = (layout.pki / "ca.crt").read_bytes()
    (layout.pki / "complete").unlink()
    ensure_certificates(layout.pki)

    assert (layout.pki / "ca.crt").read_bytes() != old


def test_the_kubeconfig_is_whole_and_private(layout: Layout) -> None:
    ensure_certificates(layout.pki)
    rendering.write_kubeconfigs(layout)
    config = yaml.safe_load(layout.kubeconfig.read_text())

    assert config["current-context"] == "frametrace"
    assert config["clusters"][0]["cluster"]["server"] == f"https://{pins.BRIDGE_ADDRESS}:{pins.PORTS['kube-apiserver']}"
    assert stat.S_IMODE(layout.kubeconfig.stat().st_mode) == 0o600
    assert {path.stem for path in layout.config.glob("*.kubeconfig")} == set(CLIENTS) - {"admin"}
    assert _kubeconfig(layout, "admin") == config
