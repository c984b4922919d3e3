"""The kinds of objects that the operator reads or writes, with the words of the API for each. Values only."""

from dataclasses import dataclass
from typing import Final

from frametrace_api.group import API_VERSION, KIND, PLURAL

__all__ = [
    "CHILD_KINDS",
    "CONFIG_MAP",
    "DEPLOYMENT",
    "EVENT",
    "KINDS",
    "LEASE",
    "PIPELINE",
    "POD",
    "POD_MONITOR",
    "SECRET",
    "Kind",
    "kind_of",
]


@dataclass(frozen=True, slots=True)
class Kind:
    """A namespaced kind, e.g. ("apps/v1", "Deployment", "deployments")."""

    api_version: str
    kind: str
    plural: str

    @property
    def group(self) -> str:
        """API group; empty for core."""
        return self.api_version.rpartition("/")[0]

    @property
    def version(self) -> str:
        """Version inside the group."""
        return self.api_version.rpartition("/")[2]


PIPELINE: Final = Kind(API_VERSION, KIND, PLURAL)
POD: Final = Kind("v1", "Pod", "pods")
SECRET: Final = Kind("v1", "Secret", "secrets")
CONFIG_MAP: Final = Kind("v1", "ConfigMap", "configmaps")
DEPLOYMENT: Final = Kind("apps/v1", "Deployment", "deployments")
EVENT: Final = Kind("events.k8s.io/v1", "Event", "events")
LEASE: Final = Kind("coordination.k8s.io/v1", "Lease", "leases")
POD_MONITOR: Final = Kind("monitoring.coreos.com/v1", "PodMonitor", "podmonitors")

CHILD_KINDS: Final = (
    CONFIG_MAP,
    Kind("v1", "Service", "services"),
    Kind("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"),
    Kind("v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
    DEPLOYMENT,
    POD_MONITOR,
)
"""Kinds that are listed and watched for children. Secrets are children too, but are never listed nor watched."""

KINDS: Final = {(kind.api_version, kind.kind): kind for kind in (PIPELINE, POD, SECRET, EVENT, LEASE, *CHILD_KINDS)}


def kind_of(body: dict[str, object]) -> Kind:
    """The kind of an object.

    Raises:
        KeyError: if the operator has nothing to do with that kind.
    """
    return KINDS[str(body["apiVersion"]), str(body["kind"])]
