"""Platform: what the cluster and the operator's own settings give to every pipeline. Values only; reads nothing."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network
from typing import Final

from frametrace_api.resources import Resources

__all__ = ["CAPTURE_RESOURCES", "DNS_PORTS", "STAGE_RESOURCES", "Platform"]

# No limit on CPU: a throttled capture loses frames, and requests already share a busy node fairly.
CAPTURE_RESOURCES: Final = Resources(requests={"cpu": "100m", "memory": "128Mi"}, limits={"memory": "512Mi"})
STAGE_RESOURCES: Final = Resources(requests={"cpu": "50m", "memory": "128Mi"}, limits={"memory": "512Mi"})
DNS_PORTS: Final = (53, 5353)
"""The port of the cluster's DNS, and the one that OpenShift's pods have behind it: some networks judge after that translation."""


@dataclass(frozen=True, slots=True)
class Platform:
    """The operator's settings and the cluster's abilities.

    Attributes:
        runtime_image: runs captures, and stages that name no image of their own.
        operator_namespace: where the operator runs; its pods may reach every pipeline's.
        operator_labels: by which its pods are found there, as pairs; empty where it does not know, or runs in no pod.
        camera_networks_allow: CIDRs; the longest match decides, `camera_networks_deny` wins a tie.
        has_pod_monitors: whether the API server knows monitoring.coreos.com/v1 PodMonitor.
        pod_monitor_labels: of the PodMonitors, as pairs: those that the cluster's Prometheus selects them by.
        pod_monitor_interval: between two readings of a pod's metrics, as Prometheus writes it.
        image_pull_secrets: names of Secrets for pods whose pipeline names none.
        capture_resources: CPU and memory of a capture whose pipeline says none.
        stage_resources: CPU and memory of a stage whose pipeline says none.
        dns_ports: on which the cluster's DNS may be asked.
        network_policies: whether pipelines get any.
        operator_version: of the operator that makes the manifests.

    Raises:
        ValueError: if a network is not a CIDR, or has bits set beyond its prefix.
    """

    runtime_image: str
    redis_image: str
    jaeger_image: str
    operator_namespace: str
    camera_networks_allow: tuple[str, ...]
    camera_networks_deny: tuple[str, ...]
    has_pod_monitors: bool = False
    pod_monitor_labels: tuple[tuple[str, str], ...] = ()
    pod_monitor_interval: str = "15s"
    image_pull_secrets: tuple[str, ...] = ()
    capture_resources: Resources = CAPTURE_RESOURCES
    stage_resources: Resources = STAGE_RESOURCES
    operator_version: str = "0"
    operator_labels: tuple[tuple[str, str], ...] = ()
    dns_ports: tuple[int, ...] = DNS_PORTS
    network_policies: bool = True

    def __post_init__(self) -> None:
        for cidr in (*self.camera_networks_allow, *self.camera_networks_deny):
            ip_network(cidr)
