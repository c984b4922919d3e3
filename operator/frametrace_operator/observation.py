"""What was seen of one pipeline in one look at the cluster. Values only; must not know where they came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from frametrace_api.status import CameraPipelineStatus

from frametrace_operator.flow import Flow
from frametrace_operator.manifests import ChildKey
from frametrace_operator.secret_names import MissingSecret

__all__ = ["Observation", "PodView", "Workload", "key_of"]

Object = dict[str, Any]

_LOST_AFTER: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class PodView:
    """One pod. `trouble` and `message` say why a container does not run, as Kubernetes has it; empty if all do.

    `loops_until`: all its containers run, one that ended again and again until then at least; `message` says how it ended.
    `ended`: it is over and stays only to be looked at, such as after an eviction.
    `out_of_touch`: Kubernetes calls it not ready of its own accord, since its node was not heard of for long.
    `live`: hash of the live ConfigMap that it was last told of; empty if it was never told of one.
    `sdk_disabled`: whether it was started without instrumentation; None for pods that know no such thing.
    `node`: where it runs; empty before it is given to one. `started`: when the last of its containers that run began to, None if none does.
    `created`: when it was made. `ends_by`: when it was to be gone; None if nobody deletes it.
    """

    name: str
    uid: str
    role: str
    item: str
    ip: str = ""
    running: bool = False
    ready: bool = False
    trouble: str = ""
    message: str = ""
    loops_until: datetime | None = None
    restarts: int = 0
    ended: bool = False
    out_of_touch: bool = False
    live: str = ""
    sdk_disabled: bool | None = None
    node: str = ""
    started: datetime | None = None
    created: datetime | None = None
    ends_by: datetime | None = None

    def is_lost(self, now: datetime) -> bool:
        """Whether it was to be gone long ago: its node is not heard of any more, and nobody can say whether it runs."""
        return self.ends_by is not None and now - self.ends_by > _LOST_AFTER


@dataclass(frozen=True, slots=True)
class Workload:
    """One Deployment's state. `trouble` says why it cannot make pods, as Kubernetes has it; empty if it can.

    `put_to_sleep`: the operator took its pods away, whatever an autoscaler made of that since.
    `woken_by`: who scaled it up again after that; empty if nobody did.
    `observed`: its controller has seen its present template; `updated` pods are of that one; `replaced` if all are.
    `original`: since when it has stood without ever being changed, so that no pod made since can be of another template;
    None if it was changed.
    `moved`: when its rollout last got on, None if Kubernetes does not say.
    `sdk_disabled`: whether its template keeps instrumentation out; None where there is none.
    `purge_generation`: how many times its template has had its storage cleared.
    """

    replicas: int = 1
    settled: bool = False
    put_to_sleep: bool = False
    woken_by: str = ""
    observed: bool = False
    updated: int = 0
    replaced: bool = False
    original: datetime | None = None
    moved: datetime | None = None
    sdk_disabled: bool | None = None
    purge_generation: int = 0
    trouble: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """One look.

    Attributes:
        now: time of the look.
        uid: of the custom resource.
        status: what the custom resource's status says, None if it has none or one that cannot be read.
        live: the objects that have the pipeline's label or the name of a wanted child, by key.
        workloads: the state of its Deployments, by role and item.
        pods: its pods.
        missing_secrets: keys of Secrets that the spec names and that are not there.
        flow: how frames flow.
        told_at: by pod, when it was asked what it answered last.
        drained_for: for how many seconds no capture has been left, with every ledger read anew at each look.
    """

    now: datetime
    uid: str
    status: CameraPipelineStatus | None = None
    live: Mapping[ChildKey, Object] = field(default_factory=dict)
    workloads: Mapping[tuple[str, str], Workload] = field(default_factory=dict)
    pods: tuple[PodView, ...] = ()
    missing_secrets: tuple[MissingSecret, ...] = ()
    flow: Flow = field(default_factory=Flow)
    told_at: Mapping[str, datetime] = field(default_factory=dict)
    drained_for: float = 0.0


def key_of(body: Object) -> ChildKey:
    """What the API server knows an object by, the namespace apart."""
    return str(body["apiVersion"]), str(body["kind"]), str(body["metadata"]["name"])
