"""Pods and Deployments as Kubernetes shows them, read into `PodView` and `Workload`. Pure; must not judge them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from frametrace_api.group import LABEL_CAMERA, LABEL_ROLE, LABEL_STAGE

from frametrace_operator.crashloop import CRASH_LOOP, ended_in_loop, loops_until
from frametrace_operator.manifests.environment import SDK_DISABLED
from frametrace_operator.naming import LIVE_HASH, PURGE_GENERATION, REPLICAS
from frametrace_operator.observation import PodView, Workload
from frametrace_operator.redaction import redacted
from frametrace_operator.scaling import scaled_by

__all__ = ["pod_view", "role_and_item", "sdk_disabled", "workload"]

_STARTING: Final = frozenset({"ContainerCreating", "PodInitializing", ""})
_IMAGE: Final = frozenset({"ErrImagePull", "ImagePullBackOff"})
_LONGEST: Final = 300
_DIGITS: Final = 16


def role_and_item(body: Mapping[str, Any]) -> tuple[str, str]:
    """What a child or pod is for, from its labels."""
    labels = body["metadata"].get("labels") or {}
    return labels.get(LABEL_ROLE, ""), labels.get(LABEL_CAMERA) or labels.get(LABEL_STAGE) or ""


def pod_view(body: Mapping[str, Any]) -> PodView:
    """Read one pod."""
    status = body.get("status") or {}
    role, item = role_and_item(body)
    trouble, message = next(_troubles(status), ("", ""))
    loops = next(_loops(status), None) if not trouble else None
    return PodView(
        name=body["metadata"]["name"],
        uid=body["metadata"]["uid"],
        role=role,
        item=item,
        ip=status.get("podIP", ""),
        running=status.get("phase") == "Running" and "deletionTimestamp" not in body["metadata"],
        ready=_condition(status, "Ready").get("status") == "True",
        trouble=trouble,
        message=_line(loops[1] if loops else message),
        loops_until=loops[0] if loops else None,
        ended=status.get("phase") in ("Succeeded", "Failed"),
        out_of_touch=_is_out_of_touch(status),
        live=(body["metadata"].get("annotations") or {}).get(LIVE_HASH, ""),
        sdk_disabled=sdk_disabled(body.get("spec") or {}),
        restarts=sum(container.get("restartCount", 0) for container in status.get("containerStatuses") or ()),
        node=(body.get("spec") or {}).get("nodeName", ""),
        started=_started(status),
        created=_time(body["metadata"].get("creationTimestamp")),
        ends_by=_time(body["metadata"].get("deletionTimestamp")),
    )


def sdk_disabled(pod: Mapping[str, Any]) -> bool | None:
    """Whether the spec of a pod, or of a template, keeps instrumentation out; None if it says nothing of it."""
    variables = [each for container in pod.get("containers") or () for each in container.get("env") or ()]
    return next((each.get("value") == "true" for each in variables if each.get("name") == SDK_DISABLED), None)


def workload(body: Mapping[str, Any]) -> Workload:
    """Read one Deployment."""
    status = body.get("status") or {}
    wanted, template = body["spec"].get("replicas", 1), body["spec"].get("template") or {}
    observed = status.get("observedGeneration", 0) >= body["metadata"].get("generation", 0)
    counts = {status.get(key, 0) for key in ("replicas", "updatedReplicas", "availableReplicas")}
    failure = _condition(status, "ReplicaFailure")
    progress = _condition(status, "Progressing")
    asleep = (body["metadata"].get("annotations") or {}).get(REPLICAS) == "0"
    trouble = failure if failure.get("status") == "True" else progress if progress.get("status") == "False" else {}
    return Workload(
        replicas=wanted,
        settled=observed and counts == {wanted},
        put_to_sleep=asleep,
        woken_by=scaled_by(body) if asleep and wanted else "",
        observed=observed,
        updated=status.get("updatedReplicas", 0),
        replaced=observed and {status.get(key, 0) for key in ("replicas", "updatedReplicas")} == {wanted},
        original=_time(body["metadata"].get("creationTimestamp")) if body["metadata"].get("generation") == 1 else None,
        moved=_time(progress.get("lastUpdateTime")),
        sdk_disabled=sdk_disabled(template.get("spec") or {}),
        purge_generation=_purges(template),
        trouble=trouble.get("reason", ""),
        message=_line(trouble.get("message", "")),
    )


def _time(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def _purges(template: Mapping[str, Any]) -> int:
    text = str(((template.get("metadata") or {}).get("annotations") or {}).get(PURGE_GENERATION, ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS else 0


def _troubles(status: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What keeps containers from running, the most telling first."""
    for container in _containers(status):
        state, last = container.get("state") or {}, (container.get("lastState") or {}).get("terminated") or {}
        waiting, ended = state.get("waiting") or {}, state.get("terminated") or {}
        if waiting.get("reason", "") not in _STARTING:
            yield _steady(waiting["reason"], waiting.get("message", ""), _ending(last))
        elif ended_in_loop(container):
            yield CRASH_LOOP, _ending(ended)
        elif ended and ended.get("exitCode", 0) != 0:
            yield ended.get("reason", "Error"), _ending(ended)
    scheduled = _condition(status, "PodScheduled")
    if scheduled.get("status") == "False":
        yield scheduled.get("reason", "Unschedulable"), scheduled.get("message", "")


def _loops(status: Mapping[str, Any]) -> Iterator[tuple[datetime, str]]:
    """Containers that run between two of their ends: until when that is likely, and how they ended last."""
    for container in _containers(status):
        until = loops_until(container)
        if until is not None:
            yield until, _ending(container["lastState"]["terminated"])


def _containers(status: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from status.get("initContainerStatuses") or ()
    yield from status.get("containerStatuses") or ()


def _steady(reason: str, message: str, ending: str) -> tuple[str, str]:
    """A waiting container's reason and message without what swings while the kubelet backs off: one state, one text."""
    if reason in _IMAGE:
        return "ErrImagePull", message.rpartition("ErrImagePull: ")[2]
    return reason, ending if reason == CRASH_LOOP else " ".join(filter(None, (message, ending)))


def _ending(ended: Mapping[str, Any]) -> str:
    if not ended:
        return ""
    said = ended.get("message", "")
    return f"(it ended with {ended.get('reason', 'Error')}, code {ended.get('exitCode')}{': ' + said if said else ''})"


def _started(status: Mapping[str, Any]) -> datetime | None:
    """When the last of the containers that run began; a pod's own time begins long before, where its image could not be had."""
    running = ((each.get("state") or {}).get("running") or {} for each in status.get("containerStatuses") or ())
    return max(filter(None, (_time(each.get("startedAt")) for each in running)), default=None)


def _is_out_of_touch(status: Mapping[str, Any]) -> bool:
    """Whether the pod is called not ready by who does not see its containers: a kubelet gives a reason, or says it of them, too."""
    ready, containers = _condition(status, "Ready"), _condition(status, "ContainersReady")
    return (ready.get("status"), containers.get("status")) == ("False", "True") and not ready.get("reason")


def _condition(status: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    return next((condition for condition in status.get("conditions") or () if condition["type"] == kind), {})


def _line(text: str) -> str:
    return redacted(" ".join(text.split()))[:_LONGEST]
