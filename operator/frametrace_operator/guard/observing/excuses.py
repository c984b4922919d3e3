"""Excuses: what keeps a managed Jaeger from answering that is not its own doing, read off one look at the cluster. Pure.

A rollback would not help: the node is down, the image cannot be had, no node has room, or it is only being started.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from frametrace_api.conditions import StalledReason

from frametrace_operator.assess.facts import Facts
from frametrace_operator.guard.observing.nodes import LostNode
from frametrace_operator.naming import Role
from frametrace_operator.observation import Observation, PodView
from frametrace_operator.texts import clipped

__all__ = ["STARTING_SECONDS", "excuse", "life"]

STARTING_SECONDS: Final = 60
"""A Jaeger whose container began so lately, and has not restarted, is being started."""

_NOT_ITS_OWN: Final = (
    StalledReason.IMAGE_UNAVAILABLE,
    StalledReason.SECRET_MISSING,
    StalledReason.CONFIG_MAP_MISSING,
)
_MOST_SAID: Final = 300


def excuse(facts: Facts, lost: LostNode | None, forgiven: Mapping[str, int] | None = None) -> str:
    """Why the managed Jaeger is away, a sentence; empty if it is there, or away for its own doing, or is the owner's.

    Args:
        facts: the look.
        lost: its node, if that is taken for lost.
        forgiven: by pod, up to which restart none is known to be its own doing; left out, each is.
    """
    if facts.pipeline.spec.tracing.backend.external is not None:
        return ""
    return clipped(lost.why if lost is not None else next(_excuses(facts, forgiven or {}), ""), _MOST_SAID)


def _excuses(facts: Facts, forgiven: Mapping[str, int]) -> Iterator[str]:
    state, pods = facts.workload(Role.JAEGER), [pod for pod in facts.pods(Role.JAEGER) if not pod.ended]
    trouble = facts.trouble(Role.JAEGER)
    if facts.ready(Role.JAEGER):
        return
    if trouble is not None and trouble.stalled in _NOT_ITS_OWN:
        yield f"the managed Jaeger cannot start: {trouble.message}"
    if trouble is not None and any(pod.trouble == "Unschedulable" for pod in pods):
        yield f"no node takes the managed Jaeger: {trouble.message}"
    if any(pod.restarts > forgiven.get(pod.uid, 0) for pod in pods):
        return
    if state is None or not state.replaced or not pods or any(_is_starting(pod, facts.seen.now) for pod in pods):
        yield "the managed Jaeger is being started"


def _is_starting(pod: PodView, now: datetime) -> bool:
    young = pod.started is None or now - pod.started < timedelta(seconds=STARTING_SECONDS)
    return not pod.trouble and (not pod.running or young)


def life(seen: Observation) -> str:
    """What the managed Jaeger's process is known by: its pods, and how often each began anew; empty if there is none."""
    pods = [pod for pod in seen.pods if pod.role == Role.JAEGER and not pod.ended]
    return " ".join(sorted(f"{pod.uid}:{pod.restarts}" for pod in pods))
