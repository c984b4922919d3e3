"""Excuses: what keeps a managed Jaeger from answering that is not its own doing, read off one look at the cluster. Pure.

A rollback would not help: the node is down, the image cannot be had, no node has room, or it is only being started.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from frametrace_api.conditions import StalledReason

from frametrace_operator.assess.facts import Facts
from frametrace_operator.guard.deciding.judge import RESTART_SECONDS
from frametrace_operator.keys import PipelineKey
from frametrace_operator.naming import Role
from frametrace_operator.observation import Observation, PodView
from frametrace_operator.texts import clipped

__all__ = ["STARTING_SECONDS", "Restarts", "excuse", "life"]

STARTING_SECONDS: Final = 60
"""A Jaeger whose container began so lately, and has not restarted, is being started."""

_NOT_ITS_OWN: Final = (
    StalledReason.IMAGE_UNAVAILABLE,
    StalledReason.SECRET_MISSING,
    StalledReason.CONFIG_MAP_MISSING,
)
_MOST_SAID: Final = 300


def excuse(facts: Facts, *, silent: bool) -> str:
    """Why the managed Jaeger is away, a sentence; empty if it is there, or away for its own doing, or is the owner's.

    Args:
        facts: the look.
        silent: whether Jaeger did not answer its last probe. What other pods do is no excuse for one that answers.
    """
    if facts.pipeline.spec.tracing.backend.external is not None:
        return ""
    return clipped(next(_excuses(facts, silent=silent), ""), _MOST_SAID)


def _excuses(facts: Facts, *, silent: bool) -> Iterator[str]:
    state, pods = facts.workload(Role.JAEGER), [pod for pod in facts.pods(Role.JAEGER) if not pod.ended]
    trouble = facts.trouble(Role.JAEGER)
    for pod in pods:
        if silent and trouble is None and _node_is_down(facts.seen, pod):
            yield f"node {pod.node} is down or cut off: none of the pipeline's pods there answers"
    if facts.ready(Role.JAEGER):
        return
    if trouble is not None and trouble.stalled in _NOT_ITS_OWN:
        yield f"the managed Jaeger cannot start: {trouble.message}"
    if trouble is not None and any(pod.trouble == "Unschedulable" for pod in pods):
        yield f"no node takes the managed Jaeger: {trouble.message}"
    if any(pod.restarts for pod in pods):
        return
    if state is None or not state.replaced or not pods or any(_is_starting(pod, facts.seen.now) for pod in pods):
        yield "the managed Jaeger is being started"


def _is_starting(pod: PodView, now: datetime) -> bool:
    young = pod.started is None or now - pod.started < timedelta(seconds=STARTING_SECONDS)
    return not pod.trouble and (not pod.running or young)


def _node_is_down(seen: Observation, jaeger: PodView) -> bool:
    """Whether the pipeline has other pods on Jaeger's node that run, as Kubernetes has it, and none tells its ledger.

    Kubernetes takes most of a minute to call a node's pods not ready; that they do not answer is known at once.
    """
    others = [
        pod for pod in seen.pods if pod.node == jaeger.node and pod.role in (Role.CAPTURE, Role.STAGE) and pod.running
    ]
    answer = any(pod.uid not in seen.flow.unreadable for pod in others)
    return bool(jaeger.node and others) and not answer


def life(seen: Observation) -> str:
    """What the managed Jaeger's process is known by: its pods, and how often each began anew; empty if there is none."""
    pods = [pod for pod in seen.pods if pod.role == Role.JAEGER and not pod.ended]
    return " ".join(sorted(f"{pod.uid}:{pod.restarts}" for pod in pods))


class Restarts:
    """How often each pipeline's Jaeger restarted in the last five minutes, as far as this process has seen it."""

    def __init__(self) -> None:
        self._known: dict[PipelineKey, dict[str, int]] = {}
        self._times: dict[PipelineKey, list[datetime]] = {}

    def saw(self, key: PipelineKey, seen: Observation) -> int:
        """Take a look at the pods. What a pod had behind it when it was first seen is not known to be of late."""
        pods = {pod.uid: pod.restarts for pod in seen.pods if pod.role == Role.JAEGER}
        before = self._known.get(key)
        known = pods if before is None else before
        new = sum(max(0, count - known.get(uid, 0)) for uid, count in pods.items())
        lately = seen.now - timedelta(seconds=RESTART_SECONDS)
        times = [time for time in self._times.get(key, []) if time > lately] + [seen.now] * new
        self._known[key], self._times[key] = pods, times
        return len(times)

    def forget(self, key: PipelineKey) -> None:
        """The pipeline is gone."""
        self._known.pop(key, None)
        self._times.pop(key, None)
