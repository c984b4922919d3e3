"""Settings: what the operator's pod is told by its environment, and what of that is every pipeline's. Values only."""

import os
import re
import socket
from importlib.metadata import version
from ipaddress import ip_network
from typing import Annotated, Any, Final

from frametrace_api.resources import Resources
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from frametrace_operator.platform import CAPTURE_RESOURCES, DNS_PORTS, STAGE_RESOURCES, Platform
from frametrace_operator.refused_settings import PREFIX

__all__ = ["Settings", "platform_of"]

_LABEL: Final = re.compile(r"[-A-Za-z0-9_./]+=[-A-Za-z0-9_.]*")

CommaList = Annotated[tuple[str, ...], NoDecode]
Port = Annotated[int, Field(ge=1, le=65535)]


class Settings(BaseSettings):
    """Environment variables with the prefix FRAMETRACE_; lists are separated by commas."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    runtime_image: str
    """Image of captures and stages that name none."""
    redis_image: str
    """Image of managed Redis."""
    jaeger_image: str
    """Image of managed Jaeger."""
    namespace: str = "default"
    """Where the operator runs, and where its Lease is."""
    pod_name: str = Field(default_factory=socket.gethostname)
    """Name of this replica, its identity in the election."""
    pod_labels: CommaList = ()
    """Labels, as name=value, by which the operator's own pods are found; empty outside of a cluster: then all of its namespace may reach what it may."""
    pod_monitor_labels: CommaList = ()
    """Labels, as name=value, of the pipelines' PodMonitors: those that the cluster's Prometheus selects them by."""
    pod_monitor_interval: str = Field("15s", pattern=r"^([1-9][0-9]?s|1m)$")
    """Between two readings of a pod's metrics by a Prometheus that follows the PodMonitors."""
    watch_namespaces: CommaList = ()
    """Namespaces whose pipelines are looked after; empty for all."""
    shard: str = Field("", max_length=63, pattern=r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$")
    """Value of the label frametrace.dev/shard of the pipelines that are looked after; empty for those without it."""
    camera_networks_allow: CommaList = ()
    """CIDRs that cameras may have addresses in."""
    camera_networks_deny: CommaList = ()
    """CIDRs that no camera may have an address in."""
    dns_ports: Annotated[tuple[Port, ...], NoDecode, Field(min_length=1)] = DNS_PORTS
    """Ports on which pods of pipelines may ask the cluster's DNS: that of its Service, and those of its pods where they differ."""
    pipeline_network_policies: bool = True
    """Make NetworkPolicies of pipelines; with false, those that were made are deleted."""
    image_pull_secrets: CommaList = ()
    """Secrets for pods of pipelines that name none."""
    capture_resources: Resources = CAPTURE_RESOURCES
    """CPU and memory of captures whose pipeline names none, as JSON."""
    stage_resources: Resources = STAGE_RESOURCES
    """CPU and memory of stages whose pipeline names none, as JSON."""
    log_level: str = "INFO"
    """DEBUG, INFO, WARNING or ERROR."""
    http_port: int = Field(8080, ge=0, le=65535)
    """Where /healthz, /readyz and /metrics are answered."""
    lease_name: str = "frametrace-operator"
    """Lease that the replicas elect their leader by."""
    workers: int = Field(4, ge=1, le=64)
    """Pipelines that are looked after at once. They share one core: more help only where the API server is slow to answer."""
    poll_seconds: float = Field(3.0, ge=0.2, le=5)
    """Seconds between two readings of the pods' ledgers; with more than 5, frames that flow would count as stopped between two."""
    watch_silence_seconds: float = Field(70.0, ge=1)
    """Seconds without a word after which a watch counts as dead; the API server says something once a minute."""
    resync_seconds: float = Field(60.0, ge=1)
    """Seconds in which every pipeline has a turn to be looked at though nothing happened; at most five a second have, so more than 300 take longer."""

    @field_validator(
        "pod_labels",
        "pod_monitor_labels",
        "watch_namespaces",
        "camera_networks_allow",
        "camera_networks_deny",
        "dns_ports",
        "image_pull_secrets",
        mode="before",
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(filter(None, (part.strip() for part in value.split(",")))) if isinstance(value, str) else value

    @field_validator("pod_labels", "pod_monitor_labels")
    @classmethod
    def _pairs(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for label in value:
            if not _LABEL.fullmatch(label):
                raise ValueError(f"{label!r} is no label; write name=value")
        return value

    @field_validator("camera_networks_allow", "camera_networks_deny")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for cidr in value:
            try:
                ip_network(cidr)
            except ValueError as error:
                raise ValueError(f"{error}; write a network as a CIDR, such as 10.0.0.0/8 or fd00::/8") from None
        return value

    @property
    def operator_labels(self) -> tuple[tuple[str, str], ...]:
        """`pod_labels` as pairs of name and value."""
        return _as_pairs(self.pod_labels)

    @property
    def monitor_labels(self) -> tuple[tuple[str, str], ...]:
        """`pod_monitor_labels` as pairs of name and value."""
        return _as_pairs(self.pod_monitor_labels)

    @property
    def identity(self) -> str:
        """This process's name in the election: another process of the same pod is another candidate."""
        return f"{self.pod_name}_{os.getpid()}"


def platform_of(settings: Settings) -> Platform:
    """What the operator's settings give to every pipeline."""
    return Platform(
        runtime_image=settings.runtime_image,
        redis_image=settings.redis_image,
        jaeger_image=settings.jaeger_image,
        operator_namespace=settings.namespace,
        camera_networks_allow=settings.camera_networks_allow,
        camera_networks_deny=settings.camera_networks_deny,
        dns_ports=settings.dns_ports,
        network_policies=settings.pipeline_network_policies,
        image_pull_secrets=settings.image_pull_secrets,
        capture_resources=settings.capture_resources,
        stage_resources=settings.stage_resources,
        operator_version=version("frametrace-operator"),
        operator_labels=settings.operator_labels,
        pod_monitor_labels=settings.monitor_labels,
        pod_monitor_interval=settings.pod_monitor_interval,
    )


def _as_pairs(labels: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, _, value in (label.partition("=") for label in labels))
