"""Nodes: whether the managed Jaeger's node is down or cut off, without a right to look at nodes. Pure.

The pipeline's own pods on the node tell at once: none of them answers. Where there are none, or they were not asked since, as
pods of large fleets take turns, Kubernetes is waited for. It calls a node lost after 40 to 50 s without a word, and its pods
not ready then, though their containers were when they were last heard of. A Jaeger that hangs on a node that is well looks
otherwise: the kubelet there calls its container not ready, after 15 s, or its pod stays ready for longer than Kubernetes needs
for a node.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from frametrace_operator.assess.facts import Facts
from frametrace_operator.guard.deciding.judge import PROBE_SECONDS, PROBES
from frametrace_operator.naming import Role
from frametrace_operator.observation import Observation, PodView

__all__ = ["HELD_PROBES", "LostNode", "lost_node"]

HELD_PROBES: Final = 12
"""Failed probes in a row, 5 s apart, until Kubernetes has had time to judge a node of which nobody else tells.

Fewer than are a verdict are not held: an excuse for each probe that fails alone would hide any loss, window after window.
"""


@dataclass(frozen=True, slots=True)
class LostNode:
    """A node that is taken for lost.

    Attributes:
        why: a sentence.
        sure: whether somebody told of it: what restarts meanwhile is not Jaeger's own doing. Else it is only waited for.
    """

    why: str
    sure: bool


def lost_node(facts: Facts, failed: int) -> LostNode | None:
    """The node of a managed Jaeger, if it is taken for lost.

    Args:
        facts: the look.
        failed: probes in a row that Jaeger failed. No node is an excuse for one that answers.
    """
    if not failed or facts.trouble(Role.JAEGER) is not None:
        return None
    running = [pod for pod in facts.pods(Role.JAEGER) if pod.running and pod.node]
    return next(filter(None, (_told(facts.seen, pod, failed) for pod in running)), None)


def _told(seen: Observation, jaeger: PodView, failed: int) -> LostNode | None:
    others = [
        pod for pod in seen.pods if pod.node == jaeger.node and pod.role in (Role.CAPTURE, Role.STAGE) and pod.running
    ]
    out_of_touch = any(pod.out_of_touch for pod in (jaeger, *others))
    down, silent = f"node {jaeger.node} is down or cut off", all(pod.uid in seen.flow.unreadable for pod in others)
    if any(_has_answered(seen, pod, failed) for pod in others):
        return None
    if others and silent and (failed <= HELD_PROBES or out_of_touch):
        return LostNode(f"{down}: none of the pipeline's pods there answers", sure=True)
    if jaeger.out_of_touch:
        return LostNode(f"{down}: Kubernetes does not hear from it", sure=True)
    if jaeger.ready and PROBES <= failed <= HELD_PROBES:
        who = (
            "the pipeline's other pods there were not asked since"
            if others
            else "no other pod of the pipeline runs there"
        )
        return LostNode(f"node {jaeger.node} may be down: {who}, and Kubernetes has not judged it yet", sure=False)
    return None


def _has_answered(seen: Observation, pod: PodView, failed: int) -> bool:
    """Whether it was asked after Jaeger's first failed probe, and answered: before, the node may still have been there."""
    if pod.uid in seen.flow.unreadable or pod.uid not in seen.told_at:
        return False
    return seen.now - seen.told_at[pod.uid] < timedelta(seconds=(failed - 1) * PROBE_SECONDS)
