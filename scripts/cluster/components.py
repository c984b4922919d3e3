"""What runs on the node: each component's command line, configuration and health, in the order they are started."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from scripts.cluster import health
from scripts.cluster.build import binary
from scripts.cluster.digests import digest_of
from scripts.cluster.pins import BRIDGE_ADDRESS, NODE, POD_CIDR, PORTS, SERVICE_CIDR
from scripts.cluster.rendering import render

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scripts.cluster.paths import Layout

__all__ = ["Component", "components", "configuration"]


@dataclass(frozen=True, slots=True)
class Component:
    """One process of the cluster.

    Args:
        name: Its name in status, logs and records.
        command: Program and arguments.
        health: Answers why it is not well, or `health.HEALTHY`.
        fingerprint: Hash of command and configuration: a running process with another one is out of date.
        needs_api: Whether it is of use only once the API server answers.
    """

    name: str
    command: tuple[str, ...]
    health: Callable[[], str]
    fingerprint: str
    needs_api: bool


def configuration(layout: Layout, pause: str) -> dict[str, dict[Path, str]]:
    """The configuration files: component → path → content."""
    return {
        "containerd": {
            layout.config / "containerd.toml": render("containerd.toml", layout, pause=pause),
            layout.cni / "conf" / "bridge.conflist": render("bridge.conflist", layout),
        },
        "kube-apiserver": {layout.config / "audit-policy.yaml": render("audit-policy.yaml", layout)},
        "kubelet": {layout.config / "kubelet.yaml": render("kubelet.yaml", layout)},
    }


def _etcd(layout: Layout) -> list[str]:
    client, peer = f"https://127.0.0.1:{PORTS['etcd']}", f"https://127.0.0.1:{PORTS['etcd-peer']}"
    return [
        f"--data-dir={layout.etcd}",
        f"--name={NODE}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster={NODE}={peer}",
        f"--listen-metrics-urls=http://127.0.0.1:{PORTS['etcd-metrics']}",
        *(f"--{side}client-cert-auth" for side in ("", "peer-")),
        *(f"--{side}trusted-ca-file={layout.pki}/etcd-ca.crt" for side in ("", "peer-")),
        *(f"--{side}cert-file={layout.pki}/etcd.crt" for side in ("", "peer-")),
        *(f"--{side}key-file={layout.pki}/etcd.key" for side in ("", "peer-")),
        "--log-level=warn",
        "--unsafe-no-fsync",  # the cluster is disposable: a crash of the machine ends it anyway
    ]


def _apiserver(layout: Layout) -> list[str]:
    pki = layout.pki
    return [
        f"--etcd-servers=https://127.0.0.1:{PORTS['etcd']}",
        f"--etcd-cafile={pki}/etcd-ca.crt",
        f"--etcd-certfile={pki}/apiserver-etcd-client.crt",
        f"--etcd-keyfile={pki}/apiserver-etcd-client.key",
        # The bridge's address and no other: reachable from pods and this machine, not from its neighbours.
        f"--bind-address={BRIDGE_ADDRESS}",
        f"--advertise-address={BRIDGE_ADDRESS}",
        f"--secure-port={PORTS['kube-apiserver']}",
        f"--tls-cert-file={pki}/apiserver.crt",
        f"--tls-private-key-file={pki}/apiserver.key",
        f"--client-ca-file={pki}/ca.crt",
        "--anonymous-auth=false",
        "--authorization-mode=Node,RBAC",
        "--allow-privileged=true",  # as everywhere else: what a pod may do is decided by its namespace's pod security
        f"--service-cluster-ip-range={SERVICE_CIDR}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={pki}/service-accounts.pub",
        f"--service-account-signing-key-file={pki}/service-accounts.key",
        "--kubelet-preferred-address-types=InternalIP",
        f"--kubelet-certificate-authority={pki}/ca.crt",
        f"--kubelet-client-certificate={pki}/apiserver-kubelet-client.crt",
        f"--kubelet-client-key={pki}/apiserver-kubelet-client.key",
        f"--audit-policy-file={layout.config}/audit-policy.yaml",
        f"--audit-log-path={layout.audit_log}",
        "--audit-log-maxsize=100",  # MB a file
        "--audit-log-maxbackup=5",
    ]


def _controllers(layout: Layout, name: str) -> list[str]:
    return [
        f"--kubeconfig={layout.config}/{name}.kubeconfig",
        "--bind-address=127.0.0.1",
        f"--secure-port={PORTS[name]}",
        "--leader-elect=false",
        # The defaults (20 and 30) dominate start-up and scaling on one node.
        "--kube-api-qps=200",
        "--kube-api-burst=400",
    ]


def _controller_manager(layout: Layout) -> list[str]:
    return [
        *_controllers(layout, "kube-controller-manager"),
        "--use-service-account-credentials=true",
        f"--service-account-private-key-file={layout.pki}/service-accounts.key",
        f"--root-ca-file={layout.pki}/ca.crt",
        f"--cluster-cidr={POD_CIDR}",
    ]


def _kubelet(layout: Layout) -> list[str]:
    return [
        f"--kubeconfig={layout.config}/kubelet.kubeconfig",
        f"--config={layout.config}/kubelet.yaml",
        f"--hostname-override={NODE}",
        f"--root-dir={layout.kubelet}",
        f"--node-ip={BRIDGE_ADDRESS}",
    ]


def _proxy(layout: Layout) -> list[str]:
    return [
        f"--kubeconfig={layout.config}/kube-proxy.kubeconfig",
        "--proxy-mode=nftables",
        f"--cluster-cidr={POD_CIDR}",
        f"--hostname-override={NODE}",
        "--conntrack-max-per-core=0",  # the machine's own limit stays
        "--conntrack-tcp-timeout-established=0s",
        "--conntrack-tcp-timeout-close-wait=0s",
        f"--healthz-bind-address=127.0.0.1:{PORTS['kube-proxy']}",
        f"--metrics-bind-address=127.0.0.1:{PORTS['kube-proxy-metrics']}",
    ]


def components(layout: Layout, pause: str) -> tuple[Component, ...]:
    """All components, in starting order. Pure but for reading the tools' pins."""
    files = configuration(layout, pause)
    loopback = partial(partial, health.http_health)

    def made(name: str, program: str, arguments: list[str], probe: Callable[[], str], *, needs_api: bool) -> Component:
        texts = [f"{path}\n{text}" for path, text in files.get(name, {}).items()]
        return Component(name, (program, *arguments), probe, digest_of([program, *arguments, *texts]), needs_api)

    def built(name: str, arguments: list[str], probe: Callable[[], str], *, needs_api: bool = True) -> Component:
        return made(name, str(binary(name)), arguments, probe, needs_api=needs_api)

    daemon = [f"--config={layout.config}/containerd.toml"]
    return (
        made("containerd", "/usr/bin/containerd", daemon, partial(health.containerd_health, layout), needs_api=False),
        built("etcd", _etcd(layout), loopback(PORTS["etcd-metrics"], "/health"), needs_api=False),
        built("kube-apiserver", _apiserver(layout), partial(health.api_health, layout), needs_api=False),
        built(
            "kube-controller-manager",
            _controller_manager(layout),
            partial(health.tls_health, PORTS["kube-controller-manager"], "/healthz"),
        ),
        built(
            "kube-scheduler",
            _controllers(layout, "kube-scheduler"),
            partial(health.tls_health, PORTS["kube-scheduler"], "/healthz"),
        ),
        built("kubelet", _kubelet(layout), loopback(PORTS["kubelet-health"], "/healthz")),
        built("kube-proxy", _proxy(layout), loopback(PORTS["kube-proxy"], "/livez")),
    )
